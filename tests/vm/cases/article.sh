# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# article.sh: the article's network as the README has it: three files and a machine that was switched on.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        ln -s ../nginx.service "$1/etc/systemd/system/multi-user.target.wants/"
}

booted_up() {
        active vnet.target vnet@br0 vnet@net0 vnet@net1 nginx.service
        is "$(systemctl list-units --failed --plain --no-legend)" '' 'failed units'
        ip netns list | has '^net0'
        journalctl -b --no-pager -q -o cat -t systemd > "$W/systemd"
        if grep -iE 'ordering cycle|deleted to break' "$W/systemd"; then fail 'a cycle'; fi
}
web_answers() { # WHERE: the service of net1
        at "$1" timeout 10 bash -c 'exec 3<>/dev/tcp/172.18.0.11/80; printf "GET / HTTP/1.0\r\n\r\n" >&3; head -n 1 <&3' | has HTTP/
}
booted_packets() {
        reaches net0 172.18.0.11 172.18.0.1 198.51.100.1 198.51.100.2
        reaches net1 172.18.0.10 172.18.0.1 198.51.100.1 198.51.100.2
        serve outside tcp 90
        answers net0 tcp 198.51.100.2 90 'outside 198.51.100.1'
        serve net0 tcp 80
        local where
        for where in outside host net1 net0; do answers "$where" tcp 198.51.100.1 8080 net0; done
        eventually web_answers host
        web_answers net0
        # not by its own address: what is not published
        at outside ip route add 172.18.0.0/16 via 198.51.100.1
        later at outside ip route del 172.18.0.0/16
        silent outside tcp 172.18.0.10 80
        cut_off outside 172.18.0.10
}
booted_stop() {
        pkill -x socat
        systemctl stop vnet@net0
        gone ip link show dev vn-net0
        gone at net0 true
        active vnet@net1 vnet@br0 nginx.service
        reaches net1 172.18.0.1 198.51.100.2
        stop_all
        inactive vnet@br0 vnet@net1 nginx.service
        is "$(ip -j link | jq -r '[.[].ifname | select(test("^(br0$|vn-)"))] | join(" ")')" '' interfaces
        is "$(find /run/netns -mindepth 1 2> /dev/null)" '' namespaces
        is "$(nft list ruleset)" '' 'nftables rules'
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 0' forwarding
        is "$(find /run/vnet /run/sysctl.d -type f ! -name lock 2> /dev/null)" '' 'files below /run'
}
booted_again() {
        systemctl start vnet.target
        eventually active vnet@br0 vnet@net0 vnet@net1
        reaches net0 172.18.0.11 198.51.100.2
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        systemctl restart vnet@br0
        eventually active vnet@net0 vnet@net1
        reaches net0 172.18.0.11 198.51.100.2
}
