#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# inbound.sh: [Link] Inbound=. The stranger is at the other end of a macvlan's parent; each "silent" is beside an "answers" of the same
# server by another way.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# net0 is 198.51.100.7 among strangers, and behind it on br0 beside net1
faced() { # INBOUND [OTHER-LINES]
        site
        printf '%s\n' "${2-}" '[Link]' Kind=macvlan Parent=up0 Address=198.51.100.7/24 Address=2001:db8::7/64 "Inbound=$1" >> /etc/vnet/net0.vnet
}
start() {
        ups br0 net0 net1
        local p
        for p in 80 81 8005; do serve net0 tcp $p; serve net0 udp $p; done
        serve outside tcp 80
        serve outside udp 80
}
# What Inbound= never says no to
passes() {
        answers net0 tcp 198.51.100.2 80 outside
        answers net0 udp 2001:db8::2 80 outside
        reaches net0 198.51.100.2 2001:db8::2
        reaches outside 198.51.100.7 2001:db8::7
        # by the other link everything as ever, and from inside
        answers net1 tcp 172.18.0.10 81 net0
        answers net1 udp fd00:18::10 81 net0
        answers host tcp 172.18.0.10 80 net0
        answers net0 tcp 127.0.0.1 81 net0
}

case_any() {
        faced any
        start
        answers outside tcp 198.51.100.7 80 net0
        answers outside udp 2001:db8::7 81 net0
        is "$(at net0 nft list ruleset)" ''
}
case_no() {
        faced no
        start
        silent outside tcp 198.51.100.7 80
        silent outside udp 198.51.100.7 80
        silent outside tcp 2001:db8::7 80
        silent outside udp 2001:db8::7 81
        passes
}
case_ports() {
        faced '80 8000-8010/udp 8005-8020/udp'
        start
        answers outside tcp 198.51.100.7 80 net0
        answers outside tcp 2001:db8::7 80 net0
        answers outside udp 198.51.100.7 8005 net0
        answers outside udp 2001:db8::7 8005 net0
        silent outside udp 198.51.100.7 80
        silent outside tcp 198.51.100.7 81
        silent outside tcp 2001:db8::7 8005
        silent outside udp 2001:db8::7 81
        passes
        has '"eth1" . udp . 8000-8020 comment "net0"' < <(at net0 nft list set inet vnet open)
}
# A router inside forwards nothing for strangers that they begin, and its own the other way.
case_forward() {
        faced 80 ''
        sed -i 's/^\[Namespace\]$/[Namespace]\nIPv4Forwarding=yes\nIPv6Forwarding=yes/' /etc/vnet/net0.vnet
        start
        serve net1 tcp 80
        at outside ip route add 172.18.0.0/16 via 198.51.100.7
        at outside ip -6 route add fd00:18::/64 via 2001:db8::7
        at net1 ip route add 198.51.100.0/24 via 172.18.0.10
        at net1 ip -6 route add 2001:db8::/64 via fd00:18::10
        answers host tcp 172.18.0.11 80 net1
        silent outside tcp 172.18.0.11 80
        silent outside tcp fd00:18::11 80
        answers net1 tcp 198.51.100.2 80 outside
        answers net1 tcp 2001:db8::2 80 outside
}
# Before the interface is up; a namespace with nothing else is closed from the first moment
case_order() {
        faced no
        "$CTL" plan net0 > "$W/plan"
        [ "$(grep -n '^inbound' "$W/plan" | cut -d: -f1)" -lt "$(grep -n '^up .*dev=eth1' "$W/plan" | cut -d: -f1)" ] || fail "$(cat "$W/plan")"
        has '^inbound .*dev=eth1 ports=none' "$W/plan"
}
case_reload() {
        faced any
        start
        sleeper_in net0
        answers outside tcp 198.51.100.7 81 net0
        sed -i 's/^Inbound=.*/Inbound=80/' /etc/vnet/net0.vnet
        reload net0
        answers outside tcp 198.51.100.7 80 net0
        silent outside tcp 198.51.100.7 81
        sed -i 's/^Inbound=.*/Inbound=81/' /etc/vnet/net0.vnet
        reload net0
        answers outside tcp 198.51.100.7 81 net0
        silent outside tcp 198.51.100.7 80
        # a second one, and then the first goes
        printf 'Inbound=8005\n' | sed -i '/^Address=fd00:18::10/r /dev/stdin' /etc/vnet/net0.vnet
        reload net0
        silent net1 tcp 172.18.0.10 81
        answers net1 tcp 172.18.0.10 8005 net0
        answers outside tcp 198.51.100.7 81 net0
        sed -i '/^Inbound=81/d' /etc/vnet/net0.vnet
        reload net0
        answers outside tcp 198.51.100.7 80 net0
        silent net1 tcp 172.18.0.10 81
        sed -i '/^Inbound=/d' /etc/vnet/net0.vnet
        reload net0
        is "$(at net0 nft list ruleset)" ''
        answers net1 tcp 172.18.0.10 81 net0
        is_in "$SLEEPER" net0
}
# A reload that takes a port away ends what runs to it, and nothing else.
case_reload_cuts() {
        local flows=$TOP/tests/lib/flows.py ids
        faced '7000 7001/udp 7000/udp'
        start
        reaches outside 198.51.100.7 # there is somebody
        background net0 "$flows" talk "$W/talk.net0" 7000 198.51.100.7,2001:db8::7,172.18.0.10 tcp4,,198.51.100.2 udp6,,2001:db8::2
        background outside "$flows" talk "$W/talk.outside" 7000 198.51.100.2,2001:db8::2 {tcp4,udp4},,198.51.100.7 {tcp6,udp6},,2001:db8::7
        background net1 "$flows" talk "$W/talk.net1" 7000 172.18.0.11 {tcp4,udp4},,172.18.0.10
        echo begin > "$W/was"
        eventually moves 5 8 . || { talks; fail 'not everybody talks'; }
        is "$(ids_inside | wc -l)" 8
        quiet "$W"/talk.{net0,net1,outside}
        ids=$(ids_inside -p udp)
        sed -i 's/^Inbound=.*/Inbound=7001 7000\/udp/' /etc/vnet/net0.vnet
        reload net0
        is "$(ids_inside -p tcp --orig-src 198.51.100.2) $(ids_inside -p tcp --orig-src 2001:db8::2)" ' ' 'connections to the port that is gone'
        is "$(ids_inside -p udp)" "$ids" 'flows to the one that stays'
        is "$(ids_inside -p tcp | wc -l)" 2 'what was begun inside, or comes from elsewhere'
        talks > "$W/was"
        rm "$W"/talk.*.hold
        eventually moves 10 6 '^(net|outside udp)' || { talks; fail 'one that may go on does not'; }
        is "$(talks | awk 'NR == FNR { was[$1 $2] = $3; next } /outside tcp/ && was[$1 $2] != $3' "$W/was" -)" '' 'those that may not go on'
        quiet "$W"/talk.{net0,net1,outside}
        sed -i 's/^Inbound=.*/Inbound=no/' /etc/vnet/net0.vnet
        reload net0
        is "$(ids_inside | wc -l)" 4
        rm "$W"/talk.*.hold
        sed -i 's/^Inbound=.*/Inbound=any/' /etc/vnet/net0.vnet
        reload net0
        talks > "$W/was"
        eventually moves 10 4 ^net
}
talks() { local w; for w in net0 net1 outside; do sed "s/^/$w /" "$W/talk.$w" 2> /dev/null; done; }
moves() { # BLOCKS HOW-MANY PATTERN: as many as that have done so many more than in $W/was
        [ "$(talks | awk -v blocks="$1" -v pattern="$3" 'NR == FNR { was[$1 $2] = $3; next }
                $0 ~ pattern && $3 - was[$1 $2] >= blocks' "$W/was" - | wc -l)" -ge "$2" ]
}
ids_inside() {
        { at net0 conntrack -L -o id "$@"; at net0 conntrack -L -f ipv6 -o id "$@"; } 2> /dev/null | grep 'dport=7000' | grep -oE 'id=[0-9]+' | sort -u
}

case_drift() {
        faced '80 53/udp'
        start
        "$CTL" diff net0
        at net0 nft flush ruleset
        "$CTL" diff net0 > "$W/diff" && fail 'no difference'
        has '^+inbound .*dev=eth1 ports=80/tcp,53/udp' "$W/diff"
        up net0
        "$CTL" diff net0
        silent outside tcp 198.51.100.7 81
        at net0 nft delete element inet vnet open '{ "eth1" . tcp . 80 }'
        "$CTL" diff net0 > "$W/diff" && fail 'no difference'
        up net0
        answers outside tcp 198.51.100.7 80 net0
        # the host's own tables go and come without it
        nft flush ruleset
        "$HELPER" restore
        silent outside tcp 198.51.100.7 81
        at net0 nft -s list ruleset > "$W/rules"
        nft list tables > "$W/tables"
        downs net0
        up net0
        at net0 nft -s list ruleset | diff "$W/rules" -
}
# Tables of root inside stay, and decide beside it
case_beside_others() {
        faced 80
        start
        at net0 nft -f - <<'N'
table inet theirs {
        chain input { type filter hook input priority 10; tcp dport 80 iifname eth1 drop; }
}
N
        silent outside tcp 198.51.100.7 80
        answers net1 tcp 172.18.0.10 80 net0
        sed -i 's/^Inbound=.*/Inbound=80 81/' /etc/vnet/net0.vnet
        reload net0
        answers outside tcp 198.51.100.7 81 net0
        silent outside tcp 198.51.100.7 80
        at net0 nft list table inet theirs > /dev/null
}
run_cases "$@"
