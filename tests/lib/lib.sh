# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh: the ground on which the kernel and oracle tests stand.
#
# A test script sources this file, defines functions case_NAME and ends with: run_cases "$@"
# Each case runs in a machine of its own: new network, mount and PID namespaces, so that nothing of it can touch
# the real one and whatever it leaves running dies with it. After the case everything that is still up is taken
# down, and the machine must look as it did before the case: "nothing is left" is checked always, not on request.
#
#   tests/kernel/publish.sh            all cases of a script
#   tests/kernel/publish.sh range      one of them
#   tests/kernel/publish.sh --list     their names
#
# Environment: VNET_BUILD  build directory under test (default build-check, with sanitizers)
#              VNET_PLAIN  build directory without sanitizers, for what looks at processes and messages
#              VNET_KEEP   directory that keeps the log of each case

# shellcheck disable=SC2034 # read by the scripts that source this
set -uo pipefail
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(realpath -m "${VNET_BUILD:-$TOP/build-check}")
PLAIN=$(realpath -m "${VNET_PLAIN:-$TOP/build-plain}")
HELPER=$BUILD/tools/vnet-helper
CTL=$BUILD/tools/vnetctl
PICTURE=$PLAIN/tests/lib/picture
# Where a unit runs the tests the helper would take itself for that of a unit.
unset JOURNAL_STREAM INVOCATION_ID
# To look for leaks takes longer than all else that a helper does. Scripts that go through most of the code set LEAKS=1.
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:exitcode=99:detect_leaks=${LEAKS:-0}} UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# shellcheck source=tests/lib/base.sh
. "$TOP/tests/lib/base.sh"
# shellcheck source=tests/lib/dump.sh
. "$TOP/tests/lib/dump.sh"
# For same(). The kernel makes the local route of an IPv6 address some moments after it was added, "nodad" or not, so a picture waits
# for that of each address, unless the interface is down.
snapshot() { # FILE
        local end=$((SECONDS + 15))
        while "$PICTURE" > "$1" && ! routed "$1" && [ $SECONDS -lt $end ]; do
                sleep .02
        done
}
routed() { # PICTURE
        awk '{ inside = ""; if ($1 == "inside") { inside = $2; $1 = $2 = ""; $0 = $0; $1 = $1 } at = "" }
                { for (i = 1; i <= NF; i++) if ($i ~ /^1=/) at = inside " " substr($i, 3) }
                $1 == "link" && $6 ~ /[13579bdf]$/ { up[inside " " $2] = 1 }
                $1 == "addr" && $4 == 10 { want[at] = inside " " $2 }
                $1 == "route" && $3 == 10 && / table 255 .* type 2 / { has[at] = 1 }
                END { for (i in want) if (want[i] in up && !(i in has)) exit 1 }' "$1"
}
# shellcheck source=tests/lib/net.sh
. "$TOP/tests/lib/net.sh"

# --- outside: one machine for each case ---

# All functions case_… of the script in the order in which they are written (declare -F would sort them).
cases_of() { grep -oE '^case_[a-z0-9_]+' "$1" | sed 's/^case_//'; }

# A script of its own machine. --mount-proc: the helper compares its mount namespace with that of PID 1, ours here.
machine() { # SCRIPT ARG…
        local work rc
        work=$(mktemp -d)
        VNET_WORK=$work timeout -k 5 "${VNET_TIMEOUT:-300}" unshare --net --mount --pid --fork --kill-child \
                --mount-proc --propagation private bash "$@"
        rc=$?
        rmdir "$work"
        return $rc
}

run_cases() {
        if [ "${1-}" = --inside ]; then
                inside "$2"
                return
        fi
        if [ "${1-}" = --list ]; then
                cases_of "$0"
                return
        fi
        local theme c rc log bad=0
        theme=$(basename "$0" .sh)
        [ "$(id -u)" = 0 ] || { echo "FAIL $theme: needs root"; exit 1; }
        [ -x "$HELPER" ] || { echo "FAIL $theme: no $HELPER: build it first (tools/check does)"; exit 1; }
        [ $# -gt 0 ] || mapfile -t cases < <(cases_of "$0")
        [ $# -eq 0 ] || cases=("$@")
        for c in "${cases[@]}"; do
                log=$(mktemp)
                machine "$0" --inside "$c" > "$log" 2>&1
                rc=$?
                case $rc in
                0) echo "ok $theme/$c" ;;
                77) echo "skip $theme/$c: $(tail -n 1 "$log")" ;;
                *)
                        bad=1
                        [ $rc -ne 124 ] || echo "no end in sight: killed" >> "$log"
                        echo "FAIL $theme/$c: $(tail -n 1 "$log")"
                        tail -n "${VNET_TAIL:-40}" "$log" | sed 's/^/    | /'
                        ;;
                esac
                [ -z "${VNET_KEEP:-}" ] || cp "$log" "$VNET_KEEP/$theme-$c.log"
                rm -f "$log"
        done
        exit $bad
}

# --- inside ---

enter() {
        set -eE
        trap 'trouble $? "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR
        exec 9>&1 # where trouble() speaks, whatever a function's own output is redirected to
        W=$VNET_WORK
        make_machine
}

inside() {
        enter
        snapshot "$W/start"
        "case_$1"
        down_all
        same "$W/start" "the machine before the case, and after all is down"
}

# A machine as systemd leaves it: a shared root, /run a fresh tmpfs without netns, one uplink and somebody at its
# other end. /etc is an overlay: the mount point /etc/vnet need not exist on the real machine, and nothing is
# written there.
make_machine() {
        local off
        mount -t tmpfs tmpfs "$W"
        mkdir "$W/up" "$W/wk"
        mount -t overlay overlay -o "lowerdir=/etc,upperdir=$W/up,workdir=$W/wk" /etc
        rm -rf /etc/vnet /etc/netns
        mkdir /etc/vnet
        echo 0123456789abcdef0123456789abcdef > /etc/machine-id
        mount -t tmpfs -o mode=755 tmpfs /run
        # /sys shows the network namespace in which it was mounted
        mount -t sysfs sysfs /sys
        mount --make-rshared /
        # the kernel copies some of these from the real machine into a new namespace
        for off in ipv4/{ip_forward,conf/{all,default}/rp_filter} ipv6/conf/all/forwarding; do echo 0 > "/proc/sys/net/$off"; done
        echo 1 > /proc/sys/net/ipv4/conf/all/accept_redirects
        ip link set lo up
        uplink up0 198.51.100 2001:db8:0
}

# One more uplink IF of the host: it is NET4.1 and NET6::1, the neighbour outside is .2. Where to find the
# neighbour stands in PID_OF[IF]; it has no name in /run/netns, for the first use of that is under test.
declare -A PID_OF
uplink() { # IF NET4 NET6
        local pid
        unshare --net sleep infinity > /dev/null 2>&1 &
        pid=$!
        PID_OF[$1]=$pid
        until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ]; do sleep .01; done
        # Fixed MACs, so that two machines can be compared. No link-local address of the kernel, which would appear some time
        # after the first snapshot; a router needs one, though: it asks for its neighbours with that.
        ip -batch - <<B
link add $1 address 02:00:00:00:ff:0${1#up} type veth peer name eth0 address 02:00:00:00:fe:0${1#up} netns $pid
link set $1 addrgenmode none
addr add fe80::1/64 dev $1 nodad
addr add $2.1/24 dev $1
addr add $3::1/64 dev $1 nodad
link set $1 up
B
        nsenter -t "$pid" -n ip -batch - <<B
link set lo up
link set eth0 addrgenmode none
addr add fe80::2/64 dev eth0 nodad
addr add $2.2/24 dev eth0
addr add $3::2/64 dev eth0 nodad
link set eth0 up
B
        # The kernel puts IPv6 addresses to use in a worker of its own, after the carrier came.
        until [ "$(ip -6 route show table local type local dev "$1" | wc -l)" = 2 ] &&
                [ "$(nsenter -t "$pid" -n ip -6 route show table local type local dev eth0 | wc -l)" = 2 ]; do sleep .02; done
}

# --- the programs ---

file() { { [ -d /etc/vnet ] || mkdir /etc/vnet; } && cat > "/etc/vnet/$1.vnet"; } # NAME < text
up() { "$HELPER" up "$1"; }
down() { "$HELPER" down "$1"; }
reload() { "$HELPER" reload "$1"; }
ups() { local n; for n; do up "$n"; done; }
downs() { local n; for n; do down "$n"; done; }
is_up() { [ -e "/run/vnet/state/$1" ]; }

# Namespaces before bridges, as systemd would stop them.
down_all() {
        local f pass n
        for pass in namespaces rest; do
                for f in /run/vnet/state/*; do
                        [ -f "$f" ] || continue
                        n=${f##*/}
                        if [ $pass = rest ] || [ -e "/run/netns/$n" ]; then down "$n"; fi
                done
        done
}

# A verb that must be refused: exit status not 0, one line on standard error (or as many with a hint) and it says why (PATTERN of grep -E),
# and the machine is as before. ASan and UBSan speak in more lines, so they are caught here too.
refused() { # VERB NAME PATTERN [LINES]
        local rc=0 lines=${4:-1}
        snapshot "$W/refused"
        "$HELPER" "$1" "$2" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/err"
        [ $rc -ne 0 ] || fail "$1 $2 succeeded"
        [ "$(wc -l < "$W/err")" = "$lines" ] || fail "$1 $2: $(wc -l < "$W/err") lines on standard error, not $lines"
        grep -qE -- "$3" "$W/err" || fail "$1 $2 says '$(cat "$W/err")', not /$3/"
        [ ! -s "$W/out" ] || fail "$1 $2 wrote to standard output"
        same "$W/refused" "the machine before and after a refused $1 $2"
}
