#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# repair.sh: up when up adopts what is right and repairs what is not (spec.md 6.3), and so does a reload (6.4).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

inode() { stat -L -c %i "/run/netns/$1"; }

# Everything up; then break it in one way, up again, and it is as it was.
start() {
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nSysctl=net.ipv4.ip_default_ttl=77')"
        printf '%s\n' 'Route=10.1.0.0/16 via 172.18.0.99' 'Rule=from 172.18.0.10 table 100 priority 1000' \
                'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99' >> /etc/vnet/net0.vnet
        ups br0 net0 net1
        # the bridge's own comes with its carrier, a moment after
        eventually has_link_local br0
        snapshot "$W/whole"
        before=$(inode net0)
}
repaired() { # NAME [VERB]
        "${2:-up}" "$1"
        snapshot "$W/now"
        diff -U0 "$W/whole" "$W/now" || fail "not as it was after ${2:-up} $1"
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

# What somebody inside did with the inner end: a repair gives it back what it was made with.
case_inner_end_renamed() {
        start
        at net0 ip link set eth0 down
        at net0 ip link set eth0 name other
        at net0 ip link set other up
        repaired net0 reload
}
case_inner_end_changed() {
        start
        at net0 ip link set eth0 address 02:00:00:00:00:77
        repaired net0 reload
        down net0
        echo MTUBytes=1400 >> /etc/vnet/net0.vnet
        up net0
        before=$(inode net0)
        snapshot "$W/whole"
        at net0 ip link set eth0 mtu 1300
        repaired net0
}
# ... or says at the pair why it cannot, and what will.
case_inner_end_lost() {
        start
        unshare -n sleep 60 &
        eventually has_its_own $!
        at net0 ip link set eth0 netns $!
        refused reload net0 "net0.vnet:4: interface vn-net0: its inner end is in net0 no more; 'systemctl restart vnet@net0' makes it again"
        kill $!
        eventually gone_from_host vn-net0
        at net0 ip link add eth0 type bridge
        refused up net0 "net0.vnet:4: interface vn-net0: somebody in net0 has made another interface 'eth0', .*'systemctl restart vnet@net0'"
        refused reload net0 "interface vn-net0: somebody in net0 has made another interface 'eth0'"
        downs net0
        up net0
        reaches net0 172.18.0.11
        at net0 ip link set eth0 down
        at net0 ip link set eth0 name other
        at net0 ip link add eth0 type bridge
        refused reload net0 "interface vn-net0: somebody in net0 has made another interface 'eth0'"
}
case_outer_end_moved() {
        start
        unshare -n sleep 60 &
        eventually has_its_own $!
        ip link set vn-net0 netns $!
        refused reload net0 "net0.vnet:4: interface vn-net0: only its inner end is left where it was made; 'systemctl restart vnet@net0'"
        downs net0
        up net0
        reaches net0 172.18.0.11
}
has_its_own() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
gone_from_host() { ! ip link show dev "$1" > /dev/null 2>&1; }

case_namespace_deleted() {
        start
        ip netns del net0
        up net0
        reaches net0 172.18.0.11 198.51.100.2
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
}

# One that is active is never started again by systemd: reload is the administrator's way to the same repair.
mended() { # NAME COMMAND…
        echo "--- ${*:2}"
        "${@:2}"
        repaired "$1" reload
}
case_reload_mends_the_inside() {
        start
        mended net0 at net0 ip addr del 172.18.0.10/16 dev eth0
        mended net0 at net0 ip addr del fd00:18::10/64 dev eth0
        mended net0 at net0 ip addr flush dev eth0 scope global
        mended net0 at net0 ip link set eth0 down
        mended net0 at net0 ip link set lo down
        mended net0 at net0 ip route flush table main
        mended net0 at net0 ip -6 route del default
        mended net0 at net0 ip route replace default via 172.18.0.99
        mended net0 at net0 ip -6 route change default via fd00:18::99
        mended net0 at net0 ip rule del priority 1000
        mended net0 at net0 ip neigh del 172.18.0.99 dev eth0
        mended net0 at net0 sysctl -qw net.ipv4.ip_default_ttl=64
}
down_for_a_moment() { at "$1" ip link set "$2" down && at "$1" ip link set "$2" up; }
case_reload_after_a_moment_without_link() {
        start
        mended net0 down_for_a_moment net0 eth0
        mended net0 down_for_a_moment host vn-net0
        mended net0 down_for_a_moment net0 lo
}
case_reload_mends_the_outside() {
        start
        mended net0 ip link set vn-net0 nomaster
        mended net0 ip link set vn-net0 down
        mended net0 ip link set vn-net0 name elsewhere
        mended net0 bridge link set dev vn-net0 hairpin off
        mended net0 nft delete element inet vnet publish4 '{ tcp . 8080 }'
        mended br0 ip addr flush dev br0 scope global
        mended br0 sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
        mended net0 sysctl -qw net.ipv4.ip_forward=0
        ip link del vn-net0
        reload net0
        reaches net0 172.18.0.11 198.51.100.2
}
# Repair and change at once; what leaves the file is not mended first, as it may be what cannot be
case_reload_mends_and_changes() {
        start
        printf '[Namespace]\nPublishPort=9000:80\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        nft delete element inet vnet publish4 '{ tcp . 8080 }'
        sed -i s/9000/8080/ /etc/vnet/net3.vnet
        nft delete element inet vnet publish6 '{ tcp . 8080 }'
        up net3
        ip link set vn-net0 nomaster
        at net0 ip addr del 172.18.0.10/16 dev eth0
        sed -i 's/8080:80/8081:80/;s/^Address=172.18.0.10.*/&\nAddress=172.18.0.12\/16/' /etc/vnet/net0.vnet
        reload net0
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8081 net0
        reaches net1 172.18.0.10 172.18.0.12
        is "$(inode net0)" "$before" 'the namespace is still the same one'
}
# What needs a restart is refused before anything is touched: what has drifted is as it has.
case_reload_refuses_before_it_mends() {
        start
        ip link set vn-net0 nomaster
        sed -i 's/^Bridge=br0/&\nHostName=other/' /etc/vnet/net0.vnet
        refused reload net0 'cannot be (created|removed).*restart vnet@net0'
}
# ... by up as well
case_up_refuses_before_it_repairs() {
        start
        ip link set vn-net0 nomaster
        sed -i 's/^Bridge=br0/&\nHostName=other/' /etc/vnet/net0.vnet
        refused up net0 'cannot be (created|removed).*restart vnet@net0'
}
# A run that was interrupted is no state to build on; after up it is one again.
case_reload_of_the_half_made() {
        start
        sed -i '/^stage/d' /run/vnet/state/net0
        refused reload net0 'interrupted.*restart vnet@net0'
        up net0
        is "$(grep -c '^stage complete$' /run/vnet/state/net0)" 1 'marks of a whole record'
        sed -i 's/8080:80/8081:80/' /etc/vnet/net0.vnet
        reload net0
        nft list map inet vnet publish4 | has 8081
}
# "systemctl stop run-netns-net0.mount": the name is gone, and nothing can be changed in what has no name.
link_is_gone() { ! ip link show "$1" > /dev/null 2>&1; }
case_reload_of_the_unmounted() {
        start
        umount /run/netns/net0
        eventually link_is_gone vn-net0
        refused reload net0 'netns/net0.*restart vnet@net0'
        sleeper_in net1
        umount /run/netns/net1
        refused reload net1 'netns/net1.*restart vnet@net1'
        downs net0 net1
        ups net0 net1
        reaches net0 172.18.0.11 198.51.100.2
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

# Each is looked for by all that makes it: two that differ by the mark alone, or by its mask, are two.
case_rules_that_differ_by_a_mark() {
        start
        printf '%s\n' 'Rule=fwmark 1 table 101' 'Rule=fwmark 2 table 101' 'Rule=fwmark 1/3 table 101' >> /etc/vnet/net0.vnet
        reload net0
        is "$(at net0 ip rule | grep -c 'lookup 101')" 3
        at net0 ip rule del fwmark 2 table 101
        up net0
        is "$(at net0 ip rule | grep -c 'lookup 101')" 3
        holds 'map(select(.table == "101") | .fwmark) | sort == ["0x1", "0x1", "0x2"]' ip -n net0 -j rule
        at net0 ip rule del fwmark 1/3 table 101
        up net0
        is "$(at net0 ip rule | grep -c 'fwmark 0x1/0x3 lookup 101')" 1
}

# To the kernel one that differs by "not" alone is the same rule; and one of a priority of its own is not that of another.
case_rules_turned_round() {
        start
        printf '%s\n' 'Rule=not from 10.0.0.0/8 table 101 priority 50' 'Rule=oif lo table 101' 'Rule=oif lo table 101 priority 40' >> /etc/vnet/net0.vnet
        reload net0
        at net0 ip rule del priority 50
        at net0 ip rule add from 10.0.0.0/8 table 101 priority 50 proto static
        reload net0
        is "$(at net0 ip rule | grep '^50:' | xargs)" '50: not from 10.0.0.0/8 lookup 101 proto static'
        at net0 ip rule del oif lo table 101 priority "$(at net0 ip -j rule | jq 'map(select(.oif == "lo" and .priority != 40))[0].priority')"
        is "$(at net0 ip rule | grep -c 'oif lo lookup 101')" 1
        reload net0
        is "$(at net0 ip rule | grep -c 'oif lo lookup 101')" 2
        sed -i 's/^Rule=not from/Rule=from/' /etc/vnet/net0.vnet
        reload net0
        is "$(at net0 ip rule | grep '^50:' | xargs)" '50: from 10.0.0.0/8 lookup 101 proto static'
}

# A route of IPv6 to the same place that is another one in one word is not ours: it is made what it should be.
case_route6_of_another_kind() {
        local change
        start
        printf '%s\n' Address=fd00:18::50/64 'Route=fd00:77::/64 via fd00:18::99 src fd00:18::50 mtu 1300' >> /etc/vnet/net0.vnet
        ups net0 # two times: first the change
        settled
        snapshot "$W/whole"
        for change in 'via fd00:18::98 src fd00:18::50 mtu 1300' 'via fd00:18::99 src fd00:18::10 mtu 1300' 'via fd00:18::99 src fd00:18::50 mtu 1400' \
                'via fd00:18::99 mtu 1300' 'via fd00:18::99 src fd00:18::50'; do
                # shellcheck disable=SC2086 # words
                at net0 ip -6 route replace fd00:77::/64 $change proto static dev eth0
                repaired net0
        done
}

run_cases "$@"
