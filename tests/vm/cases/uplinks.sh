# shellcheck shell=bash
# boot: site
# SPDX-License-Identifier: GPL-2.0-or-later
# uplinks.sh: cards that are ports of a bridge: one that is there at boot, one that comes later, one that is pulled out and is back.
# udev tells systemd of each, and vnet-join@.service takes it in.

# At boot a service makes a cable some time after the bridge is up.
prepare() { # ROOT
        printf '[Bridge]\nAddress=192.0.5.1/24\nUplink=late1\n' > "$1/etc/vnet/lan5.vnet"
        cat > "$1/etc/systemd/system/late-card.service" <<'U'
[Unit]
After=network-online.target vnet@lan5.service
Wants=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'ip link add late1 type veth peer name wall1'
U
        ln -s ../late-card.service "$1/etc/systemd/system/multi-user.target.wants/"
}

port_of() { [ "$(ip -j link show dev "$2" | jq -r '.[0].master')" = "$1" ]; } # BRIDGE IF
joined_at_boot() { journalctl -b --no-pager -q -o cat -u vnet-join@lan5 | has -E '^(Started|Finished) vnet-join@lan5'; }
booted_uplink_that_is_late() {
        logged vnet@lan5 "Uplink: the host has no interface 'late1' now; it joins lan5 when it appears"
        eventually joined_at_boot
        # others may have stopped all since
        systemctl stop vnet@lan5
        ip link del late1
        systemctl start vnet@lan5
        ip link add late1 type veth peer name wall1
        eventually port_of lan5 late1
        systemctl stop vnet@lan5
        port_of null late1
        is "$(ip -j link show dev late1 | jq '.[0].flags | index("UP")')" null UP
        ip link del late1
}

# up1 without its addresses: networkd lets it be meanwhile
lent() {
        mkdir -p /run/systemd/network
        printf '[Match]\nName=up1\n[Link]\nUnmanaged=yes\n' > /run/systemd/network/15-up1.network
        networkctl reload
        eventually has_state unmanaged
        [[ " ${LATER[*]} " == *' given_back '* ]] || later given_back
        ip addr flush dev up1 scope global
        printf '[Bridge]\nAddress=203.0.113.1/24\nAddress=2001:db8:1::1/64\n%s\n' "$1" | file lan1
        printf '[Namespace]\n[Link]\nBridge=lan1\nAddress=203.0.113.10/24\nAddress=2001:db8:1::10/64\n' | file net0
}
has_state() { networkctl list up1 --no-legend | has -w "$1"; }
given_back() {
        stop_all
        rm -f /run/systemd/network/15-up1.network
        networkctl reload
        networkctl reconfigure up1
        # not until it is "configured": systemd 252 waits for a link-local address, of which it does not hear once more
        eventually has_addresses_back
}
has_addresses_back() {
        ip -o addr show dev up1 -tentative | has -F 203.0.113.1/24
        ip -o addr show dev up1 -tentative | has -F 2001:db8:1::1/64
}

case_card() {
        vnetctl check > "$W/out" 2>&1 || true
        printf '[Bridge]\nUplink=up1\n' | file lan1
        vnetctl check > "$W/out" 2>&1 || true
        has "Uplink: systemd-networkd manages 'up1'" "$W/out"
        has 'Uplink: the host has the address 203.0.113.1/24 on' "$W/out"
        systemctl daemon-reload
        ! systemctl start vnet@lan1 || fail 'taken with its address'
        logged vnet@lan1 'uplink on up1: the host has the address 203.0.113.1/24 on it'
        lent Uplink=up1
        apply
        reaches net0 203.0.113.2 2001:db8:1::2
        reaches outside2 203.0.113.10 2001:db8:1::10
        systemctl restart vnet@lan1
        eventually active vnet@net0
        reaches net0 203.0.113.2
        lent ''
        systemctl reload vnet@lan1
        cut_off net0 203.0.113.2
        port_of null up1
        lent Uplink=up1
        systemctl reload vnet@lan1
        reaches net0 203.0.113.2
}
# With everything that hangs on its unit
case_card_is_pulled_out() {
        local pci
        lent Uplink=up1
        apply
        reaches net0 203.0.113.2
        pci=$(realpath /sys/class/net/up1/device/..)
        echo 1 > "$pci/remove"
        gone ip link show dev up1
        active vnet@lan1 vnet@net0
        reaches net0 203.0.113.1
        echo 1 > /sys/bus/pci/rescan
        eventually port_of lan1 up1
        reaches net0 203.0.113.2 2001:db8:1::2
}
case_killed_while_it_joins() {
        lent Uplink=up1
        ip link set up1 down
        apply
        sed -i '/^stage/d' /run/vnet/state/lan1
        systemctl stop vnet@lan1
        port_of null up1
        is "$(ip -j link show dev up1 | jq '.[0].flags | index("UP")')" null UP
}
# --- Uplink=up1.10, which is made: the host keeps the addresses that it has on up1 ---

neighbour_with_vlan() { # ID: outside2 has it too, until the case is over
        later at outside2 ip link del "v$1"
        at outside2 ip link add link eth0 name "v$1" type vlan id "$1"
        at outside2 ip addr add "10.$1.0.9/24" dev "v$1"
        at outside2 ip addr add "fd00:$1::9/64" dev "v$1" nodad
        at outside2 ip link set "v$1" up
}
lan_on() { # LINES
        printf '[Bridge]\nAddress=10.10.0.1/24\nAddress=fd00:10::1/64\n%b' "$1" | file lan1
        printf '[Namespace]\n[Link]\nBridge=lan1\nAddress=10.10.0.10/24\nAddress=fd00:10::10/64\nAddress=10.20.0.10/24\nAddress=fd00:20::10/64\n' | file net0
        systemctl daemon-reload
}
all_have_joined() { udevadm settle && [ -z "$(systemctl list-jobs --plain --no-legend 'vnet-join@*')" ]; }
case_made() {
        module 8021q
        neighbour_with_vlan 10
        neighbour_with_vlan 20
        lan_on 'Uplink=up1.10\n'
        apply
        port_of lan1 up1.10
        reaches net0 10.10.0.9 fd00:10::9
        reaches outside2 10.10.0.10 fd00:10::10
        ping -c 1 -W 5 -q 203.0.113.2 > /dev/null
        vnetctl diff lan1
        # another one in its place, and none
        lan_on 'Uplink=up1.20\n'
        systemctl reload vnet@lan1
        gone ip link show dev up1.10
        port_of lan1 up1.20
        reaches net0 10.20.0.9 fd00:20::9
        cut_off net0 10.10.0.9
        lan_on ''
        systemctl reload vnet@lan1
        gone ip link show dev up1.20
        lan_on 'Uplink=up1.10\n'
        systemctl reload vnet@lan1
        reaches net0 10.10.0.9
        # it takes a repair, or a join, which may still be on its way for what came before
        eventually all_have_joined
        ip link del up1.10
        vnetctl diff lan1 > "$W/diff" && fail 'no difference'
        systemctl reload vnet@lan1
        reaches net0 10.10.0.9 fd00:10::9
        systemctl restart vnet@lan1
        eventually active vnet@net0
        reaches net0 10.10.0.9
        # who was killed at the end, and by another network used
        printf '[Namespace]\n[Link]\nKind=vlan\nParent=up1.10\nId=7\n' | file net1
        systemctl daemon-reload
        systemctl start vnet@net1
        sed -i '/^stage/d' /run/vnet/state/lan1
        systemctl stop vnet@lan1
        port_of null up1.10
        systemctl stop vnet@net1
        gone ip link show dev up1.10
        gone ls /run/vnet/users
}
case_made_late() {
        module 8021q
        lan_on 'Uplink=late2.10\n'
        apply
        logged vnet@lan1 "the host has no interface 'late2.10' now; it joins lan1 when it appears"
        ip link add late2 type veth peer name wall2
        later ip link del late2
        ip link set late2 up
        eventually port_of lan1 late2.10
        ip link set wall2 up
        # unplugged, and back
        ip link del late2
        gone ip link show dev late2.10
        active vnet@lan1
        ip link add late2 type veth peer name wall2
        eventually port_of lan1 late2.10
        # a reload takes it away, also where it was made by that
        lan_on ''
        systemctl reload vnet@lan1
        gone ip link show dev late2.10
        gone ls /run/vnet/users/vlan=late2.10
}
