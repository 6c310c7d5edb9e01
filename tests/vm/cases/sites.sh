# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# sites.sh: networks as people build them (tests/sites) that need what the development kernel lacks: a confined service behind a
# tunnel, and a trunk of VLANs from a card to cameras and a router. The others are in tests/boot/scenarios/sites.sh. The files are
# those of the site but for what is not built yet: DNS=10.66.0.1 of torrent.vnet, and DHCP=ipv4 of cam@.vnet, for which ip(8) stands in.

prepare() { # ROOT TOP
        mkdir -p "$1/sites"
        cp -r "$2"/tests/sites/{vpn-service,vlan-trunk} "$1/sites/"
}
bring() { # SITE
        cp "/sites/$1"/*.vnet /etc/vnet/
        systemctl daemon-reload
}
all_up() {
        local u
        for u in $(units_of_files); do eventually active "$u"; done
}

# --- a service whose only way out is a tunnel ---

# The peer in the file is somebody's: here it is the neighbour outside. The service sends wherever it can, all the time.
vpn_service() {
        keys client server
        bring vpn-service
        sed -i "s|^PublicKey=.*|PublicKey=$(pub server)|" /etc/vnet/torrent.vnet
        cp -p "$W/client.key" /etc/vnet/torrent.key
        unit transmission-daemon.service <<'U'
[Service]
ExecStart=/bin/bash -c 'while :; do for a in 198.51.100.2 198.51.100.7 192.168.7.7 2001:db8::2 10.66.0.1; do echo x > /dev/udp/$$a/4242; done; sleep .1; done'
U
        # the client of the web page, in the network that has a route by the link to the host
        at outside ip addr add 192.168.7.7/32 dev eth0
        later at outside ip addr del 192.168.7.7/32 dev eth0
        ip route add 192.168.7.7/32 dev up0
        later ip route del 192.168.7.7/32 dev up0
        at outside nft -f - <<'N'
table inet watch {
        chain prerouting {
                type filter hook prerouting priority -400;
                iifname "eth0" udp dport 4242 counter
                iifname "wgs" udp dport 4242 counter
        }
}
N
        later at outside nft delete table inet watch
        systemctl daemon-reload
}
by_tunnel() { [ "$(counted outside 1)" -gt "${1:-0}" ]; } # [MORE THAN]
nothing_beside() { is "$(counted outside 0)" 0 'packets of the service that came outside the tunnel'; }
web_page() { at "$1" timeout 20 socat -u "TCP:198.51.100.1:9091,bind=$2" STDOUT | cut -d ' ' -f 1; } # WHERE FROM
no_key_in() { # WHAT FILE…
        ! grep -qFf "$W/client.key" "${@:2}" || fail "$1 has the key"
}

case_vpn_service() {
        vpn_service
        server 198.51.100.7/24 51820
        lets_in client 10.66.12.34/32 fd66::c22/128
        systemctl start vnet.target transmission-daemon
        all_up
        lives_in transmission-daemon torrent
        reaches torrent 10.66.0.1 fd66::1
        eventually by_tunnel
        at torrent ip -d -j link show dev wg0 | jq -e '.[0] | .linkinfo.info_kind == "wireguard" and .mtu == 1380' > /dev/null || fail 'no such link'
        is "$(at torrent wg show wg0 peers)" "$(pub server)" peers
        is "$(at torrent wg show wg0 private-key)" "$(cat "$W/client.key")" 'the private key'
        is "$(at torrent wg show wg0 endpoints | cut -f 2)" 198.51.100.7:51820 endpoint
        is "$(at torrent wg show wg0 allowed-ips | cut -f 2 | tr ' ' '\n' | sort | xargs)" '0.0.0.0/0 ::/0' 'allowed addresses'
        is "$(at torrent wg show wg0 persistent-keepalive | cut -f 2)" 25 keepalive
        # the socket is the host's
        ss -Hlun "sport = :$(at torrent wg show wg0 listen-port)" | grep -q . || fail 'no socket on the host'
        # what is published is reached from 192.168, and its answers do not go into the tunnel, as those to others do
        serve torrent tcp 9091
        is "$(web_page outside 192.168.7.7)" torrent 'the web page'
        silent outside tcp 198.51.100.1 9091
        for _ in 1 2 3; do systemctl restart vnet@torrent; done
        systemctl restart vnet@web
        all_up
        reaches torrent 10.66.0.1 fd66::1
        serve torrent tcp 9091
        is "$(web_page outside 192.168.7.7)" torrent 'the web page after restarts'
        vnetctl diff torrent web || fail "$(vnetctl diff torrent web)"
        # nothing of ours has the key
        vnetctl plan torrent > "$W/plan"
        vnetctl plan --format=shell torrent > "$W/script"
        journalctl -b --no-pager -q -o export > "$W/journal"
        no_key_in 'the record' /run/vnet/state/*
        no_key_in 'the plan' "$W/plan" "$W/script"
        no_key_in 'the journal' "$W/journal"
        nothing_beside
}
# From before the first start to after the last stop nothing of the service, which sends all the time, comes out but through the tunnel.
case_vpn_kill_switch() {
        local sent
        vpn_service
        # nobody is at the endpoint
        systemctl start vnet.target transmission-daemon
        all_up
        lives_in transmission-daemon torrent
        no_other_way torrent
        is "$(counted outside 1)" 0 'packets through a tunnel that nobody answers'
        server 198.51.100.7/24 51820
        lets_in client 10.66.12.34/32 fd66::c22/128
        eventually by_tunnel
        # the link for the web page is none to the outside, not even for root inside
        at torrent ip route add 198.51.100.0/25 via 10.97.0.1
        at torrent ip route add 203.0.113.0/24 via 10.97.0.1
        cut_off torrent 198.51.100.2 203.0.113.2 192.168.7.7
        at torrent ip route del 198.51.100.0/25
        at torrent ip route del 203.0.113.0/24
        # the endpoint goes away, reloads go well and fail, the link is lost
        at outside ip link set wgs down
        sed -i 's/^PersistentKeepalive=.*/PersistentKeepalive=5/' /etc/vnet/torrent.vnet
        systemctl reload vnet@torrent
        echo PresharedKeyFile=/nonexistent >> /etc/vnet/torrent.vnet
        ! systemctl reload vnet@torrent 2> /dev/null || fail 'reloaded with a key that is not there'
        sed -i '/^PresharedKeyFile=/d' /etc/vnet/torrent.vnet
        no_other_way torrent
        at torrent ip link del wg0
        cut_off torrent 2001:db8:1::2 198.51.100.2
        systemctl reload vnet@torrent
        at outside ip link set wgs up
        sent=$(counted outside 1)
        eventually by_tunnel "$sent"
        # whoever stays inside while the namespace stops and starts
        sleeper_in torrent
        systemctl stop vnet@torrent
        inactive transmission-daemon
        if nsenter -t "$SLEEPER" -n ping -c 1 -W 5 -q 203.0.113.2 > /dev/null 2>&1; then fail 'who stayed inside gets out'; fi
        systemctl start transmission-daemon
        lives_in transmission-daemon torrent
        sent=$(counted outside 1)
        eventually by_tunnel "$sent"
        kill "$SLEEPER"
        # the tunnel's own bridge gone: the service goes with it
        systemctl stop vnet@web
        inactive vnet@torrent transmission-daemon
        nothing_beside
}

# --- VLANs on a card ---

pull_out() { # IF
        pci=$(realpath "/sys/class/net/$1/device/..")
        echo 1 > "$pci/remove"
        gone ip link show dev "$1"
}
plug_in() { echo 1 > /sys/bus/pci/rescan; }
is_there() { [ -e "/sys/class/net/$1" ]; }
port_of() { [ "$(ip -j link show dev "$2" | jq -r '.[0].master')" = "$1" ]; } # BRIDGE IF
up1_is_back() { networkctl list up1 --no-legend | has -w configured && reaches host 203.0.113.2; }
# The second card is called as the file wants it. networkd knows nothing of this name, and lets it be.
trunk_card() {
        mkdir -p /run/systemd/network
        printf '[Match]\nMACAddress=52:54:00:00:00:03\n[Link]\nName=enp2s0\n' > /run/systemd/network/05-trunk.link
        later no_trunk_card
        udevadm control --reload
        pull_out up1
}
no_trunk_card() {
        stop_all
        ! is_there enp2s0 || pull_out enp2s0
        rm /run/systemd/network/05-trunk.link
        udevadm control --reload
        plug_in
        eventually up1_is_back
}
# The switch at the other end of the card's cable: VLANs with their tag. 99 is one that nobody here has.
switch() {
        local n
        for n in 10 20 30 99; do
                at outside2 ip link add link eth0 name v$n type vlan id $n
                later at outside2 ip link del v$n
                at outside2 ip addr add 10.0.$n.2/24 dev v$n
                at outside2 ip link set v$n up
        done
}
trunk_is_up() {
        local n
        all_up
        eventually port_of trunk enp2s0
        for n in 10 20; do
                at cam@$n ip addr replace 10.0.$n.20/24 dev eth0
                at cam@$n ip route replace default via 10.0.$n.1
        done
}
trunk_works() {
        trunk_is_up
        # each camera has what is in its VLAN, here and at the switch, and the rest by the router, who sees the tags
        reaches cam@10 10.0.10.1 10.0.10.2 10.0.20.20
        reaches cam@20 10.0.20.1 10.0.20.2 10.0.10.20
        reaches outside2 10.0.10.1 10.0.20.1 10.0.10.20 10.0.20.20
}
unheard() { # IF ADDRESS: what the switch sends there by this interface comes to nobody
        if at outside2 ping -c1 -W"$SLOW" -q -I "$1" "$2" > /dev/null 2>&1; then fail "the switch reaches $2 by $1"; fi
}

case_vlan_trunk() {
        local pci
        module 8021q
        trunk_card
        bring vlan-trunk
        ln -s cam@.vnet /etc/vnet/cam@10.vnet
        ln -s cam@.vnet /etc/vnet/cam@20.vnet
        systemctl daemon-reload
        systemctl start vnet.target
        all_up
        # the card comes some time after the bridge
        plug_in
        switch
        trunk_works
        unheard v10 10.0.20.20
        unheard v20 10.0.10.20
        unheard eth0 10.0.20.20
        # the router has VLAN 30 too, and no other
        vlan_of_router 30
        reaches outside2 10.0.30.1
        vlan_of_router 99
        unheard v99 10.0.99.1
        # a camera that sends with a tag does not get into another VLAN
        at cam@10 ip link add link eth0 name v20 type vlan id 20
        at cam@10 ip addr add 10.0.20.99/24 dev v20
        at cam@10 ip link set v20 up
        if at cam@10 ping -c1 -W"$SLOW" -q -I v20 10.0.20.2 > /dev/null 2>&1; then fail 'cam@10 is in VLAN 20'; fi
        is "$(at outside2 ip neigh show 10.0.20.99)" '' 'what the switch learned of cam@10'
        at cam@10 ip link del v20
        systemctl restart vnet@trunk
        trunk_works
        systemctl restart vnet@fw vnet@cam@10 vnet@cam@20
        trunk_works
        pull_out enp2s0
        reaches cam@10 10.0.20.20
        plug_in
        eventually is_there enp2s0
        trunk_works
        vnetctl diff fw cam@10 cam@20 || fail "$(vnetctl diff fw cam@10 cam@20)"
        systemctl stop vnet@trunk
        port_of null enp2s0
}
vlan_of_router() { # ID
        at fw ip link add link all0 name "v$1" type vlan id "$1"
        at fw ip addr add "10.0.$1.1/24" dev "v$1"
        at fw ip link set "v$1" up
}
