#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# routes.sh: routes, rules and neighbours in every form of spec.md 3.3, read back from the kernel.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# net0 on br0, both families, with more lines for its [Link]
with_link() {
        site
        printf '%s\n' "$@" >> /etc/vnet/net0.vnet
        ups br0 net0
}
route() { # DESTINATION JQ [ip arguments]: exactly one such route, and so it is
        local dst=$1 what=$2
        shift 2
        holds "map(select(.dst == \"$dst\")) | length == 1 and (.[0] | $what)" ip -n net0 -j "$@" route show table all
}

case_via() {
        with_link 'Route=10.1.0.0/16 via 172.18.0.99' 'Route=fd01::/32 via fd00:18::99'
        route 10.1.0.0/16 '.gateway == "172.18.0.99" and .dev == "eth0"' -4
        route fd01::/32 '.gateway == "fd00:18::99" and .dev == "eth0"' -6
}

case_on_link() {
        with_link 'Route=10.1.0.0/16' 'Route=fd01::/32'
        route 10.1.0.0/16 '.gateway == null and .dev == "eth0"' -4
        route fd01::/32 '.gateway == null and .dev == "eth0"' -6
}

case_metric_table_src_mtu() {
        with_link 'Address=172.18.0.50/16' 'Route=10.1.0.0/16 via 172.18.0.99 metric 50 table 100 src 172.18.0.50 mtu 1300' \
                'Route=fd01::/32 via fd00:18::99 metric 50 table 100 mtu 1300'
        route 10.1.0.0/16 '.metric == 50 and .table == "100" and .prefsrc == "172.18.0.50" and (.metrics[0].mtu == 1300)' -4
        route fd01::/32 '.metric == 50 and .table == "100" and (.metrics[0].mtu == 1300)' -6
}

# The gateway is not on any subnet of the link, and that is meant.
case_onlink_gateway() {
        with_link 'Route=10.1.0.0/16 via 203.0.113.1 onlink'
        route 10.1.0.0/16 '.gateway == "203.0.113.1" and (.flags | index("onlink") != null)' -4
}

case_blackhole_and_kin() {
        with_link 'Route=blackhole 10.1.0.0/16' 'Route=unreachable 10.2.0.0/16' 'Route=prohibit 10.3.0.0/16' \
                'Route=blackhole fd01::/32' 'Route=unreachable fd02::/32' 'Route=prohibit fd03::/32'
        route 10.1.0.0/16 '.type == "blackhole"' -4
        route 10.2.0.0/16 '.type == "unreachable"' -4
        route 10.3.0.0/16 '.type == "prohibit"' -4
        route fd01::/32 '.type == "blackhole"' -6
        route fd02::/32 '.type == "unreachable"' -6
        route fd03::/32 '.type == "prohibit"' -6
}

case_ecmp() {
        with_link 'Route=10.1.0.0/16 nexthop via 172.18.0.98 weight 1 nexthop via 172.18.0.99 weight 5' \
                'Route=fd01::/32 nexthop via fd00:18::98 nexthop via fd00:18::99'
        route 10.1.0.0/16 '(.nexthops | map([.gateway, .weight])) == [["172.18.0.98", 1], ["172.18.0.99", 5]]' -4
        # IPv6 lists them in the order it likes
        holds 'map(select(.dst == "fd01::/32")) | (map(.nexthops // [.])) | flatten | map(.gateway) | sort == ["fd00:18::98", "fd00:18::99"]' \
                ip -n net0 -j -6 route
}

case_default_by_route() {
        with_link 'Gateway=no' 'Route=0.0.0.0/0 via 172.18.0.1 metric 7' 'Route=::/0 via fd00:18::1 metric 7'
        route default '.gateway == "172.18.0.1" and .metric == 7' -4
        route default '.gateway == "fd00:18::1" and .metric == 7' -6
        reaches net0 198.51.100.1 2001:db8::1
}

case_other_device() {
        site
        site_b
        printf '[Link]\nBridge=br1\nAddress=172.19.0.10/16\nRoute=10.1.0.0/16 via 172.18.0.99 dev eth0\n' >> /etc/vnet/net0.vnet
        ups br0 br1 net0
        route 10.1.0.0/16 '.dev == "eth0"' -4
}

case_gateways() {
        with_link 'Gateway=172.18.0.200' 'Gateway=fd00:18::200'
        route default '.gateway == "172.18.0.200"' -4
        route default '.gateway == "fd00:18::200"' -6
}

case_no_gateway() {
        with_link 'Gateway=no'
        holds 'map(select(.dst == "default")) == []' ip -n net0 -j -4 route
        holds 'map(select(.dst == "default")) == []' ip -n net0 -j -6 route
        reaches net0 172.18.0.1 fd00:18::1
        if at net0 ping -c1 -W1 -q 198.51.100.1; then fail 'net0 has a way out'; fi
}

# The order of the lines does not matter, nor which link they are under.
case_ways_in_any_order() {
        with_link 'Route=10.1.0.0/16 via 10.9.0.1' 'Route=10.9.0.0/16' 'Route=fd01::/64 via fd09::1' 'Route=fd09::/64' \
                'Route=10.2.0.0/16 via 10.3.0.1 dev eth1' 'Route=10.4.0.0/16 nexthop via 172.18.0.99 nexthop via 10.3.0.1 dev eth1' \
                '[Link]' 'Address=10.3.0.2/24' 'Route=10.8.0.0/16 dev eth0'
        route 10.1.0.0/16 '.gateway == "10.9.0.1" and .dev == "eth0"' -4
        route fd01::/64 '.gateway == "fd09::1" and .dev == "eth0"' -6
        route 10.2.0.0/16 '.gateway == "10.3.0.1" and .dev == "eth1"' -4
        route 10.4.0.0/16 '(.nexthops | map(.dev)) == ["eth0", "eth1"]' -4
        route 10.8.0.0/16 '.dev == "eth0"' -4
}

# A default route that is given switches off those that come by themselves, those of the other family too.
case_given_default_route() {
        local given
        for given in 'Route=default via 172.18.0.200' 'Gateway=172.18.0.200' 'Route=default via 172.18.0.200 table 254' \
                '[Link]'$'\n''Bridge=br0'$'\n''Gateway=172.18.0.200'$'\n''Address=172.18.0.77/16'; do
                with_link "$given"
                holds 'map(select(.dst == "default") | .gateway) == ["172.18.0.200"]' ip -n net0 -j -4 route
                holds 'map(select(.dst == "default")) == []' ip -n net0 -j -6 route
                downs net0 br0
        done
        with_link 'Route=blackhole default'
        holds 'map(select(.dst == "default") | .type) == ["blackhole"]' ip -n net0 -j -4 route
        holds 'map(select(.dst == "default")) == []' ip -n net0 -j -6 route
        downs net0 br0
        # another table is another matter
        with_link 'Route=default via 172.18.0.200 table 100'
        holds 'map(select(.dst == "default") | .gateway) == ["172.18.0.1"]' ip -n net0 -j -4 route
        holds 'map(select(.dst == "default") | .gateway) == ["fd00:18::1"]' ip -n net0 -j -6 route
}

# A way out that is given for one family is the only one: nothing of the other leaves.
case_default_does_not_leak() {
        with_link 'Route=default via 172.18.0.1'
        count_at outside 'ip6 nexthdr icmpv6 icmpv6 type echo-request'
        reaches net0 198.51.100.2
        cut_off net0 2001:db8::2
        is "$(counted outside)" 0 'echo requests of IPv6 outside'
        is "$(ip -n net0 -6 route show default)" ''
        # the other link's is no way round it, nor are those of cables
        printf '[Link]\nBridge=br0\nAddress=fd00:18::77/64\n[Link]\nAddress=fd00:5::2/64\nHostAddress=fd00:5::1/64\nIPMasquerade=ipv6\n' >> /etc/vnet/net0.vnet
        down net0
        up net0
        cut_off net0 2001:db8::2
        is "$(counted outside)" 0 'echo requests of IPv6 outside'
        # and back
        sed -i '/^Route=/d' /etc/vnet/net0.vnet
        reload net0
        reaches net0 198.51.100.2 2001:db8::2
}

# With one foot on a bridge that lets nothing out, the other is the way out, whichever comes first.
case_closed_bridge_last() {
        site Internal=yes
        site_b
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\nAddress=fd00:18::12/64\n[Link]\nBridge=br1\nAddress=172.19.0.12/16\nAddress=fd00:19::12/64\n' | file both
        ups br0 br1 both
        holds 'map(select(.dst == "default") | .gateway) == ["172.19.0.1"]' ip -n both -j -4 route
        holds 'map(select(.dst == "default") | .gateway) == ["fd00:19::1"]' ip -n both -j -6 route
        reaches both 198.51.100.2 2001:db8::2
        # each family for itself: IPv6 has no other way than the closed one
        downs both br1
        sed -i '/^Address=fd00:19/d' /etc/vnet/br1.vnet
        ups br1 both
        holds 'map(select(.dst == "default") | .gateway) == ["172.19.0.1"]' ip -n both -j -4 route
        holds 'map(select(.dst == "default") | .gateway) == ["fd00:18::1"]' ip -n both -j -6 route
        # an open one comes first again
        sed -i s/Internal=yes/IPMasquerade=both/ /etc/vnet/br0.vnet
        reload br0
        reload both
        holds 'map(select(.dst == "default") | .gateway) == ["172.18.0.1"]' ip -n both -j -4 route
        reaches both 198.51.100.2 2001:db8::2
}

case_rules() {
        with_link 'Route=10.1.0.0/16 via 172.18.0.99 table 100' 'Rule=from 172.18.0.10 to 10.0.0.0/8 table 100 priority 1000' \
                'Rule=fwmark 0x2a table 100 priority 1001' 'Rule=iif lo table 100 priority 1002' \
                'Rule=from fd00:18::10 table 100 priority 1000' 'Rule=fwmark 1/0xff table 101 priority 1003' \
                'Rule=fwmark 2/0xff table 101 priority 1003' 'Rule=fwmark 1 table 101 priority 1003' 'Rule=fwmark 0 table 101 priority 1004' 'Rule=fwmark 0x10/0xf0 table 100 priority 1005'
        holds 'map(select(.priority == 1000)) | length == 1 and (.[0] | .src == "172.18.0.10" and .dst == "10.0.0.0" and .dstlen == 8
                and .table == "100")' ip -n net0 -j -4 rule
        holds 'map(select(.priority == 1001)) | length == 1 and .[0].fwmark == "0x2a"' ip -n net0 -j -4 rule
        holds 'map(select(.priority == 1005)) | length == 1 and .[0].fwmark == "0x10" and .[0].fwmask == "0xf0"' ip -n net0 -j -4 rule
        holds 'map(select(.priority == 1002)) | length == 1 and .[0].iif == "lo"' ip -n net0 -j -4 rule
        # they differ by the mark or the mask alone, and so does what a reload takes away
        holds 'map(select(.priority == 1003)) | map([.fwmark, .fwmask]) | sort == [["0x1", null], ["0x1", "0xff"], ["0x2", "0xff"]]' ip -n net0 -j -4 rule
        holds 'map(select(.priority == 1004)) | length == 1 and .[0].fwmark == "0"' ip -n net0 -j -4 rule
        sed -i '/^Rule=fwmark 1.0xff/d' /etc/vnet/net0.vnet
        reload net0
        holds 'map(select(.priority == 1003)) | map([.fwmark, .fwmask]) | sort == [["0x1", null], ["0x2", "0xff"]]' ip -n net0 -j -4 rule
        sed -i 's/^\(Rule=fwmark 2\).0xff/\1\/0xf/' /etc/vnet/net0.vnet
        reload net0
        holds 'map(select(.priority == 1003)) | map([.fwmark, .fwmask]) | sort == [["0x1", null], ["0x2", "0xf"]]' ip -n net0 -j -4 rule
        holds 'map(select(.priority == 1000)) | length == 1 and .[0].src == "fd00:18::10"' ip -n net0 -j -6 rule
}

# Every word of ip-rule(8), as the kernel tells it
case_rule_words() {
        with_link 'Rule=not fwmark 0x2a oif eth0 table 100 priority 1000' 'Rule=ipproto udp dport 53 table 100 priority 1001' \
                'Rule=ipproto tcp sport 1000-2000 dport 443-445 table 100 priority 1002' 'Rule=uidrange 0-999 table 100 priority 1003' \
                'Rule=table main suppress_prefixlength 0 priority 1004' 'Rule=inet6 ipproto ipv6-icmp uidrange 5-5 table 100 priority 1005' \
                'Rule=not from fd00::/8 sport 5 table main suppress_prefixlength 64 priority 1006'
        rule 1000 '.not == null and .fwmark == "0x2a" and .oif == "eth0"' -4
        rule 1001 '.ipproto == "udp" and .dport == 53' -4
        rule 1002 '.ipproto == "tcp" and .sport_start == 1000 and .sport_end == 2000 and .dport_start == 443 and .dport_end == 445' -4
        rule 1003 '.uid_start == 0 and .uid_end == 999' -4
        rule 1004 '.table == "main" and .suppress_prefixlen == 0' -4
        rule 1005 '.ipproto == "ipv6-icmp" and .uid_start == 5 and .uid_end == 5' -6
        rule 1006 '.src == "fd00::" and .sport == 5 and .suppress_prefixlen == 64' -6
        is "$(ip -n net0 -4 rule | grep -c '^1000:.not from all')" 1 not
        is "$(ip -n net0 -6 rule | grep -c '^1006:.not from fd00::')" 1 not
}
rule() { # PRIORITY JQ -4|-6: exactly one of it, and so it is
        holds "map(select(.priority == $1)) | length == 1 and (.[0] | $2)" ip -n net0 -j "$3" rule
}

# What each word picks, with packets: table 100 lets nothing out.
case_rules_pick_packets() {
        local family a
        serve outside tcp 80
        serve outside tcp 81
        serve outside udp 53
        site
        printf '%s\n' 'Route=blackhole default table 100' 'Route=blackhole ::/0 table 100' >> /etc/vnet/net0.vnet
        ups br0 net0
        for family in '' 'inet6 '; do
                a=198.51.100.2
                [ -z "$family" ] || a=2001:db8::2
                picks "$a" "${family}ipproto tcp dport 80 table 100" silent answers answers
                picks "$a" "${family}dport 53-80 table 100" silent answers silent
                picks "$a" "${family}ipproto udp table 100" answers answers silent
                picks "$a" "${family}not ipproto udp table 100" silent silent answers
                picks "$a" "${family}uidrange 1-4294967294 table 100" answers answers answers
                picks "$a" "${family}uidrange 0-0 dport 81 table 100" answers silent answers
                picks "$a" "${family}not dport 80 table 100" answers silent silent
                picks "$a" "${family}oif lo table 100" answers answers answers
                # wg-quick's: only what is more than a default route counts in main
                picks "$a" "${family}table 100 priority 5001"$'\n'"Rule=${family}table main suppress_prefixlength 0 priority 5000" silent silent silent
                reaches net0 172.18.0.1 fd00:18::1
        done
}
picks() { # ADDRESS RULE then of tcp 80, tcp 81, udp 53: silent or answers
        sed -i '/^Rule=/d' /etc/vnet/net0.vnet
        echo "Rule=$2" >> /etc/vnet/net0.vnet
        reload net0
        expect "$3" tcp "$1" 80
        expect "$4" tcp "$1" 81
        expect "$5" udp "$1" 53
}
expect() { # silent|answers PROTO ADDRESS PORT
        if [ "$1" = silent ]; then silent net0 "$2" "$3" "$4"; else answers net0 "$2" "$3" "$4" outside; fi
}

# The kernel deletes the first rule that has what is asked for, and more.
case_rule_that_leaves_alone() {
        local stays=('Rule=from 10.0.0.0/8 table 100 priority 50' 'Rule=not from 10.0.0.0/8 table 100 priority 51' 'Rule=dport 53 table 100' 'Rule=fwmark 5/0xf table 100')
        with_link 'Rule=table 100' 'Rule=from 10.0.0.0/8 table 100' 'Rule=fwmark 0/0xf table 100' "${stays[@]}"
        at net0 ip rule | sort > "$W/rules"
        sed -i -e '/^Rule=table 100/d' -e '/^Rule=from 10.0.0.0.8 table 100$/d' -e '/^Rule=fwmark 0/d' /etc/vnet/net0.vnet
        reload net0
        # the others stay as they were, with their priorities
        is "$(comm -13 "$W/rules" <(at net0 ip rule | sort))" ''
        is "$(at net0 ip rule | grep -c 'lookup 100')" 4
        is "$(at net0 ip rule | grep -c '^50:.from 10.0.0.0/8')" 1
}

case_neighbors() {
        with_link 'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99' 'Neighbor=fd00:18::99 lladdr 02:00:00:00:00:99'
        holds 'map(select(.lladdr == "02:00:00:00:00:99" and (.state | index("PERMANENT") != null)) | .dst) | sort
                == ["172.18.0.99", "fd00:18::99"]' ip -n net0 -j neigh
}

# More than a netlink socket takes at once: sent in several batches.
case_thousands() {
        site4
        seq 0 4999 | awk '{ print "Route=10." int($1 / 256) "." $1 % 256 ".0/24 via 172.18.0.99" }' >> /etc/vnet/net0.vnet
        up br0
        up net0
        holds 'length == 5002' ip -n net0 -j -4 route
        sed -i 's/via 172.18.0.99$/& metric 7/' /etc/vnet/net0.vnet
        reload net0
        holds 'map(select(.metric == 7)) | length == 5000' ip -n net0 -j -4 route
        holds 'length == 5002' ip -n net0 -j -4 route
        down net0
        down br0
}

# Two families in one route line make no sense, and a table word is no number.
case_nonsense_is_refused() {
        local line
        for line in 'Route=10.1.0.0/16 via fd00::1 weight' 'Route=nonsense' 'Route=10.1.0.0/16 via 172.18.0.99 table many' \
                'Rule=from 10.0.0.0/8' 'Neighbor=172.18.0.99' 'Route=10.1.0.0/16 metric'; do
                site4
                printf '%s\n' "$line" >> /etc/vnet/net0.vnet
                refused up net0 'net0.vnet:[0-9]+'
        done
}

# The bridge has no address in a network of the link: nobody there is a way out.
case_bridge_of_another_network() {
        site4
        sed -i 's|^Address=.*|Address=10.9.0.10/16|' /etc/vnet/net0.vnet
        ups br0 net0
        holds 'map(select(.dst == "default")) == []' ip -n net0 -j -4 route
}

# The record gives back each word of a hop: what is up is adopted without a change, and a stop has nothing to say.
case_weights_survive() {
        with_link 'Route=10.1.0.0/16 nexthop via 172.18.0.98 weight 1 nexthop via 172.18.0.99 weight 256' \
                'Route=10.2.0.0/16 nexthop via 203.0.113.1 onlink weight 3 nexthop via 203.0.113.2 onlink dev eth0'
        local route='map(select(.dst == "10.1.0.0/16"))[0].nexthops | map(.weight) == [1, 256]'
        holds "$route" ip -n net0 -j -4 route
        snapshot "$W/once"
        up net0 2> "$W/err"
        reload net0 2>> "$W/err"
        snapshot "$W/again"
        cmp "$W/once" "$W/again"
        down net0 2>> "$W/err"
        is "$(cat "$W/err")" '' 'what the helper says'
}

# A subnet may lie within the host's default route, and within what other tables have.
case_host_has_a_default_route() {
        ip route add default via 198.51.100.2
        ip -6 route add default via 2001:db8::2
        ip route add 172.16.0.0/12 via 198.51.100.2 table 77
        snapshot "$W/start"
        site
        ups br0 net0
        reaches net0 172.18.0.1 fd00:18::1 198.51.100.2
}

run_cases "$@"
