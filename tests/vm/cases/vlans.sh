# shellcheck shell=bash
# boot: site
# SPDX-License-Identifier: GPL-2.0-or-later
# vlans.sh: VLAN= and VLANTrunk= with packets, which the kernel of the other suites may lack (CONFIG_BRIDGE_VLAN_FILTERING).

# Two in VLAN 10, one in 20, a router that sees both with their tag; the host is in none.
vlan_site() {
        local n
        module 8021q
        printf '[Bridge]\nVLANFiltering=yes\nDefaultPVID=none\n' | file br0
        for n in 10:10 11:10 20:20; do
                printf '[Namespace]\n[Link]\nBridge=br0\nVLAN=%s\nAddress=10.0.%s.%s/24\nAddress=fd00:%s::%s/64\nGateway=10.0.%s.1\n' \
                        "${n#*:}" "${n#*:}" "${n%:*}" "${n#*:}" "${n%:*}" "${n#*:}" | file "a${n%:*}"
        done
        printf '[Namespace]\nIPv4Forwarding=yes\n[Link]\nName=all0\nBridge=br0\nVLANTrunk=10 20-25\n' | file fw
        apply
        for n in 10 20; do
                at fw ip link add link all0 name v$n type vlan id $n
                at fw ip addr add 10.0.$n.1/24 dev v$n
                at fw ip link set v$n up
        done
}
again() { systemctl daemon-reload && systemctl "$@"; }
case_packets() {
        vlan_site
        reaches a10 10.0.10.11 fd00:10::11 10.0.10.1
        # the same subnet in another VLAN is another cable
        at a20 ip addr add 10.0.10.12/24 dev eth0
        at a20 ip addr add fd00:10::12/64 dev eth0 nodad
        cut_off a10 10.0.10.12 fd00:10::12
        at a20 ip addr del 10.0.10.12/24 dev eth0
        # by way of the router, who sees the tags
        reaches a10 10.0.20.20
        # who is in one VLAN does not get into another one by sending its tag
        at a10 ip link add link eth0 name v20 type vlan id 20
        at a10 ip addr add 10.0.20.99/24 dev v20
        at a10 ip link set v20 up
        at a10 ping -c1 -W1 -q -I v20 10.0.20.20 > /dev/null 2>&1 && fail 'a10 is in VLAN 20'
        is "$(at a20 ip neigh show 10.0.20.99)" '' 'what a20 learned of a10'
}
case_reload() {
        local before
        vlan_site
        before=$(stat -Lc %i /run/netns/a11)
        sed -i 's/^VLAN=10/VLAN=20/' /etc/vnet/a11.vnet
        again reload vnet@a11
        cut_off a10 10.0.10.11
        is "$(bridge -j vlan show dev vn-a11 | jq -c '[.[0].vlans[] | [.vlan, .flags]]')" '[[20,["PVID","Egress Untagged"]]]'
        sed -i 's/^VLAN=20/VLAN=10/' /etc/vnet/a11.vnet
        again reload vnet@a11
        reaches a10 10.0.10.11
        sed -i '/^VLAN=/d' /etc/vnet/a11.vnet
        again reload vnet@a11
        is "$(bridge -j vlan show dev vn-a11 | jq -c '[.[].vlans[]]')" '[]'
        sed -i 's/^VLANTrunk=.*/VLANTrunk=20/' /etc/vnet/fw.vnet
        again reload vnet@fw
        cut_off a10 10.0.10.1
        reaches a20 10.0.20.1
        is "$(stat -Lc %i /run/netns/a11)" "$before"
}
case_drift() {
        vlan_site
        vnetctl diff a11
        bridge vlan del dev vn-a11 vid 10
        bridge vlan add dev vn-a11 vid 30
        vnetctl diff a11 > "$W/diff" && fail 'no difference'
        has '^+port-vlan .*pvid=10' "$W/diff" || fail "$(cat "$W/diff")"
        cut_off a10 10.0.10.11
        again reload vnet@a11
        reaches a10 10.0.10.11
        vnetctl diff a11
        # a port that was off its bridge comes back with what the bridge gives it
        ip link set vn-a11 nomaster
        again reload vnet@a11
        reaches a10 10.0.10.11
        vnetctl diff a11 fw
}
case_of_somebody_else() {
        ip link add lan0 type bridge
        ip link set lan0 up
        printf '[Namespace]\n[Link]\nBridge=lan0\nVLAN=10\nAddress=10.0.10.10/24\n' | file net0
        printf '[Namespace]\n[Link]\nBridge=lan0\nAddress=10.0.10.11/24\n' | file net1
        systemctl daemon-reload
        systemctl start vnet@net0 2> /dev/null && fail 'VLAN= on a bridge that does not look at it'
        logged vnet@net0 "the bridge 'lan0' does not look at VLANs"
        ip link set lan0 type bridge vlan_filtering 1
        systemctl reset-failed vnet@net0
        systemctl start vnet@net0 vnet@net1
        cut_off net0 10.0.10.11
        bridge vlan add dev vn-net1 vid 10 pvid untagged
        reaches net0 10.0.10.11
        systemctl stop vnet@net0 vnet@net1
        ip link del lan0
}
