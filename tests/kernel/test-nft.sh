#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib/kernel/nft beside nft(8): what the probe makes by netlink and what nft makes of the words
# of lib/plan/table-print.c must be listed alike, and work alike for packets. Every case is in
# network namespaces of its own, so nothing of the machine is touched.
# usage: test-nft.sh PROBE

set -u
probe=${1:?usage: test-nft.sh PROBE}
[[ $probe == */* ]] && probe=$(realpath "$probe")
export probe

# Once more, with mounts of our own, since names of network namespaces are files below /run, and
# with processes of our own: none outlives the test.
if [[ ${NFT_TEST_INSIDE:-} != yes ]]; then
        if ! unshare -n -m true 2>/dev/null || ! nft --version >/dev/null 2>&1; then
                echo "skip: needs root and nft(8)"
                echo "0 passed, 0 failed, 1 skipped"
                exit 77 # "skipped" to meson
        fi
        NFT_TEST_INSIDE=yes exec unshare -n -m -p --fork --kill-child \
                --mount-proc --propagation private "$0" "$probe"
fi
mount -t tmpfs tmpfs /run || exit 1
work=/run/work
mkdir -p "$work" /run/netns
cd "$work" || exit 1

passed=0 failed=0 skipped=0

ok() {
        echo "ok $1"
        passed=$((passed + 1))
}

fail() {
        echo "FAIL $1: $2"
        failed=$((failed + 1))
}

skip() {
        echo "skip $1: $2"
        skipped=$((skipped + 1))
}

# same NAME FILE FILE
same() {
        if cmp -s "$2" "$3"; then
                ok "$1"
        else
                fail "$1" "$(diff "$2" "$3" | head -n 8)"
        fi
}

# dump NAME: the rules of this network namespace, into NAME.txt and NAME.json
dump() {
        nft list ruleset > "$1.txt"
        nft -j list ruleset > "$1.json"
}
export -f dump

# inside SCRIPT [ARGUMENT…]: in a network namespace of its own
inside() {
        unshare -n bash -euc "$1" inside "${@:2}"
}

# --- the table ---

inside '"$probe" table; dump ours'
inside '"$probe" print > table.nft; nft -f table.nft; dump theirs'
same table-text ours.txt theirs.txt
same table-json ours.json theirs.json

# What a listing does not show of a set: types and lengths of its fields.
sets() {
        nft --debug=netlink list sets "$@" 2>&1 | sed '/element/d'
        nft --debug=netlink list maps "$@" 2>&1 | sed '/element/d'
}
export -f sets
inside '"$probe" table; sets > ours.sets'
inside 'nft -f table.nft; sets > theirs.sets'
same set-attributes ours.sets theirs.sets

inside 'nft -f ours.txt; dump again'
same table-saved-and-loaded ours.txt again.txt

inside '"$probe" table; "$probe" delete-table; dump gone'
if [[ -s gone.txt ]]; then
        fail table-deleted "$(head -n 3 gone.txt)"
else
        ok table-deleted
fi

# --- elements ---

if inside '"$probe" checks' > checks.out; then
        ok "calls: $(tail -n 1 checks.out)"
else
        fail calls "$(head -n 5 checks.out)"
fi

for set in $("$probe" sets); do
        inside '"$probe" table
                for i in 0 1 2; do "$probe" add "$1" $i; done; dump ours' "$set"
        inside 'nft -f table.nft
                for i in 0 1 2; do
                        nft add element "$("$probe" family "$1")" vnet "$1" "{ $("$probe" words "$1" $i) }"
                done
                dump theirs' "$set"
        same "element-text-$set" ours.txt theirs.txt
        same "element-json-$set" ours.json theirs.json
        inside 'nft -f ours.txt; dump again'
        same "element-saved-and-loaded-$set" ours.txt again.txt
        inside '"$probe" table; dump fresh
                for i in 0 1 2; do "$probe" add "$1" $i; done
                for i in 1 0 2; do "$probe" delete "$1" $i; done
                dump after' "$set"
        same "element-gone-$set" fresh.json after.json
        inside '"$probe" table; dump fresh
                for i in 0 1 2; do "$probe" add "$1" $i; done
                for i in 1 0 2; do
                        nft delete element "$("$probe" family "$1")" vnet "$1" \
                                "{ $("$probe" words "$1" $i | sed "s/ comment .*//") }"
                done
                dump after' "$set"
        same "element-deleted-by-nft-$set" fresh.json after.json
done

# --- size ---

inside '"$probe" table; "$probe" many 1024 -1
        nft list map inet vnet publish6 > many.txt' > many.out
if [[ $(grep -o ' : ' many.txt | wc -l) == 1025 ]]; then # one is the type of the map
        ok many-elements
else
        fail many-elements "$(cat many.out)"
fi
inside '"$probe" table
        nft add element inet vnet publish6 "{ tcp . 10000 : fd00::1 . 1 }"
        "$probe" many 20 1' > many.out
if [[ $(cat many.out) == "File exists 20" ]]; then
        ok many-elements-one-taken
else
        fail many-elements-one-taken "$(cat many.out)"
fi
inside '"$probe" table; "$probe" many 1024 -1; "$probe" many 1024 1' > many.out
if [[ $(cat many.out) == "File exists 0" ]]; then
        ok many-elements-all-taken
else
        fail many-elements-all-taken "$(cat many.out)"
fi

if strace -V >/dev/null 2>&1; then
        inside '"$probe" table
                strace -qq -e trace=sendto,sendmsg,recvfrom,recvmsg -o trace \
                        "$probe" add publish4 0'
        if [[ $(grep -c ^send trace) == 1 && $(grep -c ^recv trace) == 1 ]]; then
                ok one-message-each-way
        else
                fail one-message-each-way "$(cut -c 1-60 trace)"
        fi
        inside '"$probe" table
                strace -qq -e trace=sendto,sendmsg,recvfrom,recvmsg -o trace "$probe" many 1024 -1'
        if [[ $(grep -c ^recv trace) == 1 ]]; then
                ok one-answer-for-many
        else
                fail one-answer-for-many "$(cut -c 1-60 trace)"
        fi
else
        skip one-message-each-way "no strace"
        skip one-answer-for-many "no strace"
fi

# --- packets and connections ---

# client 192.0.2.2 – host 192.0.2.1, 172.18.0.1 – target 172.18.0.2, each with its IPv6 twin
network() {
        local ns

        for ns in client host target; do
                ip netns add $ns
                ip -n $ns link set lo up
        done
        ip -n host link add out type veth peer name eth0 netns client
        ip -n host link add br0 type veth peer name eth0 netns target
        ip -n host address add 192.0.2.1/24 dev out
        ip -n host address add 2001:db8::1/64 dev out nodad
        ip -n host address add 172.18.0.1/16 dev br0
        ip -n host address add fd00:1::1/64 dev br0 nodad
        ip -n client address add 192.0.2.2/24 dev eth0
        ip -n client address add 2001:db8::2/64 dev eth0 nodad
        ip -n target address add 172.18.0.2/16 dev eth0
        ip -n target address add fd00:1::2/64 dev eth0 nodad
        ip -n host link set out up
        ip -n host link set br0 up
        ip -n client link set eth0 up
        ip -n target link set eth0 up
        ip -n target route add default via 172.18.0.1
        ip -n target route add default via fd00:1::1
        ip netns exec host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

at() {
        local ns=$1

        shift
        ip netns exec "$ns" "$@"
}

# listen NS WORD ADDRESS…: answers each line, or datagram, with WORD
listen() {
        local ns=$1 word=$2 i

        for i in "${@:3}"; do
                at "$ns" socat "$i,fork,reuseaddr" SYSTEM:"read line; echo $word" \
                        > /dev/null 2>&1 &
        done
}

# asks WHAT NAME: what the client is answered
asks() {
        echo hello | at client timeout 3 socat -t 1 - "$1" 2>/dev/null
}

is() {
        if [[ $2 == "$3" ]]; then
                ok "$1"
        else
                fail "$1" "'$2' instead of '$3'"
        fi
}

# flows ARGUMENT…: how many connections conntrack(8) lists
flows() {
        at host conntrack -L "$@" 2>/dev/null | grep -c .
}

packets() {
        local four=172.18.0.2 six=fd00:1::2

        network
        listen target target TCP4-LISTEN:80 TCP6-LISTEN:80,ipv6only=1 UDP4-RECVFROM:53 \
                UDP6-RECVFROM:53,ipv6only=1 TCP4-LISTEN:7005
        listen host host UDP4-RECVFROM:53 TCP4-LISTEN:8080
        sleep 0.5
        at host "$probe" table

        # a UDP flow to the host itself, which begins before the port is published
        is udp-before "$(asks UDP4:192.0.2.1:53,sourceport=4000)" host
        is udp-flow "$(flows -p udp --orig-port-src 4000)" 1
        at host "$probe" publish publish4 udp 53 53 $four 53
        is udp-stale "$(asks UDP4:192.0.2.1:53,sourceport=4000)" host
        at host "$probe" stale publish4 udp 53 53 $four 53
        is udp-stale-forgotten "$(flows -p udp --orig-port-src 4000)" 0
        is udp-published "$(asks UDP4:192.0.2.1:53,sourceport=4000)" target

        # a second port to the same target stays, when the first is withdrawn
        at host "$probe" publish publish4 udp 54 54 $four 53
        is udp-second "$(asks UDP4:192.0.2.1:54,sourceport=4001)" target
        at host "$probe" withdraw publish4 udp 53 53 $four 53
        is udp-withdrawn-forgotten "$(flows -p udp --orig-port-src 4000)" 0
        is udp-second-kept "$(flows -p udp --orig-port-src 4001)" 1
        is udp-withdrawn "$(asks UDP4:192.0.2.1:53,sourceport=4000)" host

        at host "$probe" publish publish6 udp 53 53 $six 53
        is udp6-published "$(asks UDP6:[2001:db8::1]:53,sourceport=4002)" target
        is udp6-flow "$(flows -f ipv6 -p udp --orig-port-src 4002)" 1
        at host "$probe" withdraw publish6 udp 53 53 $six 53
        is udp6-withdrawn-forgotten "$(flows -f ipv6 -p udp --orig-port-src 4002)" 0

        at host "$probe" publish publish4_at tcp 81 81 $four 80 192.0.2.1
        is tcp-at "$(asks TCP4:192.0.2.1:81,sourceport=4003)" target
        is tcp-flow "$(flows -p tcp --orig-port-src 4003)" 1
        at host "$probe" withdraw publish4_at tcp 81 81 $four 80 192.0.2.9
        is tcp-other-address-kept "$(flows -p tcp --orig-port-src 4003)" 1
        at host "$probe" withdraw publish4_at tcp 81 81 $four 80 192.0.2.1
        is tcp-withdrawn-forgotten "$(flows -p tcp --orig-port-src 4003)" 0

        at host "$probe" publish publish6_at tcp 81 81 $six 80 2001:db8::1
        is tcp6-at "$(asks TCP6:[2001:db8::1]:81,sourceport=4004)" target
        at host "$probe" withdraw publish6_at tcp 81 81 $six 80 2001:db8::9
        is tcp6-other-address-kept "$(flows -f ipv6 -p tcp --orig-port-src 4004)" 1
        at host "$probe" withdraw publish6_at tcp 81 81 fd00:1::3 80 2001:db8::1
        is tcp6-other-target-kept "$(flows -f ipv6 -p tcp --orig-port-src 4004)" 1
        at host "$probe" withdraw publish6_at tcp 81 81 $six 80 2001:db8::1
        is tcp6-withdrawn-forgotten "$(flows -f ipv6 -p tcp --orig-port-src 4004)" 0

        at host "$probe" publish publish4_range tcp 7000 7010 $four 0
        is tcp-range "$(asks TCP4:192.0.2.1:7005,sourceport=4005)" target
        is tcp-range-flow "$(flows -p tcp --orig-port-src 4005)" 1
        at host "$probe" withdraw publish4_range tcp 7000 7010 $four 0
        is tcp-range-forgotten "$(flows -p tcp --orig-port-src 4005)" 0

        is tcp-local "$(asks TCP4:192.0.2.1:8080,sourceport=4006)" host
        at host "$probe" withdraw publish4 tcp 8080 8080 $four 80
        is tcp-local-kept "$(flows -p tcp --orig-port-src 4006)" 1
}

if conntrack --version >/dev/null 2>&1 && socat -V >/dev/null 2>&1; then
        packets
else
        skip packets "no conntrack(8) or socat(1)"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed == 0 ]]
