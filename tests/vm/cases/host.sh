# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# host.sh: the host keeps its shape, where only a machine with hardware and the initial namespace can show it.

# The host forwards, since the site is up: a namespace that starts now is no router all the same.
booted_settings_are_not_inherited() {
        sysctl -qw net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
        later sysctl -qw net.ipv4.conf.all.route_localnet=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
        is "$(sysctl -n net.ipv4.ip_forward)" 1
        systemctl restart vnet@net0
        is "$(at net0 sysctl -n net.ipv4.{ip_forward,conf.all.route_localnet,conf.all.rp_filter,conf.eth0.rp_filter,conf.eth0.forwarding} | xargs)" '0 0 0 0 0'
        reaches net0 172.18.0.1 198.51.100.2
}

# udev has applied sysctl.d to our bridge, and somebody applies all of it again.
booted_sysctl_d() {
        printf 'net.ipv4.ip_forward=0\nnet.ipv4.conf.*.rp_filter=1\n' > /etc/sysctl.d/60-cis.conf
        later rm /etc/sysctl.d/60-cis.conf
        systemctl restart vnet@br0
        eventually active vnet@net0 vnet@net1
        udevadm settle
        systemctl restart systemd-sysctl
        is "$(sysctl -n net.ipv4.ip_forward net.ipv4.conf.br0.rp_filter | xargs)" '1 2'
        reaches net0 198.51.100.2
        sysctl -qw net.ipv4.ip_forward=0
        cut_off net0 198.51.100.2
        systemctl restart vnet-restore
        reaches net0 198.51.100.2
}

# A network card that is plugged in while forwarding is ours
booted_late_hardware() {
        local device
        device=$(basename "$(readlink -f "/sys/class/net/up1/device")")
        echo "$device" > /sys/bus/virtio/drivers/virtio_net/unbind
        eventually gone ip link show dev up1
        echo "$device" > /sys/bus/virtio/drivers/virtio_net/bind
        eventually ip link show dev up1
        udevadm settle
        is "$(ip -j -d link show dev up1 | jq -r '.[0].linkinfo.info_kind // ""')" '' 'kind of a network card'
        ip addr replace 203.0.113.1/24 dev up1
        ip link set up1 up
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        later at outside ip route del 203.0.113.0/24
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        later at outside2 ip route del 198.51.100.0/24
        reaches host 203.0.113.2 198.51.100.2
        reaches net0 203.0.113.2 198.51.100.2
        cut_off outside 203.0.113.2
        cut_off outside2 198.51.100.2
        # and what software makes later is its own business: here a bridge with somebody behind it
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
