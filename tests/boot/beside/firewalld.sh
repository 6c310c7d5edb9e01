# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
PACKAGE=firewalld
ROW=firewalld

its_files() { :; } # ROOT

# its unit is up about a second before its table
its_start() {
        systemctl start firewalld
        firewalld_up
        firewall-cmd --zone=public --add-port=22/tcp --permanent
        firewall-cmd --reload
}
firewalld_up() { eventually rules_of inet firewalld > /dev/null; eventually firewall-cmd --state; }
its_works() { host_is_closed; }
its_restart() {
        systemctl restart firewalld
        firewalld_up
}
its_reload() {
        systemctl reload firewalld
        firewalld_up
        firewall-cmd --complete-reload
        firewalld_up
}
its_stop() { systemctl stop firewalld; }
