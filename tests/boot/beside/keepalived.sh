# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=keepalived
ROW=keepalived

# /128, as keepalived marks that as not to be sent from: with /64 what is masqueraded may leave by this address.
its_files() { # ROOT
        cat > "$1/etc/keepalived/keepalived.conf" <<'U'
global_defs {
        router_id vtest
}
vrrp_instance one {
        state MASTER
        interface up0
        virtual_router_id 51
        priority 150
        advert_int 1
        virtual_ipaddress {
                198.51.100.100/24
        }
        virtual_ipaddress_excluded {
                2001:db8::100/128
        }
}
U
}

its_start() {
        systemctl start keepalived
        eventually is_master
}
is_master() { ip -o addr show dev up0 | has -F 198.51.100.100 && ip -o addr show dev up0 | grep -F 2001:db8::100 | has -v tentative; }
its_works() {
        eventually is_master
        reaches outside 198.51.100.100 2001:db8::100
}
# What is published is published at its address too.
its_extra() {
        is_master || return 0
        answers outside tcp 198.51.100.100 8080 net0
        answers outside tcp 2001:db8::100 8080 net0
}
its_restart() { systemctl restart keepalived; }
its_reload() { systemctl reload keepalived; }
its_stop() { systemctl stop keepalived; }
