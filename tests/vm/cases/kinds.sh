# shellcheck shell=bash
# boot: site
# SPDX-License-Identifier: GPL-2.0-or-later
# kinds.sh: links that are no veth, some of a kind that the development kernel lacks; and tunnels that the kernel itself puts
# into each new namespace.

prepare() { # ROOT TOP
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.77/24\nAddress=2001:db8::77/64\n' > "$1/etc/vnet/mv0.vnet"
}

came_up() { journalctl -b --no-pager -q -o cat -u vnet@mv0 | has -E '^(Started|Finished) vnet@mv0'; }
# It came with its parent; others may have stopped all since.
booted_macvlan() {
        eventually came_up
        systemctl start vnet@mv0
        is "$(systemctl show -P BindsTo vnet@mv0)" sys-subsystem-net-devices-up0.device BindsTo
        reaches mv0 198.51.100.2 2001:db8::2
        systemctl stop vnet@mv0
}

case_kinds() {
        module dummy
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        printf '%s\n' '[Namespace]' '[Link]' Bridge=br0 Master=inner \
                '[Link]' Name=inner Kind=bridge Address=172.18.0.10/16 \
                '[Link]' Name=dum Kind=dummy Address=10.77.0.1/32 \
                '[Link]' Kind=macvlan Parent=up0 Mode=private Address=198.51.100.78/24 | file net0
        apply
        reaches net0 172.18.0.1 10.77.0.1 198.51.100.2
        at net0 ip -d -j link show dev dum | jq -e '.[0].linkinfo.info_kind == "dummy"' > /dev/null || fail 'no dummy'
        systemctl restart vnet@net0
        reaches net0 172.18.0.1 198.51.100.2
        at net0 ip link set eth0 nomaster
        systemctl reload vnet@net0
        reaches net0 172.18.0.1
}
case_tun() {
        module tun
        printf '%s\n' '[Namespace]' '[Link]' Kind=tun User=7 Address=10.1.1.1/24 Address=fd00:1::1/64 Route=10.2.0.0/16 \
                '[Link]' Name=vm0 Kind=tap Group=5 MultiQueue=yes MTUBytes=1400 Master=inner '[Link]' Name=inner Kind=bridge | file net0
        apply
        at net0 ip -d -j link show dev eth0 | jq -e '.[0].linkinfo.info_data | .type == "tun" and .user == "lp" and .persist' > /dev/null || fail 'no tun'
        at net0 ip -d -j link show dev vm0 | jq -e '.[0] | .mtu == 1400 and .master == "inner" and .linkinfo.info_data.multi_queue' > /dev/null || fail 'no tap'
        at net0 ip tuntap del dev eth0 mode tun
        systemctl reload vnet@net0
        [ -z "$(vnetctl diff net0)" ] || fail "$(vnetctl diff net0)"
        at net0 ip route get 10.2.0.1 | has eth0 || fail 'no route'
        systemctl restart vnet@net0
}
# A card of its own, on a kernel that pushes it home when its namespace ends, with udev there
card_is() { ip -j link show dev up1 2> /dev/null | jq -c '.[0] | [.address, .mtu, .txqlen, .altnames, (.flags | index("UP") != null)]'; }
is_back() { [ "$(card_is)" = "$before" ]; }
case_physical() {
        local before
        before=$(card_is)
        printf '%s\n' '[Namespace]' '[Link]' Kind=physical Device=up1 MTUBytes=1400 Address=198.51.103.9/24 Address=fd00:103::9/64 | file net0
        apply
        at net0 ip -j link show dev eth0 | jq -e '.[0] | .mtu == 1400 and (.altnames | index("up1"))' > /dev/null || fail "$(at net0 ip -d link)"
        systemctl restart vnet@net0
        at net0 ip link show dev eth0 > /dev/null
        systemctl stop vnet@net0
        eventually is_back || fail "after a stop: $(card_is), and not $before; $(ip link)"
        systemctl start vnet@net0
        at net0 ip link set eth0 mtu 1300
        umount /run/vnet/held/net0
        ip netns del net0
        systemctl stop vnet@net0
        eventually is_back || fail "after all was torn down: $(card_is), and not $before; $(ip link)"
}
# They have the first numbers inside, which are those that our own would have.
case_tunnels_in_each_namespace() {
        module sit
        module ipip
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n' | file br0
        printf '%s\n' '[Namespace]' PublishPort=8080:80 '[Link]' Bridge=br0 Address=172.18.0.10/16 Address=fd00:18::10/64 \
                '[Link]' Address=10.9.0.2/24 HostAddress=10.9.0.1/24 '[Link]' Kind=macvlan Parent=up0 | file net0
        apply
        at net0 ip link show dev tunl0 > /dev/null || fail 'no tunnel in the namespace: this tests nothing'
        reaches net0 172.18.0.1 fd00:18::1 10.9.0.1 198.51.100.2
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        systemctl reload vnet@net0
        reaches net0 172.18.0.1
}
