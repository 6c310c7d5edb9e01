#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# p2p.sh: a namespace on a cable of its own, without a bridge: the first half of the article.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

p2p() { # LINES of [Link], [Namespace]
        printf '[Namespace]\n%s\n[Link]\nAddress=172.18.0.10/24\nHostAddress=172.18.0.11/24\nAddress=fd00:18::10/64\nHostAddress=fd00:18::11/64\n%s\n' \
                "${2-}" "${1-}" | file net0
}

case_ping_both_ways() {
        p2p
        up net0
        reaches net0 172.18.0.11 fd00:18::11
        reaches host 172.18.0.10 fd00:18::10
        # nothing asked for forwarding
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 0'
        if nft list table inet vnet 2> /dev/null; then fail 'a table nobody needs'; fi
        down net0
        gone ip link show dev vn-net0
}

# The article's goal: from the namespace to the host, to the other interface of the host, and out.
case_masquerade() {
        p2p "$(printf 'IPMasquerade=both\nGateway=172.18.0.11\nGateway=fd00:18::11')"
        up net0
        serve outside tcp 80
        reaches net0 198.51.100.1 198.51.100.2 2001:db8::1 2001:db8::2
        answers net0 tcp 198.51.100.2 80 'outside 198.51.100.1'
        answers net0 tcp 2001:db8::2 80 "outside $(full6 2001:db8::1)"
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '1 1'
        # udev's sysctl.d would switch it off again for the outer end
        is "$(grep -c '^net/ipv[46]/conf/vn-net0/forwarding=1$' /run/sysctl.d/10-vnet-vn-net0.conf)" 2
        down net0
}

# The outer end's address is the way out even when nobody says so.
case_default_gateway() {
        p2p 'IPMasquerade=both'
        up net0
        reaches net0 198.51.100.2 2001:db8::2
}

case_masquerade_one_family() {
        p2p "$(printf 'IPMasquerade=ipv4\nGateway=172.18.0.11\nGateway=fd00:18::11')"
        up net0
        reaches net0 198.51.100.2
        cut_off net0 2001:db8::2
        is "$(sysctl -n net.ipv6.conf.all.forwarding)" 0 'IPv6 forwarding'
}

case_publish() {
        p2p "$(printf 'IPMasquerade=both\nGateway=172.18.0.11\nGateway=fd00:18::11')" PublishPort=8080:80
        up net0
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 'net0 198.51.100.2'
        answers outside tcp 2001:db8::1 8080 "net0 $(full6 2001:db8::2)"
        answers host tcp 198.51.100.1 8080 net0
        answers net0 tcp 198.51.100.1 8080 net0
}

# Two cables know each other only if they are let.
case_two_cables() {
        p2p "$(printf 'IPMasquerade=ipv4\nGateway=172.18.0.11')"
        printf '[Namespace]\n[Link]\nAddress=172.19.0.10/24\nHostAddress=172.19.0.11/24\nIPMasquerade=ipv4\nGateway=172.19.0.11\n' | file net1
        ups net0 net1
        serve net1 tcp 80
        answers net1 tcp 172.19.0.10 80 net1
        silent net0 tcp 172.19.0.10 80
        outside_knows
        silent outside tcp 172.19.0.10 80
        down net1
        reaches net0 198.51.100.2
        down net0
}

# With peers on both ends the namespace's one is the way out, said or not.
case_peer_with_host_address() {
        printf '[Namespace]\n[Link]\nAddress=10.1.0.2/32 peer 10.1.0.1\nHostAddress=10.1.0.1/32 peer 10.1.0.2\nIPMasquerade=ipv4\n' | file net0
        up net0
        holds 'map(select(.dst == "default") | .gateway) == ["10.1.0.1"]' ip -n net0 -j -4 route
        reaches net0 10.1.0.1 198.51.100.2
}

# A subnet of two addresses has no broadcast; in one of four neither edge is anybody's.
case_small_networks() {
        printf '[Namespace]\n[Link]\nAddress=10.1.0.0/31\nHostAddress=10.1.0.1/31\n[Link]\nAddress=10.1.0.6/30\nHostAddress=10.1.0.5/30\n' | file net0
        up net0
        reaches net0 10.1.0.1 10.1.0.5
        reaches host 10.1.0.0 10.1.0.6
        holds '[.[].addr_info[] | select(.family == "inet") | [.local, .broadcast]] == [["10.1.0.0", null], ["10.1.0.6", "10.1.0.7"]]' \
                ip -n net0 -j -4 addr show to 10.1.0.0/29
        down net0
        local edge
        for edge in 10.1.0.4 10.1.0.7; do
                printf '[Namespace]\n[Link]\nAddress=%s/30\n' $edge | file net1
                refused up net1 "^net1: /etc/vnet/net1.vnet:3: Address: '$edge/30' is the (address of the network|broadcast address)"
        done
}

run_cases "$@"
