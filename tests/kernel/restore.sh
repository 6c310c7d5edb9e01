#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# restore.sh: the rules are back after somebody flushed them (vnet-restore.service runs "restore").
LEAKS=1
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

restore() { "$HELPER" restore; }
start() {
        site "$(printf 'IPMasquerade=both\nAllowFrom=br1')" "$(printf 'PublishPort=8080:80\nPublishPort=9000-9009:9000-9009')"
        site_b "$(printf 'IPMasquerade=both\nHostAccess=no')"
        ups br1 br0 net0 net1 net2
        settled
        snapshot "$W/whole"
}

case_after_flush() {
        start
        nft flush ruleset
        restore
        same "$W/whole" 'the machine before the flush and after restore'
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        answers net0 tcp 198.51.100.1 8080 net0
        reaches net0 198.51.100.2
}

# "flush ruleset" at the head of /etc/nftables.conf, and the administrator's own rules after it
case_after_reload_of_nftables() {
        start
        printf 'flush ruleset\ntable inet filter {\n chain input { type filter hook input priority 0; policy accept; }\n}\n' | nft -f -
        restore
        nft list table inet filter > /dev/null
        nft delete table inet filter
        same "$W/whole" 'the machine before the flush and after restore'
}

case_after_flush_of_the_table() {
        start
        nft flush table inet vnet
        restore
        same "$W/whole" 'the machine before the flush and after restore'
}

case_when_all_is_well() {
        start
        restore
        restore
        same "$W/whole" 'the machine before and after restore'
}

case_after_one_element_is_lost() {
        start
        nft delete element inet vnet publish4 '{ tcp . 8080 }'
        restore
        same "$W/whole" 'the machine before and after restore'
}

case_with_nothing_up() {
        restore
        gone nft list table inet vnet
}

# up after the flush works too, and knows the others
case_up_after_flush() {
        start
        printf '[Namespace]\nPublishPort=7000:70\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        nft flush ruleset
        up net3
        serve net3 tcp 70
        answers outside tcp 198.51.100.1 7000 net3
        restore
        down net3
        same "$W/whole" 'the machine before the flush and at the end'
}

# Files edited since, or gone: what is restored is what was applied.
case_from_the_record() {
        start
        rm -r /etc/vnet
        mkdir /etc/vnet
        nft flush ruleset
        restore
        same "$W/whole" 'the machine before the flush and after restore'
}

# Of a newer vnet: its rules are left out, in words; where they are still in the table nothing is touched.
case_one_record_cannot_be_read() {
        start
        sed -i '1s/.*/vnet 2/' /run/vnet/state/net1
        snapshot "$W/newer"
        if restore 2> "$W/err"; then fail 'restore went well'; fi
        has '^/run/vnet/state/net1:1: written by a newer vnet (format 2)$' "$W/err"
        has '^the table inet vnet stays as it is: the record of net1, whose rules may be in it, cannot be read$' "$W/err"
        is "$(wc -l < "$W/err")" 2 lines
        same "$W/newer" 'the machine before and after a restore that was refused'
        nft flush ruleset
        if restore 2> "$W/err"; then fail 'restore went well'; fi
        has '^cannot add what net1 has in the table inet vnet: its record cannot be read$' "$W/err"
        nft list table inet vnet > "$W/table"
        if grep net1 "$W/table"; then fail 'elements of net1'; fi
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        sed -i '1s/.*/vnet 1/' /run/vnet/state/net1
        restore
        same "$W/whole" 'the machine before the flush and after restore'
}

# The rules are flushed and restored while a stop is at work, at each of its messages: dead ports do not come back.
case_flush_during_a_stop() {
        command -v strace > /dev/null || skip 'no strace'
        local n stop
        start
        for ((n = 1; ; n++)); do
                up net0
                rm -f "$W/trace"
                strace -qq -o "$W/trace" -e trace=sendto -e "inject=sendto:signal=SIGSTOP:when=$n" "$PLAIN/tools/vnet-helper" down net0 &
                stop=$!
                eventually ended_or_stopped $stop
                nft flush ruleset
                restore & # it may have to wait for the lock
                sleep .1
                pkill -CONT -x vnet-helper || true
                wait $stop
                wait $!
                nft list table inet vnet > "$W/table"
                if grep 8080 "$W/table"; then fail "after a stop at message $n"; fi
                has 172.18.0.0 "$W/table"
                grep -q SIGSTOP "$W/trace" || break
        done
        [ $n -gt 4 ] || fail "stopped only up to message $n"
        up net0
        same "$W/whole" 'the machine before and after'
}
ended_or_stopped() { ! kill -0 "$1" 2> /dev/null || grep -q SIGSTOP "$W/trace"; }

# What began while the rules were gone would go on without them: a flow of UDP for ever, through an administrator's rules that
# let pass what is established.
case_flows_of_the_gap() {
        local ids
        site IPMasquerade=both 'PublishPort=8080:80/udp'
        site_b "$(printf 'SNATAddress=198.51.100.1\nSNATAddress=2001:db8::1\nAllowFrom=br0')"
        ups br0 br1 net0 net1 net2
        ip addr add 198.51.100.7/24 dev up0
        # what is none of its business
        stream net0 6001 172.18.0.11 6000
        stream net1 6002 172.18.0.1 6000
        stream net0 6003 172.19.0.10 6000
        stream outside 6004 198.51.100.1 6000
        stream net0 6005 198.51.100.2 7000
        hears outside 7000 198.51.100.1
        eventually flows_are 4 -p udp --orig-port-dst 6000
        ids=$(flow_ids -p udp --orig-port-dst 6000 && flow_ids -p udp --orig-port-dst 7000)
        printf 'flush ruleset\ntable inet filter {\n chain forward { type filter hook forward priority 0; policy accept; ct state established,related accept\n }\n}\n' |
                nft -f -
        stream net0 5001 198.51.100.2 5000
        stream net0 5002 2001:db8::2 5000
        stream net2 5003 198.51.100.2 5010
        stream net2 5004 2001:db8::2 5010
        stream outside 5005 198.51.100.1 8080
        stream outside 5006 2001:db8::1 8080
        background net0 ping -i .1 198.51.100.2
        eventually flows_are 2 -p udp --orig-port-dst 5000
        eventually flows_are 2 -p udp --orig-port-dst 8080
        restore
        hears outside 5000 198.51.100.1
        hears outside 5000 2001:db8::1
        hears outside 5010 198.51.100.1
        hears outside 5010 2001:db8::1
        hears net0 80 198.51.100.2
        hears net0 80 2001:db8::2
        eventually ping_is_translated
        is "$(flow_ids -p udp --orig-port-dst 6000 && flow_ids -p udp --orig-port-dst 7000)" "$ids" 'other flows'
        ip addr del 198.51.100.7/24 dev up0
        nft delete table inet filter
}
ping_is_translated() { conntrack -L -p icmp -s 172.18.0.10 2> /dev/null | has 'dst=198.51.100.1 '; }

# Somebody else has called his table so: it is not taken for one of an older version, which would be made anew.
case_table_of_somebody_else() {
        local family
        for family in inet bridge; do
                echo "table $family vnet { chain input { type filter hook input priority 0; ether type ip counter; }; }" | nft -f -
        done
        nft delete table bridge vnet
        nft -s list ruleset > "$W/his"
        snapshot "$W/start"
        site IPMasquerade=both
        refused up br0 'br0.vnet:.*: the table inet vnet has been made by somebody else, .* give it another$'
        nft delete table inet vnet
        # what nobody needs may stay
        echo 'table bridge vnet { chain input { type filter hook input priority 0; ether type ip counter; }; }' | nft -f -
        ups br0 net0
        nft delete table inet vnet
        restore
        reaches net0 198.51.100.2
        has 'hook input' < <(nft list table bridge vnet)
        echo AntiSpoof=yes >> /etc/vnet/net1.vnet
        refused up net1 'the table bridge vnet has been made by somebody else'
        # in place of ours, while we are up
        nft flush ruleset
        nft -f "$W/his"
        if restore 2> "$W/err"; then fail 'restored'; fi
        has 'the table inet vnet has been made by somebody else' "$W/err"
        downs net0 br0
        nft -s list ruleset | diff - "$W/his" || fail 'it is another'
        nft flush ruleset
        nft -f "$W/his"
}

run_cases "$@"
