# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-firewalld.sh: firewalld lets in what is published and rejects what leaves, until the bridge is in a zone that may.

LEFT='in4 in6 own4 own6 back4 back6'
CURE='firewall-cmd --permanent --zone=trusted --add-interface=br0'

prepare() { others_site "$1"; } # ROOT TOP

scenario() {
        check before works
        check start started
        check warned warned_at_start
        check cure cure
        check reload reloaded
        check restart restarted
        check ours-leaves-it ours_leaves_it
        check flush flushed
        check beside-nftables beside_nftables
        check stop stopped
}

# its unit is up about a second before its table
firewalld_up() { eventually rules_of inet firewalld > /dev/null; eventually firewall-cmd --state; }
started() {
        systemctl start firewalld
        firewalld_up
        has_table
        only "$LEFT"
}
warned_at_start() {
        restart_ours
        only "$LEFT"
        warned "$CURE"
}
cure() {
        $CURE
        firewall-cmd --reload
        works
}
reloaded() {
        systemctl reload firewalld
        firewalld_up
        has_table
        works
        firewall-cmd --reload
        has_table
        works
        firewall-cmd --complete-reload
        has_table
        works
}
restarted() {
        systemctl restart firewalld
        firewalld_up
        has_table
        works
}
ours_leaves_it() {
        rules_of inet firewalld > "$W/firewalld"
        stop_ours
        rules_of inet firewalld | diff "$W/firewalld" -
        start_ours
        rules_of inet firewalld | diff "$W/firewalld" -
        works
}
flushed() {
        nft flush ruleset
        systemctl restart firewalld
        firewalld_up
        eventually has_table
        works
}
# nftables.service flushes when it starts and when it stops. Before firewalld 2 each stops the other.
conflict() { systemctl show -P Conflicts firewalld | has -w nftables.service; }
beside_nftables() {
        printf '#!/usr/sbin/nft -f\nflush ruleset\n' > /etc/nftables.conf
        systemctl start nftables
        if conflict; then eventually inactive firewalld; fi
        has_table # at once, as systemd would join the next start of vnet-restore with a run that is still going on
        systemctl restart nftables
        has_table
        systemctl restart firewalld
        if conflict; then eventually inactive nftables; fi
        firewalld_up
        eventually has_table
        works
}
stopped() {
        systemctl stop firewalld
        gone nft list table inet firewalld
        has_table
        works
}
