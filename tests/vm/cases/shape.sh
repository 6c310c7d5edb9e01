# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# shape.sh: the host keeps its shape, in the initial network namespace, with udev and real network cards.

small() {
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' | file br0
        printf '[Namespace]\nPublishPort=8080:80\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' | file net0
}

# The kernel copies the initial namespace's IPv4 settings into a new one.
case_settings_not_inherited() {
        later sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.route_localnet=0 "net.ipv4.conf.all.rp_filter=$(sysctl -n net.ipv4.conf.all.rp_filter)"
        sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.all.rp_filter=1
        small
        apply
        is "$(at net0 sysctl -n net.ipv4.{ip_forward,conf.all.route_localnet,conf.all.rp_filter,conf.eth0.rp_filter,conf.eth0.forwarding} | xargs)" '0 0 0 0 0'
        reaches net0 172.18.0.1 198.51.100.2
        systemctl stop vnet@net0 vnet@br0
        is "$(sysctl -n net.ipv4.ip_forward)" 1 'forwarding that was on before'
}
# A file of the administrator's switches forwarding off: not as long as it is ours.
case_sysctl_again() {
        printf 'net.ipv4.ip_forward = 0\n' > /etc/sysctl.d/60-x.conf
        small
        apply
        reaches net0 198.51.100.2
        systemctl restart systemd-sysctl
        is "$(sysctl -n net.ipv4.ip_forward)" 1 'after systemd-sysctl'
        sysctl --system > /dev/null 2>&1
        is "$(sysctl -n net.ipv4.ip_forward net.ipv4.conf.br0.rp_filter | xargs)" '1 2' 'after sysctl --system'
        reaches net0 198.51.100.2
        sysctl -qw net.ipv4.ip_forward=0
        cut_off net0 198.51.100.2
        systemctl restart vnet-restore
        reaches net0 198.51.100.2
        stop_all
        is "$(sysctl -n net.ipv4.ip_forward)" 0 'after the stop'
}
# udev leaves names and hardware addresses alone.
case_udev() {
        small
        apply
        udevadm settle
        udevadm info -q property -p /sys/class/net/vn-net0 | has 'ID_NET_LINK_FILE=.*/00-vnet.link'
        local l
        for l in br0 vn-net0; do
                is "$(cat /sys/class/net/$l/addr_assign_type)" 3 "addr_assign_type of $l" # set by somebody: us
                vnetctl plan br0 net0 2> /dev/null | grep -F "$(cat /sys/class/net/$l/address)" > /dev/null ||
                        { vnetctl plan br0; vnetctl plan net0; } | has -F "$(cat /sys/class/net/$l/address)"
        done
        systemctl list-units -t device --plain --no-legend | has 'sys-subsystem-net-devices-br0.device'
}
# No router between two cards, neither for one that comes later.
case_no_router() {
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        later at outside ip route del 203.0.113.0/24
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        later at outside2 ip route del 198.51.100.0/24
        small
        apply
        reaches net0 198.51.100.2 203.0.113.2
        cut_off outside 203.0.113.2
        local pci
        pci=$(realpath /sys/class/net/up1/device/..)
        echo 1 > "$pci/remove"
        gone ip link show dev up1
        echo 1 > /sys/bus/pci/rescan
        eventually reaches host 203.0.113.2
        reaches net0 203.0.113.2
        cut_off outside 203.0.113.2
        cut_off outside2 198.51.100.2
        # what software makes later is its own business: here a bridge with somebody behind it
        ip link add docker0 type bridge
        later ip link del docker0
        ip addr add 10.99.0.1/24 dev docker0
        ip link set docker0 up
        unshare --net sleep infinity > /dev/null 2>&1 &
        local pid=$!
        later kill $pid
        until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ]; do sleep .05; done
        ip link add its0 type veth peer name eth0 netns $pid
        ip link set its0 master docker0
        ip link set its0 up
        at $pid ip addr add 10.99.0.2/24 dev eth0
        at $pid ip link set eth0 up
        at $pid ip route add default via 10.99.0.1
        at outside2 ip route add 10.99.0.0/24 via 203.0.113.1
        later at outside2 ip route del 10.99.0.0/24
        reaches $pid 203.0.113.2
}
