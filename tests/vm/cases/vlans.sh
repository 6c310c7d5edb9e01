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
# --- uplinks ---

# A trunk of the bridge, and a switch behind its cable that has two VLANs with a tag and the rest without
trunk() { # LINES
        printf '[Bridge]\nVLANFiltering=yes\nUplink=trunk0\nAddress=10.0.1.1/24\nAddress=fd00:1::1/64\n%b' "$1" | file br0
}
behind_trunk() {
        local n
        ip link add trunk0 type veth peer name port0 netns wall
        at wall ip link set port0 up
        at wall ip addr add 10.0.1.9/24 dev port0
        at wall ip addr add fd00:1::9/64 dev port0 nodad
        for n in 10 20; do
                at wall ip link add link port0 name w$n type vlan id $n
                at wall ip addr add 10.0.$n.9/24 dev w$n
                at wall ip addr add fd00:$n::9/64 dev w$n nodad
                at wall ip link set w$n up
        done
}
trunk_site() { # LINES
        local n
        module 8021q
        ip netns add wall
        later ip netns del wall
        trunk "$1"
        for n in 10 20; do
                printf '[Namespace]\n[Link]\nBridge=br0\nVLAN=%s\nAddress=10.0.%s.2/24\nAddress=fd00:%s::2/64\nGateway=no\n' $n $n $n | file a$n
        done
}
vlans_are() { is "$(bridge -j -compressvlans vlan show dev trunk0 | jq -c '[.[].vlans[] | [.vlan, .vlanEnd // .vlan, (.flags // [] | length)]]')" "$1" 'the VLANs of trunk0'; }
port_of() { [ "$(ip -j link show dev "$2" | jq -r '.[0].master')" = "$1" ]; } # BRIDGE IF

case_uplink() {
        trunk_site ''
        behind_trunk
        apply
        vlans_are '[[1,1,2],[2,4094,0]]'
        reaches a10 10.0.10.9 fd00:10::9
        reaches a20 10.0.20.9 fd00:20::9
        reaches host 10.0.1.9 fd00:1::9
        vnetctl diff br0
        # only one of them, and not that of the host
        trunk 'UplinkVLAN=10 30-40\n'
        again reload vnet@br0
        vlans_are '[[10,10,0],[30,40,0]]'
        reaches a10 10.0.10.9 fd00:10::9
        cut_off a20 10.0.20.9 fd00:20::9
        cut_off host 10.0.1.9 fd00:1::9
        vnetctl diff br0
        # named, it is there as the kernel has it
        trunk 'UplinkVLAN=20\nUplinkVLAN=1\n'
        again reload vnet@br0
        vlans_are '[[1,1,2],[20,20,0]]'
        reaches host 10.0.1.9 fd00:1::9
        reaches a20 fd00:20::9
        cut_off a10 10.0.10.9
        # another one for the host; a port that is in none without a tag is not given it
        trunk 'UplinkVLAN=20\nDefaultPVID=none\n'
        again reload vnet@br0
        vlans_are '[[20,20,0]]'
        trunk 'UplinkVLAN=20\nDefaultPVID=10\n'
        again reload vnet@br0
        vlans_are '[[20,20,0]]'
        vnetctl diff br0
        # the line goes
        trunk 'DefaultPVID=10\n'
        again reload vnet@br0
        vlans_are '[[1,9,0],[10,10,2],[11,4094,0]]'
        is "$(systemctl is-active vnet@a10 vnet@a20 | sort -u)" active
        # and the bridge looks at VLANs no more
        systemctl stop vnet@a10 vnet@a20
        printf '[Bridge]\nUplink=trunk0\nAddress=10.0.1.1/24\nAddress=fd00:1::1/64\n' | file br0
        again reload vnet@br0
        reaches host 10.0.1.9 fd00:1::9
        vlans_are '[[1,1,2]]'
        ip link set trunk0 down
        systemctl stop vnet@br0
        port_of null trunk0
        # the same for one that was down before
        trunk ''
        again start vnet@br0
        trunk 'UplinkVLAN=10\n'
        again reload vnet@br0
        systemctl stop vnet@br0
        port_of null trunk0
        is "$(ip -j link show dev trunk0 | jq '.[0].flags | index("UP")')" null UP
}
# Before a frame comes in it is where it belongs, also under another name.
case_uplink_late_and_drifted() {
        trunk_site 'UplinkVLAN=10\n'
        apply
        reaches host 10.0.1.1
        behind_trunk
        eventually port_of br0 trunk0
        eventually vlans_are '[[10,10,0]]'
        reaches a10 10.0.10.9 fd00:10::9
        cut_off a20 10.0.20.9
        cut_off wall 10.0.1.1 fd00:1::1
        bridge vlan del dev trunk0 vid 10
        bridge vlan add dev trunk0 vid 20
        bridge vlan add dev trunk0 vid 1 pvid untagged
        cut_off a10 10.0.10.9
        vnetctl diff br0 > "$W/diff" && fail 'no difference'
        has '^+uplink .*tagged=10' "$W/diff" || fail "$(cat "$W/diff")"
        again reload vnet@br0
        reaches a10 10.0.10.9
        vlans_are '[[10,10,0]]'
        vnetctl diff br0
        # whoever takes it off and puts it back leaves it with what the bridge gives to any port
        ip link set trunk0 nomaster
        ip link set trunk0 master br0
        vlans_are '[[1,1,2]]'
        /usr/libexec/vnet/vnet-helper join br0
        vlans_are '[[10,10,0]]'
        ip link set trunk0 down
        ip link set trunk0 name eno7
        trunk 'UplinkVLAN=10\nAgeingTimeSec=60\n'
        again reload vnet@br0
        systemctl stop vnet@br0
        port_of null eno7
        ip link del eno7
}
