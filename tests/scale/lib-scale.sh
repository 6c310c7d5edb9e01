# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib-scale.sh: what the scripts of the suite scale share: many networks, many helpers. Each case has a machine of its own.
#
#   tests/scale/together.sh                all cases, short
#   tests/scale/together.sh --long         all of them, at full length
#   tests/scale/together.sh random         one
#   tests/scale/together.sh --list         their names
#
# A script defines case_NAME, which may tell() what it measured, and ends with: run_scale "$@".
#
# Environment: as lib.sh; SEED   of what is random
#                         LONG   yes: as --long

# shellcheck disable=SC2034 # read by lib.sh
VNET_TIMEOUT=${VNET_TIMEOUT:-900}
# shellcheck source=tests/lib/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# The kernel takes at most a hundred links a second whose carrier changed (MAX_DO_DEV_WORK of net/core/link_watch.c), and a link
# sends nothing before: a new one among a thousand may stand at the end of that queue.
PATIENT=60
export LONG=${LONG:-} SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}

# --- outside ---

run_scale() { # [--long] [--list | CASE…]
        if [ "${1-}" = --inside ]; then
                inside "$2"
                return
        fi
        local theme c cases rc bad=0 log told
        theme=scale/$(basename "$0" .sh)
        if [ "${1-}" = --long ]; then LONG=yes && shift; fi
        if [ "${1-}" = --list ]; then
                cases_of "$0"
                return
        fi
        [ "$(id -u)" = 0 ] || { echo "FAIL $theme: needs root"; exit 1; }
        [ -x "$HELPER" ] || { echo "FAIL $theme: no $HELPER: build it first (tools/check does)"; exit 1; }
        cases=("$@")
        [ $# -gt 0 ] || mapfile -t cases < <(cases_of "$0")
        log=$(mktemp) told=$(mktemp)
        for c in "${cases[@]}"; do
                : > "$told"
                rc=0
                TOLD=$told machine "$0" --inside "$c" > "$log" 2>&1 || rc=$?
                case $rc in
                0) echo "ok $theme/$c$([ ! -s "$told" ] || sed -z 's/\n$//; s/\n/, /g; s/.*/ (&)/' "$told")" ;;
                77) echo "skip $theme/$c: $(tail -n 1 "$log")" ;;
                *)
                        bad=1
                        [ $rc -ne 124 ] || echo "no end in sight: killed" >> "$log"
                        echo "FAIL $theme/$c: $(tail -n 1 "$log")"
                        { sed 's/^/| /' "$told"; tail -n "${VNET_TAIL:-40}" "$log"; } | sed 's/^/    | /'
                        ;;
                esac
                [ -z "${VNET_KEEP:-}" ] || cp "$log" "$VNET_KEEP/${theme//\//-}-$c.log"
        done
        rm -f "$log" "$told"
        exit $bad
}

# --- inside ---

# shellcheck disable=SC2153 # of the environment
tell() { echo "$*" >> "$TOLD"; } # WHAT WAS MEASURED…
seconds() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(seconds)" 'BEGIN { printf "%.1f s", b - a }'; } # SECONDS

# As eventually() of base.sh, on a machine that 200 others use
until_there() { # CMD…
        local i
        for ((i = 0; i < 200; i++)); do
                if "$@"; then return 0; fi
                sleep .05
        done
        fail "in vain: $*"
}

published() { # how many ports, of IPv4, one by one
        nft -j list map inet vnet publish4 | jq '[.nftables[].map.elem // empty] | flatten(1) | length'
}

# VERB on each NAME of standard input, so many at a time; every one must succeed and say nothing, but that somebody lives on inside.
each() { # HOW-MANY VERB
        xargs -r -P "$1" -n 1 "$HELPER" "$2" 2> "$W/each" || { head -n 5 "$W/each"; fail "$2: $(head -n 1 "$W/each")"; }
        sed -i '/ still runs\{0,1\} in the network namespace /d' "$W/each"
        [ ! -s "$W/each" ] || { head -n 5 "$W/each"; fail "$2 says: $(head -n 1 "$W/each")"; }
}

# The whole of the machine and of what it holds, to be compared with another time. Left out are the numbers that the kernel gives
# in the order of events; anycast routes, of which it loses count where forwarding is switched to and fro; and the bridge ports
# that the guard lists, and of which accept_ra is raised, because they were there before it: they never route. As dump.sh, with
# one jq for all namespaces.
whole_dump() { # FILE
        local names=() n
        for n in /run/vnet/state/*; do
                n=${n##*/}
                [ ! -e "/run/netns/$n" ] || names+=("$n")
        done
        {
                dump
                files_dump
                /usr/bin/python3 "$TOP/tests/scale/insides.py" "$W/sysctls" "${names[@]}" | jq -S -c "$JQ_DUMP"
                cat "$W/sysctls"
        } | sed -E -e 's/ (inode|cookie)=[0-9]+|sum [0-9a-f]{16}$//g' -e '/"type":"anycast"/d' \
                -e '/ipv6\/conf\/(vn-|ren)[^/]*\/accept_ra:/d' \
                -e '/info_slave_data\.(id|no|designated_port):|mcast_n_groups:|^"[^ ]+ (link: |flags\.[0-9]+: "?M-DOWN)/d' \
                -e 's/\{"elem":\{"comment":"\(guard\)","val":"(vn-[^"]*|ren[^"]*|[0-9]+)"\}\},?//g; s/,\]/]/g' > "$1" || true
        rm -f "$W/sysctls"
}
equal() { # FILE FILE WHAT
        cmp -s "$1" "$2" && return
        diff -U0 "$1" "$2" | cut -c1-600 | head -n 25 || true
        fail "differs: $3"
}
# Nothing of anybody is left where helpers leave things
nothing_left() {
        is "$(find /run/netns -mindepth 1 2> /dev/null | head -n 3 | xargs)" '' 'left in /run/netns'
        is "$(find /run/vnet -mindepth 1 2> /dev/null | head -n 3 | xargs)" '' 'left in /run/vnet'
        is "$(find /run/sysctl.d -mindepth 1 2> /dev/null | head -n 3 | xargs)" '' 'left in /run/sysctl.d'
}
