#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# publish.sh: PublishPort= in all its forms, asked from every side. Bridged frames pass the rules of ip and inet too where
# br_netfilter is active, as on every Docker host, and do not where it is not: both are tested.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# Who may ask for host:8080, and whom net0:80 sees then
from_everywhere() { # PROTO
        site IPMasquerade=both "PublishPort=8080:80/$1"
        ups br0 net0 net1
        serve net0 "$1" 80
        answers outside "$1" 198.51.100.1 8080 'net0 198.51.100.2'
        answers outside "$1" 2001:db8::1 8080 "net0 $(full6 2001:db8::2)"
        answers host "$1" 198.51.100.1 8080 net0
        answers host "$1" 2001:db8::1 8080 net0
        answers host "$1" 172.18.0.1 8080 net0
        answers host "$1" fd00:18::1 8080 net0
        # a neighbour on the same bridge, by any address of the host
        answers net1 "$1" 198.51.100.1 8080 net0
        answers net1 "$1" 2001:db8::1 8080 net0
        answers net1 "$1" 172.18.0.1 8080 net0
        answers net1 "$1" fd00:18::1 8080 net0
        # its own published port
        answers net0 "$1" 198.51.100.1 8080 net0
        answers net0 "$1" 2001:db8::1 8080 net0
        answers net0 "$1" 172.18.0.1 8080 net0
        answers net0 "$1" fd00:18::1 8080 net0
        # the neighbour's own way is not turned: it sees whom it talks to
        answers net1 "$1" 172.18.0.10 80 'net0 172.18.0.11'
        downs net0 net1
        silent outside "$1" 198.51.100.1 8080
        down br0
}
case_tcp_br_netfilter() { br_netfilter 1; from_everywhere tcp; }
case_tcp_plain_bridge() { br_netfilter 0; from_everywhere tcp; }
case_udp_br_netfilter() { br_netfilter 1; from_everywhere udp; }
case_udp_plain_bridge() { br_netfilter 0; from_everywhere udp; }

# A namespace without masquerade has published ports all the same, its own included.
case_without_masquerade() {
        site '' PublishPort=8080:80
        ups br0 net0 net1
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 net0
        answers net1 tcp 198.51.100.1 8080 net0
        answers net0 tcp 198.51.100.1 8080 net0
        answers net0 tcp 2001:db8::1 8080 net0
}

case_sctp() {
        site4 IPMasquerade=ipv4 PublishPort=8080:80/sctp
        ups br0 net0
        nft list map inet vnet publish4 | has -E '(sctp|132) . 8080 ' || fail 'no element for sctp'
        if [ ! -e /proc/net/sctp ]; then
                downs net0 br0
                skip 'no SCTP in this kernel: only the element was seen'
        fi
        serve net0 sctp 80
        eventually sctp_answers
}
sctp_answers() { at outside timeout 2 socat -u SCTP4:198.51.100.1:8080 - | grep . > /dev/null; }

# One IPv4 namespace: the IPv6 port stays the host's.
case_family_of_the_namespace() {
        site4 IPMasquerade=ipv4 PublishPort=8080:80
        ups br0 net0
        serve host tcp 8080
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 host
}

# From a link-local address nobody is led on: the host's own service is asked there. IPv4 knows no such bound.
case_link_local() {
        ip addr add 169.254.7.1/16 dev up0
        at outside ip addr add 169.254.7.2/16 dev eth0
        snapshot "$W/start"
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=8080:80/udp')"
        ups br0 net0
        local p
        for p in tcp udp; do
                serve net0 $p 80
                serve host $p 8080
                answers outside $p 2001:db8::1 8080 net0
                answers outside $p fe80::1%eth0 8080 host
                answers outside $p 169.254.7.1 8080 'net0 169.254.7.2'
        done
}

# Who listens on the host would hear nothing any more: refused, with the address, before anything is done. UDP is a warning.
listens() { # SOCAT'S ADDRESS
        # shellcheck disable=SC2016 # expanded by the inner shell
        background host bash -c 'echo $$ > "$1"; exec socat "$2" PIPE' listens "$W/listener" "$1"
        until [ "$(ss -Htuln 'sport = :8080' | wc -l)" -ge 1 ]; do sleep .05; done
        LISTENER=$(cat "$W/listener")
}
deaf() { # NAME OF THE REASON
        refused up net0 "net0.vnet:2: PublishPort: host port 8080/tcp is in use: a program of the host listens on $1:8080\$"
}
hush() { kill "$LISTENER"; until [ "$(ss -Htuln 'sport = :8080' | wc -l)" = 0 ]; do sleep .05; done; }
case_listener() {
        local l
        ip addr add 198.51.100.7/24 dev up0
        snapshot "$W/start"
        site IPMasquerade=both PublishPort=8080:80
        up br0
        for l in '0\.0\.0\.0 TCP4-LISTEN:8080' '\[::] TCP6-LISTEN:8080' '\[::] TCP6-LISTEN:8080,ipv6only=1' \
                '198\.51\.100\.1 TCP4-LISTEN:8080,bind=198.51.100.1' '\[2001:db8::1] TCP6-LISTEN:8080,bind=[2001:db8::1]' \
                '172\.18\.0\.1 TCP4-LISTEN:8080,bind=172.18.0.1'; do
                listens "${l#* },reuseaddr,fork"
                deaf "${l%% *}"
                hush
        done
        # who is not in the way: at the loopback, at a link-local address, with another protocol, connected, or at another address
        listens TCP4-LISTEN:8080,bind=127.0.0.1,reuseaddr,fork
        background host socat 'TCP6-LISTEN:8080,bind=[::1],reuseaddr,fork' PIPE
        background host socat 'TCP6-LISTEN:8080,bind=[fe80::1%up0],reuseaddr,fork' PIPE
        background host socat UDP4-RECVFROM:8080,fork PIPE
        until [ "$(ss -Htuln 'sport = :8080' | wc -l)" = 4 ]; do sleep .05; done
        up net0 2> "$W/err"
        is "$(cat "$W/err")" '' 'what up says'
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        # who comes now is no matter of a repair or of a change elsewhere
        background host socat TCP4-LISTEN:8080,bind=198.51.100.1,reuseaddr,fork PIPE
        until [ "$(ss -Htln 'src = 198.51.100.1:8080' | wc -l)" = 1 ]; do sleep .05; done
        up net0
        site IPMasquerade=both "$(printf 'PublishPort=8080:81\nPublishPort=8081:81')"
        reload net0
        site IPMasquerade=both "$(printf 'PublishPort=8079-8080:8079-8080')"
        reload net0
        down net0
        site IPMasquerade=both PublishPort=198.51.100.7:8080:80
        up net0
        down net0
}
case_listener_of_ipv6_alone() {
        site4 IPMasquerade=ipv4 PublishPort=8080:80
        up br0
        listens TCP6-LISTEN:8080,ipv6only=1,reuseaddr,fork
        up net0
        down net0
        hush
        listens TCP6-LISTEN:8080,ipv6only=0,reuseaddr,fork
        deaf '\[::]'
}
case_listener_and_reload() {
        site IPMasquerade=both PublishPort=8000:80
        ups br0 net0
        listens TCP4-LISTEN:8080,reuseaddr,fork
        site IPMasquerade=both "$(printf 'PublishPort=8000:80\nPublishPort=8070-8090:8070-8090')"
        refused reload net0 'net0.vnet:3: PublishPort: host port 8080/tcp is in use: .* 0\.0\.0\.0:8080$'
        hush
        reload net0
}
case_listener_of_udp() {
        site IPMasquerade=both PublishPort=8080:80/udp
        up br0
        listens UDP4-RECVFROM:8080,reuseaddr,fork
        up net0 2> "$W/err"
        is "$(wc -l < "$W/err")" 1 'lines'
        has 'net0.vnet:2: PublishPort: host port 8080/udp: a program of the host has 0.0.0.0:8080 open' "$W/err"
        serve net0 udp 80
        answers outside udp 198.51.100.1 8080 net0
}

# Several addresses of a family: a server on a socket for all of them answers from where the port leads to.
case_several_addresses() {
        local w a p
        ip addr add fd00:99::1/64 dev up0 nodad
        at outside ip addr add fd00:99::2/64 dev eth0 nodad
        snapshot "$W/start"
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=8080:80/udp')"
        printf 'Address=10.66.0.1/24\nAddress=2001:db8:18::1/64\n' >> /etc/vnet/br0.vnet
        sed -i 's/^Address=172/Address=10.66.0.10\/24\n&/; $aAddress=2001:db8:18::10/64\nAddress=2001:db8:18::9/64' /etc/vnet/net0.vnet
        site_b
        ups br0 br1 net0 net1 net2
        holds 'map(.prefsrc) == ["2001:db8:18::10"]' ip -n net0 -6 -j route show default
        for p in tcp udp; do
                serve net0 $p 80
                for a in 198.51.100.1 172.18.0.1 10.66.0.1 2001:db8::1 fd00:18::1 2001:db8:18::1 fd00:99::1; do
                        for w in outside host net0 net1 net2; do
                                case "$w $a" in "outside 172"* | "outside 10."* | "outside fd00:18"* | "outside 2001:db8:18"*) continue ;; esac
                                answers $w $p $a 8080 net0
                        done
                done
                answers outside $p fd00:99::1 8080 "net0 $(full6 fd00:99::2)"
        done
        # where nothing of UDP is published, what goes out has the source that the kernel chooses
        sed -i '/udp/d' /etc/vnet/net0.vnet
        reload net0
        holds 'map(.prefsrc) == [null]' ip -n net0 -6 -j route show default
        is "$(at net0 ip -6 route show 2001:db8:18::/64 metric 255)" ''
}
# Without a default route, and where the default route is on the second link
case_target_of_two_links() {
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=8080:80/udp')"
        sed -i 's/^Bridge=.*/&\nGateway=no/' /etc/vnet/net0.vnet
        site_b
        ups br0 br1 net0
        nft list map inet vnet publish4 | has 'udp . 8080 counter packets 0 bytes 0 comment "net0" : 172.18.0.10 . 80'
        down net0
        printf '[Link]\nBridge=br1\nAddress=172.19.0.20/16\nAddress=fd00:19::20/64\n' >> /etc/vnet/net0.vnet
        up net0
        serve net0 udp 80
        answers outside udp 198.51.100.1 8080 'net0 198.51.100.2'
        answers outside udp 2001:db8::1 8080 "net0 $(full6 2001:db8::2)"
}

# Two uplinks: the recipe of vnet(7). Without it the answer of a port asked by the second goes out by the first.
case_second_uplink() {
        local p
        uplink up1 203.0.113 2001:db8:1
        sysctl -qw net.ipv4.conf.all.rp_filter=2
        snapshot "$W/start"
        ip route add default via 198.51.100.2
        ip -6 route add default via 2001:db8::2
        ip route add default via 203.0.113.2 table 2
        ip -6 route add default via 2001:db8:1::2 table 2
        # who asks is far away, behind the second
        at outside2 ip addr add 192.0.2.9/32 dev lo
        at outside2 ip addr add 2001:db8:9::9/128 dev lo nodad
        at outside2 ip route replace 203.0.113.0/24 dev eth0 src 192.0.2.9
        at outside2 ip -6 route add 2001:db8:1::/64 dev eth0 metric 1 src 2001:db8:9::9
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=8080:80/udp')"
        ups br0 net0
        serve net0 tcp 80
        serve net0 udp 80
        answers outside tcp 198.51.100.1 8080 net0
        silent outside2 tcp 203.0.113.1 8080
        silent outside2 udp 2001:db8:1::1 8080
        sed -n '/^table inet uplinks/,/^}/p; /^# ip .*fwmark/s/^# //p' "$TOP/man/vnet.7.in" | sed 's/\\(dq/"/g; s/eth1/up1/' > "$W/recipe"
        sed -n '/^table/,/^}/p' "$W/recipe" | nft -f -
        sed -n '/^ip/p' "$W/recipe" | bash -e
        for p in tcp udp; do
                answers outside2 $p 203.0.113.1 8080 'net0 192.0.2.9'
                answers outside2 $p 2001:db8:1::1 8080 "net0 $(full6 2001:db8:9::9)"
                answers outside $p 198.51.100.1 8080 net0
        done
        downs net0 br0
        nft delete table inet uplinks
        ip rule del fwmark 2 table 2
        ip -6 rule del fwmark 2 table 2
        ip route del default table 2
        ip -6 route del default table 2
        ip route del default
        ip -6 route del default
}

# The kernel bridges what it has translated, and drops it between isolated ports: that is said, and all others reach the port.
case_isolated() {
        local on n w
        for on in 1 0; do
                br_netfilter $on
                site IPMasquerade=both PublishPort=8080:80
                for n in net0 net1; do sed -i 's/^Bridge=.*/&\nIsolated=yes/' /etc/vnet/$n.vnet; done
                printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\nAddress=fd00:18::12/64\n' | file net3
                up br0
                up net0 2> "$W/err"
                is "$(grep -c 'net0.vnet:2: PublishPort: with Isolated=yes, and br_netfilter active' "$W/err")" $on 'warnings'
                ups net1 net3
                serve net0 tcp 80
                for w in outside host net3; do
                        answers $w tcp 198.51.100.1 8080 net0
                        answers $w tcp 2001:db8::1 8080 net0
                done
                [ $on = 1 ] || for w in net0 net1; do
                        answers $w tcp 198.51.100.1 8080 net0
                        answers $w tcp fd00:18::1 8080 net0
                done
                down_all
        done
}

case_range() {
        site IPMasquerade=both PublishPort=9000-9009:9000-9009
        ups br0 net0
        serve net0 tcp 9000
        serve net0 tcp 9009
        answers outside tcp 198.51.100.1 9000 net0
        answers outside tcp 198.51.100.1 9009 net0
        answers outside tcp 2001:db8::1 9009 net0
        answers net0 tcp 198.51.100.1 9009 net0
        silent outside tcp 198.51.100.1 9010
        silent outside tcp 198.51.100.1 8999
}

case_shifted_range() {
        site IPMasquerade=both PublishPort=9000-9002:80-82
        ups br0 net0
        serve net0 tcp 80
        serve net0 tcp 82
        answers outside tcp 198.51.100.1 9000 net0
        answers outside tcp 198.51.100.1 9002 net0
        answers outside tcp 2001:db8::1 9002 net0
        silent outside tcp 198.51.100.1 9001
}

# Only this address of the host, the others keep the port.
case_host_address() {
        ip addr add 198.51.100.7/24 dev up0
        ip addr add 2001:db8::7/64 dev up0 nodad
        snapshot "$W/start"
        site IPMasquerade=both "$(printf 'PublishPort=198.51.100.7:8080:80\nPublishPort=[2001:db8::7]:8080:80')"
        ups br0 net0
        serve net0 tcp 80
        serve host tcp 8080
        answers outside tcp 198.51.100.7 8080 net0
        answers outside tcp 2001:db8::7 8080 net0
        answers outside tcp 198.51.100.1 8080 host
        answers outside tcp 2001:db8::1 8080 host
        answers net0 tcp 198.51.100.7 8080 net0
}

# The same port for two namespaces at two addresses, and tcp beside udp: no conflict.
case_ports_side_by_side() {
        ip addr add 198.51.100.7/24 dev up0
        snapshot "$W/start"
        site4 IPMasquerade=ipv4 "$(printf 'PublishPort=198.51.100.7:8080:80\nPublishPort=5353:53/udp')"
        printf '[Namespace]\nPublishPort=198.51.100.1:8080:80\nPublishPort=5353:53/tcp\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\n' | file net1
        ups br0 net0 net1
        serve net0 tcp 80
        serve net0 udp 53
        serve net1 tcp 80
        serve net1 tcp 53
        answers outside tcp 198.51.100.7 8080 net0
        answers outside tcp 198.51.100.1 8080 net1
        answers outside udp 198.51.100.1 5353 net0
        answers outside tcp 198.51.100.1 5353 net1
        # stop takes away its own only
        down net0
        answers outside tcp 198.51.100.1 8080 net1
        silent outside udp 198.51.100.1 5353
        downs net1 br0
}

# Traffic that only passes through the host is not ours to turn.
case_passing_traffic_is_left_alone() {
        site4 IPMasquerade=ipv4 PublishPort=80:80
        ups br0 net0 net1
        serve net0 tcp 80
        serve outside tcp 80
        answers net1 tcp 198.51.100.2 80 'outside 198.51.100.1'
        answers host tcp 198.51.100.2 80 'outside 198.51.100.1'
}

case_two_links() {
        site4 IPMasquerade=ipv4 PublishPort=8080:80
        site_b
        printf '[Link]\nBridge=br1\nAddress=172.19.0.20/16\n' >> /etc/vnet/net0.vnet
        ups br0 br1 net0 net2
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        answers net2 tcp 198.51.100.1 8080 net0
        answers net0 tcp 198.51.100.1 8080 net0
}

# Ports lead to a link that faces the host, whichever stands first.
case_lo_first() {
        site4 IPMasquerade=ipv4
        printf '[Namespace]\nPublishPort=8080:80\n[Link]\nName=lo\nAddress=10.9.9.9/32\nAddress=fd00:9::9/128\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' | file net0
        ups br0 net0
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        is "$(nft list map inet vnet publish4 | grep -c 10.9.9.9 || true)" 0
        is "$(sysctl -n net.ipv6.conf.all.forwarding)" 0 'IPv6 forwarding'
}

# Without masquerade it is the port alone that asks for forwarding: of its family.
case_forwarding_of_the_family() {
        site4 '' PublishPort=8080:80
        ups br0 net0
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '1 0'
        downs net0 br0
        site6 '' PublishPort=8080:80
        ups br0 net0
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 1'
}

# 0.0.0.0 is every address of the host, of IPv4 alone.
case_wildcard_host() {
        site IPMasquerade=both PublishPort=0.0.0.0:8080:80
        ups br0 net0
        serve net0 tcp 80
        serve host tcp 8081
        answers outside tcp 198.51.100.1 8080 net0
        is "$(nft list map inet vnet publish6 | grep -c 8080 || true)" 0
        silent outside tcp 2001:db8::1 8080
}

# RHEL's rp_filter: an answer that comes by another interface than its source is behind is dropped, unless the interface says
# otherwise. That of a port of a network that is not the default way out does.
strict() {
        sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1 net.ipv4.conf.up0.rp_filter=1
        snapshot "$W/start"
}
case_strict_rp_filter() {
        local from
        strict
        site_b
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        file net0 << 'F'
[Namespace]
PublishPort=8080:80
[Link]
Bridge=br0
Address=172.18.0.10/16
[Link]
Bridge=br1
Address=172.19.0.20/16
Route=198.51.100.0/24 via 172.19.0.1
F
        ups br0 br1 net0 net2
        serve net0 tcp 80
        for from in outside host net2; do answers $from tcp 198.51.100.1 8080 net0; done
        # udev, as the bridge appears
        printf 'net.ipv4.conf.*.rp_filter = 1\nnet.ipv4.conf.all.rp_filter = 1\n' > /etc/sysctl.d/50-strict.conf
        for from in br0 br1; do /lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/$from; done
        answers outside tcp 198.51.100.1 8080 net0
        is "$(sysctl -n net.ipv4.conf.{all,up0,br0,br1}.rp_filter | xargs)" '1 1 2 2'
        # somebody's change is mended as others are
        sysctl -qw net.ipv4.conf.br1.rp_filter=1
        silent outside tcp 198.51.100.1 8080
        reload br1
        answers outside tcp 198.51.100.1 8080 net0
        rm /etc/sysctl.d/50-strict.conf
}
case_strict_rp_filter_without_bridge() {
        strict
        site_b
        file p0 << 'F'
[Namespace]
PublishPort=8080:80
[Link]
HostAddress=172.20.0.1/30
Address=172.20.0.2/30
[Link]
HostAddress=172.20.0.5/30
Address=172.20.0.6/30
Route=198.51.100.0/24 via 172.20.0.5
F
        ups br1 p0 net2
        serve p0 tcp 80
        answers outside tcp 198.51.100.1 8080 p0
        answers host tcp 198.51.100.1 8080 p0
        answers net2 tcp 198.51.100.1 8080 p0
        is "$(sysctl -n net.ipv4.conf.up0.rp_filter)" 1
}
# The bridge of somebody else is his.
case_rp_filter_of_others() {
        ip link add lan0 address 02:00:00:00:fd:00 type bridge
        ip addr add 172.18.0.1/16 dev lan0
        ip link set lan0 up
        sysctl -qw net.ipv4.conf.lan0.rp_filter=1
        printf '[Namespace]\nPublishPort=8080:80\n[Link]\nBridge=lan0\nAddress=172.18.0.10/16\n' | file net0
        up net0
        is "$(sysctl -n net.ipv4.conf.lan0.rp_filter)" 1
        gone ls /run/sysctl.d/10-vnet-lan0.conf
        down net0
        ip link del lan0
}

# Many ports go out as one message to the kernel: the one that is taken is named all the same.
case_conflict_among_many() {
        local i lines=
        for ((i = 0; i < 200; i++)); do lines+=$(printf '\nPublishPort=%d:80' $((9000 + i))); done
        site4 IPMasquerade=ipv4 PublishPort=9170:80
        printf '[Namespace]%s\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\n' "$lines" | file net2
        ups br0 net0
        refused up net2 'net2.vnet:172: .*host port 9170/tcp is already published by net0'
        sed -i 's/9170/9005/' /etc/vnet/net0.vnet
        reload net0
        refused up net2 'net2.vnet:7: .*host port 9005/tcp is already published by net0'
}

run_cases "$@"
