#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# filter.sh: who reaches whom, and who does not. Each "silent" follows an "answers", so the server was there.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
FLOWS=$TOP/tests/lib/flows.py

# What is not published is not there, even for a neighbour who knows the way.
case_unpublished() {
        outside_knows
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0
        local p
        for p in tcp udp; do
                serve net0 $p 81
                answers host $p 172.18.0.10 81 net0
                silent outside $p 172.18.0.10 81
                silent outside $p fd00:18::10 81
                silent outside $p 198.51.100.1 81
        done
        # nor what is published, by its inner address
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        silent outside tcp 172.18.0.10 80
        silent outside tcp fd00:18::10 80
        cut_off outside 172.18.0.10 fd00:18::10
}

case_masquerade() {
        site
        ups br0 net0 net1
        serve outside tcp 80
        serve outside udp 80
        serve net1 tcp 80
        serve host tcp 80
        answers net0 tcp 198.51.100.2 80 'outside 198.51.100.1'
        answers net0 udp 198.51.100.2 80 'outside 198.51.100.1'
        answers net0 tcp 2001:db8::2 80 "outside $(full6 2001:db8::1)"
        # only what leaves: neighbour and host see the true address
        answers net0 tcp 172.18.0.11 80 'net1 172.18.0.10'
        answers net0 tcp 172.18.0.1 80 'host 172.18.0.10'
        answers net0 tcp 198.51.100.1 80 'host 172.18.0.10'
        reaches net0 198.51.100.2 2001:db8::2
}

# Without masquerade, and without a way back, nothing comes home; with a way back it does, untranslated.
case_no_masquerade() {
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        snapshot "$W/start"
        site ''
        ups br0 net0
        serve outside tcp 80
        silent net0 tcp 198.51.100.2 80
        outside_knows
        answers net0 tcp 198.51.100.2 80 'outside 172.18.0.10'
        answers net0 tcp 2001:db8::2 80 "outside $(full6 fd00:18::10)"
}

case_snat_address() {
        ip addr add 198.51.100.50/24 dev up0
        ip addr add 2001:db8::50/64 dev up0 nodad
        snapshot "$W/start"
        site "$(printf 'SNATAddress=198.51.100.50\nSNATAddress=2001:db8::50')"
        ups br0 net0 net1
        serve outside tcp 80
        serve net1 tcp 80
        answers net0 tcp 198.51.100.2 80 'outside 198.51.100.50'
        answers net0 tcp 2001:db8::2 80 "outside $(full6 2001:db8::50)"
        answers net0 tcp 172.18.0.11 80 'net1 172.18.0.10'
}

# SNATAddress= where both are given: one says how, the other that.
case_snat_and_masquerade() {
        ip addr add 198.51.100.50/24 dev up0
        snapshot "$W/start"
        site "$(printf 'IPMasquerade=both\nSNATAddress=198.51.100.50')" PublishPort=8080:80
        ups br0 net0
        serve outside tcp 80
        serve net0 tcp 80
        answers net0 tcp 198.51.100.2 80 'outside 198.51.100.50'
        answers net0 tcp 2001:db8::2 80 "outside $(full6 2001:db8::1)"
        answers net0 tcp 198.51.100.1 8080 net0
}

case_other_bridge() {
        site
        site_b
        ups br0 br1 net0 net2
        serve net0 tcp 80
        serve net2 tcp 80
        answers host tcp 172.18.0.10 80 net0
        answers host tcp 172.19.0.10 80 net2
        silent net2 tcp 172.18.0.10 80
        silent net2 tcp fd00:18::10 80
        silent net0 tcp 172.19.0.10 80
        silent net0 tcp fd00:19::10 80
        cut_off net0 172.19.0.10
        reaches net0 198.51.100.2
        reaches net2 198.51.100.2
}

case_allow_from() {
        site "$(printf 'IPMasquerade=both\nAllowFrom=br1')"
        site_b
        ups br1 br0 net0 net2
        serve net0 tcp 80
        serve net2 tcp 80
        # with its true address
        answers net2 tcp 172.18.0.10 80 'net0 172.19.0.10'
        answers net2 tcp fd00:18::10 80 "net0 $(full6 fd00:19::10)"
        # one way only
        answers host tcp 172.19.0.10 80 net2
        silent net0 tcp 172.19.0.10 80
        # and gone with the bridge that allowed it
        downs net0 br0
        reaches net2 198.51.100.2
        downs net2 br1
}

# A port published is published for other bridges too.
case_published_across_bridges() {
        site IPMasquerade=both PublishPort=8080:80
        site_b
        ups br0 br1 net0 net2
        serve net0 tcp 80
        answers net2 tcp 198.51.100.1 8080 net0
        answers net2 tcp 172.19.0.1 8080 net0
        answers net2 tcp fd00:19::1 8080 net0
        silent net2 tcp 172.18.0.10 80
}

# What conntrack does not know is not translated: it stays here, and is not answered by the host in a namespace's place.
untranslated() { # BR-NETFILTER LINES-OF-BR0 SOURCE4 SOURCE6
        local a pid
        br_netfilter "$1"
        site "$2" PublishPort=8080:80
        ups br0 net0 net1
        background outside socat TCP6-LISTEN:81,fork EXEC:cat
        background net1 socat TCP6-LISTEN:81,fork EXEC:cat
        serve outside tcp 80
        answers net0 tcp 198.51.100.2 80 "outside $3"
        answers net0 tcp 2001:db8::2 80 "outside $(full6 "$4")"
        count_at outside 'ip saddr 172.16.0.0/12 counter
                ip6 saddr fd00::/8'
        for a in 198.51.100.2 2001:db8::2; do
                hold net0 $a 81
                conntrack -F 2> /dev/null
                let_go
        done
        # between neighbours it passes, whether conntrack sees it or not
        for a in 172.18.0.11 fd00:18::11; do
                hold net0 $a 81
                conntrack -F 2> /dev/null
                let_go
                eventually net1_got_fin
        done
        answers net0 tcp 198.51.100.2 80 outside
        is "$(counted outside 0) $(counted outside 1)" '0 0' 'packets with a private address that left'
        down net1
}
net1_got_fin() { ! at net1 ss -Htn state established 'sport = :81' | has .; }
case_untranslated_masquerade() { untranslated 1 IPMasquerade=both 198.51.100.1 2001:db8::1; }
case_untranslated_plain_bridge() { untranslated 0 IPMasquerade=both 198.51.100.1 2001:db8::1; }
case_untranslated_snat() {
        ip addr add 198.51.100.50/24 dev up0
        ip addr add 2001:db8::50/64 dev up0 nodad
        untranslated 1 "$(printf 'SNATAddress=198.51.100.50\nSNATAddress=2001:db8::50')" 198.51.100.50 2001:db8::50
}

# A segment outside the window comes to the host, and is no matter of the host's.
case_out_of_window() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0
        background outside socat TCP6-LISTEN:81,fork EXEC:cat
        background net0 socat TCP6-LISTEN:80,fork EXEC:cat
        count_at outside 'tcp flags & rst == rst'
        local pair from to port
        for pair in '198.51.100.2 198.51.100.1' '2001:db8::2 2001:db8::1'; do
                read -r from to <<< "$pair"
                hold net0 "$from" 81
                port=$(at net0 ss -Htn state established 'dport = :81' | awk '{ sub(/.*:/, "", $3); print $3 }' | tail -n 1)
                at outside "$FLOWS" stray "$from" 81 "$to" "$port"
                hold outside "$to" 8080
                port=$(at outside ss -Htn state established 'dport = :8080' | awk '{ sub(/.*:/, "", $3); print $3 }' | tail -n 1)
                at outside "$FLOWS" stray "$from" "$port" "$to" 8080
                eventually at outside ping -c1 -W1 -q "$to" > /dev/null # whatever came of it has come by now
        done
        is "$(counted outside)" 0 'resets from the host'
        is "$(at net0 ss -Htn state established | wc -l) $(at outside ss -Htn state established | wc -l)" '4 4' connections
}

# The host's own connections: what conntrack makes of them is not asked.
case_own_connections() {
        site
        ups br0 net0
        background outside socat TCP6-LISTEN:81,fork EXEC:cat
        background host socat TCP6-LISTEN:82,fork EXEC:cat
        local a
        for a in 198.51.100.1 2001:db8::1; do
                hold outside $a 82
                conntrack -F 2> /dev/null
                let_go
                eventually host_got_fin
        done
        # a segment that nobody knows, to a port where somebody listens, has its reset from there
        count_at outside 'tcp flags & rst == rst'
        hold outside 198.51.100.1 82
        conntrack -F 2> /dev/null
        sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
        at outside "$FLOWS" stray 198.51.100.2 999 198.51.100.1 82
        eventually counted_is outside 1
        sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
}
host_got_fin() { ! ss -Htn state established 'sport = :82' | has .; }

case_internal() {
        site Internal=yes
        site_b
        ups br0 br1 net0 net1 net2
        outside_knows
        serve net0 tcp 80
        serve outside tcp 80
        serve host tcp 80
        answers net1 tcp 172.18.0.10 80 net0
        answers net0 tcp 172.18.0.1 80 host
        answers host tcp 172.18.0.10 80 net0
        answers net2 tcp 198.51.100.2 80 outside
        silent net0 tcp 198.51.100.2 80
        silent net0 tcp 2001:db8::2 80
        silent outside tcp 172.18.0.10 80
        silent outside tcp fd00:18::10 80
        silent net2 tcp 172.18.0.10 80
}

# Nothing leaves it: neither to ports that others publish nor to who would let it in.
internal() { # BR-NETFILTER
        local p a
        br_netfilter "$1"
        site Internal=yes
        site_b "$(printf 'IPMasquerade=both\nAllowFrom=br0')"
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8080:80\nPublishPort=8080:80\/udp/' /etc/vnet/net2.vnet
        ups br0 br1 net0 net1 net2
        for p in tcp udp; do
                serve net2 $p 80
                serve net0 $p 80
                serve host $p 90
                for a in 198.51.100.1 172.18.0.1 172.19.0.1 fd00:18::1 2001:db8::1; do
                        answers outside $p 198.51.100.1 8080 net2
                        [ $p = udp ] || answers net0 $p $a 90 host # a server of UDP answers from the nearest address
                        silent net0 $p $a 8080
                done
                answers net1 $p 172.18.0.10 80 net0
                answers net1 $p fd00:18::10 80 net0
                silent net0 $p 172.19.0.10 80
                silent net0 $p fd00:19::10 80
        done
}
case_internal_br_netfilter() { internal 1; }
case_internal_plain_bridge() { internal 0; }

case_inbound_any() {
        site Inbound=any
        ups br0 net0
        serve net0 tcp 80
        serve net0 udp 80
        outside_knows
        answers outside tcp 172.18.0.10 80 'net0 198.51.100.2'
        answers outside udp 172.18.0.10 80 'net0 198.51.100.2'
        answers outside tcp fd00:18::10 80 "net0 $(full6 2001:db8::2)"
        reaches outside 172.18.0.10 fd00:18::10
        # routed to the outside is not open to our other bridges
        site_b
        ups br1 net2
        silent net2 tcp 172.18.0.10 80
        cut_off net2 fd00:18::10
}

case_host_access_no() {
        site "$(printf 'IPMasquerade=both\nHostAccess=no')" PublishPort=8080:80
        ups br0 net0 net1
        local a
        serve host tcp 90
        serve host udp 90
        serve net0 tcp 80
        serve outside tcp 80
        for a in 172.18.0.1 198.51.100.1 fd00:18::1 2001:db8::1; do
                answers host tcp $a 90 host
                silent net0 tcp $a 90
                silent net0 udp $a 90
        done
        # the other way is open, and so is the way through: neighbour discovery of IPv6 needs the host's answers
        answers host tcp 172.18.0.10 80 net0
        answers host tcp fd00:18::10 80 net0
        answers net0 tcp 198.51.100.2 80 outside
        answers net0 tcp 2001:db8::2 80 outside
        answers net1 tcp 198.51.100.1 8080 net0
        answers outside tcp 198.51.100.1 8080 net0
}

# What others publish is not the host, on whatever bridge they are, and by whichever address it is asked.
closed_but_published() { # BR-NETFILTER
        local p a
        br_netfilter "$1"
        site "$(printf 'IPMasquerade=both\nHostAccess=no')" "$(printf 'PublishPort=8080:80\nPublishPort=8080:80/udp')"
        site_b
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8081:80\nPublishPort=8081:80\/udp/' /etc/vnet/net2.vnet
        ups br0 br1 net0 net1 net2
        for p in tcp udp; do
                serve host $p 90
                serve net0 $p 80
                serve net2 $p 80
                for a in 198.51.100.1 172.18.0.1 172.19.0.1 2001:db8::1 fd00:18::1 fd00:19::1; do
                        [ $p = udp ] || answers net2 $p $a 90 host
                        answers net1 $p $a 8080 net0
                        answers net1 $p $a 8081 net2
                        silent net1 $p $a 90
                done
        done
}
case_closed_but_published_br_netfilter() { closed_but_published 1; }
case_closed_but_published_plain_bridge() { closed_but_published 0; }

# A rule of somebody else stays as it is, and is still asked.
case_foreign_tables() {
        nft -f - <<'N'
table ip mine {
        chain forward {
                type filter hook forward priority 10; policy accept;
                tcp dport 666 drop
        }
}
N
        snapshot "$W/start"
        site
        ups br0 net0
        serve outside tcp 666
        serve outside tcp 80
        answers net0 tcp 198.51.100.2 80 outside
        silent net0 tcp 198.51.100.2 666
        downs net0 br0
}

# No policy is changed and route_localnet is never set.
case_host_keeps_its_shape() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0
        if sysctl -a --pattern route_localnet 2> /dev/null | has '= 1'; then fail 'route_localnet is set'; fi
        holds '[.nftables[] | .chain | select(. != null and .policy == "drop")] == []' nft -j list ruleset
        serve net0 tcp 80
        answers host tcp 198.51.100.1 8080 net0
        silent host tcp 127.0.0.1 8080
}

# Without masquerade on either bridge: forwarding is on for it alone.
case_allow_from_alone() {
        site AllowFrom=br1
        site_b ''
        ups br1 br0 net0 net2
        serve net0 tcp 80
        serve net2 tcp 80
        answers net2 tcp 172.18.0.10 80 'net0 172.19.0.10'
        answers net2 tcp fd00:18::10 80 "net0 $(full6 fd00:19::10)"
        silent net0 tcp 172.19.0.10 80
        downs net0 br0
        is "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs)" '0 0'
}

# On a host that forwards both: what is masqueraded is what was asked for, the other family goes as it is.
case_masquerade_of_one_family() {
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        snapshot "$W/start"
        site IPMasquerade=ipv4 # those of a bridge and of a cable
        printf '[Namespace]\n[Link]\nAddress=172.19.0.10/24\nHostAddress=172.19.0.11/24\nAddress=fd00:19::10/64\nHostAddress=fd00:19::11/64\nIPMasquerade=ipv4\n' | file net2
        outside_knows
        ups br0 net0 net2
        serve outside tcp 90
        answers net0 tcp 198.51.100.2 90 'outside 198.51.100.1'
        answers net0 tcp 2001:db8::2 90 "outside $(full6 fd00:18::10)"
        answers net2 tcp 198.51.100.2 90 'outside 198.51.100.1'
        answers net2 tcp 2001:db8::2 90 "outside $(full6 fd00:19::10)"
}

run_cases "$@"
