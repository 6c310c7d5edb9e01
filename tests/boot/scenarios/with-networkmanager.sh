# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-networkmanager.sh: NetworkManager has an interface of its own and leaves ours alone.

prepare() { # ROOT TOP
        others_site "$1"
        mkdir -p "$1/etc/NetworkManager/conf.d"
        printf '[device-br0]\nmatch-device=interface-name:br0\nmanaged=0\n' > "$1/etc/NetworkManager/conf.d/50-br0.conf"
        # outside.sh manages it
        printf '[device-up0]\nmatch-device=interface-name:up0\nmanaged=0\n' > "$1/etc/NetworkManager/conf.d/60-up0.conf"
}

scenario() {
        check start started
        check its-connection its_connection
        check reload reloaded
        check restart restarted
        check our-restart our_restart
        check without-the-file without_the_file
        check stop stopped
}

# As it stops, NetworkManager 1.42 sets this of all that it has seen, managed or not. A port of a bridge gets no address by it
# unless it goes down and up again; addresses are compared.
# shellcheck disable=SC2034 # by ours_dump()
NOT_COMPARED='conf/vn-[^/]*/addr_gen_mode'

state_of() { nmcli -g GENERAL.STATE device show "$1"; }
unmanaged() {
        local l
        for l in vn-net0 vn-net1 "$@"; do
                state_of "$l" | has -F '(unmanaged)' || fail "$l: $(state_of "$l")"
        done
}
nm_up() { eventually nmcli -g RUNNING general; nm-online -s -q -t 10 || true; }

started() {
        works
        ours_dump > "$W/before"
        systemctl start NetworkManager
        nm_up
        eventually unmanaged br0
        untouched "$W/before"
        works
}
# An uplink that is managed, beside ours: lan0, with somebody at its other end
its_connection() {
        ip link add lan0 type veth peer name lan1
        ip link set lan1 netns "$(cat /run/outside.pid)"
        at outside ip addr add 192.0.2.2/24 dev lan1
        at outside ip link set lan1 up
        nmcli device set lan0 managed yes
        nmcli connection add type ethernet ifname lan0 con-name lan ipv4.method manual \
                ipv4.addresses 192.0.2.1/24 ipv6.method disabled
        nmcli connection up lan
        its_works
        untouched "$W/before"
        works
}
its_works() { reaches host 192.0.2.2; reaches net0 192.0.2.2; }
reloaded() {
        systemctl reload NetworkManager
        nmcli general reload
        nm_up
        eventually unmanaged br0
        untouched "$W/before"
        its_works
        works
}
restarted() {
        systemctl restart NetworkManager
        nm_up
        eventually unmanaged br0
        untouched "$W/before"
        its_works
        works
}
our_restart() {
        restart_ours
        sleep 1
        unmanaged br0
        ours_dump > "$W/before"
        its_works
        works
        stop_ours
        reaches host 192.0.2.2
        start_ours
        works
        ours_dump > "$W/before"
}
# Without its file a bridge is "connected (externally)": looked at, not touched.
without_the_file() {
        rm /etc/NetworkManager/conf.d/50-br0.conf
        systemctl restart NetworkManager
        nm_up
        eventually unmanaged
        state_of br0 | has -F -e externally -e unmanaged || fail "br0: $(state_of br0)"
        sleep 1
        untouched "$W/before"
        works
        restart_ours
        works
        ours_dump > "$W/before"
}
stopped() {
        systemctl stop NetworkManager
        untouched "$W/before"
        works
}
