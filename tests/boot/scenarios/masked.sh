# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# masked.sh: "systemctl mask vnet.target", and of one network: what stays down at boot, and what comes up all the same.

prepare() { # ROOT TOP
        others_site "$1"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        printf '[Namespace]\nServices=nginx.service\n[Link]\nBridge=br0\nAddress=172.18.0.77/16\n' > "$1/etc/vnet/inside.vnet"
        ln -s /dev/null "$1/etc/systemd/system/vnet.target"
        ln -s /dev/null "$1/etc/systemd/system/vnet@net1.service"
}

scenario() {
        check nothing-at-boot nothing_at_boot
        check by-a-service by_a_service
        check unmasked unmasked
}

nothing_at_boot() {
        is "$(systemctl list-units --plain --no-legend --state=active 'vnet*' | wc -l)" 0 'units that are up'
        is "$(systemctl list-units --plain --no-legend --state=failed 'vnet*' | wc -l)" 0 'failed units'
        is "$(find /run/netns -mindepth 1)" '' namespaces
        gone nft list table inet vnet
}

# What is wanted by somebody else
by_a_service() {
        systemctl start nginx.service
        active vnet@inside vnet@br0
        lives_in nginx.service inside
        inactive vnet@net0
        systemctl stop vnet-begin.target
        inactive vnet@inside vnet@br0 nginx.service
}

unmasked() {
        systemctl unmask vnet.target
        systemctl start vnet.target
        active vnet@br0 vnet@net0
        if systemctl start vnet@net1 2> /dev/null; then fail 'a masked network started'; fi
        stop_all
        is "$(find /run/netns -mindepth 1)" '' namespaces
}
