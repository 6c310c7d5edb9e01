#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# foreign.sh: other people's firewalls: what drops our packets is named with a cure, the cure works, and then nothing is said.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# What the helper says while it starts NAME, which must go well
said_of() { # NAME
        "$HELPER" up "$1" 2> "$W/err" || fail "up $1: $(cat "$W/err")"
        cat "$W/err"
}
# The command between the quotes of the line with this pattern
cure_of() { grep -E "$1" "$W/err" | head -n 1 | sed -n "s/.*; '\(.*\)' lets it pass\$/\1/p"; } # PATTERN

works() { # the bridge's network reaches outside, and its published port is reached
        reaches net0 198.51.100.2 2001:db8:0::2
        answers outside tcp 198.51.100.1 8080 net0
}
start() {
        site IPMasquerade=both PublishPort=8080:80
        said_of br0 > "$W/br0"
        said_of net0 > "$W/net0"
        serve net0 tcp 80
        cat "$W/br0" "$W/net0" > "$W/err"
        cat "$W/err" >&2
}

case_quiet() {
        nft add table inet filter
        nft add chain inet filter forward '{ type filter hook forward priority 0; policy accept; }'
        nft add chain inet filter input '{ type filter hook input priority 0; policy accept; }'
        nft add chain inet filter elsewhere '{ type filter hook output priority 0; policy drop; }'
        nft add rule inet filter elsewhere accept
        start
        is "$(cat "$W/err")" '' 'what it says where nothing drops'
        works
        nft delete table inet filter
}

case_forward_policy() {
        local cure
        nft add table inet filter
        nft add chain inet filter forward '{ type filter hook forward priority 0; policy drop; }'
        start
        is "$(grep -c . "$W/br0")" 1 'lines for br0'
        is "$(grep -c . "$W/net0")" 1 'lines for net0'
        grep -q '^br0: forwarding: chain forward of table inet filter drops what it does not know; ' "$W/br0" || fail "it says '$(cat "$W/br0")'"
        cut_off net0 198.51.100.2 2001:db8:0::2
        cure=$(cure_of '^br0: forwarding')
        bash -ec "$cure" || fail "the cure does not run: $cure"
        works
        is "$(said_of br0)" '' 'what it says once it is cured'
        downs net0 br0
        nft delete table inet filter
}

# One family's table concerns a network of that family alone.
case_families() {
        nft add table ip6 filter
        nft add chain ip6 filter FORWARD '{ type filter hook forward priority 0; policy drop; }'
        site4
        is "$(said_of br0)" '' 'what it says of IPv6 to a network without'
        down br0
        site6
        said_of br0 | has "^br0: forwarding: chain FORWARD of table ip6 filter drops .*'ip6tables -I FORWARD -i br0 -j ACCEPT && ip6tables -I FORWARD -o br0"
        nft delete table ip6 filter
}

case_docker() {
        nft add table ip filter
        nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'
        nft add chain ip filter DOCKER-USER
        nft add rule ip filter FORWARD jump DOCKER-USER
        site
        said_of br0 | has "^br0: forwarding: chain FORWARD of table ip filter drops .*'iptables -I DOCKER-USER -i br0 -j ACCEPT && iptables -I DOCKER-USER -o br0 -j ACCEPT'"
        nft add rule ip filter DOCKER-USER iifname br0 accept
        is "$(said_of br0)" '' 'what it says once it is cured'
        nft delete table ip filter
}

# Both families by one command: said once
case_ufw() {
        local f
        for f in ip ip6; do
                nft add table $f filter
                nft add chain $f filter FORWARD '{ type filter hook forward priority 0; policy drop; }'
                nft add chain $f filter INPUT '{ type filter hook input priority 0; policy drop; }'
        done
        nft add chain ip filter ufw-user-forward
        nft add chain ip6 filter ufw6-user-forward
        site
        is "$(said_of br0 | grep -c .)" 2 'lines'
        has "^br0: forwarding: .*'ufw route allow in on br0 && ufw route allow out on br0'" < "$W/err"
        has "^br0: access to the host: chain INPUT of table ip filter drops .*'ufw allow in on br0'" < "$W/err"
        for f in ip ip6; do nft delete table $f filter; done
}

case_firewalld() {
        nft add table inet firewalld
        nft add chain inet firewalld filter_FORWARD '{ type filter hook forward priority 10; policy accept; }'
        nft add rule inet firewalld filter_FORWARD reject with icmpx admin-prohibited
        site
        said_of br0 | has "^br0: forwarding: chain filter_FORWARD of table inet firewalld drops .*'firewall-cmd --permanent --zone=trusted --add-interface=br0 "
        nft add rule inet firewalld filter_FORWARD iifname br0 accept
        is "$(said_of br0)" '' 'what it says once it is cured'
        nft delete table inet firewalld
}

# A host that lets nobody in is told, but not as a warning; where HostAccess=no wants just that, it is not told at all.
case_input_policy() {
        local cure
        nft add table inet filter
        nft add chain inet filter input '{ type filter hook input priority 0; policy drop; }'
        nft add rule inet filter input meta l4proto ipv6-icmp accept
        start
        is "$(cat "$W/net0")" '' 'what it says of net0'
        grep -q '^br0: access to the host: chain input of table inet filter drops' "$W/br0" || fail "it says '$(cat "$W/br0")'"
        cut_off net0 172.18.0.1
        cure=$(cure_of '^br0: access')
        bash -ec "$cure" || fail "the cure does not run: $cure"
        reaches net0 172.18.0.1
        downs net0 br0
        nft flush chain inet filter input
        site 'HostAccess=no'
        is "$(said_of br0)" '' 'what it says with HostAccess=no'
        nft delete table inet filter
}

# Rules of the old iptables are in no dump of nftables. Who asks for a table that is not there would make it.
case_legacy() {
        command -v iptables-legacy > /dev/null || skip 'no iptables-legacy (package iptables)'
        local f cure
        start
        is "$(cat "$W/err")" '' 'what it says where there is nothing'
        downs net0 br0
        is "$(cat /proc/net/ip_tables_names /proc/net/ip6_tables_names)" '' 'tables that were made by a question'
        for f in iptables-legacy ip6tables-legacy; do $f -P FORWARD DROP || skip 'no iptables-legacy in this kernel'; done
        start
        has '^br0: forwarding: chain FORWARD of table ip filter (iptables-legacy) drops what it does not know; ' < "$W/br0"
        cut_off net0 198.51.100.2 2001:db8:0::2
        is "$(grep -c . "$W/br0")" 2 'lines for br0'
        while read -r cure; do bash -ec "$cure"; done < <(sed -n "s/.*; '\(.*\)' lets it pass\$/\1/p" "$W/br0")
        works
        is "$(said_of br0)" '' 'what it says once it is cured'
        downs net0 br0
        # with its policy back nothing drops, whatever rules are there
        for f in iptables-legacy ip6tables-legacy; do
                $f -F
                $f -A FORWARD -i eth+ -p tcp --dport 25 -j DROP
                $f -P FORWARD ACCEPT
        done
        site
        is "$(said_of br0)" '' 'what it says of the policy accept'
        iptables-legacy -P INPUT DROP
        iptables-legacy -N ufw-user-forward
        said_of br0 | has "^br0: access to the host: chain INPUT of table ip filter (iptables-legacy) drops .*'ufw allow in on br0'"
        iptables-legacy -P INPUT ACCEPT
        iptables-legacy -P FORWARD DROP
        iptables-legacy -N DOCKER-USER
        iptables-legacy -X ufw-user-forward
        said_of br0 | has "'iptables-legacy -I DOCKER-USER -i br0 -j ACCEPT && iptables-legacy -I DOCKER-USER -o br0 -j ACCEPT'"
        downs br0
        rm /run/xtables.lock
}

# Whoever starts after us and flushes: restore brings back ours, and tells what of his drops.
case_restore() {
        start
        nft -f - <<N
flush ruleset
table inet filter {
        chain forward {
                type filter hook forward priority 0; policy drop;
        }
}
N
        "$HELPER" restore 2> "$W/err"
        is "$(grep -c . "$W/err")" 1 'lines'
        cut_off net0 198.51.100.2
        bash -ec "$(cure_of '^br0: forwarding: chain forward of table inet filter drops')"
        works
        "$HELPER" restore 2> "$W/err"
        is "$(cat "$W/err")" '' 'what it says once it is cured'
        nft delete table inet filter
        if ! iptables-legacy -P FORWARD DROP; then downs net0 br0; skip 'no iptables-legacy'; fi
        "$HELPER" restore 2> "$W/err"
        is "$(cure_of '^br0: forwarding: chain FORWARD of table ip filter .iptables-legacy. drops')" \
                'iptables-legacy -I FORWARD -i br0 -j ACCEPT && iptables-legacy -I FORWARD -o br0 -j ACCEPT'
        downs net0 br0
        rm /run/xtables.lock
}

# Names that a shell would read as more than names
case_odd_names() {
        nft add table inet 'a/b'
        nft add chain inet 'a/b' forward '{ type filter hook forward priority 0; policy drop; }'
        site
        said_of br0 > "$W/out"
        is "$(cat "$W/out")" '' 'a command from a name with a slash'
        nft delete table inet 'a/b'
}

run_cases "$@"
