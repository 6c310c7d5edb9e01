# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
PACKAGE=nftables
ROW='nftables.service, all dropped'

its_files() { # ROOT
        nftables_that_drops "$1" 'tcp dport 22 accept'
}

its_start() { systemctl start nftables; }
its_works() { host_is_closed; }
its_restart() { systemctl restart nftables; }
its_reload() { systemctl reload nftables; }
its_cure() {
        cp /etc/nftables.conf /etc/nftables.ill
        sed -i '/hook input/a iifname "br0" accept
                /hook forward/a iifname "br0" accept\noifname "br0" ct state established,related accept\nct status dnat accept' /etc/nftables.conf
}
its_illness() { mv /etc/nftables.ill /etc/nftables.conf; }
its_stop() { systemctl stop nftables; }
