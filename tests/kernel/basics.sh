#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# basics.sh: a namespace, its bridge and the cable between them: names, addresses, MACs, MTUs, plain settings.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

case_ipv4() {
        site4
        ups br0 net0 net1
        holds '.[0].addr_info | map(select(.scope == "global")) == [{family: "inet", local: "172.18.0.10", prefixlen: 16,
                broadcast: "172.18.255.255", scope: "global", label: "eth0", valid_life_time: 4294967295,
                preferred_life_time: 4294967295}] or (map(.local) | index("172.18.0.10") != null)' ip -n net0 -j addr show dev eth0
        holds 'map(select(.dst == "default")) | length == 1 and .[0].gateway == "172.18.0.1"' ip -n net0 -j route
        reaches net0 172.18.0.1 172.18.0.11 198.51.100.1
        reaches net1 172.18.0.10
        reaches host 172.18.0.10 172.18.0.11
        # no IPv6 was asked for: none inside, so nothing floods the bridge
        holds 'map(.addr_info[] | select(.family == "inet6")) == []' ip -n net0 -j addr show dev eth0
        downs net0 net1 br0
}

case_ipv6() {
        site6
        ups br0 net0 net1
        # usable when start returns: no address is still tentative
        holds 'map(.addr_info[] | select(.tentative)) == []' ip -n net0 -j addr
        holds 'map(.addr_info[] | select(.tentative)) == []' ip -j addr show dev br0
        holds 'map(select(.dst == "default")) | length == 1 and .[0].gateway == "fd00:18::1"' ip -n net0 -j -6 route
        reaches net0 fd00:18::1 fd00:18::11 2001:db8::1
        reaches host fd00:18::10
        holds 'map(.addr_info[] | select(.family == "inet")) == []' ip -n net0 -j addr show dev eth0
}

case_dual() {
        site
        ups br0 net0 net1
        reaches net0 172.18.0.1 172.18.0.11 fd00:18::1 fd00:18::11
        reaches net1 172.18.0.10 fd00:18::10
        # router advertisements are not for us unless asked for
        is "$(at net0 sysctl -n net.ipv6.conf.eth0.accept_ra)" 0 accept_ra
        downs net1 net0 br0
}

# A router's advertisement, from the other end of the cable, is a way out for a host and for a namespace that is a router too.
case_router_advertisements() {
        local forwarding
        for forwarding in no yes; do
                printf '%s\n' '[Namespace]' "IPv6Forwarding=$forwarding" '[Link]' 'IPv6AcceptRA=yes' 'HostAddress=fd00:9::1/64' | file net0
                ups net0
                eventually advertised || fail "no way out by an advertisement, with IPv6Forwarding=$forwarding"
                downs net0
        done
}
advertised() {
        /usr/bin/python3 -c '
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, socket.if_nametoindex("vn-net0")))' &&
                at net0 ip -6 route show default | has 'proto ra'
}

# Everybody who knows ip-netns(8) can use it, and /run/netns did not exist before.
case_ip_netns() {
        [ ! -e /run/netns ] || fail "/run/netns is there before"
        site4
        ups br0 net0
        ip netns list | has -E '^net0\b' || fail "ip netns does not list net0"
        ip netns exec net0 ping -c1 -W1 -q 172.18.0.1 || eventually ip netns exec net0 ping -c1 -W1 -q 172.18.0.1
        is "$(stat -f -c %T /run/netns/net0)" nsfs
        is "$(nsenter --net=/run/netns/net0 ip -j link show dev eth0 | jq -r '.[0].ifname')" eth0
        # as iproute2 does it: no namespace appears twice in the mount table
        is "$(grep -c ' /run/netns/net0 ' /proc/self/mountinfo)" 1 'mounts of net0'
        ip netns add other
        ip netns del other
        downs net0 br0
        gone ip netns exec net0 true
}

case_name_is_another() {
        printf '[Namespace]\nName=other\n[Link]\nName=wan0\nHostName=cable0\nHostAddress=10.1.0.1/30\nAddress=10.1.0.2/30\n' | file net0
        up net0
        [ -e /run/netns/other ] || fail 'no /run/netns/other'
        [ ! -e /run/netns/net0 ] || fail '/run/netns/net0 is there'
        reaches other 10.1.0.1
        ip link show dev cable0
        down net0
}

case_loopback_only() {
        printf '[Namespace]\n' | file net0
        up net0
        holds '.[0].flags | index("UP") != null' ip -n net0 -j link show dev lo
        reaches net0 127.0.0.1 ::1
        holds 'map(.ifname) == ["lo"]' ip -n net0 -j link
        down net0
}

case_loopback_addresses() {
        printf '[Namespace]\n[Link]\nName=lo\nAddress=10.9.9.9/32\nAddress=fd00:9::9/128\n' | file net0
        up net0
        reaches net0 10.9.9.9 fd00:9::9 127.0.0.1
        down net0
}

case_bridge_alone() {
        printf '[Bridge]\nName=lan0\nAddress=172.18.0.1/16\nMACAddress=02:00:00:00:00:aa\nMTUBytes=1400\n' | file br0
        up br0
        holds '.[0] | .address == "02:00:00:00:00:aa" and .mtu == 1400 and .linkinfo.info_kind == "bridge"
                and (.flags | index("UP") != null)' ip -j -d link show dev lan0
        reaches host 172.18.0.1
        down br0
        gone ip link show dev lan0
}

case_bridge_settings() {
        printf '[Bridge]\nAddress=172.18.0.1/16\nSTP=yes\nForwardDelaySec=4\nAgeingTimeSec=120\nMulticastSnooping=no\n' | file br0
        up br0
        holds '.[0].linkinfo.info_data | .stp_state == 1 and .forward_delay == 400 and .ageing_time == 12000
                and .mcast_snooping == 0' ip -j -d link show dev br0
        down br0
}

# A bridge keeps its MAC as ports come and go, and a namespace has the same one each time.
case_macs_are_stable() {
        site4
        ups br0 net0
        ip -j link show dev br0 | jq -r '.[0].address' > "$W/mac"
        ip -n net0 -j link show dev eth0 | jq -r '.[0].address' >> "$W/mac"
        ip -j link show dev vn-net0 | jq -r '.[0].address' >> "$W/mac"
        # locally administered, not a group address, no two alike
        while read -r mac; do
                is $((0x${mac%%:*} & 3)) 2 "$mac"
        done < "$W/mac"
        is "$(sort -u "$W/mac" | wc -l)" 3 'different MACs'
        up net1
        is "$(ip -j link show dev br0 | jq -r '.[0].address')" "$(head -1 "$W/mac")" 'MAC of the bridge with two ports'
        downs net0 net1 br0
        ups br0 net0
        { ip -j link show dev br0; ip -n net0 -j link show dev eth0; ip -j link show dev vn-net0; } |
                jq -r '.[0].address' | diff "$W/mac" - || fail 'MACs of the second time differ'
}

case_macs_given() {
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nMACAddress=02:00:00:00:00:01\nHostMACAddress=02:00:00:00:00:02\n' | file net0
        ups br0 net0
        holds '.[0].address == "02:00:00:00:00:01"' ip -n net0 -j link show dev eth0
        holds '.[0].address == "02:00:00:00:00:02"' ip -j link show dev vn-net0
        reaches net0 172.18.0.1
}

# Default MTU: that of the bridge, at both ends.
case_mtu() {
        printf '[Bridge]\nAddress=172.18.0.1/16\nMTUBytes=1400\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\nMTUBytes=1300\n' | file net1
        ups br0 net0 net1
        holds '.[0].mtu == 1400' ip -n net0 -j link show dev eth0
        holds '.[0].mtu == 1400' ip -j link show dev vn-net0
        holds '.[0].mtu == 1300' ip -n net1 -j link show dev eth0
        # one port with less must not pull the bridge down with it
        holds '.[0].mtu == 1400' ip -j link show dev br0
        at net0 ping -c1 -W1 -q -M "do" -s 1372 172.18.0.1 || eventually at net0 ping -c1 -W1 -q -M "do" -s 1372 172.18.0.1
}

# Below 1280 the kernel has no IPv6 on an interface, nor its settings.
case_small_mtu() {
        printf '[Bridge]\nAddress=172.18.0.1/16\nMTUBytes=576\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' | file net0
        printf '[Namespace]\n[Link]\nAddress=10.1.0.2/30\nHostAddress=10.1.0.1/30\nMTUBytes=1000\n' | file net1
        ups br0 net0 net1
        reaches net0 172.18.0.1
        reaches net1 10.1.0.1
        holds '.[0].mtu == 576' ip -j link show dev vn-net0
        holds '.[0].mtu == 1000' ip -n net1 -j link show dev eth0
        # with more it would come back with the kernel's defaults
        sed -i /MTU/d /etc/vnet/br0.vnet
        refused reload br0 'systemctl restart'
        downs net0 net1 br0
}

# Past 15 bytes the interface gets a short name, and the long one as alternative name.
case_long_name() {
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        local long=a-rather-long-name.of_a@namespace
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' | file $long
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\n' | file ${long}2
        ups br0 $long ${long}2
        holds 'length == 1 and (.[0].ifname | length <= 15 and startswith("vn-"))' ip -j link show dev vn-$long
        holds 'length == 2 and .[0].ifname != .[1].ifname' ip -j link show master br0
        reaches $long 172.18.0.1 172.18.0.11
        downs $long ${long}2 br0
}

case_two_links() {
        site4
        site_b
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.20/16\n[Link]\nBridge=br1\nAddress=172.19.0.20/16\n[Link]\nName=in2\nHostAddress=10.1.0.1/30\nAddress=10.1.0.2/30\n' | file net3
        ups br0 br1 net0 net2 net3
        holds 'map(.ifname) | sort == ["eth0", "eth1", "in2", "lo"]' ip -n net3 -j link
        reaches net3 172.18.0.10 172.19.0.10 10.1.0.1
        # one way out, by the first link
        holds 'map(select(.dst == "default")) | length == 1 and .[0].dev == "eth0"' ip -n net3 -j route
        downs net3 net2 net0 br1 br0
}

# Somebody else's bridge is used, and stays.
case_foreign_bridge() {
        ip link add lan9 type bridge
        ip link set lan9 addrgenmode none up
        ip addr add 172.18.0.1/16 dev lan9
        printf '[Namespace]\n[Link]\nBridge=lan9\nAddress=172.18.0.10/16\nGateway=172.18.0.1\n' | file net0
        up net0
        reaches net0 172.18.0.1
        down net0
        holds 'length == 1' ip -j link show dev lan9
        ip link del lan9
}

# It appears while we wait for it.
case_awaited_bridge() {
        printf '[Namespace]\n[Link]\nBridge=lan9\nAddress=172.18.0.10/16\n' | file net0
        { sleep .5; ip link add lan9 type bridge; ip link set lan9 addrgenmode none up; } &
        up net0
        wait $!
        holds '.[0].master == "lan9"' ip -j link show dev vn-net0
        down net0
        ip link del lan9
}

case_link_settings() {
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nARP=no\nPromiscuous=yes\nAllMulticast=yes\nTransmitQueueLength=77\nHairPin=yes\nIsolated=yes\n' | file net0
        ups br0 net0
        holds '.[0] | (.flags | index("NOARP") != null) and (.flags | index("PROMISC") != null)
                and (.flags | index("ALLMULTI") != null) and .txqlen == 77' ip -n net0 -j link show dev eth0
        holds '.[] | select(.ifname == "vn-net0") | .hairpin == true and .isolated == true' bridge -j -d link
}

case_isolated_ports() {
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        local i
        for i in 0 1; do
                printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.1%s/16\nIsolated=yes\n' $i | file net$i
        done
        ups br0 net0 net1
        reaches net0 172.18.0.1
        reaches net1 172.18.0.1
        cut_off net0 172.18.0.11
}

case_sysctls() {
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        printf '[Namespace]\nSysctl=net.ipv4.ip_default_ttl=77\nSysctl=net.core.somaxconn=99\nIPv4Forwarding=yes\nIPv6Forwarding=yes\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' | file net0
        printf '[Namespace]\n' | file net1
        ups br0 net0 net1
        is "$(at net0 sysctl -n net.ipv4.ip_default_ttl)" 77
        is "$(at net0 sysctl -n net.core.somaxconn)" 99
        is "$(at net0 sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.eth0.forwarding | xargs)" '1 1 1'
        is "$(at net1 sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 0' 'forwarding is not on by itself'
        downs net1 net0 br0
}

# The kernel gives a new namespace the IPv4 settings of the initial one, where no test runs: tests/lib/inherit.c plays it.
# What a namespace is does not depend on them.
inherited() { # NAME SETTING…
        local name=$1
        shift
        [ -e "$PLAIN/tests/lib/inherit.so" ] || fail 'no inherit.so'
        INHERIT="$*" LD_PRELOAD=$PLAIN/tests/lib/inherit.so "$PLAIN/tools/vnet-helper" up "$name"
}
devconf() { # NAME all|eth0…
        local name=$1 i
        shift
        for i; do at "$name" sysctl -a --pattern "^net.ipv4.conf.$i." 2> /dev/null; done
}
case_settings_of_the_initial_namespace() {
        local all="net/ipv4/ip_forward=1 net/ipv4/conf/all/route_localnet=1 net/ipv4/conf/all/rp_filter=1"
        local default=() f
        for f in accept_local arp_accept arp_filter arp_ignore log_martians promote_secondaries proxy_arp proxy_arp_pvlan \
                route_localnet rp_filter src_valid_mark disable_policy disable_xfrm drop_gratuitous_arp; do
                default+=("net/ipv4/conf/default/$f=1")
        done
        for f in accept_redirects accept_source_route secure_redirects send_redirects shared_media; do
                default+=("net/ipv4/conf/default/$f=0")
        done
        default+=(net/ipv4/conf/default/arp_announce=2)
        site4
        printf '[Namespace]\nIPv4Forwarding=yes\nSysctl=net.ipv4.conf.all.route_localnet=1\nSysctl=net.ipv4.conf.eth0.rp_filter=1\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\n' | file net2
        ups br0 net0
        devconf net0 all eth0 > "$W/normal"
        inherited net1 "$all" "${default[@]}"
        devconf net1 all eth0 | diff "$W/normal" -
        is "$(at net1 sysctl -n net.ipv4.ip_forward)" 0
        # what the file says is not taken back by what is set beside it
        inherited net2 "$all" "${default[@]}"
        is "$(at net2 sysctl -n net.ipv4.{ip_forward,conf.all.route_localnet,conf.eth0.rp_filter,conf.eth0.forwarding} | xargs)" '1 1 1 1'
        reaches net1 172.18.0.10 172.18.0.12 198.51.100.2
        # whose it is then
        at net1 sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth0.arp_ignore=1
        up net1
        is "$(at net1 sysctl -n net.ipv4.{ip_forward,conf.eth0.arp_ignore} | xargs)" '1 1'
}

# One with links on an internal bridge and on another is no way out of the first.
case_no_router_by_accident() {
        site4
        printf '[Bridge]\nAddress=172.20.0.1/16\nInternal=yes\n' | file br2
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.20/16\n[Link]\nBridge=br2\nAddress=172.20.0.20/16\n' | file both
        printf '[Namespace]\n[Link]\nBridge=br2\nAddress=172.20.0.10/16\nGateway=172.20.0.20\n' | file hidden
        ups br0 br2 net0 hidden
        inherited both net/ipv4/ip_forward=1
        at net0 ip route add 172.20.0.0/16 via 172.18.0.20
        reaches hidden 172.20.0.20 172.18.0.20
        cut_off hidden 172.18.0.10 198.51.100.2
}

# In the initial namespace itself
case_settings_where_they_come_from() {
        local host=(net/ipv4/ip_forward=1 net/ipv4/conf/all/{rp_filter,route_localnet,accept_local,src_valid_mark,proxy_arp,arp_filter,arp_ignore,arp_announce,drop_gratuitous_arp}"=1")
        local name
        sysctl -qw "${host[@]}" net/ipv6/conf/all/forwarding=1
        snapshot "$W/start"
        for name in mode0 mode1 mode2; do printf '[Namespace]\n' | file $name; done
        INHERIT_MODE=0 inherited mode0 "${host[@]}"
        INHERIT_MODE=1 inherited mode1 "${host[@]}" net/ipv6/conf/all/{forwarding,disable_ipv6}=1 net/ipv6/conf/default/{disable_ipv6=1,accept_ra=0,autoconf=0}
        INHERIT_MODE=2 inherited mode2
        for name in mode2 mode1 mode0; do
                devconf $name all > "$W/$name"
                diff "$W/mode2" "$W/$name"
                is "$(at $name sysctl -n net.ipv4.ip_forward net.ipv6.conf.{all.forwarding,all.disable_ipv6,default.disable_ipv6,default.accept_ra,default.autoconf} | xargs)" \
                        '0 0 0 0 1 1' $name
        done
}

case_peer_address() {
        printf '[Namespace]\n[Link]\nAddress=10.1.0.2/32 peer 10.1.0.1\nHostAddress=10.1.0.1/32 peer 10.1.0.2\nGateway=10.1.0.1\n' | file net0
        up net0
        reaches net0 10.1.0.1
        holds 'map(.addr_info[] | select(.local == "10.1.0.2")) | length == 1 and .[0].address == "10.1.0.1"' ip -n net0 -j addr show dev eth0
        reaches net0 198.51.100.1
}

case_dropins_and_masks() {
        site4
        mkdir -p /usr /etc/vnet/net0.vnet.d
        printf '[Link]\nAddress=\nAddress=172.18.0.77/16\n' > /etc/vnet/net0.vnet.d/10-other.conf
        ups br0 net0
        reaches host 172.18.0.77
        cut_off host 172.18.0.10
        down net0
        ln -sf /dev/null /etc/vnet/net0.vnet
        refused up net0 'net0'
}

case_template_instance() {
        site4
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.%%i/16\n' | file box@
        ln -s box@.vnet /etc/vnet/box@33.vnet
        ups br0 box@33
        reaches host 172.18.0.33
        [ -e /run/netns/box@33 ] || fail 'no /run/netns/box@33'
        downs box@33 br0
}

# Two of one subnet, and one within the other: the kernel and the table take each subnet once.
case_two_addresses_of_one_subnet() {
        printf '[Bridge]\n%s\nIPMasquerade=both\n' "$(printf 'Address=%s\n' 172.18.0.1/16 172.18.0.2/16 172.18.7.1/24 fd00:18::1/64 fd00:18::2/64)" | file br0
        site_b
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' | file net0
        ups br0 net0
        reaches net0 172.18.0.1 172.18.0.2 172.18.7.1 fd00:18::2 198.51.100.2 2001:db8::2
        is "$(nft -j list set inet vnet masq4 | jq -c '[.nftables[].set.elem // [] | .[].elem.val.prefix | [.addr, .len]]')" '[["172.18.0.0",16]]'
        up br0
        downs net0 br0
}

# A value may have blanks; the record keeps them, and what is up is known again.
case_sysctl_with_blanks() {
        printf '[Namespace]\nSysctl=net.ipv4.tcp_rmem=4096 16384 200000\nSysctl=net.ipv4.ping_group_range=0 100\n' | file net1
        up net1
        is "$(at net1 sysctl -n net.ipv4.tcp_rmem | xargs)" '4096 16384 200000'
        {
                up net1
                reload net1
                down net1
        } 2> "$W/err"
        is "$(cat "$W/err")" '' 'what the helper says'
}

# Somebody on the bridge has the address already.
case_duplicate_address() {
        printf '[Bridge]\nAddress=fd00:18::1/64\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=fd00:18::10/64\n' | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=fd00:18::11/64\nDuplicateAddressDetection=yes\n' | file net1
        ups br0 net0
        at net0 ip addr add fd00:18::11/64 dev eth0 nodad
        refused up net1 'net1: .*fd00:18::11 is used by another host on this link'
        at net0 ip addr del fd00:18::11/64 dev eth0
        up net1
        reaches net1 fd00:18::10
}

# What nobody asked for: a plain port, lo is up, and the host may be asked at each address.
case_defaults() {
        site
        ups br0 net0
        holds '.[] | select(.ifname == "vn-net0") | .hairpin == false and .isolated == false and .learning and .flood' bridge -j -d link
        reaches net0 127.0.0.1 ::1 172.18.0.10 fd00:18::10
        holds '.[0] | .txqlen == 1000 and .mtu == 1500 and (.flags | index("PROMISC") == null)' ip -n net0 -j link show dev eth0
}

# A host on which IPv6 was switched off, as many guides to hardening have it: what a file gives an IPv6 address has IPv6, and
# nothing else gets it.
case_host_switched_ipv6_off() {
        sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        snapshot "$W/start"
        site
        printf '[Namespace]\n[Link]\nAddress=fd00:19::2/64\nHostAddress=fd00:19::1/64\n' | file net2
        printf '[Bridge]\nAddress=172.20.0.1/16\n' | file br4
        ups br0 net0 net1 net2 br4
        reaches net0 fd00:18::11 fd00:18::1 172.18.0.1
        reaches net2 fd00:19::1
        is "$(sysctl -n net.ipv6.conf.{br4,vn-net0,up0,default}.disable_ipv6 | xargs)" '1 1 1 1'
        # whoever does it later takes the addresses away; whoever is inside, too
        sysctl -qw net.ipv6.conf.br0.disable_ipv6=1
        at net0 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
        if "$CTL" diff br0 > "$W/out"; then fail 'no difference'; fi
        has '^+inet6 .*mode=static' "$W/out"
        reload br0
        reload net0
        reaches net0 fd00:18::11 fd00:18::1
}

# A router for one family
case_forwarding_inside() {
        printf '[Namespace]\nIPv4Forwarding=yes\n' | file net4
        printf '[Namespace]\nIPv6Forwarding=yes\n' | file net6
        ups net4 net6
        is "$(at net4 sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '1 0'
        is "$(at net6 sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 1'
}

has_mounts_of_its_own() { [ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$1/ns/mnt")" ]; }
# Services with a mount namespace of their own (nearly all of systemd's) see names that come and go.
case_names_in_other_mount_namespaces() {
        local other
        printf '[Namespace]\n' | tee /etc/vnet/net0.vnet > /etc/vnet/net1.vnet
        up net1
        unshare --mount --propagation slave sleep 60 &
        other=$!
        eventually has_mounts_of_its_own $other
        up net0
        is "$(nsenter -t $other -m stat -f -c %T /run/netns/net0)" nsfs
        down net0
        gone nsenter -t $other -m stat /run/netns/net0
        kill $other
}

run_cases "$@"
