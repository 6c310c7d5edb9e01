# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# keys.sh: every key that a kernel is to notice, in one site, on kernels that have all of it. tests/unit/examples.sh asks for the
# example of each key in all_keys() and for a look at what it did.

# Files with each key at least once, and with a value that is not what a kernel would begin with
all_keys() {
        file br0 <<'F'
[Bridge]
Name=lan0
Address=172.18.0.1/16
Address=fd00:18::1/64
MACAddress=02:00:00:00:00:aa
MTUBytes=1450
IPMasquerade=ipv6
SNATAddress=198.51.100.1
Inbound=any
AllowFrom=br1
HostAccess=no
Outbound=up0
Uplink=cable1
UplinkVLAN=10 60-63
IPv6ProxyNDP=up1
STP=yes
ForwardDelaySec=3
AgeingTimeSec=120
MulticastSnooping=no
VLANFiltering=yes
DefaultPVID=10
F
        file br1 <<'F'
[Bridge]
Address=172.19.0.1/16
Internal=yes
F
        file net0 <<'F'
[Namespace]
Name=all-of-it
PublishPort=8080:80
Sysctl=net.ipv4.ip_default_ttl=77
IPv4Forwarding=yes
IPv6Forwarding=yes
[Link]
Name=wan0
Kind=veth
Bridge=lan0
HostName=cable0
MACAddress=02:00:00:00:00:01
HostMACAddress=02:00:00:00:00:02
MTUBytes=1400
Address=172.18.0.10/16
Address=fd00:18::10/64
Gateway=172.18.0.1
Route=10.1.0.0/16 via 172.18.0.99 metric 5 table 100
Rule=from 172.18.0.10 table 100 priority 500
Rule=not to 10.5.0.0/16 oif wan0 ipproto tcp sport 1000-2000 dport 443 uidrange 1000-2000 table 100 suppress_prefixlength 1 priority 501
Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99
Promiscuous=yes
AllMulticast=yes
TransmitQueueLength=77
RateIn=100M
RateOut=200M burst 64K
HairPin=yes
Isolated=yes
AntiSpoof=yes
[Link]
Name=vl0
Bridge=lan0
HostName=vlan30
VLAN=30
VLANTrunk=20-25 40
[Link]
Name=eth1
Address=10.9.0.2/30
Address=fd00:9::2/64
HostAddress=10.9.0.1/30
IPMasquerade=ipv4
ARP=no
IPv6AcceptRA=yes
DuplicateAddressDetection=yes
[Link]
Name=mac0
Kind=macvlan
Parent=up1
Mode=private
Inbound=22
[Link]
Name=card0
Kind=physical
Device=cable2
[Link]
Name=vpn0
Kind=tun
User=7
Group=5
MultiQueue=yes
[Link]
Name=v10
Kind=vlan
Parent=up1
Id=10
[Link]
Name=inner
Kind=bridge
[Link]
Name=port0
Master=inner
[Link]
Name=vx0
Kind=vxlan
VNI=77
Parent=up0
Local=198.51.100.1
Remote=198.51.100.2
Group=239.7.7.7
DestinationPort=8472
Learning=no
[Link]
Name=red
Kind=vrf
Table=77
[Link]
Name=wg0
Kind=wireguard
Address=10.66.0.2/32
PrivateKeyFile=/etc/vnet/wg.key
ListenPort=51888
FirewallMark=77
[WireGuardPeer]
PublicKey=jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8=
PresharedKeyFile=/etc/vnet/psk.key
Endpoint=198.51.100.7:51820
AllowedIPs=10.66.0.0/16
PersistentKeepalive=25
RouteTable=99
[Link]
Name=cable1
PeerNamespace=net1
PeerName=cable2
HostAddress=10.14.0.2/24
[Link]
Name=over0
Kind=macvlan
Parent=eth0
ParentNamespace=net1
F
        file net1 <<'F'
[Namespace]
[Link]
F
}

# What the kernel says of a key: a jq expression, the text that it gives, a command. All of them are asked by one jq in looks(),
# since in an emulated machine most of the time goes into starting programs.
declare -A answer_of=()
answers=() questions=
look() { # "SECTION KEY" EXPRESSION VALUE CMD…
        local command=${*:4} answer
        answer=${answer_of[$command]:-}
        if [ -z "$answer" ]; then
                answer=a${#answer_of[@]}
                answer_of[$command]=$answer
                "${@:4}" > "$W/$answer"
                answers+=(--slurpfile "$answer" "$W/$answer")
        fi
        questions+="{ of: \"$1=\", is: (try ([\$${answer}[0] | $2 | tostring] | join(\" \")) catch .), wanted: \"$3\" },"
}
looks() {
        jq -nc "${answers[@]}" "[${questions%,}][] | select(.is != .wanted)" > "$W/wrong"
        [ ! -s "$W/wrong" ] || fail "$(cat "$W/wrong")"
}
shown_by() { # wg|peer COLUMN of "wg show dump": its first line is the link
        at all-of-it wg show wg0 dump | awk -v of="$1" -v n="$2" 'NR == (of == "wg" ? 1 : 2) { print "\"" $n "\"" }'
}
elements() { nft -j list "$1" inet vnet "$2"; } # set|map NAME
bridge='ip -j -d link show dev lan0' port='ip -j -d link show dev cable0'
vx='at all-of-it ip -j -d link show dev vx0'
wan='at all-of-it ip -j -d link show dev wan0' addresses='at all-of-it ip -j addr show'

# shellcheck disable=SC2086 # words
case_all() {
        local data='.[0].linkinfo.info_data' slave='.[0].linkinfo.info_slave_data' elem='.nftables[1] | (.set // .map).elem'
        ip link add cable1 type veth peer name cable2
        later ip link del cable1
        module tun
        modprobe ifb numifbs=0 # or it comes with two interfaces
        all_keys
        (umask 077 && wg genkey > /etc/vnet/wg.key && wg genpsk > /etc/vnet/psk.key)
        apply

        look 'Bridge Name' '.[0].ifname' lan0 $bridge
        look 'Bridge Address' '[.[0].addr_info[] | "\(.local)/\(.prefixlen)"] | join(" ")' '172.18.0.1/16 fd00:18::1/64' ip -j addr show dev lan0
        look 'Bridge MACAddress' '.[0].address' 02:00:00:00:00:aa $bridge
        look 'Bridge MTUBytes' '.[0].mtu' 1450 $bridge
        look 'Bridge IPMasquerade' "$elem | length" 1 elements set masq6
        look 'Bridge SNATAddress' "$elem | tostring | test(\"198.51.100.1\")" true elements map snat4
        look 'Bridge Internal' "$elem | tostring | test(\"br1\")" true elements set sealed
        look 'Bridge Inbound' "$elem | tostring | test(\"routed\")" true elements map enter
        look 'Bridge AllowFrom' "$elem | tostring | test(\"br1.*lan0\")" true elements map cross
        look 'Bridge HostAccess' "$elem | tostring | test(\"lan0\")" true elements set closed
        look 'Bridge Outbound' "$elem | tostring | test(\"lan0.*up0\")" true elements set outbound
        look 'Bridge Uplink' '.[0].master' lan0 ip -j link show dev cable1
        look 'Bridge UplinkVLAN' '[.[0].vlans[] | [.vlan, (.flags // [] | length)] | join("/")] | join(" ")' '10/2 60/0 61/0 62/0 63/0' \
                bridge -j vlan show dev cable1
        look 'Bridge IPv6ProxyNDP' '[.[].dst] | join(" ")' fd00:18::10 ip -6 -j neigh show proxy
        look 'Bridge STP' "$data.stp_state" 1 $bridge
        look 'Bridge ForwardDelaySec' "$data.forward_delay" 300 $bridge
        look 'Bridge AgeingTimeSec' "$data.ageing_time" 12000 $bridge
        look 'Bridge MulticastSnooping' "$data.mcast_snooping" 0 $bridge
        look 'Bridge VLANFiltering' "$data.vlan_filtering" 1 $bridge
        look 'Bridge DefaultPVID' "$data.vlan_default_pvid" 10 $bridge

        look 'Namespace Name' '[.[].name] | contains(["all-of-it"])' true ip -j netns list
        look 'Namespace PublishPort' "$elem | tostring | test(\"8080.*172.18.0.10\")" true elements map publish4
        look 'Namespace Sysctl' . 77 at all-of-it sysctl -n net.ipv4.ip_default_ttl
        look 'Namespace IPv4Forwarding' . 1 at all-of-it sysctl -n net.ipv4.ip_forward
        look 'Namespace IPv6Forwarding' . 1 at all-of-it sysctl -n net.ipv6.conf.all.forwarding

        look 'Link Name' '.[0].ifname' wan0 $wan
        look 'Link Kind' '.[0].linkinfo.info_kind' veth $wan
        look 'Link Bridge' '.[0].master' lan0 $port
        look 'Link HostName' '.[0].ifname' cable0 $port
        look 'Link MACAddress' '.[0].address' 02:00:00:00:00:01 $wan
        look 'Link HostMACAddress' '.[0].address' 02:00:00:00:00:02 $port
        look 'Link MTUBytes' '.[0].mtu' 1400 $wan
        look 'Link Address' '[.[] | select(.ifname == "wan0").addr_info[] | select(.scope == "global").local] | join(" ")' \
                '172.18.0.10 fd00:18::10' $addresses
        look 'Link Gateway' '.[0].gateway' 172.18.0.1 at all-of-it ip -j route show default
        look 'Link Route' '[.[0] | .gateway, .metric] | join(" ")' '172.18.0.99 5' at all-of-it ip -j route show table 100
        look 'Link Rule' '.[] | select(.priority == 500) | [.src, .table] | join(" ")' '172.18.0.10 100' at all-of-it ip -j rule
        look 'Link Rule' '.[] | select(.priority == 501) | [.dst, .oif, (.ipproto | sub("ipproto-6"; "tcp")), .sport_start, .dport, .uid_end, .suppress_prefixlen] | join(" ")' \
                '10.5.0.0 wan0 tcp 1000 443 2000 1' at all-of-it ip -j rule
        look 'Link Neighbor' '.[0].lladdr' 02:00:00:00:00:99 at all-of-it ip -j neigh show nud permanent to 172.18.0.99
        look 'Link Promiscuous' '.[0].flags | contains(["PROMISC"])' true $wan
        look 'Link AllMulticast' '.[0].flags | contains(["ALLMULTI"])' true $wan
        look 'Link TransmitQueueLength' '.[0].txqlen' 77 $wan
        look 'Link RateIn' '.[0].options.rate' 12500000 tc -j qdisc show dev cable0 root
        look 'Link RateOut' '.[0].options.rate' 25000000 tc -j qdisc show dev vi-net0 root
        look 'Link HairPin' "$slave.hairpin" true $port
        look 'Link Isolated' "$slave.isolated" true $port
        look 'Link VLAN' '.[0].vlans[] | select(.flags == ["PVID", "Egress Untagged"]).vlan' 30 bridge -j vlan show dev vlan30
        look 'Link VLANTrunk' '[.[0].vlans[] | select(.flags == null).vlan] | join(" ")' '20 21 22 23 24 25 40' \
                bridge -j vlan show dev vlan30
        look 'Link AntiSpoof' "$elem | tostring | test(\"cable0\")" true nft -j list set bridge vnet held
        look 'Link Parent' '.[0].link_index' "$(ip -j link show dev up1 | jq '.[0].ifindex')" at all-of-it ip -j -d link show dev mac0
        look 'Link PeerNamespace' '.[0].linkinfo.info_kind' veth at net1 ip -j -d link show dev cable2
        look 'Link PeerName' '.[0].addr_info[0].local' 10.14.0.2 at net1 ip -j addr show dev cable2
        look 'Link ParentNamespace' '.[0].link_index' "$(at net1 ip -j link show dev eth0 | jq '.[0].ifindex')" at all-of-it ip -j -d link show dev over0
        look 'Link Inbound' "$elem | tostring | test(\"mac0.*22\")" true at all-of-it nft -j list set inet vnet open
        look 'Link Mode' "$data.mode" private at all-of-it ip -j -d link show dev mac0
        look 'Link Device' '[.[0].altnames[] | select(. == "cable2")] | join(" ")' cable2 at all-of-it ip -j link show dev card0
        look 'Link User' "$data.user" lp at all-of-it ip -j -d link show dev vpn0
        look 'Link Group' "$data.group" tty at all-of-it ip -j -d link show dev vpn0
        look 'Link MultiQueue' "$data.multi_queue" true at all-of-it ip -j -d link show dev vpn0
        look 'Link Id' "$data.id" 10 at all-of-it ip -j -d link show dev v10
        look 'Link Master' '.[0].master' inner at all-of-it ip -j link show dev port0
        look 'Link VNI' "$data.id" 77 $vx
        look 'Link Local' "$data.local" 198.51.100.1 $vx
        look 'Link Remote' '[.[] | select(.mac == "00:00:00:00:00:00").dst] | sort | join(" ")' '198.51.100.2 239.7.7.7' at all-of-it bridge -j fdb show dev vx0
        look 'Link Group' "$data.group" 239.7.7.7 $vx
        look 'Link DestinationPort' "$data.port" 8472 $vx
        look 'Link Learning' "$data.learning" false $vx
        look 'Link Table' "$data.table" 77 at all-of-it ip -j -d link show dev red
        look 'Link PrivateKeyFile' . "$(cat /etc/vnet/wg.key)" shown_by wg 1
        look 'Link ListenPort' . 51888 shown_by wg 3
        look 'Link FirewallMark' . 0x4d shown_by wg 4
        look 'WireGuardPeer PublicKey' . jkudTbBiiTRuC0yrDANHkyAQpPoZH/joej1Obxfrlf8= shown_by peer 1
        look 'WireGuardPeer PresharedKeyFile' . "$(cat /etc/vnet/psk.key)" shown_by peer 2
        look 'WireGuardPeer Endpoint' . 198.51.100.7:51820 shown_by peer 3
        look 'WireGuardPeer AllowedIPs' . 10.66.0.0/16 shown_by peer 4
        look 'WireGuardPeer PersistentKeepalive' . 25 shown_by peer 8
        look 'WireGuardPeer RouteTable' '.[0].dst' 10.66.0.0/16 at all-of-it ip -j route show table 99
        look 'Link HostAddress' '.[0].addr_info[] | select(.family == "inet").local' 10.9.0.1 ip -j addr show dev vn-net0-eth1
        look 'Link IPMasquerade' "$elem | tostring | test(\"10.9.0.0\")" true elements set masq4
        look 'Link ARP' '.[0].flags | contains(["NOARP"])' true at all-of-it ip -j link show dev eth1
        look 'Link IPv6AcceptRA' . 2 at all-of-it sysctl -n net.ipv6.conf.eth1.accept_ra
        look 'Link DuplicateAddressDetection' '[.[].addr_info[] | select(.nodad).local | select(test("fd00:(9|18)::"))] | join(" ")' \
                fd00:18::10 $addresses
        looks

        stop_all
        ip link del cable1
        same "$W/start" 'the machine after the stop'
}

# The settings that the kernel of the other suites may lack (CONFIG_BRIDGE_VLAN_FILTERING): what the helper did, and what
# "vnetctl plan --format=shell" does in a namespace that nobody else is in.
case_oracle() {
        cables
        later ip link del eno1
        later ip link del eno3
        printf '%s\n' '[Bridge]' VLANFiltering=yes DefaultPVID=10 Uplink='eno1 eno3' UplinkVLAN='10 50-60 70' | file br0
        printf '%s\n' '[Namespace]' '[Link]' Bridge=br0 VLAN=30 VLANTrunk='20-25 40' '[Link]' Bridge=br0 VLANTrunk=7 | file net0
        systemctl daemon-reload
        systemctl start vnet@net0
        shown > "$W/helper"
        systemctl stop vnet@br0 # and net0 with it
        vnetctl plan --format=shell br0 > "$W/script"
        vnetctl plan --format=shell net0 >> "$W/script"
        unshare --net --mount bash -eEc 'mount -t tmpfs tmpfs /run/netns; cables; . "$W/script" > "$W/log" 2>&1; shown' > "$W/shell"
        rm -f /run/sysctl.d/10-vnet-br0.conf
        has '"vlan_default_pvid","value":10' "$W/shell" || fail 'the script makes no such bridge'
        diff "$W/shell" "$W/helper" || fail 'the kernel shows two different bridges'
}
cables() {
        ip link add eno1 type veth peer name eno2
        ip link add eno3 type veth peer name eno4
}
shown() {
        ip -j -d link show dev br0 | jq -c '.[0].linkinfo.info_data | with_entries(select(.key | test("_timer$") | not)) | to_entries[]'
        bridge -j vlan show | jq -c 'sort_by(.ifname)[] | select(.ifname | test("^(br0|vn-|eno[13])"))'
        ip -j link show master br0 | jq -c 'sort_by(.ifname)[] | [.ifname, (.flags | index("UP") != null)]'
}
export -f shown cables
export W
