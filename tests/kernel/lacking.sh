#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lacking.sh: kernels that are built without a part of nftables. The kernel itself answers so to an expression that it does not know
# (tests/faults/nlfault.c makes it one).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
HELPER=$PLAIN/tools/vnet-helper # the preloaded library and sanitizers do not go together

without() { # EXPRESSION VERB [NAME]
        LD_PRELOAD=$PLAIN/tests/faults/nlfault.so NLFAULT=lacks NLFAULT_EXPRESSION=$1 "$HELPER" "${@:2}" 2> "$W/err" || { cat "$W/err"; return 1; }
        cat "$W/err"
}
bridge() { printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\n%s\n' "$1" | file br0; }
ns() { printf '[Namespace]\n%s\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' "$1" | file net0; }

# All but published ports works, and each start finds the table that the first has made.
case_no_fib() {
        bridge IPMasquerade=both
        ns ''
        without fib up br0
        has 'module nft_fib_inet): no port can be published$' "$W/err"
        is "$(wc -l < "$W/err")" 1 lines
        printf '[Bridge]\nAddress=172.19.0.1/16\nInternal=yes\n' | file br1
        nft -a list table inet vnet | grep 'table inet' > "$W/table"
        without fib up br1
        is "$(cat "$W/err")" '' 'words of the second start'
        nft -a list table inet vnet | grep 'table inet' | diff "$W/table" -
        without fib up net0
        reaches net0 198.51.100.2 2001:db8::2
        nft flush ruleset
        without fib restore
        reaches net0 198.51.100.2 2001:db8::2
        if nft list table inet vnet | grep fib; then fail 'a rule that this kernel does not know'; fi
}

case_no_fib_and_a_port() {
        bridge IPMasquerade=both
        ns PublishPort=8080:80
        without fib up br0
        if without fib up net0; then fail 'a port without nft_fib'; fi
        has 'net0.vnet:2: .*published ports need a part of nftables that the kernel lacks (module nft_fib_inet)$' "$W/err"
        is "$(wc -l < "$W/err")" 1 lines
        gone ip link show vn-net0
        gone test -e /run/netns/net0
        if nft list table inet vnet | grep net0; then fail 'elements of net0'; fi
        # the module is there now
        up net0
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
}

case_no_socket() {
        bridge IPMasquerade=both
        ns PublishPort=8080:80
        without socket up br0
        has 'module nft_socket' "$W/err"
        without socket up net0
        is "$(cat "$W/err")" '' 'words of the second start'
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 net0
        reaches net0 198.51.100.2 2001:db8::2
}

# What cannot be done without is named, and nothing is left.
case_no_masquerade() {
        bridge IPMasquerade=both
        snapshot "$W/before"
        if without masq up br0; then fail 'masquerading without nft_masq'; fi
        has 'the kernel lacks a part of nftables (modules .*nft_masq' "$W/err"
        is "$(wc -l < "$W/err")" 1 lines
        same "$W/before" 'the machine before and after the failed start'
}

run_cases "$@"
