# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=fail2ban
ROW=fail2ban

# Somebody whom it bans, beside outside's other address; what he is banned from is the port of the jail.
its_files() { # ROOT
        rm -f "$1"/etc/fail2ban/jail.d/*
        cat > "$1/etc/fail2ban/jail.d/vtest.conf" <<'U'
[DEFAULT]
banaction = nftables
bantime = 1h
ignoreip =
[sshd]
enabled = true
backend = polling
logpath = /var/log/auth.log
port = 22
U
        : > "$1/var/log/auth.log"
}

up() { fail2ban-client status sshd > /dev/null 2>&1; }
its_start() {
        at outside ip addr replace 198.51.100.66/24 dev eth0
        at outside ip addr replace 2001:db8::66/64 dev eth0 nodad preferred_lft 0 # nor what outside asks from
        systemctl start fail2ban
        eventually up
        fail2ban-client set sshd banip 198.51.100.66 2001:db8::66
}
its_works() {
        eventually up
        listening host -tln 1 22 || serve host tcp 22
        answers outside tcp 198.51.100.1 22 host
        answers outside tcp 2001:db8::1 22 host
        eventually banned
}
banned() {
        ! connects "TCP4:198.51.100.1:22,bind=198.51.100.66" && ! connects 'TCP6:[2001:db8::1]:22,bind=[2001:db8::66]'
}
connects() { at outside timeout 1 socat -u "$1,connect-timeout=1" - 2> /dev/null | has host; }
# What is published is forwarded, and the ban is on what comes to the host.
its_extra() { connects 'TCP4:198.51.100.1:8080,bind=198.51.100.2' || true; }
its_restart() { systemctl restart fail2ban; }
its_reload() { systemctl reload fail2ban; }
its_stop() {
        fail2ban-client set sshd unbanip 198.51.100.66 2001:db8::66
        systemctl stop fail2ban
}
