# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nftables.sh: nftables.service of the distribution flushes all rules when it starts, reloads and stops: ours come back.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/{br0,net0}.vnet "$1/etc/vnet/"
        rm -f "$1"/etc/systemd/system/*.wants/nftables.service
        printf '#!/usr/sbin/nft -f\nflush ruleset\ntable inet mine {\n chain input { type filter hook input priority 0; policy accept; }\n}\n' > "$1/etc/nftables.conf"
}

scenario() {
        if [ ! -e /lib/systemd/system/nftables.service ]; then
                omit all 'no nftables.service in this root file system'
                return
        fi
        check start after_verb_start
        check reload after_verb_reload
        check restart after_verb_restart
        check stop after_verb_stop
        check together together
}

published() { answers outside tcp 198.51.100.1 8080 net0; reaches net0 198.51.100.2; }
ours() { nft list table inet vnet 2> /dev/null | has 8080; }
after() {
        [ -e "$W/serving" ] || { serve net0 tcp 80; : > "$W/serving"; }
        published
        systemctl "$1" nftables.service
        eventually ours
        published
}
after_verb_start() { systemctl enable -q nftables.service; after start; nft list table inet mine > /dev/null; }
after_verb_reload() { after reload; nft list table inet mine > /dev/null; }
after_verb_restart() { after restart; nft list table inet mine > /dev/null; }
# stop flushes too (ExecStop=nft flush ruleset)
after_verb_stop() { after stop; systemctl disable -q nftables.service; }
together() {
        systemctl start nftables.service
        eventually ours
        stop_all
        gone nft list table inet vnet
        nft list table inet mine > /dev/null
        systemctl reload nftables.service
        gone nft list table inet vnet
        # restore does not pull anything up
        inactive vnet@br0 vnet@net0
}
