# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# site.sh: the small site of spec.md 3.5 as a user has it: the three files of conf.d/examples, booted. First IPv4 as written,
# then IPv6 beside it by drop-ins.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/*.vnet "$1/etc/vnet/"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
        want nginx.service
}

scenario() {
        check booted booted
        check web booted_web
        local n
        for n in 1 0; do
                if [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then
                        [ $n = 0 ] || { omit "ipv4-br_netfilter-$n" 'no br_netfilter in this kernel'; continue; }
                else
                        sysctl -qw net.bridge.bridge-nf-call-iptables=$n net.bridge.bridge-nf-call-ip6tables=$n
                fi
                check "ipv4-br_netfilter-$n" ipv4
        done
        check ipv6-beside add_ipv6
        for n in 1 0; do
                [ ! -e /proc/sys/net/bridge/bridge-nf-call-ip6tables ] ||
                        sysctl -qw net.bridge.bridge-nf-call-iptables=$n net.bridge.bridge-nf-call-ip6tables=$n
                check "ipv6-br_netfilter-$n" ipv6
                check "ipv4-again-$n" ipv4
        done
        check unpublished unpublished
        check vnetctl vnetctl_says
        check stop-leaves-nothing stop_leaves_nothing
        check start-and-stop start_and_stop
}

booted() {
        active vnet.target vnet@br0 vnet@net0 vnet@net1 nginx.service
        is "$(systemctl show -P SourcePath vnet@net0)" /etc/vnet/net0.vnet
        is "$(systemctl list-units --failed --plain --no-legend 'vnet*' | wc -l)" 0 'failed units'
        ip netns list | has '^net0'
        # reached before network.target
        systemctl show -P After network.target | has vnet.target || systemctl show -P Before vnet.target | grep -q network.target
}

http() { # WHERE ADDR PORT
        at "$1" timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"; printf "GET / HTTP/1.0\r\n\r\n" >&3; head -n 1 <&3' http "$2" "$3"
}
booted_web() {
        is "$(systemctl show -P NetworkNamespacePath nginx.service)" /run/netns/net1
        eventually http host 172.18.0.11 80
        http net0 172.18.0.11 80 | has HTTP/
}

servers() {
        [ -e "$W/serving-$1" ] || { serve net0 "$1" 80; : > "$W/serving-$1"; }
}
from_everywhere() { # PROTO HOST-ADDRESS-OUTSIDE BRIDGE-ADDRESS INNER-ADDRESS
        local p=$1
        answers outside "$p" "$2" 8080 net0
        answers host "$p" "$2" 8080 net0
        answers host "$p" "$3" 8080 net0
        answers net1 "$p" "$2" 8080 net0
        answers net1 "$p" "$3" 8080 net0
        answers net0 "$p" "$2" 8080 net0
        answers net0 "$p" "$3" 8080 net0
        answers net1 "$p" "$4" 80 net0
}
# The example publishes TCP; UDP is one line more.
ipv4() {
        udp_too
        reaches net0 172.18.0.11 172.18.0.1 198.51.100.1 198.51.100.2
        reaches net1 172.18.0.10 172.18.0.1 198.51.100.1 198.51.100.2
        [ -e "$W/outside" ] || { serve outside tcp 90; : > "$W/outside"; }
        answers net0 tcp 198.51.100.2 90 'outside 198.51.100.1'
        local p
        for p in tcp udp; do
                servers $p
                from_everywhere $p 198.51.100.1 172.18.0.1 172.18.0.10
        done
}
udp_too() {
        mkdir -p /etc/vnet/net0.vnet.d
        [ ! -e /etc/vnet/net0.vnet.d/udp.conf ] || return 0
        printf '[Namespace]\nPublishPort=8080:80/udp\n' > /etc/vnet/net0.vnet.d/udp.conf
        systemctl daemon-reload
        systemctl reload vnet@net0
}
add_ipv6() {
        mkdir -p /etc/vnet/{br0,net0,net1}.vnet.d
        printf '[Bridge]\nAddress=fd00:18::1/64\nIPMasquerade=both\n' > /etc/vnet/br0.vnet.d/ipv6.conf
        printf '[Link]\nAddress=fd00:18::10/64\n' > /etc/vnet/net0.vnet.d/ipv6.conf
        printf '[Link]\nAddress=fd00:18::11/64\n' > /etc/vnet/net1.vnet.d/ipv6.conf
        systemctl daemon-reload
        # its namespaces follow the bridge, the service its namespace
        sleeper_in net0
        systemctl restart vnet@br0
        rm -f "$W"/serving-*
        eventually active vnet@net0 vnet@net1 nginx.service
        if is_in "$SLEEPER" net0; then fail 'net0 did not restart with its bridge'; fi
        kill "$SLEEPER"
        http host 172.18.0.11 80 || eventually http host 172.18.0.11 80
}
ipv6() {
        reaches net0 fd00:18::11 fd00:18::1 2001:db8::1 2001:db8::2
        reaches net1 fd00:18::10 2001:db8::2
        answers net0 tcp 2001:db8::2 90 "outside $(full6 2001:db8::1)"
        local p
        for p in tcp udp; do
                servers $p
                from_everywhere $p 2001:db8::1 fd00:18::1 fd00:18::10
        done
}
unpublished() {
        at outside ip route add 172.18.0.0/16 via 198.51.100.1
        at outside ip -6 route add fd00:18::/64 via 2001:db8::1
        silent outside tcp 172.18.0.10 80
        silent outside tcp fd00:18::10 80
        silent outside tcp 172.18.0.11 80
        cut_off outside 172.18.0.10 fd00:18::10
}
vnetctl_says() {
        vnetctl list --json=short > "$W/list"
        jq -e 'map({key: .name, value: .}) | from_entries | .br0.kind == "bridge" and .net0.kind == "namespace" and .net0.state == "up"
                and (.net0.addresses | tostring | contains("172.18.0.10"))' "$W/list" > /dev/null || fail "$(cat "$W/list")"
        vnetctl check
        vnetctl plan net0 | has 172.18.0.10
        vnetctl cat net0 | has PublishPort=8080:80
        vnetctl exec net0 -- ip -o addr show dev eth0 | has 172.18.0.10
        # reading needs no root
        setpriv --reuid 65534 --regid 65534 --clear-groups vnetctl list | has net0
        local rc=0
        vnetctl plan no-such-name 2> /dev/null || rc=$?
        is $rc 4 'status of plan no-such-name'
}
nothing_left() {
        is "$(ip -j link | jq -r '[.[] | select(.ifname | test("^(lo|up0)$") | not) | .ifname] | join(" ")')" '' interfaces
        is "$(find /run/netns -mindepth 1 2> /dev/null)" '' namespaces
        is "$(nft list ruleset)" '' 'nftables rules'
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 0' forwarding
        is "$(find /run/vnet /run/sysctl.d -type f ! -name lock 2> /dev/null)" '' 'files below /run'
        is "$(ip -j route show table all | jq -r 'map(select(.dev != "up0" and .dev != "lo")) | length')" 0 routes
}
stop_leaves_nothing() {
        systemctl stop vnet@net0
        gone ip link show dev vn-net0
        gone at net0 true
        active vnet@net1 vnet@br0
        silent outside tcp 198.51.100.1 8080
        reaches net1 172.18.0.1 198.51.100.2
        stop_all
        inactive vnet@br0 vnet@net1 nginx.service
        nothing_left
}
start_and_stop() {
        snapshot "$W/before"
        systemctl start vnet.target
        eventually active vnet@br0 vnet@net0 vnet@net1
        reaches net0 172.18.0.11 198.51.100.2
        systemctl stop vnet@br0
        inactive vnet@net0 vnet@net1
        same "$W/before" 'the machine before and after'
}
