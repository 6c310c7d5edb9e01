#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# release.sh RELEASE [ARGUMENT...]: tools/check with these arguments on another release of Debian, in a root file system that begins
# as a bare one (debootstrap --variant=minbase) and is kept, with all that tools/check installs there, in /var/cache/vnet-test. There it
# has processes and mounts of its own, this kernel, and the source as it is here, read-only; it builds in /builds.
set -uo pipefail
ROOTS=/var/cache/vnet-test
TOP=$(cd "$(dirname "$(realpath "$0")")/.." && pwd)
cd "$TOP" || exit 1
# shellcheck source=tools/prepare.sh
. "$TOP/tools/prepare.sh"
trap 'pulse_ends; rm -f "$INSTALL_LOG" "$BUILD_LOG"' EXIT

enter() { # ROOT ARGUMENT...
        local root=$1
        shift
        mount --bind "$root" "$root"
        cd "$root" || exit 1
        mkdir -p ".$TOP" builds var/cache/vnet-test .old
        printf '#!/bin/sh\nexit 101\n' > usr/sbin/policy-rc.d # no package starts a service
        chmod +x usr/sbin/policy-rc.d
        cp /etc/resolv.conf /etc/hosts etc/
        mount --rbind /dev dev
        mount --rbind /sys sys
        mount -t proc proc proc
        mount -t tmpfs -o mode=755 tmpfs run
        mount -t tmpfs tmpfs tmp
        mkdir -p ".$TOP" # it may lie below /tmp
        mount --bind "$TOP" ".$TOP"
        mount -o remount,bind,ro ".$TOP"
        mount --bind "$ROOTS" var/cache/vnet-test
        pivot_root . .old
        umount -l /.old
        trap 'exit 130' INT TERM # process 1 has no other way to hear of them
        env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin VNET_BUILDS="/builds/${TOP//\//-}" \
                ${VNET_KEEP:+VNET_KEEP="$VNET_KEEP"} bash -c 'mkdir -p "$VNET_BUILDS" && exec "$0" "$@"' "$TOP/tools/check" "$@"
}

if [ "${1-}" = --enter ]; then
        shift
        enter "$@"
        exit
fi
release=$1
shift
root=$ROOTS/machine-$release
doing() { last_words "$INSTALL_LOG"; }
[ "$(id -u)" = 0 ] || { echo 'tools/check: needs root' >&2; exit 1; }
install_missing debootstrap || { cat "$INSTALL_LOG"; exit 1; }
if [ ! -e "$root/.complete" ]; then
        step "debootstrap $release, kept in $root"
        pulse_begins doing "$BUILD_LOG"
        rm -rf "$root"
        mkdir -p "$ROOTS"
        debootstrap --variant=minbase "$release" "$root" > "$INSTALL_LOG" 2>&1 || { tail -n 5 "$INSTALL_LOG"; rm -rf "$root"; exit 1; }
        pulse_ends
        : > "$root/.complete"
fi
step "tools/check ${*:+$* }on $release"
unshare --mount --pid --fork --kill-child --propagation private "$0" --enter "$root" "$@"
