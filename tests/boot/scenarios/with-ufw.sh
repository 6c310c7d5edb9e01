# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-ufw.sh: ufw drops all that is forwarded and all that comes to the host, until it is told to let the bridge pass.

prepare() { others_site "$1"; } # ROOT TOP

scenario() {
        check before works
        check enable enabled
        check warned warned_at_start
        check cure cure
        check reload reloaded
        check restart restarted
        check ours-leaves-it ours_leaves_it
        check stop stopped
        check disable disabled
}

enabled() {
        ufw --force enable
        has_table
        only 'own4 own6'
}
warned_at_start() {
        restart_ours
        only 'own4 own6'
        warned 'ufw route allow in on br0'
}
# Both families by each command: in on: from the bridge, replies too; out on: to published ports; allow: to the host itself
cure() {
        ufw route allow in on br0
        ufw route allow out on br0
        only "${FLOWS/ host4 host6/}"
        ufw allow in on br0
        works
}
reloaded() {
        ufw reload
        has_table
        works
}
restarted() {
        systemctl restart ufw
        has_table
        works
}
ours_leaves_it() {
        local f
        for f in ip ip6; do rules_of $f filter > "$W/$f"; done
        stop_ours
        for f in ip ip6; do rules_of $f filter | diff "$W/$f" -; done
        start_ours
        for f in ip ip6; do rules_of $f filter | diff "$W/$f" -; done
        works
}
stopped() {
        systemctl stop ufw
        has_table
        works
        systemctl start ufw
        works
}
disabled() {
        ufw disable
        has_table
        works
}
