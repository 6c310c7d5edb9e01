# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# foreign.sh: Bridge= of somebody else: made by systemd-networkd at boot, by a service that is late, never at all; deleted and made
# again. udev tells systemd of each, and the network follows it.

prepare() { # ROOT
        local n=$1/etc/systemd/network
        printf '[NetDev]\nName=lan-0\nKind=bridge\n' > "$n/30-lan.netdev"
        printf '[Match]\nName=lan-0\n[Network]\nConfigureWithoutCarrier=yes\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' > "$n/30-lan.network"
        guest lan-0 192.0.2.11/24 > "$1/etc/vnet/guest1.vnet"
        # as docker.service: after network-online.target, and a cycle for whatever is before network.target and after it
        cat > "$1/etc/systemd/system/late-bridge.service" <<'U'
[Unit]
After=network-online.target
Wants=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'sleep 2; ip link add late0 type bridge; ip link set late0 up'
U
        ln -s ../late-bridge.service "$1/etc/systemd/system/multi-user.target.wants/"
        { printf '[Unit]\nAfter=late-bridge.service\n'; guest late0 192.0.3.12/24; } > "$1/etc/vnet/guest2.vnet"
        # follows it, with nothing late of its own
        printf '[Unit]\nAfter=vnet@guest2.service\n[Namespace]\n' > "$1/etc/vnet/guest3.vnet"
        guest never0 192.0.4.12/24 > "$1/etc/vnet/guest4.vnet"
}
guest() { printf '[Namespace]\n[Link]\nBridge=%s\nAddress=%s\n' "$1" "$2"; } # BRIDGE ADDRESS
of() { systemctl show -P "$2" "$1"; } # UNIT PROPERTY
bridge() { # NAME [ADDRESS]
        ip link add "$1" type bridge
        [ $# = 1 ] || ip addr add "$2" dev "$1"
        ip link set "$1" up
}

# Without them the bridges need no forwarding, and theme article can see it given back.
addresses() {
        ip addr add 192.0.2.1/24 dev lan-0
        ip addr add 192.0.3.1/24 dev late0
        later ip addr del 192.0.2.1/24 dev lan-0
        later ip addr del 192.0.3.1/24 dev late0
}

booted_came_up() {
        eventually active vnet@guest1 vnet@guest2 vnet@guest3
        addresses
        reaches host 192.0.2.11 192.0.3.12
        reaches guest2 192.0.3.1
        # the target and the boot did not wait for them
        active vnet.target multi-user.target
        inactive vnet@guest4
        of vnet@guest2 After | has -F 'sys-subsystem-net-devices-late0.device'
        of vnet@guest1 BindsTo | has 'sys-subsystem-net-devices-lan.*x2d0.device'
        [ "$(of vnet.target ActiveEnterTimestampMonotonic)" -lt "$(of vnet@guest2 ActiveEnterTimestampMonotonic)" ]
}
booted_deleted_and_made_again() {
        ip link del late0
        eventually inactive vnet@guest2
        is "$(of vnet@guest2 Result)" success Result
        gone at guest2 true
        gone ip link show dev vn-guest2
        [ ! -e /run/vnet/state/guest2 ]
        active vnet@guest1
        bridge late0
        eventually active vnet@guest2
        addresses
        reaches host 192.0.3.12
}
booted_stop_and_start() {
        stop_all
        inactive vnet@guest1 vnet@guest2
        systemctl start vnet.target
        eventually active vnet@guest1 vnet@guest2 vnet@guest3
        addresses
        reaches host 192.0.2.11 192.0.3.12
        stop_all
        ip link del late0
}

# A bridge that comes by hand, long after daemon-reload
case_by_hand() {
        guest hand0 192.0.5.11/24 | file hand
        systemctl daemon-reload
        inactive vnet@hand
        later ip link del hand0
        bridge hand0 192.0.5.1/24
        eventually active vnet@hand
        reaches host 192.0.5.11
}
# WantedBy= empty: neither boot nor bridge
case_only_by_hand() {
        { guest hand0 192.0.5.11/24; printf '[Install]\nWantedBy=\n'; } | file hand
        guest hand0 192.0.5.12/24 | file other
        systemctl daemon-reload
        later ip link del hand0
        bridge hand0 192.0.5.1/24
        eventually active vnet@other
        inactive vnet@hand
        systemctl start vnet@hand
        active vnet@hand
}
