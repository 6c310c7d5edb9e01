#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# thousand.sh: as many namespaces on one bridge as anybody has asked for: up, each of them talks, down, nothing is left.
# shellcheck source=tests/scale/lib-scale.sh
. "$(dirname "$0")/lib-scale.sh"

N=250
if [ -n "$LONG" ]; then N=1000; fi
N=${THOUSAND:-$N}
AT_A_TIME=4

names() { seq -f 'n%g' 1 "$N"; }
address() { echo "172.18.$(($1 / 250)).$(($1 % 250 + 2))"; } # NUMBER

case_one_bridge() {
        local i t
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' | file br0
        for ((i = 1; i <= N; i++)); do
                printf '[Namespace]\nPublishPort=%s:80\n[Link]\nBridge=br0\nAddress=%s/16\n' $((8000 + i)) "$(address $i)" |
                        file "n$i"
        done
        up br0
        t=$(seconds)
        names | each $AT_A_TIME up
        tell "$N up $(since "$t")"
        is "$(find /run/netns -mindepth 1 | wc -l)" "$N" namespaces
        is "$(published)" "$N" 'published ports'

        t=$(seconds)
        # The gateway, and the one that came last before this one. More than once: who asks for a neighbour is heard by all
        # ports, and that many packets at once are more than the kernel queues (net.core.netdev_max_backlog).
        for ((i = 1; i <= N; i++)); do echo "n$i 172.18.0.1 $(address $((i > 1 ? i - 1 : N)))"; done |
                xargs -P $AT_A_TIME -n 3 bash -c 'nsenter --net="/run/netns/$0" sh -c "for a in $1 $2; do
                        for try in 1 2 3 4 5 6; do ! ping -c1 -W1 -q \$a || continue 2; done; exit 1; done" > /dev/null ||
                        echo "$0 does not reach $1 or $2"' > "$W/mute"
        cat "$W/mute"
        is "$(wc -l < "$W/mute")" 0 'who does not reach gateway and peer'
        for i in 1 $((N / 2)) "$N"; do
                serve "n$i" tcp 80
                answers outside tcp 198.51.100.1 $((8000 + i)) "n$i"
                answers n2 tcp 198.51.100.1 $((8000 + i)) "n$i"
        done
        tell "talk $(since "$t")"

        t=$(seconds)
        names | each $((2 * AT_A_TIME)) down
        tell "down $(since "$t")"
        down br0
        nothing_left
        is "$(nft list ruleset)" '' 'rules'
}

run_scale "$@"
