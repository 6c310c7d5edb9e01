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

run_cases "$@"
