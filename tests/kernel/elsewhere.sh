#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# elsewhere.sh: the helper runs in another network namespace than the one that a network was started from, as rpm gives one to the
# scripts of a package. Nothing of the network is to be found there: that is said, and nothing is touched.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

WORDS='was started in another network namespace; run this there, or remove /run/vnet/state'
# HELPER=$ELSEWHERE refused …
start() {
        ELSEWHERE=$W/elsewhere
        printf '#!/bin/sh\nexec unshare --net -- %s "$@"\n' "$HELPER" > "$ELSEWHERE"
        chmod +x "$ELSEWHERE"
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0 net1
        serve net0 tcp 80
}
works() {
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 net0
        reaches net0 172.18.0.11 198.51.100.2
}

case_stop() {
        start
        HELPER=$ELSEWHERE refused down net0 "^net0: $WORDS/net0 if that one is gone$"
        HELPER=$ELSEWHERE refused down br0 "^br0: $WORDS/br0 if"
        works
        down net1 2> "$W/err"
        is "$(cat "$W/err")" ''
        gone ip link show dev vn-net1
}
case_stop_of_all() {
        local rc=0
        start
        snapshot "$W/before"
        "$ELSEWHERE" down --all 2> "$W/err" || rc=$?
        cat "$W/err"
        is $rc 1 status
        is "$(grep -c "$WORDS" "$W/err")" 3 'networks that are refused'
        same "$W/before" 'the machine before and after'
        works
}
# up of what is up repairs it; a change of the file makes a reload of it
case_others() {
        local rc=0
        start
        HELPER=$ELSEWHERE refused up net0 "^net0: $WORDS/net0"
        HELPER=$ELSEWHERE refused join net0 "^net0: $WORDS/net0"
        HELPER=$ELSEWHERE refused reload net0 "^net0: $WORDS/net0"
        sed -i 's/8080:80/8081:80/' /etc/vnet/net0.vnet
        HELPER=$ELSEWHERE refused reload net0 "^net0: $WORDS/net0"
        HELPER=$ELSEWHERE refused up net0 "^net0: $WORDS/net0"
        nft delete table inet vnet
        snapshot "$W/before"
        "$ELSEWHERE" restore 2> "$W/err" || rc=$?
        is $rc 1 status
        is "$(cat "$W/err")" 'all that is up was started in another network namespace; run this there'
        same "$W/before" 'the machine before and after a restore'
        "$HELPER" restore
        sed -i 's/8081:80/8080:80/' /etc/vnet/net0.vnet
        works
        # a reload keeps what is known
        printf 'Address=172.18.0.20/16\n' >> /etc/vnet/net0.vnet
        reload net0
        HELPER=$ELSEWHERE refused down net0 "^net0: $WORDS/net0"
}
case_vnetctl() {
        local rc=0
        start
        unshare --net -- "$CTL" diff net0 > "$W/out" 2>&1 || rc=$?
        cat "$W/out"
        is $rc 1 status
        has "net0: $WORDS/net0" "$W/out"
        is "$(wc -l < "$W/out")" 1 lines
        unshare --net -- "$CTL" gc
        "$CTL" diff
        works
}

# What an older version wrote, or a kernel before 5.14 has no number for, is everybody's, and nobody else's number is taken for it.
case_not_known() {
        start
        is "$(sed -n 4,5p /run/vnet/state/net0 | cut -d= -f1)" $'sum '"$(sed -n 's/^sum //p' /run/vnet/state/net0)"$'\nop host cookie'
        cp /run/vnet/state/net0 "$W/record"
        sed -i "s/^ops .*/ops $(($(sed -n 's/^ops //p' "$W/record") - 1))/; /^op host /d" /run/vnet/state/net0
        "$TOP/tests/lib/record-sum.py" /run/vnet/state/net0 's/^op host/op host/'
        printf 'Address=172.18.0.20/16\n' >> /etc/vnet/net0.vnet
        reload net0 2> "$W/err"
        is "$(cat "$W/err")" ''
        is "$(grep -c '^op host' /run/vnet/state/net0)" 0
        works
        down net0
        command -v strace > /dev/null || return 0
        down net1
        down br0
        strace -f -qq -o "$W/trace" -e inject=getsockopt:error=ENOPROTOOPT "$PLAIN/tools/vnet-helper" up br0
        is "$(grep -c '^op host' /run/vnet/state/br0)" 0
        down br0
}
# A record that was changed is not believed
case_damaged() {
        start
        sed -i '/^op host /s/$/1/' /run/vnet/state/net0
        down net0 2> "$W/err"
        has 'the record was changed after it was written' "$W/err"
        gone ip link show dev vn-net0
}

# Two hosts, as it were, with one /run: each has its own
case_both() {
        start
        printf '[Bridge]\nAddress=172.30.0.1/16\nIPMasquerade=ipv4\n' | file far
        at outside "$HELPER" up far
        refused down far "^far: $WORDS/far"
        refused reload far "^far: $WORDS/far"
        nft delete table inet vnet
        "$HELPER" restore
        nft list table inet vnet > "$W/table"
        has 172.18.0.0/16 "$W/table"
        gone grep -F 172.30.0.0/16 "$W/table"
        at outside nft list table inet vnet | has 172.30.0.0/16
        works
        at outside "$HELPER" down far
        gone at outside ip link show dev far
}
run_cases "$@"
