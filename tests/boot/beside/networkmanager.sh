# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
PACKAGE=network-manager
ROW=NetworkManager
# as it stops, NetworkManager 1.42 sets this of all that it has seen, managed or not
NOT_ITS='addr_gen_mode'

its_files() { # ROOT
        mkdir -p "$1/etc/NetworkManager/conf.d"
        # outside.sh manages it
        printf '[device-up0]\nmatch-device=interface-name:up0\nmanaged=0\n' > "$1/etc/NetworkManager/conf.d/60-up0.conf"
}

nm_up() { eventually nmcli -g RUNNING general; nm-online -s -q -t 10 || true; }
its_start() {
        lan
        systemctl start NetworkManager
        nm_up
        nmcli device set lan0 managed yes
        nmcli connection add type ethernet ifname lan0 con-name lan ipv4.method manual ipv4.addresses 192.0.2.1/24 \
                ipv6.method manual ipv6.addresses 2001:db8:2::1/64
        nmcli connection up lan
}
its_works() { lan_works; }
its_extra() { if [ -e /run/netns/net0 ] && ip link show lan0 > /dev/null 2>&1; then reaches net0 192.0.2.2 2001:db8:2::2; fi; }
its_restart() {
        systemctl restart NetworkManager
        nm_up
        # a veth is managed by it as long as it has been told so
        nmcli device set lan0 managed yes
        nmcli connection up lan
}
its_reload() {
        systemctl reload NetworkManager
        nmcli general reload
        nm_up
}
its_stop() {
        nmcli connection delete lan
        systemctl stop NetworkManager
        ip link del lan0
}
