# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: off
# append: vnet=0
# off.sh: vnet=0 on the kernel command line of a real machine: nothing comes up, and no service starts on the host's network.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        ln -s ../nginx.service "$1/etc/systemd/system/multi-user.target.wants/"
}

booted_off() {
        local u
        for u in vnet.target vnet@br0 vnet@net0 vnet@net1 nginx.service; do
                [ "$(systemctl is-active "$u" || true)" != active ] || fail "$u is active"
        done
        is "$(find /run/netns -mindepth 1 2> /dev/null)" '' namespaces
        is "$(nft list ruleset)" '' 'nftables rules'
        if systemctl start vnet@br0 2> /dev/null; then fail 'vnet@br0 started'; fi
        logged vnet@br0.service 'vnet=no'
}
