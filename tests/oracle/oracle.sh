#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# oracle.sh [CASE...]: two ways to the same network. "vnetctl plan --format=shell" run by sh uses ip, nft and sysctl, the
# helper speaks to the kernel itself. What "ip -j", "bridge -j" and "nft -j" say afterwards, on the host and in each
# namespace, must be equal; then the helper's is taken down and nothing may be left.
#
# A case is a directory cases/NAME with .vnet files. Bridges come first, then the rest by name. A file "before" in it is
# sourced on the host beforehand (an interface that must exist, an administrator's sysctl).
LEAKS=1
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

HERE=$(cd "$(dirname "$0")" && pwd)

names_of() { # DIRECTORY
        { grep -lE '^\[Bridge\]' "$1"/*.vnet || true; } | sort # grep fails where it lists nothing
        { grep -LE '^\[Bridge\]' "$1"/*.vnet || true; } | sort
}

# What an oracle cannot know is not compared: the files of the helper.
all_namespaces() {
        local n
        dump
        for n in /run/netns/*; do
                [ -e "$n" ] || continue
                echo "=== ${n##*/}"
                nsenter --net="$n" bash -c ". '$TOP/tests/lib/dump.sh'; dump"
        done
}

# Where the kernel looks for other users of an address, it is not done at once.
no_tentative() {
        local n
        [ -z "$(ip -6 addr show tentative)" ] || return 1
        for n in /run/netns/*; do
                [ ! -e "$n" ] || [ -z "$(nsenter --net="$n" ip -6 addr show tentative)" ] || return 1
        done
}

# One of the two ways, in a machine of its own.
way() { # helper|shell CASE OUTPUT
        local f n
        # a system without netbase is one too: nft(8) knows few protocols by itself
        [ ! -e /etc/protocols ] || mount --bind /dev/null /etc/protocols
        cp -r "$HERE/cases/$2/." /etc/vnet/
        # shellcheck disable=SC1091 # one of each case
        [ ! -e /etc/vnet/before ] || . /etc/vnet/before
        snapshot "$W/start"
        while read -r f; do
                n=$(basename "$f" .vnet)
                case $n in *@) continue ;; esac
                if [ "$1" = helper ]; then
                        up "$n"
                else
                        "$CTL" plan --format=shell "$n" > "$W/script"
                        sh -e "$W/script" > "$W/log" 2>&1 || { cat "$W/script" "$W/log"; fail "the script of $n fails"; }
                fi
        done < <(names_of /etc/vnet)
        eventually no_tentative || fail 'the kernel does not come to an end with its addresses'
        all_namespaces > "$3" || true
        has '^=== ' "$3" || fail 'no network was made'
}
# Called in place of inside() of lib.sh: the case is data, not a function.
if [ "${1-}" = --inside ]; then
        enter
        way "$2" "$3" "$4"
        [ "$2" = shell ] || { down_all; same "$W/start" 'the machine before, and after all is down'; }
        exit 0
fi

bad=0
[ $# -gt 0 ] || mapfile -t cases < <(cd "$HERE/cases" && ls)
[ $# -eq 0 ] || cases=("$@")
for c in "${cases[@]}"; do
        o=$(mktemp -d)
        why=
        for w in shell helper; do
                machine "$0" --inside $w "$c" "$o/$w" > "$o/$w.log" 2>&1 || why="$w: $(tail -n 1 "$o/$w.log")"
                [ -z "$why" ] || { tail -n 40 "$o/$w.log" > "$o/diff"; break; }
        done
        if [ -z "$why" ] && ! diff -U0 "$o/shell" "$o/helper" > "$o/diff"; then why='the kernel shows two different networks'; fi
        if [ -z "$why" ]; then echo "ok oracle/$c"; else
                bad=1
                echo "FAIL oracle/$c: $why"
                cut -c1-1500 "$o/diff" | head -n 40 | sed 's/^/    | /'
        fi
        rm -r "$o"
done
exit $bad
