#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# live.sh: a reload while people talk. Every change that needs no restart is made one after the other under running
# conversations: TCP and UDP, IPv4 and IPv6, out through NAT and in through a published port. After each the kernel has the
# change, no byte and no answer was lost, and nothing but what the change concerns was ever gone: for that the kernel's
# notifications are read, as a gap of a millisecond is rarely hit by a packet.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/talk.sh
. "$TOP/tests/lib/talk.sh"

PORTS=$(printf 'PublishPort=7000:7000\nPublishPort=7000:7000/udp')
BOTH=$(printf 'Address=172.18.0.10/16\nAddress=fd00:18::10/64')
BRIDGE=$(printf 'Address=172.18.0.1/16\nAddress=fd00:18::1/64')
lines() { printf '%s\n' "$@"; }

# --- the files, whole each time ---

write_br0() { lines '[Bridge]' "${2-$BRIDGE}" "$1" | file br0; } # LINES [ADDRESSES]
write_net0() { # LINES LINES-OF-LINK [ADDRESSES]
        lines '[Namespace]' "$PORTS" "$1" '[Link]' Bridge=br0 "${3-$BOTH}" "$2" | file net0
}
net0() { write_net0 "$1" "$2" && step net0 "${@:3}"; } # LINES LINES-OF-LINK PATTERN [LOST]
br0() { write_br0 "$1" && step br0 "${@:2}"; }         # LINES PATTERN [LOST]

start() { # [LINES-OF-BR0 [LINES-OF-NET0 LINES-OF-LINK]]
        write_br0 "${1-IPMasquerade=both}"
        write_net0 "${2-}" "${3-}"
        ups br0 net0
        talk
}
second_bridge() { lines '[Bridge]' Address=172.19.0.1/16 Address=fd00:19::1/64 | file br1 && up br1; }
elements() { nft -s list map inet vnet "$1" | tr '\n\t' '  '; }
link() { # EXPRESSION of eth0 inside
        holds ".[0] | $1" ip -n net0 -j link show dev eth0
}
bridge_is() { holds ".[0] | $1" ip -j -d link show dev br0; }
routes() { # EXPRESSION DESTINATION: of what "ip route" shows
        case $2 in
        default6) holds "$1" ip -n net0 -6 -j route show default ;;
        *:*) holds "$1" ip -n net0 -6 -j route show "$2" ;;
        *) holds "$1" ip -n net0 -j route show ${2:+"$2"} ;;
        esac
}
addresses() { # EXPRESSION: of a list of ADDRESS/LENGTH inside
        holds "[.[].addr_info[] | \"\(.local)/\(.prefixlen)\"] | $1" ip -n net0 -j addr show dev eth0
}

as_before() {
        snapshot "$W/now"
        diff -U0 "$W/before" "$W/now" || fail 'not as it was before'
}

# --- cases ---

case_nothing_changed() {
        start IPMasquerade=both Sysctl=net.ipv4.ip_default_ttl=77 "$(lines 'Rule=from 10.0.0.0/8 table 100' HairPin=yes ARP=yes \
                'Rule=fwmark 5/7 table 100' 'Rule=from fd00:9::/64 table 100 priority 500' 'Route=blackhole 10.2.0.0/16' \
                'Route=10.1.0.0/16 via 172.18.0.99 metric 5 mtu 1400' 'Route=fd00:77::/64 via fd00:18::99' \
                'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99')"
        local n
        for n in net0 br0; do
                step $n ''
                is "$(seen net0 host nft)" '' "notifications of a reload of $n without a change"
        done
        forget_seen
        up net0
        sleep .1
        is "$(went)" '' 'what up takes away of what is up'
        unharmed
}

# In what the kernel tells a port is a hexadecimal number.
case_ports() {
        start
        net0 PublishPort=8080:80 '' ''
        elements publish4 | has 'tcp . 8080 counter comment "net0" : 172.18.0.10 . 80 '
        net0 PublishPort=9100-9199:9100-9199 '' 1f90
        elements publish6_range | has 'tcp . 9100-9199 counter comment "net0" : fd00:18::10 '
        local wide=PublishPort=9100-9199:9100-9199
        net0 "$(lines $wide PublishPort=9200-9203:80-83/udp PublishPort=198.51.100.1:8088:80)" '' ''
        elements publish6 | has 'udp . 9203 counter comment "net0" : fd00:18::10 . 83 '
        elements publish4_at | has '198.51.100.1 . tcp . 8088 counter comment "net0" : 172.18.0.10 . 80 '
        # others behind the same ports
        net0 "$(lines $wide PublishPort=9200-9203:90-93/udp PublishPort=198.51.100.1:8088:90)" '' '23f|1f98'
        at_once
        # a single port out of the range, and a range that overlaps the one before
        net0 "$(lines PublishPort=9150:80 PublishPort=9160-9250:9160-9250)" '' '238c|23f|1f98'
        elements publish4_range | has 'tcp . 9160-9250 counter comment'
        net0 '' '' '060000002'
        # the port in use in a range, in another one, alone again: the same place
        local ports=$PORTS range
        for range in 7000-7009:7000-7009 6990-7000:6990-7000 7000:7000; do
                PORTS=$(lines "PublishPort=$range" "PublishPort=$range/udp")
                net0 '' '' '1b[45]'
        done
        PORTS=$ports
        is "$(nft list table inet vnet | grep -cE '(80|9[0-9]*) comment' || true)" 0 'ports but those that are used'
}

# Added and taken away beside those in use; then the length of those.
case_addresses() {
        start
        net0 '' "$(lines Address=172.18.0.20/16 Address=10.18.0.20/24 Address=fd00:18::20/64)" ''
        addresses 'contains(["172.18.0.20/16", "10.18.0.20/24", "fd00:18::20/64"])'
        local ten
        ten="$(address '10.18.0.2[01]')|Deleted (broadcast )?10.18.0"
        net0 '' "$(lines Address=10.18.0.21/24 Address=fd00:18::20/64)" "$(address 172.18.0.20)|$ten"
        net0 '' "$(lines Address=10.18.0.21/25 Address=fd00:18::20/128)" "$ten|$(address fd00:18::20)"
        addresses 'contains(["10.18.0.21/25", "fd00:18::20/128"])'
        # and with it the route by which neighbours are answered from the other one
        net0 '' '' "$ten|$(address fd00:18::20)|Deleted fd00:18::/64 dev eth0 proto static src fd00:18::10 metric 255"
        write_net0 '' '' "$(lines Address=172.18.0.10/15 Address=fd00:18::10/64)"
        step net0 'inet 172.18.0.10/16|Deleted (broadcast|172.18.0.0/16)'
        addresses 'index("172.18.0.10/15") != null and index("172.18.0.10/16") == null'
        # IPv6 has an address once: in the moment between the two, long on a busy machine, packets find nobody
        write_net0 '' '' "$(lines Address=172.18.0.10/15 Address=fd00:18::10/80)"
        step net0 "$(address fd00:18::10)|Deleted (anycast )?fd00:18::(/64)? dev" 12
        addresses 'index("fd00:18::10/80") != null'
        routes 'map(.gateway) == ["fd00:18::1"]' default6
}

# With the primary address the kernel takes the secondary ones of its subnet, and with the last address all routes.
case_primary_address() {
        local a ttl=Sysctl=net.ipv4.ip_default_ttl=77 subnet='Deleted (broadcast|172.18.0.0/16 dev)' links
        links=$(lines 'Route=10.1.0.0/16 via 172.18.0.99' 'Route=10.2.0.0/16 via 172.18.0.99 src 172.18.0.10')
        write_br0 IPMasquerade=both
        write_net0 $ttl "$links" "$(lines Address=172.18.0.9/16 Address=fd00:18::9/64 "$BOTH")"
        ups br0 net0
        # in the file the second is the first now, and the target of what is published
        write_net0 $ttl "$links" "$(lines "$BOTH" Address=172.18.0.9/16 Address=fd00:18::9/64)"
        reload net0
        holds '[.[].addr_info[] | select(.secondary) | .local] == ["172.18.0.10"]' ip -n net0 -j addr show dev eth0
        OUT=("${OUT[@]/4,,/4,172.18.0.10,}")
        OUT=("${OUT[@]/6,,/6,fd00:18::10,}")
        talk
        for a in 8 7; do
                write_net0 $ttl "$links" "$(lines "$BOTH" Address=172.18.0.$a/16 Address=fd00:18::$a/64)"
                # the route to the promoted address is another one then: the kernel changes it in one go
                step net0 "$(address '(172.18.0.|fd00:18::)[89]')|$subnet|local 172.18.0.10 .* src 172.18.0.[89] "
        done
        addresses 'contains(["172.18.0.10/16", "172.18.0.7/16", "fd00:18::7/64"]) and length == 5'
        routes 'map(.dst) | contains(["default", "10.1.0.0/16", "10.2.0.0/16"])' ''
        is "$(at net0 sysctl -n net.ipv4.conf.eth0.promote_secondaries)" 0
        # likewise on the bridge
        write_br0 IPMasquerade=both "$(lines "$BRIDGE" Address=172.18.0.2/16)"
        step br0 ''
        write_br0 IPMasquerade=both "$(lines Address=172.18.0.1/15 Address=fd00:18::1/64)"
        step br0 "inet 172.18.0.[12]/16|local 172.18.0.2 |$subnet|(home4|masq4) ac1"
        is "$(sysctl -n net.ipv4.conf.br0.promote_secondaries)" 0
}

case_routes() {
        start
        local by='Route=default via'
        net0 '' "$(lines 'Route=10.1.0.0/16 via 172.18.0.99' 'Route=fd00:7::/64 via fd00:18::99' 'Route=prohibit 10.2.0.0/16')" ''
        net0 '' "$(lines 'Route=10.1.0.0/16 via 172.18.0.98' 'Route=fd00:7::/64 via fd00:18::98' \
                'Route=blackhole 10.2.0.0/16')" ''
        routes 'map(.gateway) == ["172.18.0.98"]' 10.1.0.0/16
        routes 'map(.gateway) == ["fd00:18::98"]' fd00:7::/64
        routes 'map(.type) == ["blackhole"]' 10.2.0.0/16
        net0 '' '' '10.[12].0.0|fd00:7::'
        # the routes in use: smaller, with another metric, over several ways, and as they were
        net0 '' "$(lines Gateway=no "$by 172.18.0.1 mtu 1400" "$by fd00:18::1 mtu 1400")" ''
        routes '.[0].metrics[0].mtu == 1400' default
        routes '.[0].metrics[0].mtu == 1400' default6
        net0 '' "$(lines Gateway=no "$by 172.18.0.1 metric 7" "$by fd00:18::1 metric 7")" 'default .*mtu 1400'
        routes 'map(.metric) == [7]' default
        routes 'map(.metric) == [7]' default6
        net0 '' "$(lines Gateway=no 'Route=default nexthop via 172.18.0.1 weight 3 nexthop via 172.18.0.1' \
                "$by fd00:18::1 metric 7 src fd00:18::10")" 'default via 172.18.0.1 dev eth0 .*metric 7'
        net0 '' '' 'default .*metric 7'
        routes 'map(.gateway) == ["172.18.0.1"]' default
        routes 'map(.gateway) == ["fd00:18::1"]' default6
}

case_rules_and_neighbors() {
        # without a priority the kernel chooses one: a rule that stays keeps it
        local stays='Rule=from 10.0.0.0/8 table 100' priority
        start IPMasquerade=both '' "$stays"
        priority=$(at net0 ip -j rule | jq -c 'map(select(.table == "100") | .priority)')
        net0 '' "$(lines "$stays" 'Rule=to 10.9.0.0/16 table 101 priority 500' 'Rule=from fd00:9::/64 table 100' \
                'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99')" ''
        net0 '' "$(lines "$stays" 'Rule=to 10.9.0.0/16 table 102 priority 500' 'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:98')" \
                'from all to 10.9.0.0/16 lookup 101|from fd00:9'
        holds 'map(select(.priority == 500) | .table) == ["102"]' ip -n net0 -j rule
        holds 'map(select(.dst == "172.18.0.99") | .lladdr) == ["02:00:00:00:00:98"]' ip -n net0 -j neigh
        net0 '' "$stays" 10.9.0.0/16
        holds 'map(select(.dst == "172.18.0.99")) == []' ip -n net0 -j neigh
        is "$(at net0 ip -j rule | jq -c 'map(select(.table == "100") | .priority)')" "$priority" 'the priority'
        # from no priority to one
        net0 '' "$stays priority 600" 'from 10.0.0.0/8'
        holds 'map(select(.table == "100") | .priority) == [600]' ip -n net0 -j rule
}

case_link_settings() {
        local second arp
        # switching ARP makes the kernel forget an interface's neighbours, those of the file too
        second=$(lines '[Link]' Bridge=br1 Address=172.19.0.10/16 'Neighbor=172.19.0.1 lladdr 02:00:00:00:00:99')
        second_bridge
        start IPMasquerade=both '' "$second"
        for arp in no yes; do
                net0 '' "$(lines "$second" ARP=$arp)" ''
                holds ".[0].flags | (index(\"NOARP\") != null) == (\"$arp\" == \"no\")" ip -n net0 -j link show dev eth1
                holds 'map(.lladdr) == ["02:00:00:00:00:99"]' ip -n net0 -j neigh show 172.19.0.1
        done
        net0 '' "$(lines TransmitQueueLength=500 Promiscuous=yes AllMulticast=yes "$second")" ''
        link '.txqlen == 500 and (.flags | contains(["PROMISC", "ALLMULTI"]))'
        net0 '' "$(lines TransmitQueueLength=600 HairPin=no "$second")" ''
        link '.txqlen == 600 and (.flags | index("PROMISC") == null)'
        holds '.[0].hairpin == false' bridge -j -d link show dev vn-net0
        net0 Sysctl=net.ipv4.ip_default_ttl=77 "$(lines HairPin=yes Isolated=yes "$second")" ''
        link '.txqlen == 1000'
        holds '.[0] | .hairpin and .isolated' bridge -j -d link show dev vn-net0
        net0 "$(lines Sysctl=net.ipv4.ip_default_ttl=78 Sysctl=net.core.somaxconn=99)" "$second" ''
        is "$(at net0 sysctl -n net.ipv4.ip_default_ttl net.core.somaxconn | tr '\n' ' ')" '78 99 '
        holds '.[0] | .hairpin and (.isolated | not)' bridge -j -d link show dev vn-net0
}

case_bridge() {
        start
        local on vlan=VLANFiltering=yes
        if ! unshare --net ip link add x type bridge vlan_filtering 1 2> /dev/null; then
                # what of the first settings of all was made before one is refused
                write_br0 "$(lines IPMasquerade=both AgeingTimeSec=76 STP=yes VLANFiltering=yes)"
                refused reload br0 "bridge of this kernel does not have it"
                unharmed
        fi
        br0 "$(lines IPMasquerade=both AgeingTimeSec=77 MulticastSnooping=no)" ''
        bridge_is '.linkinfo.info_data | .ageing_time == 7700 and .mcast_snooping == 0'
        if ! unshare --net ip link add x type bridge vlan_filtering 1 2> /dev/null; then
                write_br0 "$(lines IPMasquerade=both AgeingTimeSec=76 STP=yes VLANFiltering=yes)"
                refused reload br0 "bridge of this kernel does not have it"
                unharmed
                vlan=
        fi
        on=$(lines IPMasquerade=both STP=yes ForwardDelaySec=4 $vlan)
        br0 "$on" ''
        bridge_is '.linkinfo.info_data | .stp_state == 1 and .forward_delay == 400 and .mcast_snooping == 1'
        [ -z "$vlan" ] || bridge_is '.linkinfo.info_data.vlan_filtering == 1'
        # what stays is not switched to and fro
        ip -d -o monitor link > "$W/seen.link" 2>&1 < /dev/null &
        sleep .2
        br0 "$(lines "$on" AgeingTimeSec=78)" ''
        bridge_is '.linkinfo.info_data.ageing_time == 7800'
        is "$(grep -cE "${vlan:+vlan_filtering 0|}stp_state 0" "$W/seen.link" || true)" 0 'switched off for a moment'
        br0 "$(lines IPMasquerade=both MTUBytes=1400)" ''
        bridge_is '.mtu == 1400 and (.linkinfo.info_data | .stp_state == 0 and .ageing_time == 30000 and .forward_delay == 1500)'
        br0 IPMasquerade=both ''
        bridge_is '.mtu == 1500'
}

# Filters and translations of the bridge are replaced: nobody passes between the old and the new.
case_bridge_policy() {
        second_bridge
        start
        br0 "$(lines IPMasquerade=both Inbound=any)" 'enter br0'
        at_once
        elements enter | has '"br0" comment "br0" : jump routed'
        br0 IPMasquerade=both 'enter br0'
        at_once
        br0 "$(lines IPMasquerade=both AllowFrom=br1 HostAccess=no)" ''
        elements cross | has '"br1" . "br0" comment "br0" : accept'
        nft list set inet vnet closed | has br0
        br0 "$(lines IPMasquerade=both SNATAddress=198.51.100.1)" 'cross br1|closed br0|masq4 ac1[23]'
        at_once
        elements snat4 | has '172.18.0.0/16 comment "br0" : 198.51.100.1 '
        br0 IPMasquerade=both snat4
        # another subnet, the same addresses
        write_br0 IPMasquerade=both "$(lines Address=172.18.0.1/17 Address=fd00:18::1/64)"
        step br0 'inet 172.18.0.1/16|Deleted (broadcast|172.18.0.0/16)|(home4|masq4) ac1[23]'
        at_once
        nft list set inet vnet masq4 | has 172.18.0.0/17
}

# The bridge alone needs forwarding: of the family that stays it is never off.
case_forwarding() {
        OUT=("tcp4,,198.51.100.2" "udp4,,198.51.100.2") IN=()
        PORTS='' start IPMasquerade=ipv4
        br0 IPMasquerade=both ''
        is "$(sysctl -n net.ipv6.conf.all.forwarding)" 1
        br0 IPMasquerade=ipv4 'masq6|guarded6|guarding 0a|anycast|inet6 .*forwarding off'
        is "$(sysctl -n net.ipv6.conf.all.forwarding)" 0
        br0 "$(lines IPMasquerade=ipv6 SNATAddress=198.51.100.1)" masq4
        br0 "$(lines IPMasquerade=ipv4 Inbound=any)" 'masq6|snat4|enter br0'
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | tr '\n' ' ')" '1 1 '
}

# A link without bridge: the outer end has the addresses.
case_without_bridge() {
        p2p() { lines '[Namespace]' "$PORTS" '[Link]' Address=172.18.0.10/24 Address=fd00:18::10/64 "$@" | file net0; }
        local first=(HostAddress=172.18.0.1/24 HostAddress=fd00:18::1/64)
        local second=(HostAddress=172.18.0.2/24 HostAddress=fd00:18::2/64)
        p2p "${first[@]}" IPMasquerade=both
        up net0
        talk
        p2p "${first[@]}" IPMasquerade=both "${second[@]}"
        step net0 ''
        holds '[.[].addr_info[].local] | contains(["172.18.0.2", "fd00:18::2"])' ip -j addr show dev vn-net0
        # who was the gateway goes, another one takes over
        p2p "${second[@]}" IPMasquerade=both
        step net0 "$(address '(172.18.0.|fd00:18::)1')|Deleted (broadcast|172.18.0.0/24|local 172.18.0.2 .* src 172.18.0.1 )"
        routes 'map(.gateway) == ["172.18.0.2"]' default
        routes 'map(.gateway) == ["fd00:18::2"]' default6
        p2p "${second[@]}" IPMasquerade=ipv4 TransmitQueueLength=77
        step net0 masq6
        link '.txqlen == 77'
}

# What needs another namespace, bridge or interface is refused, in one line, before anything is touched.
denied() { # NAME
        local rc=0
        forget_seen
        reload "$1" 2> "$W/err" || rc=$?
        is "$rc $(grep -c "restart vnet@$1'" "$W/err") $(grep -vc 'PublishPort: the host reaches' "$W/err")" '1 1 1' "$(cat "$W/err")"
        is "$(seen net0 host nft)" '' 'what the kernel tells'
}
case_restart() {
        second_bridge
        start IPMasquerade=both Sysctl=net.ipv4.ip_default_ttl=77
        snapshot "$W/before"
        local change
        for change in '/^\[Namespace/aName=other' '/^Bridge=/aName=wan0' '/^Bridge=/aHostName=x0' '/^Sysctl=/d' '/^Address=fd/d' \
                '/^Bridge=/aMACAddress=02:00:00:00:00:01' '/^Bridge=/aHostMACAddress=02:00:00:00:00:01' '/^Bridge=/d' \
                '/^Bridge=/aMTUBytes=1400' '/^Bridge=/aIPv6AcceptRA=yes' '/^Bridge=/aDuplicateAddressDetection=yes' \
                's/^Bridge=br0/Bridge=br1/; s/=172.18/=172.19/; s/=fd00:18/=fd00:19/' '$a[Link]\nName=second\nAddress=10.7.0.1/24'; do
                # nor is what could be changed
                write_net0 "$(lines Sysctl=net.ipv4.ip_default_ttl=77 PublishPort=8080:80)" Address=172.18.0.20/16
                sed -i "$change" /etc/vnet/net0.vnet
                denied net0
        done
        for change in '/^\[Bridge/aName=x0' '/^\[Bridge/aMACAddress=02:00:00:00:00:02' '/^Address=fd/d'; do
                write_br0 IPMasquerade=ipv4
                sed -i "$change" /etc/vnet/br0.vnet
                denied br0
        done
        as_before
        unharmed
}

# Half of it done, then an error: all of it back, and what is in use was never gone.
case_half_way() {
        lines '[Namespace]' PublishPort=9000:80 '[Link]' Bridge=br0 Address=172.18.0.30/16 | file net3
        local more links bad
        more=$(lines PublishPort=8080:80 Sysctl=net.core.somaxconn=99)
        links=$(lines 'Rule=from 10.0.0.0/8 table 100' 'Route=10.1.0.0/16 via 172.18.0.99' Promiscuous=yes \
                Address=172.18.0.21/16 'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99')
        start IPMasquerade=both "$more" "$links"
        up net3
        snapshot "$W/before"
        more=$(lines PublishPort=8081:80 Sysctl=net.core.somaxconn=98 Sysctl=net.ipv4.ip_default_ttl=77)
        links=$(lines 'Rule=to 10.0.0.0/8 table 101' 'Rule=from 10.0.0.0/8 table 100' 'Route=10.1.0.0/16 via 172.18.0.98' \
                HairPin=no TransmitQueueLength=77 Address=172.18.0.22/16 Address=172.18.0.21/17 \
                'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:98')
        for bad in gateway port; do
                forget_seen
                case $bad in
                gateway) write_net0 "$more" "$(lines "$links" 'Route=fd03::/64 src fe80::99')" ;;
                port) write_net0 "$(lines "$more" PublishPort=9000:90)" "$links" ;;
                esac
                refused reload net0 'route to fd03::/64|9000.*net3'
                went | grep -vE "$(address '172.18.0.2[12]')|to 10.0.0.0/8 lookup|Deleted (broadcast|172.18.0.0/17)" \
                        > "$W/gone" || true
                is "$(cat "$W/gone")" '' 'what went for a moment'
                unharmed
                as_before
        done
}

# Several at once, of the same and of another: one after the other.
case_at_once() {
        start
        local i p pids
        for i in 1 2 3 4 5 6; do
                write_net0 "PublishPort=808$i:80" "$(lines Address=172.18.0.2$i/16 "Route=10.1.0.0/16 via 172.18.0.9$i")"
                write_br0 "$(lines IPMasquerade=both Address=10.18.$i.1/24)"
                pids=()
                for p in net0 br0 net0; do
                        reload $p &
                        pids+=($!)
                done
                for p in "${pids[@]}"; do wait "$p"; done
        done
        unharmed
        is "$(elements publish4 | grep -oE '808[0-9]')" 8086
        addresses 'map(select(startswith("172"))) == ["172.18.0.10/16", "172.18.0.26/16"]'
        holds '[.[].addr_info[].local | select(startswith("10."))] == ["10.18.6.1"]' ip -j addr show dev br0
}

# What a reload replaces is what the kernel would take for the same: a route in another table, or with another metric, is
# another one, and the old one goes.
case_route_changes_its_table() {
        local via4='10.1.0.0/16 via 172.18.0.99' via6='fd00:77::/64 via fd00:18::99'
        start IPMasquerade=both '' "$(lines "Route=$via4 table 100" "Route=$via6 table 100")"
        all_routes 2 'table 100'
        net0 '' "$(lines "Route=$via4 table 101" "Route=$via6 table 101")" 'table 100'
        all_routes 2 'table 101'
        net0 '' "$(lines "Route=$via4" "Route=$via6")" 'table 101'
        all_routes 2 .
        net0 '' "$(lines "Route=$via4 metric 7" "Route=$via6 metric 7")" '10.1.0.0/16|fd00:77::/64'
        all_routes 2 'metric 7 '
        net0 '' "$(lines "Route=$via4 metric 7" "Route=$via4" "Route=$via6 metric 7" "Route=$via6")" ''
        all_routes 4 .
        net0 '' "$(lines "Route=$via4 metric 7" "Route=$via6 metric 7")" '10.1.0.0/16|fd00:77::/64'
        all_routes 2 'metric 7 '
        net0 '' "$(lines "Route=$via4 table 254 metric 7" "Route=$via6 table 254 metric 7")" '10.1.0.0/16|fd00:77::/64'
        all_routes 2 'metric 7 '
        net0 '' '' '10.1.0.0/16|fd00:77::/64'
        all_routes 0 .
}
all_routes() { # N PATTERN: so many to where the case's routes go, and no others
        { at net0 ip -4 route show table all; at net0 ip -6 route show table all; } | grep -E '^(10.1.0.0/16|fd00:77::/64)' > "$W/routes" || true
        is "$(grep -cE "$2" "$W/routes" || true) $(wc -l < "$W/routes")" "$1 $1" "$(cat "$W/routes")"
}

# With an IPv6 address the kernel drops the routes from it.
case_routes_from_an_address() {
        start IPMasquerade=both '' "$(lines Address=fd00:18::20/64 'Route=fd00:77::/64 via fd00:18::99 src fd00:18::20' 'Route=10.1.0.0/16 via 172.18.0.99 src 172.18.0.10')"
        net0 '' "$(lines Address=fd00:18::20/80 'Route=fd00:77::/64 via fd00:18::99 src fd00:18::20' 'Route=10.1.0.0/16 via 172.18.0.99 src 172.18.0.10')" \
                "$(address fd00:18::20)|fd00:77::/64|Deleted (anycast )?fd00:18::(/64)? dev"
        routes 'map(.prefsrc) == ["fd00:18::20"]' fd00:77::/64
        routes 'map(.prefsrc) == ["172.18.0.10"]' 10.1.0.0/16
}

run_cases "$@"
