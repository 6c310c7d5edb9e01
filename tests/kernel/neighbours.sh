#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# neighbours.sh: an address that comes up is announced (spec.md 6.12): whoever knew it under another MAC reaches it at once, not
# after its own entry has aged (half a minute). Seen by the neighbours' tables, so that no time is measured.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

mac_of() { ip -n "$1" -j link show dev eth0 | jq -r '.[0].address'; }
# The MAC that WHERE knows for ADDR; an entry that is only being looked for has none.
known() { at "$1" ip -j neigh show "$2" | jq -r '.[0].lladdr // "none"'; }
knows() { [ "$(known "$1" "$2")" = "$3" ]; }
# Not by asking: the moment start or reload returned, with only what is still on its way through a queue.
told() { # WHERE ADDR MAC
        local i
        for ((i = 0; i < 20; i++)); do
                if knows "$@"; then return; fi
                sleep .05
        done
        at "$1" ip neigh
        fail "$1 knows $2 as $(known "$1" "$2"), not $3"
}
start() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0 net1
        for a in 172.18.0.10 fd00:18::10; do
                reaches net1 $a
                reaches host $a
                old=$(mac_of net0)
                knows net1 $a "$old"
        done
        # They stay as they are until they are told: neither looked after nor forgotten
        for w in net1 host; do
                dev=$([ $w = host ] && echo br0 || echo eth0)
                at $w sysctl -qw "net.ipv4.neigh.$dev.base_reachable_time_ms=3600000" "net.ipv6.neigh.$dev.base_reachable_time_ms=3600000"
                for a in 172.18.0.10 fd00:18::10; do at $w ip neigh replace $a lladdr "$old" dev "$dev" nud reachable; done
        done
}
everybody_told() {
        local w a
        for w in net1 host; do for a in 172.18.0.10 fd00:18::10; do told $w $a "$1"; done; done
}

case_another_namespace() {
        start
        down net0
        sed 's/^PublishPort.*/&/' /etc/vnet/net0.vnet | file net2
        up net2
        everybody_told "$(mac_of net2)"
        serve net2 tcp 80
        answers outside tcp 198.51.100.1 8080 net2
        reaches net1 172.18.0.10 fd00:18::10
}
case_another_mac() {
        start
        down net0
        sed -i 's/^Bridge=br0/&\nMACAddress=02:00:00:00:00:77/' /etc/vnet/net0.vnet
        up net0
        everybody_told 02:00:00:00:00:77
}
# The address leaves one and comes to another by reloads
case_by_reload() {
        start
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\nAddress=fd00:18::12/64\nNeighbor=172.18.0.99 lladdr 02:00:00:00:00:99\n' | file net2
        up net2
        sed -i '/^PublishPort/d;/^Address/d' /etc/vnet/net0.vnet
        printf 'Address=172.18.0.13/16\nAddress=fd00:18::13/64\n' >> /etc/vnet/net0.vnet
        reload net0
        everybody_told "$old"
        printf 'Address=172.18.0.10/16\nAddress=fd00:18::10/64\n' >> /etc/vnet/net2.vnet
        reload net2
        everybody_told "$(mac_of net2)"
        # what the announcement flushes is there again
        holds 'map(select(.dst == "172.18.0.99") | .lladdr) == ["02:00:00:00:00:99"]' ip -n net2 -j neigh show nud permanent
}
# Nothing came: nothing is announced, and what somebody set inside by hand stays
case_nothing_came() {
        start
        at net0 ip neigh add 172.18.0.88 lladdr 02:00:00:00:00:88 dev eth0 nud permanent
        up net0
        reload net0
        printf 'Route=10.1.0.0/16 via 172.18.0.99\n' >> /etc/vnet/net0.vnet
        reload net0
        # an address that has lost no more than the route to its subnet has not gone
        at net0 ip route del 172.18.0.0/16
        up net0
        is "$(at net0 ip route show 172.18.0.0/16 | wc -l)" 1
        holds 'map(select(.dst == "172.18.0.88") | .lladdr) == ["02:00:00:00:00:88"]' ip -n net0 -j neigh show nud permanent
}
# Each time: what makes the bridge's port forward is a worker of the kernel, and it is waited for. In the pause after the outer end came
# up that worker takes the port out again (without the question that makes it look, one start in thirty is not heard).
case_many_times() {
        command -v strace > /dev/null || skip 'no strace'
        start
        local i
        for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                down net0
                for w in net1 host; do
                        dev=$([ $w = host ] && echo br0 || echo eth0)
                        for a in 172.18.0.10 fd00:18::10; do at $w ip neigh replace $a lladdr 02:00:00:00:11:11 dev "$dev" nud reachable; done
                done
                strace -qq -o /dev/null -e trace=sendto -e inject=sendto:delay_exit=30000 "$PLAIN/tools/vnet-helper" up net0
                everybody_told "$old"
        done
}
case_over_a_pair_without_bridge() {
        printf '[Namespace]\n[Link]\nAddress=10.9.0.2/30\nAddress=fd00:9::2/64\nHostAddress=10.9.0.1/30\nHostAddress=fd00:9::1/64\n' | file net0
        up net0
        reaches host 10.9.0.2 fd00:9::2
        reaches net0 10.9.0.1 fd00:9::1
}
# An administrator's word inside counts
case_told_not_to() {
        site IPMasquerade=both Sysctl=net.ipv4.conf.eth0.arp_notify=0
        ups br0 net0 net1
        is "$(at net0 sysctl -n net.ipv4.conf.eth0.arp_notify)" 0
        is "$(at net1 sysctl -n net.ipv4.conf.eth0.arp_notify)" 1
}

# The addresses of a bridge, to who is behind its uplink: at a start and when the uplink comes later; and those that a reload
# brings, to its namespaces too
case_of_a_bridge() {
        local addresses=(203.0.113.1 2001:db8:1::1) mac w a
        uplink up1 203.0.113 2001:db8:1
        ip addr flush dev up1 scope global
        eventually gone_from_up1
        snapshot "$W/start"
        printf '[Bridge]\nAddress=203.0.113.1/24\nAddress=2001:db8:1::1/64\nUplink=up1\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=203.0.113.10/24\nAddress=2001:db8:1::10/64\n' | file net0
        wrong outside2 "${addresses[@]}"
        ups br0 net0
        mac=$(ip -j link show dev br0 | jq -r '.[0].address')
        for a in "${addresses[@]}"; do told outside2 "$a" "$mac"; done
        ip link set up1 nomaster
        wrong outside2 "${addresses[@]}"
        "$HELPER" join br0
        for a in "${addresses[@]}"; do told outside2 "$a" "$mac"; done
        addresses=(203.0.113.99 2001:db8:1::99)
        for w in outside2 net0; do wrong $w "${addresses[@]}"; done
        printf 'Address=%s\n' 203.0.113.99/24 2001:db8:1::99/64 >> /etc/vnet/br0.vnet
        reload br0
        for w in outside2 net0; do for a in "${addresses[@]}"; do told "$w" "$a" "$mac"; done; done
        downs net0 br0
}
gone_from_up1() { ! ip -6 route show table local type local dev up1 | has -v fe80; }
# WHERE knows each ADDR under a MAC that nobody has, and for long
wrong() { # WHERE ADDR…
        local w=$1 a
        shift
        at "$w" sysctl -qw net.ipv{4,6}.neigh.eth0.base_reachable_time_ms=3600000
        for a; do at "$w" ip neigh replace "$a" lladdr 02:00:00:00:11:11 dev eth0 nud reachable; done
}

# IPv6 addresses survive a link that goes down and up, on either side (the kernel takes them without keep_addr_on_down)
case_a_moment_without_link() {
        start
        local link
        for link in 'net0 eth0' 'host vn-net0' 'host br0'; do
                # shellcheck disable=SC2086 # two words
                set -- $link
                at "$1" ip link set "$2" down
                holds '[.[0].addr_info[] | select(.local == "fd00:18::10")] | length == 1' ip -n net0 -j addr show dev eth0
                holds '[.[0].addr_info[] | select(.local == "fd00:18::1")] | length == 1' ip -j addr show dev br0
                at "$1" ip link set "$2" up
                reload net0
                reaches net1 fd00:18::10 172.18.0.10
                reaches net0 198.51.100.2 2001:db8::2
        done
}

run_cases "$@"
