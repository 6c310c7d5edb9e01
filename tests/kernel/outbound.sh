#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# outbound.sh: [Bridge] Outbound=. Each "silent" is beside an "answers" of the same server.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# A second neighbour at up1
confined() { # OUTBOUND
        uplink up1 203.0.113 2001:db8:1
        snapshot "$W/start"
        site "$(printf 'IPMasquerade=both\nOutbound=%s' "$1")" PublishPort=8080:80
        site_b "$(printf 'IPMasquerade=both\nAllowFrom=br0')"
        printf '[Bridge]\nAddress=172.20.0.1/16\nAddress=fd00:20::1/64\n' | file br2
        printf '[Namespace]\nPublishPort=9090:80\n[Link]\nBridge=br2\nAddress=172.20.0.10/16\nAddress=fd00:20::10/64\n' | file net3
}
# What stays whatever Outbound= says
stays() {
        serve net0 tcp 80
        serve net1 tcp 80
        serve net3 tcp 80
        serve host tcp 81
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 net0
        answers net1 tcp 198.51.100.1 8080 net0
        reaches net0 172.18.0.1 fd00:18::1 172.18.0.11 fd00:18::11
        answers net0 tcp 172.18.0.11 80 net1
        answers net0 tcp 172.18.0.1 81 host
        answers net0 tcp 198.51.100.1 81 host
        answers net0 tcp 198.51.100.1 9090 net3
        answers net0 tcp fd00:18::1 9090 net3
        reaches net0 172.19.0.10 fd00:19::10
        cut_off net0 172.20.0.10 fd00:20::10
}

case_no() {
        confined no
        ups br0 br1 br2 net0 net1 net2 net3
        serve outside tcp 80
        serve outside udp 80
        answers net2 tcp 198.51.100.2 80 outside
        answers net2 udp 2001:db8::2 80 outside
        silent net0 tcp 198.51.100.2 80
        silent net0 udp 198.51.100.2 80
        silent net0 tcp 2001:db8::2 80
        silent net0 udp 2001:db8::2 80
        cut_off net0 198.51.100.2 2001:db8::2 203.0.113.2
        stays
}
case_one_interface() {
        confined up0
        ups br0 br1 br2 net0 net1 net2 net3
        serve outside tcp 80
        answers net0 tcp 198.51.100.2 80 'outside 198.51.100.1'
        answers net0 tcp 2001:db8::2 80 outside
        reaches net2 203.0.113.2 2001:db8:1::2
        cut_off net0 203.0.113.2 2001:db8:1::2
        stays
}
# An interface that comes later, and one that is a bridge of ours: that one has its own say.
case_of_later() {
        confined 'up7 br2 up0'
        ups br0 br2 net0 net3
        reaches net0 198.51.100.2
        cut_off net0 203.0.113.2 172.20.0.10
        ip link set up1 down
        ip link set up1 name up7
        ip link set up7 up
        ip addr replace 2001:db8:1::1/64 dev up7 nodad
        reaches net0 203.0.113.2
        ip link set up7 down
        ip link set up7 name up1
        ip link set up1 up
        ip addr replace 2001:db8:1::1/64 dev up1 nodad
        ip addr replace fe80::1/64 dev up1 nodad
}
# Somebody else's bridge, which others may use as they like
case_beside_others() {
        ip link add lan0 type bridge
        ip link set lan0 addrgenmode none
        ip addr add 172.30.0.1/16 dev lan0
        ip link set lan0 up
        ip netns add theirs
        ip link add their0 type veth peer name eth0 netns theirs
        ip link set their0 master lan0 addrgenmode none up
        at theirs ip link set eth0 addrgenmode none up
        at theirs ip addr add 172.30.0.2/16 dev eth0
        at theirs ip route add default via 172.30.0.1
        sysctl -qw net.ipv4.ip_forward=1
        at outside ip route add 172.30.0.0/16 via 198.51.100.1
        confined up0
        ups br0 net0
        reaches theirs 198.51.100.2
        cut_off net0 172.30.0.2
        sed -i 's/^Outbound=up0/Outbound=up0 lan0/' /etc/vnet/br0.vnet
        reload br0
        reaches net0 172.30.0.2
        reaches theirs 198.51.100.2
}
case_br_netfilter() {
        confined no
        br_netfilter 1
        ups br0 br1 br2 net0 net1 net2 net3
        cut_off net0 198.51.100.2 2001:db8::2
        stays
}
case_reload() {
        local rules
        confined any
        ups br0 br1 br2 net0 net1 net2 net3
        rules=$(nft -s list ruleset)
        reaches net0 198.51.100.2 203.0.113.2
        sleeper_in net0
        sed -i 's/^Outbound=.*/Outbound=up1/' /etc/vnet/br0.vnet
        reload br0
        cut_off net0 198.51.100.2 2001:db8::2
        reaches net0 203.0.113.2
        sed -i 's/^Outbound=.*/Outbound=no/' /etc/vnet/br0.vnet
        reload br0
        cut_off net0 198.51.100.2 203.0.113.2
        "$CTL" diff br0
        nft delete element inet vnet leave '{ "br0" }'
        "$CTL" diff br0 > "$W/diff" && fail 'no difference'
        has 'set=leave' "$W/diff"
        up br0
        cut_off net0 198.51.100.2 203.0.113.2
        nft flush ruleset
        "$HELPER" restore
        cut_off net0 198.51.100.2 203.0.113.2
        sed -i '/^Outbound=.*/d' /etc/vnet/br0.vnet
        reload br0
        is "$(nft -s list ruleset)" "$rules"
        is_in "$SLEEPER" net0
        stays
}
run_cases "$@"
