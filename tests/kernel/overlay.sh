#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# overlay.sh: links of kind vxlan. The other host of the network is outside, whose end of it is made by hand.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

link_is() { # NAMESPACE LINK JQ
        at "$1" ip -d -j link show dev "$2" | jq -e ".[0] | $3" > /dev/null ||
                { at "$1" ip -d link show dev "$2"; fail "$2 in $1 is not: $3"; }
}
# The other end: 10.7.0.2 and fd00:7::2 in VNI 7
peer() { # WORD… of ip-link(8)
        at outside ip link add vx0 address 02:00:00:00:07:02 type vxlan id 7 dstport "${PORT:-4789}" "$@"
        at outside ip addr add 10.7.0.2/24 dev vx0
        at outside ip addr add fd00:7::2/64 dev vx0 nodad
        at outside ip link set vx0 up
}
no_peer() { at outside ip link del vx0; }
vxlan() { # NAME LINE…
        printf '%s\n' '[Namespace]' '[Link]' Kind=vxlan "${@:2}" | file "$1"
}
addresses=(Address=10.7.0.10/24 Address=fd00:7::10/64)
remotes() { at "$1" bridge -j fdb show dev eth0 | jq -r '[.[] | select(.mac == "00:00:00:00:00:00").dst] | sort | join(" ")'; }

case_vxlan() {
        peer local 198.51.100.2 remote 198.51.100.1
        vxlan net0 VNI=7 Local=198.51.100.1 Remote=198.51.100.2 "${addresses[@]}"
        up net0
        link_is net0 eth0 '.linkinfo.info_kind == "vxlan" and .linkinfo.info_data.id == 7 and .linkinfo.info_data.port == 4789 and .mtu == 1450'
        link_is net0 eth0 '.linkinfo.info_data.local == "198.51.100.1" and .linkinfo.info_data.learning'
        reaches net0 10.7.0.2 fd00:7::2
        reaches outside 10.7.0.10 fd00:7::10
        # all of a packet of this size goes in one
        at net0 ping -c1 -W2 -q -M "do" -s 1422 10.7.0.2 > /dev/null || fail 'a packet of 1450 bytes does not go through'
        # the socket is the host's, and its ways are
        [ -n "$(ss -Hlun sport = :4789)" ] || fail 'the host has no socket'
        [ -z "$(at net0 ss -Hlun sport = :4789)" ] || fail 'the socket is inside'
        down net0
        [ -z "$(ss -Hlun sport = :4789)" ] || fail 'the host has a socket still'
        no_peer
}
case_vxlan_over_ipv6() {
        peer local 2001:db8::2 remote 2001:db8::1
        vxlan net0 VNI=7 Remote=2001:db8::2 "${addresses[@]}"
        up net0
        link_is net0 eth0 '.mtu == 1430'
        reaches net0 10.7.0.2 fd00:7::2
        "$CTL" diff net0 || fail 'something differs'
        down net0
        vxlan net0 VNI=7 Local=2001:db8::1 Remote=2001:db8::2 Parent=up0 "${addresses[@]}"
        up net0
        link_is net0 eth0 '.mtu == 1430 and .linkinfo.info_data.local6 == "2001:db8::1"'
        reaches outside 10.7.0.10 fd00:7::10
        down net0
        no_peer
}
case_vxlan_group() {
        local parent
        for parent in 239.7.7.7 ff02::777; do
                peer group $parent dev eth0
                vxlan net0 VNI=7 Group=$parent Parent=up0 "${addresses[@]}"
                up net0
                ip maddr show dev up0 | has -F $parent || fail 'the host has not joined'
                reaches net0 10.7.0.2 fd00:7::2
                "$CTL" diff net0 || fail 'something differs'
                down net0
                no_peer
        done
}
case_vxlan_other_port() {
        PORT=8472 peer remote 198.51.100.1
        vxlan net0 VNI=7 DestinationPort=8472 Remote=198.51.100.2 "${addresses[@]}"
        vxlan net1 VNI=7 Remote=198.51.100.2 Address=10.8.0.10/24
        ups net0 net1
        reaches net0 10.7.0.2
        downs net0 net1
        no_peer
}
# As a port of a bridge inside it joins what is there with the rest of the network
case_vxlan_in_a_bridge() {
        peer local 198.51.100.2 remote 198.51.100.1
        printf '%s\n' '[Namespace]' '[Link]' Kind=vxlan VNI=7 Remote=198.51.100.2 Master=inner \
                '[Link]' Kind=bridge Name=inner MTUBytes=1450 "${addresses[@]}" | file net0
        up net0
        reaches net0 10.7.0.2 fd00:7::2
        down net0
        no_peer
}

# Others of the network come and go, and learning with them, while a flow goes on
case_vxlan_by_reload() {
        local index
        peer local 198.51.100.2 remote 198.51.100.1
        vxlan net0 VNI=7 Local=198.51.100.1 Remote=198.51.100.9 "${addresses[@]}"
        up net0
        index=$(at net0 ip -j link show dev eth0 | jq '.[0].ifindex')
        is "$(remotes net0)" 198.51.100.9 remotes
        vxlan net0 VNI=7 Local=198.51.100.1 Remote=198.51.100.9 Remote=198.51.100.2 Learning=no "${addresses[@]}"
        reload net0
        is "$(remotes net0)" '198.51.100.2 198.51.100.9' remotes
        link_is net0 eth0 ".ifindex == $index and (.linkinfo.info_data.learning | not)"
        reaches net0 10.7.0.2 fd00:7::2
        vxlan net0 VNI=7 Local=198.51.100.1 Remote=198.51.100.2 "${addresses[@]}"
        reload net0
        is "$(remotes net0)" 198.51.100.2 remotes
        link_is net0 eth0 ".ifindex == $index and .linkinfo.info_data.learning"
        # what the kernel cannot change, at the key's line
        while read -r line key; do
                printf '%s\n' '[Namespace]' '[Link]' Kind=vxlan VNI=7 Local=198.51.100.1 Remote=198.51.100.2 "${addresses[@]}" |
                        sed "/^${key%%=*}=/d; \$a$key" | file net0
                refused reload net0 "net0.vnet:$line: ${key%%=*}: .*cannot be created or changed while net0 is up"
        done <<'L'
8 VNI=8
8 Local=198.51.100.7
9 DestinationPort=8472
9 Parent=up0
9 MTUBytes=1400
L
        reaches net0 10.7.0.2
        down net0
        no_peer
}
# Somebody inside: what a reload mends, and what is told
case_vxlan_drift() {
        vxlan net0 VNI=7 Remote=198.51.100.2 Remote=198.51.100.3 Learning=no "${addresses[@]}"
        up net0
        drift '^\+fdb .*remote=198.51.100.3 dev=eth0 .*lost in the kernel' at net0 bridge fdb del 00:00:00:00:00:00 dst 198.51.100.3 dev eth0 self
        is "$(remotes net0)" '198.51.100.2 198.51.100.3' remotes
        drift '^\+vxlan-set .*learning=no' at net0 ip link set eth0 type vxlan learning
        drift '^\+vxlan .*vni=7 ' at net0 ip link del eth0
        is "$(remotes net0)" '198.51.100.2 198.51.100.3' remotes
        link_is net0 eth0 '.linkinfo.info_data.learning | not'
        down net0
}
drift() { # PATTERN COMMAND…
        "$CTL" diff net0 || fail "a difference before ${*:2}"
        "${@:2}"
        "$CTL" diff net0 > "$W/out" 2>&1 && fail "no difference after ${*:2}"
        has "$1" "$W/out" || { cat "$W/out"; fail "diff does not say $1"; }
        reload net0
        "$CTL" diff net0 || fail "a difference after the reload"
}

case_vxlan_again_and_again() {
        local i
        peer local 198.51.100.2 remote 198.51.100.1
        vxlan net0 VNI=7 Local=198.51.100.1 Remote=198.51.100.2 "${addresses[@]}"
        up net0
        background net0 sleep 300
        # the number is free at once, whoever lives on inside
        down net0 2> "$W/err"
        ip link add free type vxlan id 7 local 198.51.100.1 remote 198.51.100.2 dstport 4789
        ip link del free
        up net0
        for ((i = 0; i < 20; i++)); do
                down net0 2> "$W/err"
                up net0
        done
        reaches net0 10.7.0.2
        down net0
        no_peer
}
# Somebody took the name away; what is inside lives on, and with it the interface that has the VNI
case_vxlan_name_removed() {
        local pid
        vxlan net0 VNI=7 Remote=198.51.100.2 "${addresses[@]}"
        up net0
        sleeper_in net0
        pid=$SLEEPER
        ip netns del net0
        up net0
        link_is net0 eth0 '.linkinfo.info_kind == "vxlan"'
        is "$(at "$pid" ip -o link show type vxlan)" '' 'a vxlan in the old namespace'
        ip netns del net0
        down net0
        kill "$pid"
}
# Nobody is inside: the kernel takes its time to delete what was there
case_vxlan_name_removed_again_and_again() {
        local i
        vxlan net0 VNI=7 Remote=198.51.100.2 "${addresses[@]}"
        up net0
        for ((i = 0; i < 20; i++)); do
                ip netns del net0
                up net0
        done
        link_is net0 eth0 '.linkinfo.info_kind == "vxlan"'
        down net0
}
# Killed in the middle: the next start cleans up
case_vxlan_killed() {
        local at
        vxlan net0 VNI=7 Remote=198.51.100.2 "${addresses[@]}"
        for at in 5 10 20 40; do
                timeout -s KILL .0$at "$HELPER" up net0 || true
                up net0
                link_is net0 eth0 '.linkinfo.info_kind == "vxlan"'
                timeout -s KILL .0$at "$HELPER" down net0 || true
                down net0
        done
}
# The kernel knows by VNI and port what a packet is for
case_vxlan_of_somebody_else() {
        ip link add mine type vxlan id 7 dstport 4789
        vxlan net0 VNI=7 Remote=198.51.100.2 "${addresses[@]}"
        refused up net0 'net0.vnet:[0-9]+: .*another vxlan of this host has this VNI and UDP port'
        ip link del mine
        up net0
        down net0
}
# A program has the port to itself
case_vxlan_port_in_use() {
        background host socat -u UDP4-RECV:4789 OPEN:/dev/null
        eventually listening host -uln 1 4789
        vxlan net0 VNI=7 Remote=198.51.100.2 "${addresses[@]}"
        refused up net0 'net0.vnet:[0-9]+: .*UDP port 4789 is in use on the host, where its socket is'
        vxlan net0 VNI=7 DestinationPort=8472 Remote=198.51.100.2 "${addresses[@]}"
        up net0
        down net0
}
case_parent_goes() {
        ip link add lan0 type bridge
        ip link set lan0 up
        vxlan net0 VNI=7 Parent=lan0 Remote=198.51.100.2 "${addresses[@]}"
        up net0
        ip link del lan0
        [ -z "$(at net0 ip -o link show type vxlan)" ] || fail 'the vxlan outlived its parent'
        refused reload net0 "there is no interface 'lan0'"
        ip link add lan0 type bridge
        reload net0
        link_is net0 eth0 '.linkinfo.info_kind == "vxlan"'
        down net0
        ip link del lan0
}

case_values() {
        local line lines
        while IFS='|' read -r line lines; do
                # shellcheck disable=SC2059 # lines
                printf "[Namespace]\n[Link]\n$lines\n" | file odd
                refused up odd "$line"
        done <<'L'
odd.vnet:2: VNI: is missing: a link of Kind=vxlan needs it|Kind=vxlan
odd.vnet:4: VNI: '0' is not a number from 1 to 16777215|Kind=vxlan\nVNI=0
odd.vnet:4: VNI: '16777216' is not|Kind=vxlan\nVNI=16777216
odd.vnet:3: VNI: does not go with Kind=veth|VNI=7
odd.vnet:5: DestinationPort: '0' is not a number from 1 to 65535|Kind=vxlan\nVNI=7\nDestinationPort=0
odd.vnet:5: Local: '10.0.0.1/24' has a prefix length|Kind=vxlan\nVNI=7\nLocal=10.0.0.1/24
odd.vnet:5: Local: '127.0.0.1' is a loopback address|Kind=vxlan\nVNI=7\nLocal=127.0.0.1
odd.vnet:5: Local: 'fe80::1' is a link-local|Kind=vxlan\nVNI=7\nLocal=fe80::1
odd.vnet:5: Remote: '239.1.1.1' is a multicast address; write Group=|Kind=vxlan\nVNI=7\nRemote=239.1.1.1
odd.vnet:5: Remote: '::' is not the address of a host|Kind=vxlan\nVNI=7\nRemote=::
odd.vnet:5: Group: '10.0.0.1' is not a multicast address|Kind=vxlan\nVNI=7\nGroup=10.0.0.1
odd.vnet:5: Group: needs Parent=|Kind=vxlan\nVNI=7\nGroup=239.1.1.1
odd.vnet:6: Remote: fd00::1 is not IPv4|Kind=vxlan\nVNI=7\nLocal=10.0.0.1\nRemote=fd00::1
odd.vnet:6: Remote: 10.0.0.1 is not IPv6|Kind=vxlan\nVNI=7\nRemote=fd00::1\nRemote=10.0.0.1
odd.vnet:7: Group: 239.1.1.1 is not IPv6|Kind=vxlan\nVNI=7\nParent=up0\nLocal=fd00::1\nGroup=239.1.1.1
odd.vnet:6: Remote: is also Local=|Kind=vxlan\nVNI=7\nLocal=10.0.0.1\nRemote=10.0.0.1
odd.vnet:6: Remote: is the same as at .*odd.vnet:5|Kind=vxlan\nVNI=7\nRemote=10.0.0.1\nRemote=10.0.0.1
odd.vnet:7: VNI: 7 with the same UDP port is also that of the link at .*odd.vnet:4|Kind=vxlan\nVNI=7\n[Link]\nKind=vxlan\nVNI=7
odd.vnet:2: Table: is missing: a link of Kind=vrf needs it|Kind=vrf
odd.vnet:4: Table: '254' is the table default, main or local|Kind=vrf\nTable=254
odd.vnet:4: Table: 'main' is not a number|Kind=vrf\nTable=main
odd.vnet:4: Table: '0' is not a number|Kind=vrf\nTable=0
odd.vnet:7: Table: 10 is also that of the vrf at .*odd.vnet:4|Kind=vrf\nTable=10\n[Link]\nKind=vrf\nTable=10
odd.vnet:5: Master: a link of Kind=vrf cannot join a vrf|Kind=vrf\nTable=10\nMaster=eth1\n[Link]\nKind=vrf\nTable=11
odd.vnet:3: Master: there is no link 'red' of Kind=bridge or Kind=vrf|Master=red
L
        # over the site: who comes second by name
        vxlan net0 VNI=7
        vxlan net1 DestinationPort=4789 VNI=7
        "$CTL" check > "$W/out" 2>&1 && fail 'check likes two of one VNI'
        has 'net1.vnet:5: .*VNI: 7 with UDP port 4789 is also that of the link at .*net0.vnet:4' "$W/out"
}
case_vxlan_mtu() {
        vxlan net0 VNI=7 Parent=up0 MTUBytes=1451 Remote=198.51.100.2
        refused up net0 'net0.vnet:[0-9]+: .*MTUBytes='
        vxlan net0 VNI=7 Parent=up0 MTUBytes=1450 Remote=198.51.100.2
        up net0
        link_is net0 eth0 '.mtu == 1450'
        down net0
        # where the ways of the host carry more
        vxlan net0 VNI=7 MTUBytes=8950 Remote=198.51.100.2
        up net0
        link_is net0 eth0 '.mtu == 8950'
        down net0
}
# What the development kernel lacks; tests/vm/cases/overlay.sh has it
case_vrf() {
        printf '[Namespace]\n[Link]\nKind=vrf\nTable=10\n' | file net0
        ! ip link add vtest0 type vrf table 10 2> /dev/null || { ip link del vtest0; skip 'this kernel has vrf'; }
        refused up net0 'the kernel has no vrf \(module vrf\)'
}
# What is planned for links of vrfs: the kernel need not have any
case_vrf_plan() {
        printf '%s\n' '[Namespace]' '[Link]' Name=red Kind=vrf Table=101 Address=10.99.0.1/32 '[Link]' Name=blue Kind=vrf Table=102 \
                '[Link]' Name=red0 Master=red Address=10.5.0.2/24 HostAddress=10.5.0.1/24 \
                '[Link]' Name=red1 Master=red Address=10.6.0.2/24 HostAddress=10.6.0.1/24 Route='10.9.0.0/16 via 10.6.0.9' Route='10.10.0.0/16 via 10.6.0.9 table 7' \
                '[Link]' Name=blue0 Master=blue Address=10.5.0.2/24 Gateway=10.5.0.9 \
                '[Link]' Name=out0 Address=10.7.0.2/24 HostAddress=10.7.0.1/24 | file net0
        "$CTL" plan net0 > "$W/plan" || fail 'no plan'
        is "$(sed -n 's/^route .*to=\([^ ]*\) via \([^ ]*\) dev=\([^ ]*\)\( table=[0-9]*\)\{0,1\} *#.*/\1 \2 \3\4/p' "$W/plan" | sort | paste -sd ,)" \
                '10.10.0.0/16 10.6.0.9 red1 table=7,10.9.0.0/16 10.6.0.9 red1 table=101,default 10.5.0.1 red0 table=101,default 10.5.0.9 blue0 table=102,default 10.7.0.1 out0' routes
        is "$(grep -cE '^address .*dev=red.* table=101' "$W/plan")" 3 'addresses of red'
        is "$(awk '/^member/ { n = NR } /^address +in/ && !first { first = NR } END { print n < first }' "$W/plan")" 1 'members before addresses'
        # an address is one host's in each of them
        sed -i 's/10.6.0.2/10.5.0.2/' /etc/vnet/net0.vnet
        "$CTL" plan net0 > "$W/plan" 2>&1 && fail 'one address twice in a vrf'
        has 'Address: is the same as at' "$W/plan" || { cat "$W/plan"; fail 'not told'; }
}
run_cases "$@"
