#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kinds.sh: links that are no veth: what each does, what it refuses, and that it goes with its namespace.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

link_is() { # NAMESPACE LINK JQ
        at "$1" ip -d -j link show dev "$2" | jq -e ".[0] | $3" > /dev/null ||
                { at "$1" ip -d link show dev "$2"; fail "$2 in $1 is not: $3"; }
}
macvlans() { # the lines of net0's and net1's [Link]
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.50/24\nAddress=2001:db8::50/64\n%s\n' "$1" | file net0
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.51/24\nAddress=2001:db8::51/64\n%s\n' "${2-$1}" | file net1
        ups net0 net1
}

case_macvlan() {
        macvlans ''
        link_is net0 eth0 '.linkinfo.info_kind == "macvlan" and .linkinfo.info_data.mode == "bridge" and (.flags | index("UP"))'
        reaches net0 198.51.100.2 2001:db8::2 198.51.100.51 2001:db8::51
        reaches outside 198.51.100.50 2001:db8::50
        # the kernel lets it not talk to its own parent
        cut_off net0 198.51.100.1
        downs net0 net1
}
case_macvlan_modes() {
        macvlans Mode=private
        link_is net0 eth0 '.linkinfo.info_data.mode == "private"'
        reaches net0 198.51.100.2
        cut_off net0 198.51.100.51
        downs net0 net1
        macvlans Mode=vepa
        link_is net0 eth0 '.linkinfo.info_data.mode == "vepa"'
        downs net0 net1
}
# The kernel ignores an address for it, and makes the parent promiscuous.
case_macvlan_passthru() {
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nMode=passthru\nAddress=198.51.100.50/24\n' | file net0
        up net0
        is "$(at net0 ip -j link show dev eth0 | jq -r '.[0].address')" "$(ip -j link show dev up0 | jq -r '.[0].address')" MAC
        reload net0 # finds it again
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.51/24\n' | file net1
        refused up net1 'mode passthru wants it alone'
        gone ip netns pids net1
        down net0
        is "$(ip -j -d link show dev up0 | jq '.[0].promiscuity')" 0 promiscuity
}
# What the kernel deletes by itself stays for a moment, and with it its MAC on the parent.
case_macvlan_again_and_again() {
        local i
        macvlans ''
        background net0 sleep 300
        for ((i = 0; i < 20; i++)); do
                down net0 2> "$W/err"
                up net0
        done
        reaches net0 198.51.100.2
        downs net0 net1
}
case_macvlan_same_mac() {
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nMACAddress=02:00:00:00:00:50\n' | file net0
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nMACAddress=02:00:00:00:00:50\n' | file net1
        up net0
        refused up net1 'another interface on the same parent has this MAC address'
        gone ip netns pids net1
        link_is net0 eth0 '.operstate != null'
        down net0
}
# With the host's own eth0, which the kernel would look at if the new one had no number of its own.
case_macvlan_named_as_the_hosts() {
        ip link add eth0 address 02:00:00:00:ee:00 mtu 1300 type bridge
        macvlans ''
        link_is host eth0 '.mtu == 1300 and .address == "02:00:00:00:ee:00"'
        link_is net0 eth0 '.mtu == 1500'
        downs net0 net1
        link_is host eth0 '.mtu == 1300'
        ip link del eth0
}
case_no_parent() {
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=eno9\n' | file net0
        "$CTL" check > "$W/out" 2>&1 || true
        has "net0.vnet:4: .*Parent: the host has no interface 'eno9'" "$W/out"
        refused up net0 "net0.vnet:4: Parent: there is no interface 'eno9'"
        gone ip netns pids net0
}
# It left while the network was up: a repair says so, and a restart is what helps.
case_parent_goes_and_comes() {
        ip link add lan0 type bridge
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=lan0\nAddress=172.30.0.2/24\n' | file net0
        up net0
        ip link del lan0
        gone at net0 ip link show dev eth0
        refused reload net0 "there is no interface 'lan0'"
        ip link add lan0 type bridge
        ip link set lan0 up
        reload net0
        link_is net0 eth0 '.linkinfo.info_kind == "macvlan"'
        is "$(at net0 ip -j addr show dev eth0 | jq -r '.[0].addr_info[] | select(.family == "inet").local')" 172.30.0.2 address
        down net0
        ip link del lan0
}

inner_bridge() { # LINES of the port
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\n%s\n[Link]\nKind=bridge\nName=inner\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' "$1" | file net0
}
case_bridge_inside() {
        inner_bridge Master=inner
        ups br0 net0
        link_is net0 inner '.linkinfo.info_kind == "bridge"'
        link_is net0 eth0 '.master == "inner"'
        reaches net0 172.18.0.1 fd00:18::1
        reaches host 172.18.0.10 fd00:18::10
        # somebody inside takes the port off
        at net0 ip link set eth0 nomaster
        reload net0
        link_is net0 eth0 '.master == "inner"'
        reaches host 172.18.0.10
        downs net0 br0
}
case_membership_by_reload() {
        inner_bridge ''
        ups br0 net0
        link_is net0 eth0 '.master == null'
        inner_bridge Master=inner
        reload net0
        link_is net0 eth0 '.master == "inner"'
        inner_bridge ''
        reload net0
        link_is net0 eth0 '.master == null'
        downs net0 br0
}
case_kind_by_reload() {
        macvlans ''
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nMode=private\nAddress=198.51.100.50/24\nAddress=2001:db8::50/64\n' | file net0
        refused reload net0 'net0.vnet:5: Mode: .*cannot be created or changed while net0 is up'
        link_is net0 eth0 '.linkinfo.info_data.mode == "bridge"'
        downs net0 net1
}
case_dummy() {
        printf '[Namespace]\n[Link]\nKind=dummy\nAddress=10.1.1.1/32\n' | file net0
        if ip link add vtest0 type dummy 2> /dev/null; then
                ip link del vtest0
                up net0
                link_is net0 eth0 '.linkinfo.info_kind == "dummy"'
                reaches net0 10.1.1.1
                down net0
        else
                refused up net0 'the kernel has no dummy interfaces \(module dummy\)'
                gone ip netns pids net0
        fi
}

# Which keys go with a kind is known when all has been read, and is told at the key's line.
case_keys_of_kinds() {
        local line lines
        printf '[Namespace]\n[Link]\nMode=bridge\nBridge=br0\n' | file odd
        refused up odd 'odd.vnet:3: Mode: does not go with Kind=veth'
        mkdir /etc/vnet/odd.vnet.d
        printf '[Namespace]\n[Link]\nMode=bridge\nParent=up0\n' | file odd
        printf '[Link]\nName=eth0\nKind=macvlan\n' > /etc/vnet/odd.vnet.d/kind.conf
        up odd
        link_is odd eth0 '.linkinfo.info_kind == "macvlan"'
        down odd
        rm -r /etc/vnet/odd.vnet.d
        while IFS='|' read -r line lines; do
                # shellcheck disable=SC2059 # lines
                printf "[Namespace]\n[Link]\n$lines\n" | file odd
                refused up odd "$line"
        done <<'L'
odd.vnet:5: HostName: does not go with Kind=macvlan|Kind=macvlan\nParent=up0\nHostName=x0
odd.vnet:4: Bridge: does not go with Kind=dummy|Kind=dummy\nBridge=br0
odd.vnet:4: Isolated: does not go with Kind=bridge|Kind=bridge\nIsolated=yes
odd.vnet:2: Parent: is missing|Kind=macvlan
odd.vnet:4: Parent: 'lo' is the loopback|Kind=macvlan\nParent=lo
odd.vnet:3: Master: there is no link 'inner' of Kind=bridge|Master=inner
odd.vnet:4: Master: a link of Kind=bridge cannot join another|Kind=bridge\nMaster=inner\n[Link]\nKind=bridge\nName=inner
odd.vnet:4: Address: belongs on 'inner'|Master=inner\nAddress=10.1.1.1/24\n[Link]\nKind=bridge\nName=inner
odd.vnet:3: Kind: 'vlan' is not supported yet|Kind=vlan
odd.vnet:3: Kind: 'tunnel' is not a kind of link|Kind=tunnel
odd.vnet:5: Mode: 'fast' is not one of|Kind=macvlan\nParent=up0\nMode=fast
L
        # only links that face the host are led to
        printf '[Namespace]\nPublishPort=80:80\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.50/24\n' | file odd
        refused up odd 'PublishPort: no link to the host has an IP'
}
run_cases "$@"
