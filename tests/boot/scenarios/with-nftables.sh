# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-nftables.sh: an administrator's /etc/nftables.conf that drops what it does not know. nftables.sh: what its unit flushes.

prepare() { # ROOT TOP
        others_site "$1"
        nftables_that_drops "$1"
}

scenario() {
        check start started
        check warned warned_at_start
        check cure cure
        check kept kept
        check ours-leaves-it ours_leaves_it
        check after-restore after_restore
}

started() {
        works
        systemctl start nftables
        eventually has_table
        only 'own4 own6'
}
warned_at_start() {
        restart_ours
        only 'own4 own6'
        warned 'nft insert rule inet filter forward iifname br0 accept'
}
cure() {
        nft insert rule inet filter forward iifname br0 accept
        nft insert rule inet filter forward oifname br0 accept
        only "${FLOWS/ host4 host6/}"
        nft insert rule inet filter input iifname br0 accept
        works
}
# In the file it is for good.
kept() {
        { echo 'flush ruleset'; nft list table inet filter; } > /etc/nftables.conf
        local verb
        for verb in reload restart; do
                systemctl $verb nftables
                eventually has_table
                works
        done
}
ours_leaves_it() {
        rules_of inet filter > "$W/filter"
        stop_ours
        rules_of inet filter | diff "$W/filter" -
        start_ours
        rules_of inet filter | diff "$W/filter" -
        works
}
# Restored by hand before: a start restores all the same.
after_restore() {
        systemctl stop nftables
        has_table
        nft flush ruleset
        systemctl restart vnet-restore
        has_table
        systemctl start nftables
        eventually has_table
        works
}
