#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh SCENARIO [LOWER]: boots one scenario (a script of scenarios/, without .sh, or beside/PROGRAM) on LOWER and prints its checks. LOWER is by
# default the tree of tools/roots.sh for this release that the scenario names in a line "# needs: NAME", else /. VNET_KEEP is a directory that
# keeps the journals, VNET_OUT where packages are (out).
set -u
here=$(cd "$(dirname "$0")" && pwd)
name=$1
export SCENARIO=$here/scenarios/$name.sh SCENARIO_NAME=$name
case $name in beside/*) SCENARIO=$here/$name.sh ;; esac
needs=$(sed -n 's/^# needs: //p' "$SCENARIO")
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
lower=${2:-${needs:+/var/cache/vnet-test/$needs-$release}}
lower=${lower:-/}
# "# package: tested": it installs the package for that release itself; "foreign": those for other distributions, where their tools are
skip() { echo "skip boot/$name: $*"; exit 0; }
case $(sed -n 's/^# package: //p' "$SCENARIO") in
tested)
        # shellcheck source=/dev/null
        release=$(. "$lower/etc/os-release" && echo "${VERSION_CODENAME:-}")
        export VNET_PACKAGES=${VNET_OUT:-$here/../../out}/deb-$release
        compgen -G "$VNET_PACKAGES/vnet_*.deb" > /dev/null || skip "no package for $release: tools/package deb makes it"
        ;;
foreign)
        export VNET_PACKAGES=${VNET_OUT:-$here/../../out}
        lower=${2:-/var/cache/vnet-test/foreign-trixie}
        for f in "$VNET_PACKAGES/rpm/vnet-*.rpm" "$VNET_PACKAGES/arch/vnet-*.zst"; do
                compgen -G "$f" > /dev/null || skip 'no packages: tools/package rpm and tools/package arch make them'
        done
        [ -x "$lower/usr/bin/pacman" ] || skip "no pacman in $lower"
        ;;
esac
only=$(sed -n 's/^# only: //p' "$SCENARIO") # a release that alone has the program
case $lower in *"-$only") ;; *) [ -z "$only" ] || { echo "skip boot/$name: only Debian $only has it"; exit 0; } ;; esac
[ -d "$lower" ] || { echo "skip boot/$name: no $lower here: tools/check boot makes it"; exit 0; }
# docker and podman: all capabilities, keyrings, programs for cgroups, and a store that is not on an overlay
if [ "$needs" = others ] || [ "$needs" = neighbours ]; then
        export NSPAWN_ARGS="--bind=/dev/net/tun --capability=all --system-call-filter=@keyring --tmpfs=/var/lib/containers --tmpfs=/var/lib/docker"
fi
out=$(mktemp -d)
rc=0
read -ra words < <(sed -n 's/^# kernel: //p' "$SCENARIO")
"$here/vboot.sh" "$out" "$lower" "$here/setup.sh" systemd.unit=vtest.target "${words[@]}" > "$out/vboot.log" 2>&1 || rc=$?
[ ! -e "$out/vtest.log" ] || cat "$out/vtest.log"
tell() {
        sed 's/^/    | /' < <(tail -n 30 "$out/vboot.log")
        # not only vnet's: what kept the system from coming up may be anybody's
        journalctl -D "$out/journal" --no-pager -q -o short-monotonic 2> /dev/null | tail -n 60 | sed 's/^/    j /'
}
if [ $rc = 125 ]; then echo "skip boot/$name: $(tail -n 1 "$out/vboot.log")"; rc=0
elif [ ! -e "$out/vtest.log" ]; then echo "FAIL boot/$name: the scenario never ran (status $rc)"; tell; rc=1
elif [ $rc = 124 ]; then echo "FAIL boot/$name: no end in sight: killed"; tell
elif [ $rc != 0 ] && ! grep -q ^FAIL "$out/vtest.log"; then echo "FAIL boot/$name: status $rc"; tell
else
        # What can be seen only after the system is down
        # shellcheck disable=SC1090,SC1091
        ( . "$here/../lib/beside.sh"; . "$SCENARIO"; declare -F afterwards > /dev/null || exit 0; afterwards "$out" ) || rc=1
fi
[ -z "${VNET_KEEP:-}" ] || cp -a "$out" "$VNET_KEEP/boot-${name//\//-}-$(basename "$(realpath "$lower")")"
rm -rf "$out"
exit $rc
