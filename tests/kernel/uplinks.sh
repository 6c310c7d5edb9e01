#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# uplinks.sh: interfaces of the host that are ports of a bridge while it is up, and are given back as they were; and those on
# whose wire the host answers for its namespaces.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

join() { "$HELPER" join "$1"; }
# IF as it comes from a shop: no address but the link-local one, up, with somebody at its other end who has NET4.2 and NET6::2
bare() { # IF NET4 NET6
        uplink "$@"
        ip addr flush dev "$1" scope global
        while ip -6 route show table local type local dev "$1" | has -v fe80; do sleep .02; done
        snapshot "$W/bare"
}
lan() { # LINES of the bridge
        printf '[Bridge]\nAddress=203.0.113.1/24\nAddress=2001:db8:1::1/64\n%s\n' "$1" | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=203.0.113.10/24\nAddress=2001:db8:1::10/64\n' | file net0
}
# The interfaces are as they were, and go
back() { # IF…
        same "$W/bare" 'the interfaces that were uplinks'
        local i
        for i; do ip link del "$i"; done
}
port_is() { holds ".[0] | $2" ip -d -j link show dev "$1"; } # IF JQ
index_of() { cat "/sys/class/net/$1/ifindex"; }

case_uplink() {
        bare up1 203.0.113 2001:db8:1
        lan Uplink=up1
        ups br0 net0
        port_is up1 '.master == "br0" and .linkinfo.info_slave_kind == "bridge" and (.flags | index("UP"))'
        reaches net0 203.0.113.2 2001:db8:1::2
        reaches outside2 203.0.113.10 2001:db8:1::10 203.0.113.1 2001:db8:1::1
        "$CTL" diff br0 > "$W/out" || fail "$(cat "$W/out")"
        downs net0 br0
        port_is up1 '.master == null and .promiscuity == 0 and (.flags | index("UP"))'
        back up1
}
# What is down before is down afterwards, and what is set on it stays.
case_given_back() {
        bare up1 203.0.113 2001:db8:1
        ip link set up1 promisc on mtu 1600
        lan Uplink=up1
        ups br0
        port_is up1 '.master == "br0" and .mtu == 1600'
        down br0
        port_is up1 '.master == null and .mtu == 1600 and (.flags | index("PROMISC") and index("UP"))'
        ip link set up1 promisc off down
        snapshot "$W/before"
        up br0
        port_is up1 '.master == "br0" and (.flags | index("UP"))'
        down br0
        same "$W/before" 'the interface that was down'
        ip link del up1
}
case_several() {
        bare up1 203.0.113 2001:db8:1
        bare up2 203.0.113 2001:db8:1
        at "${PID_OF[up2]}" ip addr flush dev eth0 scope global
        at "${PID_OF[up2]}" ip addr add 203.0.113.3/24 dev eth0
        lan 'Uplink=up1 up2'
        ups br0 net0
        reaches net0 203.0.113.2 203.0.113.3
        reaches outside2 203.0.113.3
        downs net0 br0
        back up1 up2
}
case_address_of_the_host() {
        lan Uplink=up0
        refused up br0 'br0.vnet:4: uplink on up0: the host has the address 198.51.100.1/24 on it.* give it to the bridge by Address=.* on br0'
        ip addr del 198.51.100.1/24 dev up0
        refused up br0 'br0.vnet:4: uplink on up0: the host has the address 2001:db8::1/64 on it'
        ip addr add 198.51.100.1/24 dev up0
        "$CTL" check > "$W/out" 2>&1 || true
        has "br0.vnet:4: .*Uplink: .*198.51.100.1/24" "$W/out"
}
case_of_another_master() {
        bare up1 203.0.113 2001:db8:1
        ip link add lan0 type bridge
        ip link set up1 master lan0
        lan Uplink=up1
        refused up br0 "br0.vnet:4: uplink on up1: it belongs to 'lan0' already"
        "$CTL" check > "$W/out" 2>&1 || true
        has "br0.vnet:4: .*Uplink: 'up1' belongs to 'lan0' already" "$W/out"
        port_is up1 '.master == "lan0"'
        ip link del lan0
        back up1
}
case_what_cannot_be_one() {
        ip link add lan0 type bridge
        lan Uplink=lan0
        refused up br0 'br0.vnet:4: uplink on lan0: it is a bridge itself'
        ip link del lan0
        bare up1 203.0.113 2001:db8:1
        ip link add mv0 link up1 type macvlan mode bridge
        lan Uplink=up1
        refused up br0 'br0.vnet:4: uplink on up1: it carries macvlan or ipvlan links'
        port_is up1 '.master == null'
        ip link del mv0
        back up1
}
# It does not keep the bridge from coming up, and joins when it is there.
case_late() {
        lan Uplink=up1
        up br0 2> "$W/err"
        has "br0.vnet:4: Uplink: the host has no interface 'up1' now; it joins br0 when it appears" "$W/err"
        "$CTL" diff br0 > "$W/out" 2>&1 || true
        up net0
        reaches net0 203.0.113.1
        bare up1 203.0.113 2001:db8:1
        ip link set up1 down
        # a reload of the file is not asked for
        lan 'Uplink=up1
IPMasquerade=ipv4'
        join br0
        port_is up1 '.master == "br0" and (.flags | index("UP"))'
        nft -j list set inet vnet masq4 | jq -e '[.nftables[].set.elem // empty] == []' > /dev/null || fail 'the file was read'
        reaches net0 203.0.113.2
        # unplugged, and another one in its place
        ip link del up1
        join br0 2> "$W/err"
        has 'has no interface' "$W/err"
        bare up1 203.0.113 2001:db8:1
        join br0
        reaches net0 203.0.113.2
        has "uplink dev=up1 master=br0 index=$(index_of up1)" /run/vnet/state/br0
        gone has was-down /run/vnet/state/br0
        downs net0 br0
        port_is up1 '.master == null and (.flags | index("UP"))'
        join br0
        gone ls /run/vnet
        ip link del up1
}
case_reload() {
        bare up1 203.0.113 2001:db8:1
        bare up2 203.0.113 2001:db8:1
        ip link set up2 down
        lan ''
        ups br0 net0
        lan Uplink=up1
        reload br0
        reaches net0 203.0.113.2
        lan Uplink=up2
        reload br0
        port_is up1 '.master == null and (.flags | index("UP"))'
        port_is up2 '.master == "br0" and (.flags | index("UP"))'
        # who is refused leaves what was
        lan 'Uplink=up2 up0'
        refused reload br0 'br0.vnet:4: uplink on up0: the host has the address'
        port_is up2 '.master == "br0"'
        lan ''
        reload br0
        port_is up2 '.master == null and (.flags | index("UP") | not)'
        gone has uplink /run/vnet/state/br0
        downs net0 br0
        ip link del up1
        ip link del up2
}
case_repair() {
        bare up1 203.0.113 2001:db8:1
        ip link set up1 down
        lan Uplink=up1
        ups br0 net0
        ip link set up1 nomaster
        "$CTL" diff br0 > "$W/out" 2>&1 || true
        has 'uplink' "$W/out"
        reload br0
        reaches net0 203.0.113.2
        ip link set up1 down
        "$CTL" diff br0 > "$W/out" 2>&1 || true
        has 'uplink' "$W/out"
        reload br0
        reaches net0 203.0.113.2
        # under another name it is the same one
        ip link set up1 down
        ip link set up1 name eno7 up
        reload br0
        downs net0 br0
        ip link set eno7 name up1
        port_is up1 '.master == null and (.flags | index("UP") | not)'
        ip link del up1
}
# Somebody's hands: what is not ours any more is not touched
case_taken_away() {
        bare up1 203.0.113 2001:db8:1
        ip link set up1 down
        lan Uplink=up1
        ip link add lan0 type bridge
        up br0
        ip link set up1 master lan0
        down br0
        port_is up1 '.master == "lan0" and (.flags | index("UP"))'
        ip link set up1 nomaster down
        up br0
        ip link del br0
        ip addr add 203.0.113.77/24 dev up1
        down br0
        port_is up1 '.master == null and (.flags | index("UP"))'
        ip addr del 203.0.113.77/24 dev up1
        ip link set up1 down
        up br0
        ip link del br0
        down br0
        port_is up1 '(.flags | index("UP") | not)'
        ip link del lan0
        ip link del up1
}
case_mtu() {
        bare up1 203.0.113 2001:db8:1
        ip link set up1 mtu 1400
        lan Uplink=up1
        up br0 2> "$W/err"
        has 'br0.vnet:4: Uplink: up1 lets packets of up to 1400 bytes pass, and those of the bridge have up to 1500: MTUBytes=1400' "$W/err"
        down br0
        lan 'Uplink=up1
MTUBytes=1400'
        up br0 2> "$W/err"
        is "$(cat "$W/err")" '' 'standard error'
        down br0
        ip link del up1
}
# br_netfilter shows bridged packets to our table and to the guard, and to whoever else has rules.
case_br_netfilter_and_guard() {
        [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || skip 'no br_netfilter'
        echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
        echo 1 > /proc/sys/net/bridge/bridge-nf-call-ip6tables
        bare up1 203.0.113 2001:db8:1
        lan 'Uplink=up1
IPMasquerade=both'
        ups br0 net0
        is "$(cat /proc/sys/net/ipv4/ip_forward)" 1 ip_forward
        reaches net0 203.0.113.2 2001:db8:1::2
        reaches outside2 203.0.113.10 2001:db8:1::10
        # bridged, so with its own address
        serve outside2 tcp 80
        answers net0 tcp 203.0.113.2 80 'outside2 203.0.113.10'
        # what stands behind the uplink is no way out of the host for others
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        cut_off outside 203.0.113.2 203.0.113.10
        at outside ip route del 203.0.113.0/24
        downs net0 br0
        back up1
}
case_killed() {
        bare up1 203.0.113 2001:db8:1
        ip link set up1 down
        lan Uplink=up1
        up br0
        # as if it had been killed at the end
        sed -i '/^stage/d' /run/vnet/state/br0
        refused reload br0 'was interrupted'
        join br0
        down br0
        port_is up1 '.master == null and (.flags | index("UP") | not)'
        ip link del up1
}
case_site() {
        local line text
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=eno2\n' | file a
        printf '[Bridge]\nUplink=eno1\n' | file b
        printf '[Bridge]\nUplink=eno0 eno1\n' | file c
        printf '[Bridge]\nUplink=eno2\n' | file d
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=eno1\n' | file e
        printf '[Bridge]\nUplink=b\n' | file f
        printf '[Bridge]\nName=eno1\n' | file g
        "$CTL" check > "$W/out" 2>&1 || true
        cat "$W/out"
        has "c.vnet:2: Uplink: 'eno1' is also an uplink of a bridge at /etc/vnet/b.vnet:2" "$W/out"
        has "d.vnet:2: Uplink: 'eno2' is also the parent of a link at /etc/vnet/a.vnet:4" "$W/out"
        has "e.vnet:4: Parent: 'eno1' is also an uplink of a bridge at /etc/vnet/b.vnet:2" "$W/out"
        has "f.vnet:2: Uplink: interface 'b' is also created at /etc/vnet/b.vnet:1" "$W/out"
        has "g.vnet:1: Name: 'eno1' is also an uplink of a bridge at /etc/vnet/b.vnet:2" "$W/out"
        has "b.vnet:2: .*Uplink: the host has no interface 'eno1'" "$W/out"
        rm /etc/vnet/*
        while IFS='|' read -r line text; do
                # shellcheck disable=SC2059 # lines
                printf "[Bridge]\n$text\n" | file odd
                refused up odd "$line"
        done <<'L'
odd.vnet:2: Uplink: 'lo' is the loopback|Uplink=lo
odd.vnet:2: Uplink: 'odd' is this bridge itself|Uplink=odd
odd.vnet:3: Uplink: 'eno1' is already named at .*odd.vnet:2|Uplink=eno1\nUplink=eno1
odd.vnet:2: Uplink: 'a-name-too-long-for-it' is not a valid interface name|Uplink=a-name-too-long-for-it
odd.vnet:3: Uplink: makes no sense with Internal=yes|Internal=yes\nUplink=eno1
L
}
# --- IPv6ProxyNDP= ---

# The provider's /64 is on the wire of up1, whose neighbour outside asks there for each address.
provider() { # LINES of the bridge
        uplink up1 203.0.113 2001:db8:1
        snapshot "$W/bare"
        printf '[Bridge]\nAddress=2001:db8:1::100:1/112\nInbound=any\n%s\n' "$1" | file v6
        printf '[Namespace]\n[Link]\nBridge=v6\nAddress=2001:db8:1::100:80/112\nAddress=fe80::80/64\n' | file app
}
proxies() { ip -6 neigh show proxy | sed 's/ *$//' | sort; }
switched() { is "$(cat /proc/sys/net/ipv6/conf/up1/proxy_ndp)" "$1" proxy_ndp; }

case_proxy_ndp() {
        provider ''
        refused up v6 'overlaps the route to 2001:db8:1::/64'
        provider_again IPv6ProxyNDP=up1
        ups v6 app
        switched 1
        is "$(proxies)" '2001:db8:1::100:80 dev up1 proxy' proxies
        reaches outside2 2001:db8:1::100:80
        reaches app 2001:db8:1::2
        "$CTL" diff v6 app > "$W/out" || fail "$(cat "$W/out")"
        down app
        is "$(proxies)" '' proxies
        down v6
        switched 0
        back up1
}
provider_again() { printf '[Bridge]\nAddress=2001:db8:1::100:1/112\nInbound=any\n%s\n' "$1" | file v6; }
# An interface that goes down loses what it answers for.
case_proxy_ndp_repaired() {
        provider IPv6ProxyNDP=up1
        ups v6 app
        ip -6 neigh del proxy 2001:db8:1::100:80 dev up1
        echo 0 > /proc/sys/net/ipv6/conf/up1/proxy_ndp
        "$CTL" diff v6 app > "$W/out" 2>&1 || true
        has 'proxy-ndp' "$W/out"
        has 'proxy .*2001:db8:1::100:80' "$W/out"
        reload v6
        reload app
        reaches outside2 2001:db8:1::100:80
        downs app v6
        back up1
}
case_proxy_ndp_reload() {
        provider ''
        provider_again 'IPv6ProxyNDP=up1'
        ups v6 app
        printf '[Namespace]\n[Link]\nBridge=v6\nAddress=2001:db8:1::100:81/112\n' | file app
        reload app
        is "$(proxies)" '2001:db8:1::100:81 dev up1 proxy' proxies
        provider_again ''
        reload v6
        switched 0
        reload app
        is "$(proxies)" '' proxies
        downs app v6
        back up1
}
# What somebody else has set stays.
case_proxy_ndp_of_others() {
        provider IPv6ProxyNDP=up1
        echo 1 > /proc/sys/net/ipv6/conf/up1/proxy_ndp
        ip -6 neigh add proxy 2001:db8:1::100:80 dev up1
        ups v6 app
        downs app v6
        switched 1
        is "$(proxies)" '2001:db8:1::100:80 dev up1 proxy' proxies
        ip -6 neigh del proxy 2001:db8:1::100:80 dev up1
        echo 0 > /proc/sys/net/ipv6/conf/up1/proxy_ndp
        back up1
}
case_proxy_ndp_of_two_bridges() {
        provider IPv6ProxyNDP=up1
        printf '[Bridge]\nAddress=2001:db8:1::200:1/112\nIPv6ProxyNDP=up1\n' | file w6
        ups v6 w6
        down v6
        switched 1
        up v6
        down w6
        switched 1
        # killed on the way
        sed -i '/^stage/d' /run/vnet/state/v6
        down v6
        switched 0
        gone ls /run/vnet
        back up1
}
case_proxy_ndp_late() {
        printf '[Bridge]\nAddress=2001:db8:1::100:1/112\nInbound=any\nIPv6ProxyNDP=up1\n' | file v6
        printf '[Namespace]\n[Link]\nBridge=v6\nAddress=2001:db8:1::100:80/112\n' | file app
        up v6 2> "$W/err"
        has "v6.vnet:4: the host has no interface 'up1' with IPv6 now" "$W/err"
        up app 2> "$W/err"
        has "app.vnet:4: the host has no interface 'up1'" "$W/err"
        uplink up1 203.0.113 2001:db8:1
        join v6
        join app
        switched 1
        reaches outside2 2001:db8:1::100:80
        ip link del up1
        downs app v6
        gone ls /run/vnet
}
case_proxy_ndp_site() {
        local line text
        while IFS='|' read -r line text; do
                # shellcheck disable=SC2059 # lines
                printf "[Bridge]\n$text\n" | file odd
                refused up odd "$line"
        done <<'L'
odd.vnet:2: IPv6ProxyNDP: the bridge has no IPv6 address|IPv6ProxyNDP=eno1
odd.vnet:3: IPv6ProxyNDP: 'lo' is the loopback|Address=fd00::1/64\nIPv6ProxyNDP=lo
odd.vnet:3: IPv6ProxyNDP: 'odd' is this bridge itself|Address=fd00::1/64\nIPv6ProxyNDP=odd
odd.vnet:4: IPv6ProxyNDP: makes no sense with Internal=yes|Address=fd00::1/64\nInternal=yes\nIPv6ProxyNDP=eno1
odd.vnet:4: IPv6ProxyNDP: 'eno1' is an uplink of the bridge|Address=fd00::1/64\nUplink=eno1\nIPv6ProxyNDP=eno1
odd.vnet:3: IPv6ProxyNDP: 'eno 1' is not a valid interface name|Address=fd00::1/64\nIPv6ProxyNDP=eno 1
L
}
run_cases "$@"
