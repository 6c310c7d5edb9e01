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
over_up0() { # the lines of net0's [Link]
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.50/24\nAddress=2001:db8::50/64\n%s\n' "$1" | file net0
}
index_of() { at "$1" ip -j link show dev "$2" | jq '.[0].ifindex'; }
# What the kernel changes on the living link stays the same link.
case_changed_by_reload() {
        local index
        macvlans ''
        index=$(index_of net0 eth0)
        over_up0 'Mode=private
MTUBytes=1400'
        "$CTL" diff net0 > "$W/out" || true
        has '^-macvlan .*mode=bridge' "$W/out"
        has '^\+macvlan .*mode=private mtu=1400' "$W/out"
        # shellcheck disable=SC2251 # it fails in the pipe's place
        ! grep -q restart "$W/out"
        reload net0
        link_is net0 eth0 '.linkinfo.info_data.mode == "private" and .mtu == 1400'
        cut_off net0 198.51.100.51
        reaches net0 198.51.100.2 2001:db8::2
        over_up0 Mode=bridge
        reload net0
        link_is net0 eth0 '.linkinfo.info_data.mode == "bridge" and .mtu == 1500'
        reaches net0 198.51.100.51
        is "$(index_of net0 eth0)" "$index" 'number of the link'
        # what the kernel cannot change
        over_up0 Mode=passthru
        refused reload net0 'net0.vnet:7: Mode: .*cannot be created or changed while net0 is up'
        over_up0 MACAddress=02:00:00:00:00:51
        refused reload net0 'MACAddress: .*cannot be created or changed while net0 is up'
        over_up0 'MTUBytes=1501'
        refused reload net0 "MTUBytes=1501 is more than the 1500 of its parent 'up0'"
        link_is net0 eth0 '.linkinfo.info_data.mode == "bridge" and .mtu == 1500'
        downs net0 net1
}
# What somebody inside does to the link itself.
case_mended() {
        macvlans ''
        at net0 ip neigh add 198.51.100.99 lladdr 02:00:00:00:00:99 dev eth0
        reload net0
        at net0 ip neigh show 198.51.100.99 | has 02:00:00:00:00:99 # nothing was set for nothing
        at net0 ip link set eth0 type macvlan mode private
        at net0 ip link set eth0 address 02:00:00:00:00:77
        "$CTL" diff net0 > "$W/out" || true
        has '^-macvlan .*mac=02:00:00:00:00:77 .*mode=private' "$W/out"
        reload net0
        link_is net0 eth0 '.linkinfo.info_data.mode == "bridge" and .address != "02:00:00:00:00:77"'
        "$CTL" diff net0
        reaches net0 198.51.100.2 198.51.100.51
        downs net0 net1
}
case_mtu_above_the_parents() {
        over_up0 MTUBytes=9000
        refused up net0 "MTUBytes=9000 is more than the 1500 of its parent 'up0'"
        gone ip netns pids net0
}
case_macvtap() {
        local n
        printf '[Namespace]\n[Link]\nKind=macvtap\nParent=up0\nAddress=198.51.100.50/24\nAddress=2001:db8::50/64\n' | file net0
        up net0
        link_is net0 eth0 '.linkinfo.info_kind == "macvtap" and .linkinfo.info_data.mode == "bridge"'
        at net0 ip link set eth0 type macvtap mode vepa
        reload net0
        link_is net0 eth0 '.linkinfo.info_data.mode == "bridge"'
        background net0 sleep 300
        for ((n = 0; n < 20; n++)); do
                down net0 2> "$W/err"
                up net0
        done
        down net0
}
# On a link of the same namespace; the host has one of that name too.
case_parent_inside() {
        ip link add cable address 02:00:00:00:ee:00 type bridge
        printf '%s\n' '[Namespace]' '[Link]' Name=cable HostAddress=10.9.0.1/24 Address=10.9.0.2/24 \
                '[Link]' Kind=macvlan Parent=cable Address=10.9.0.3/24 MTUBytes=1400 | file net0
        "$CTL" check > "$W/out" 2>&1 || true
        has "net0.vnet:8: .*Parent: this is the link at .*net0.vnet:2, not the interface 'cable' that the host has" "$W/out"
        up net0
        link_is net0 eth1 '.link == "cable" and .mtu == 1400 and .link_netnsid == null'
        reaches host 10.9.0.2 10.9.0.3
        "$CTL" diff net0
        # with its parent it goes, and both come back
        at net0 ip link del eth1
        reload net0
        link_is net0 eth1 '.link == "cable"'
        reaches host 10.9.0.3
        down net0
        ip link del cable
        # without a name of its own it is none: the host's is meant
        printf '%s\n' '[Namespace]' '[Link]' '[Link]' Kind=macvlan Parent=eth0 | file net0
        "$CTL" check > "$W/out" 2>&1 || true
        has "has no interface 'eth0'; if the link at .*net0.vnet:2 is meant, that has to stand above, with a Name=" "$W/out"
        refused up net0 "net0.vnet:5: Parent: there is no interface 'eth0'"
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

# tests/vm/cases/parents.sh has them on kernels that have them.
case_lacking() {
        local kind
        for kind in vlan:8021q ipvlan:ipvlan; do
                printf '[Namespace]\n[Link]\nKind=%s\nParent=up0\n' "${kind%:*}" | file net0
                [ "$kind" = ipvlan:ipvlan ] || echo Id=10 >> /etc/vnet/net0.vnet
                if ip link add link up0 vtest0 type "${kind%:*}" id 9 2> /dev/null || ip link add link up0 vtest0 type "${kind%:*}" 2> /dev/null; then
                        ip link del vtest0
                        up net0
                        down net0
                else
                        refused up net0 "the kernel has no .* \(module ${kind#*:}\)"
                        gone ip netns pids net0
                fi
        done
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
odd.vnet:2: Id: is missing|Kind=vlan\nParent=up0
odd.vnet:5: Id: '0' is not a number from 1 to 4094|Kind=vlan\nParent=up0\nId=0
odd.vnet:5: Mode: 'l3' does not go with Kind=macvlan, which has|Kind=macvlan\nParent=up0\nMode=l3
odd.vnet:5: MACAddress: does not go with Kind=ipvlan|Kind=ipvlan\nParent=up0\nMACAddress=02:00:00:00:00:01
odd.vnet:3: Kind: 'tunnel' is not a kind of link|Kind=tunnel
odd.vnet:5: Mode: 'fast' is not a mode of any kind|Kind=macvlan\nParent=up0\nMode=fast
L
        # only links that face the host are led to
        printf '[Namespace]\nPublishPort=80:80\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.50/24\n' | file odd
        refused up odd 'PublishPort: no link to the host has an IP'
}
run_cases "$@"
