# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# switched-off.sh: vnet=0 on the kernel's command line (in a container that of PID 1): the system comes up without any network of ours.
# kernel: vnet=0

prepare() { # ROOT TOP
        others_site "$1"
}

scenario() {
        check nothing nothing
}

nothing() {
        grep -z '^vnet=0$' /proc/1/cmdline > /dev/null || fail 'this system was not started with vnet=0'
        is "$(systemctl show -P WantedBy vnet.target)" 'vtest.target' # of the test itself
        is "$(systemctl show -P Wants vnet.target | tr ' ' '\n' | sort | xargs)" 'network.target vnet-begin.target'
        if systemctl is-active vnet@br0 vnet@net0 > /dev/null; then fail 'a network is up'; fi
        [ ! -e /run/netns/net0 ] || fail 'a namespace is there'
        gone nft list table inet vnet
        is "$(sysctl -n net.ipv4.ip_forward)" 0
}
