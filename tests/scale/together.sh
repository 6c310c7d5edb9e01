#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# together.sh: 200 helpers at once, over and over, while others work on the same machine (spec.md 6.9). Each ends, says why where
# it refuses, and after all of it the files decide: up brings what they say, down leaves nothing.
# shellcheck source=tests/scale/lib-scale.sh
. "$(dirname "$0")/lib-scale.sh"

N=60     # namespaces
FLIGHT=200

point_to_point() { printf '[Link]\nAddress=10.9.%s.2/30\nHostAddress=10.9.%s.1/30\nIPMasquerade=ipv4\n' "$1" "$1"; } # NUMBER

# Two files for each NAME that a reload may exchange: $W/variants/NAME.a and .b
variants() {
        local i v extra port
        mkdir "$W/variants"
        variant() { cat > "$W/variants/$1.$2"; }
        for v in a b; do
                printf '[Bridge]\nAddress=172.20.0.1/16\nAddress=fd00:20::1/64\nIPMasquerade=both\n' | variant br0 $v
                printf '[Bridge]\nAddress=172.21.0.1/16\n%s\n' "$([ $v = a ] || echo HostAccess=no)" | variant br1 $v
                printf '[Bridge]\nAddress=172.22.0.1/16\nAddress=172.23.0.1/16\nIPMasquerade=ipv4\n' |
                        if [ $v = a ]; then cat; else sed /172.23/d; fi | variant br2 $v
        done
        for ((i = 0; i < N; i++)); do
                for v in a b; do
                        extra=
                        if [ $v = b ]; then extra="Address=172.2$((i % 3)).2.$((i + 1))/16"; fi
                        {
                                echo '[Namespace]'
                                if [ $((i % 2)) = 0 ]; then echo "PublishPort=$((8000 + 2 * i + (0x$v & 1))):80"; fi
                                port=$((10000 + 100 * i))
                                if [ $((i % 10)) = 4 ]; then echo "PublishPort=$port-$((port + 9)):9000-9009/udp"; fi
                                printf '[Link]\nBridge=br%s\nAddress=172.2%s.1.%s/16\n' $((i % 3)) $((i % 3)) $((i + 1))
                                if [ $((i % 3)) = 0 ]; then echo "Address=fd00:20::1:$i/64"; fi
                                if [ $((i % 15)) = 6 ]; then echo DuplicateAddressDetection=yes; fi
                                [ -z "$extra" ] || echo "$extra"
                                if [ $((i % 8)) = 7 ]; then
                                        point_to_point "$i"
                                fi
                        } | variant "n$i" $v
                done
        done
}

# What a helper may refuse while somebody pulls the ground away. A lock that was not to be had is not among it.
refusals() {
        cat <<'R'
is not up
was interrupted; 'systemctl restart vnet@[^']*' cleans up and starts it
the network namespace [^ ]* is gone(, or its name [^ ]* was taken away)?; 'systemctl restart vnet@[^']*' makes it again
[^ ]*\.vnet:[0-9]+: the bridge '[^']*' is not up; if Bridge= is new, .*
[^ ]*\.vnet:[0-9]+: .*there is no bridge '[^']*'( any more)?
[^ ]*\.vnet:[0-9]+: address [^ ]* on [^ ]*: there is no interface '[^']*'
[^ ]*\.vnet:[0-9]+: .* (vn-[^ :]*|on eth[0-9]): No such device( \([^)]*\))?
[^ ]*\.vnet:[0-9]+: bridge port on [^ ]*: the interface is on no bridge any more
R
}

# Links of somebody else, some renamed while all goes on
foreign_links() {
        local i
        for i in 0 1 2 3; do
                ip link add "foreign$i" address "02:00:00:00:cc:0$i" type veth peer name "peer$i" address "02:00:00:00:cd:0$i"
                ip link set "foreign$i" addrgenmode none
                ip link set "peer$i" addrgenmode none
                # While a link is renamed the kernel has no sysctls of it, for a moment; kernel/forwarding.sh renames in peace
                sysctl -qw "net.ipv6.conf.foreign$i.accept_ra=0"
                ip link set "foreign$i" up
        done
}

ups_all() {
        printf 'br%s\n' 0 1 2 | each 1 up
        seq -f 'n%g' 0 $((N - 1)) | each "$1" up
}
downs_all() {
        seq -f 'n%g' 0 $((N - 1)) | each "$1" down
        printf 'br%s\n' 0 1 2 | each 1 down
}

case_random() {
        local i rc=0 length=15
        # 200 with sanitizers are so slow on two processors that locks reach their bound
        if [ -n "$LONG" ]; then length=300 HELPER=$PLAIN/tools/vnet-helper; fi
        tell "SEED=$SEED"
        variants
        refusals > "$W/refusals"
        foreign_links
        "$HELPER" up none 2> /dev/null || true # /run/netns
        snapshot "$W/start"
        /usr/bin/python3 "$TOP/tests/scale/swarm.py" "$HELPER" "${SWARM_SECONDS:-$length}" \
                "${SWARM_FLIGHT:-$FLIGHT}" "$SEED" "$W/variants" "$W/refusals" > "$W/swarm" || rc=$?
        cat "$W/swarm"
        tell "$(tail -n 1 "$W/swarm")"
        for i in 0 1 2 3; do
                if [ -e "/sys/class/net/frgn$i" ]; then ip link set "frgn$i" name "foreign$i"; fi
        done

        ups_all 8
        whole_dump "$W/after"
        downs_all 8
        nothing_left
        same "$W/start" 'the machine before, and after all is down'
        HELPER=$PLAIN/tools/vnet-helper # in a fraction of the time
        ups_all 1
        whole_dump "$W/clean"
        equal "$W/clean" "$W/after" 'one after the other, and what all together ended in'
        downs_all 1
        [ $rc = 0 ] || fail "$(grep -m 1 '^wrong' "$W/swarm")"
}

# Several first users of forwarding at once: what the others have just made is ours, not the host's, and no guard is put on it.
case_first_users() {
        local i round pids
        for i in 0 1 2 3 4 5; do
                printf '[Bridge]\nAddress=172.2%s.0.1/16\nAddress=fd00:2%s::1/64\nIPMasquerade=both\n' "$i" "$i" | file "br$i"
                { echo '[Namespace]' && point_to_point "$i"; } | file "p$i"
        done
        for ((round = 0; round < ${LONG:+20} + 5; round++)); do
                pids=()
                for i in br0 p0 br1 p1 br2 p2 br3 p3 br4 p4 br5 p5; do
                        up $i &
                        pids+=($!)
                done
                for i in "${pids[@]}"; do wait "$i"; done
                for i in guarded4 guarded6; do
                        nft -j list set inet vnet $i > "$W/guard"
                        is "$(jq -c '[.nftables[].set.elem // empty] | flatten(1) | map(.elem.val)' "$W/guard")" '["up0"]' \
                                "$i, round $round"
                done
                reaches p0 198.51.100.2
                reaches p5 198.51.100.2
                printf '%s\n' br{0..5} p{0..5} | each 12 down
                same "$W/start" "the machine before and after round $round"
        done
}

# A flush, and restore as its cure, in the middle of reloads: what a reload does not touch must come back too.
case_restore_beside_reload() {
        local i round pids
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' | file br0
        for i in 1 2 3 4 5 6; do many_ports "$i" 9; done
        ups br0 n1 n2 n3 n4 n5 n6
        for ((round = 1; round <= ${LONG:+40} + 8; round++)); do
                pids=()
                for i in 1 2 3 4 5 6; do
                        many_ports "$i" $((9 - round % 2))
                        reload "n$i" &
                        pids+=($!)
                done
                # sooner or later while they are at it
                sleep 0.00$((round % 8))
                nft flush ruleset
                "$HELPER" restore
                for i in "${pids[@]}"; do wait "$i"; done
                is "$(published)" $((6 * (31 - round % 2))) "published ports, round $round"
        done
}
# One port, and 29 or 30 others
many_ports() { # NUMBER 8|9
        {
                printf '[Namespace]\nPublishPort=800%s:80\nPublishPort=9%s00-9%s2%s:100-12%s\n' "$1" "$1" "$1" "$2" "$2"
                printf '[Link]\nBridge=br0\nAddress=172.18.0.1%s/16\nAddress=172.18.%s.1/16\n' "$1" "$1$2"
        } | file "n$1"
}

run_scale "$@"
