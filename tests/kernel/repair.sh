#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# repair.sh: up when up adopts what is right and repairs what is not (spec.md 6.3).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

inode() { stat -L -c %i "/run/netns/$1"; }

# Everything up; then break it in one way, up again, and it is as it was.
start() {
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nSysctl=net.ipv4.ip_default_ttl=77')"
        printf '%s\n' 'Route=10.1.0.0/16 via 172.18.0.99' 'Rule=from 172.18.0.10 table 100 priority 1000' \
                'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99' >> /etc/vnet/net0.vnet
        ups br0 net0 net1
        snapshot "$W/whole"
        before=$(inode net0)
}
repaired() { # NAME
        up "$1"
        snapshot "$W/now"
        diff -U0 "$W/whole" "$W/now" || fail "not as it was after up $1"
        is "$(inode net0)" "$before" 'the namespace is still the same one'
        reaches net0 172.18.0.11 198.51.100.2
}

case_up_twice() { start; repaired net0; repaired br0; repaired net1; }
case_down_twice() { start; downs net0 net0 net1 net1 br0 br0; }

case_inner_address() { start; at net0 ip addr del 172.18.0.10/16 dev eth0; repaired net0; }
case_inner_address6() { start; at net0 ip addr del fd00:18::10/64 dev eth0; repaired net0; }
case_inner_link_down() { start; at net0 ip link set eth0 down; repaired net0; }
case_route() { start; at net0 ip route del 10.1.0.0/16; repaired net0; }
case_default_route() { start; at net0 ip route del default; at net0 ip -6 route del default; repaired net0; }
case_rule() { start; at net0 ip rule del priority 1000; repaired net0; }
# the kernel gives a rule without priority one of its own: up again must not double it
case_rule_without_priority() {
        start
        echo 'Rule=from 172.18.0.10 table 101' >> /etc/vnet/net0.vnet
        ups net0 net0 net0
        is "$(at net0 ip rule | grep -c 'lookup 101')" 1
}
case_neighbor() { start; at net0 ip neigh del 172.18.0.99 dev eth0; repaired net0; }
case_sysctl() { start; at net0 sysctl -qw net.ipv4.ip_default_ttl=64; repaired net0; }
case_master() { start; ip link set vn-net0 nomaster; repaired net0; }
case_outer_link_down() { start; ip link set vn-net0 down; repaired net0; }
case_bridge_address() { start; ip addr del 172.18.0.1/16 dev br0; repaired br0; }
case_bridge_address6() { start; ip addr del fd00:18::1/64 dev br0; repaired br0; }
# the link-local address of the bridge comes back with its carrier, a moment after
case_bridge_down() { start; ip link set br0 down; up br0; eventually has_link_local br0; repaired net0; }
has_link_local() { ip -6 addr show dev "$1" | has fe80; }
case_nft_element() { start; nft delete element inet vnet publish4 '{ tcp . 8080 }'; repaired net0; }
case_forwarding() { start; sysctl -qw net.ipv4.ip_forward=0; repaired br0; }

case_outer_end_deleted() {
        start
        ip link del vn-net0
        up net0
        reaches net0 172.18.0.11 198.51.100.2
        is "$(inode net0)" "$before" 'the namespace is still the same one'
}

case_outer_end_renamed() { start; ip link set vn-net0 name elsewhere; repaired net0; }

case_bridge_deleted() {
        start
        ip link del br0
        up br0
        ups net0 net1
        reaches net0 172.18.0.11 198.51.100.2
}

# Both at once: the file has changed, and something else is gone.
case_bridge_deleted_and_file_changed() {
        start
        ip link del br0
        up br0
        sed -i 's/^Address=172.18.0.10.*/&\nAddress=172.18.0.12\/16/' /etc/vnet/net0.vnet
        ups net0 net1
        reaches net0 172.18.0.11 198.51.100.2
        reaches net1 172.18.0.12
        is "$(inode net0)" "$before" 'the namespace is still the same one'
}
case_outer_end_deleted_and_file_changed() {
        start
        ip link del vn-net0
        sed -i 's/^Address=172.18.0.10.*/&\nAddress=172.18.0.12\/16/' /etc/vnet/net0.vnet
        up net0
        reaches net0 172.18.0.11 198.51.100.2
        reaches net1 172.18.0.12
}

case_namespace_deleted() {
        start
        ip netns del net0
        up net0
        reaches net0 172.18.0.11 198.51.100.2
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
}

# More was added by hand: that is not ours to take away, neither now nor later with force.
case_additions_stay() {
        start
        at net0 ip addr add 172.18.0.77/16 dev eth0
        ip addr add 172.18.0.78/16 dev br0
        ups net0 br0
        reaches host 172.18.0.77
        holds '[.[0].addr_info[] | select(.local == "172.18.0.78")] | length == 1' ip -j addr show dev br0
}

run_cases "$@"
