#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.sh start|stop bare|floor|vnet: boots a throwaway systemd with COUNT namespaces on a bridge and prints how many milliseconds
# went by from the first unit's start to the last one's end; "stop" boots nothing and prints what it took to stop them all,
# in the boot before.
# With "floor" it is the same units, files and generator, but ExecStart= and ExecStopPost= are floor.c; with "bare" they are
# /bin/true and nothing protects anybody from it, which is what systemd takes for any unit.
#
# Environment: COUNT, BENCH_WORK (where the programs are and figures are kept), VNET_PLAIN (the build to install). The script
# is its own scenario for tests/boot/setup.sh.

prepare() { # ROOT
        local i
        cp "$BENCH_WORK/floor" "$1/vt/"
        echo "$COUNT" > "$1/vt/count"
        case $CONTENDER in bare) echo none ;; floor) echo veth ;; vnet) echo vn-n ;; esac > "$1/vt/outer"
        # The outer ends of both are quiet from the beginning, or a thousand of them flood each other.
        echo 'net.ipv6.conf.default.addr_gen_mode=1' > "$1/etc/sysctl.d/bench.conf"
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' > "$1/etc/vnet/br0.vnet"
        for ((i = 1; i <= COUNT; i++)); do
                printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.%s.%s/16\n' $((1 + i / 256)) $((i % 256)) \
                        > "$1/etc/vnet/n$i.vnet"
        done
        case $CONTENDER in
        vnet) return ;;
        bare)
                commands "$1/etc/systemd/system/vnet@.service.d/bare.conf" /bin/true /bin/true
                printf '%s\n' NoNewPrivileges=no CapabilityBoundingSet=~ DevicePolicy=auto KeyringMode=inherit \
                        >> "$1/etc/systemd/system/vnet@.service.d/bare.conf"
                return
                ;;
        esac
        echo 'd /run/netns 0755' > "$1/etc/tmpfiles.d/bench.conf"
        commands "$1/etc/systemd/system/vnet@.service.d/floor.conf" '/vt/floor add %i' '/vt/floor -w del %i'
        commands "$1/etc/systemd/system/vnet@br0.service.d/vnet.conf" '/usr/libexec/vnet/vnet-helper up br0' \
                '/usr/libexec/vnet/vnet-helper down br0'
}
commands() { # DROP-IN START STOP
        mkdir -p "${1%/*}"
        printf '[Service]\nExecStart=\nExecStart=%s\nExecStopPost=\nExecStopPost=%s\n' "$2" "$3" > "$1"
}

# shellcheck disable=SC2034 # bad is that of tests/boot/inside.sh
scenario() { # inside
        local n stop
        n=$(cat /vt/count)
        systemctl show -p InactiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic 'vnet@n*.service' > /run/times
        awk -F= -v n="$n" '
                $2 > 0 && /^InactiveExit/ { if (!first || $2 < first) first = $2 }
                $2 > 0 && /^ActiveEnter/ { active++; if ($2 > last) last = $2 }
                END { if (active != n) { print "FAIL " active + 0 " of " n " units are active"; exit 1 }
                        printf "start %.1f\n", (last - first) / 1000 }' /run/times || { bad=1; return; }
        [ "$(cat /vt/outer)" = none ] || outer_ends | awk -v n="$n" 'END { if (NR != n) { print "FAIL " NR " of " n " outer ends are there"; exit 1 } }' ||
                { bad=1; return; }
        stop=${EPOCHREALTIME/[.,]/}
        systemctl stop 'vnet@n*.service' || bad=1
        while outer_ends | grep . > /dev/null; do sleep .005; done
        echo "stop $(((${EPOCHREALTIME/[.,]/} - stop) / 1000))"
}

outer_ends() { (cd /sys/class/net && printf '%s\n' *) | grep "^$(cat /vt/outer)[0-9]" || true; }

main() { # PHASE CONTENDER
        local here out
        here=$(cd "$(dirname "$0")" && pwd)
        if [ "$1" = start ]; then
                out=$(mktemp -d)
                CONTENDER=$2 SCENARIO=$here/boot.sh VB_TIMEOUT=600 \
                        "$here/../boot/vboot.sh" "$out" / "$here/../boot/setup.sh" > "$out/log" 2>&1
                if ! cp "$out/vtest.log" "$BENCH_WORK/boot-$2" || ! grep -q '^stop ' "$BENCH_WORK/boot-$2"; then
                        tail -n 20 "$out/log" "$out/vtest.log" >&2
                fi
                rm -rf "$out"
        fi
        awk -v phase="$1" '$1 == phase { print $2; found = 1 } END { exit !found }' "$BENCH_WORK/boot-$2"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
