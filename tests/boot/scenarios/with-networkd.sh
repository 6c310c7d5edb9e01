# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-networkd.sh: systemd-networkd with a file that matches everything: DHCP, link-local addresses, router advertisements. Its
# name is one of netplan's, which sort before most others; only the first file that matches an interface counts.

prepare() { # ROOT TOP
        others_site "$1"
        mkdir -p "$1/etc/systemd/network"
        printf '[Match]\nName=*\n[Network]\nDHCP=yes\nLinkLocalAddressing=yes\nIPv6AcceptRA=yes\nLLDP=yes\nEmitLLDP=yes\n' \
                > "$1/etc/systemd/network/10-netplan-all.network"
        up0_by_networkd "$1"
}

scenario() {
        check start started
        check its-link its_link
        check reload reloaded
        check restart restarted
        check our-restart our_restart
        check stop stopped
}

setup_of() { networkctl list --no-legend "$1" | awk '{ print $5 }'; }
unmanaged() { local l; for l in vn-net0 vn-net1 br0; do is "$(setup_of "$l")" unmanaged "$l" || return 1; done; }
networkd_up() { eventually is_configured up0; }
is_configured() { is "$(setup_of "$1")" configured "$1"; }

started() {
        works
        ours_dump > "$W/before"
        systemctl start systemd-networkd
        networkd_up
        unmanaged
        untouched "$W/before"
        works
}
# What is its own gets its addresses: it does manage links here.
its_link() {
        printf '[Match]\nName=lan0\n[Network]\nAddress=192.0.2.1/24\n' > /etc/systemd/network/05-lan0.network
        eventually networkctl reload
        ip link add lan0 type veth peer name lan1
        ip link set lan1 netns "$(cat /run/outside.pid)"
        at outside ip addr add 192.0.2.2/24 dev lan1
        at outside ip link set lan1 up
        its_works
        untouched "$W/before"
        works
}
its_works() { reaches host 192.0.2.2; reaches net0 192.0.2.2; }
reloaded() {
        networkctl reload
        networkctl reconfigure up0
        networkd_up
        unmanaged
        untouched "$W/before"
        its_works
        works
}
restarted() {
        systemctl restart systemd-networkd
        networkd_up
        unmanaged
        sleep 1
        untouched "$W/before"
        its_works
        works
}
our_restart() {
        restart_ours
        ours_dump > "$W/before"
        sleep 1
        unmanaged
        untouched "$W/before"
        its_works
        works
        stop_ours
        reaches host 192.0.2.2 198.51.100.2
        start_ours
        works
        ours_dump > "$W/before"
}
stopped() {
        systemctl stop systemd-networkd.socket systemd-networkd
        untouched "$W/before"
        works
}
