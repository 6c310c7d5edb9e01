#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# physical.sh: an interface of the host that is moved in and given back as it was. The card is the end of a cable here, of which
# somebody outside has the other; what the kernel does with a real one as its namespace ends is for tests/vm.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

card() { # what the host says of it, its number too
        ip -d -j link show dev card0 | jq -S '.[0] | {ifindex, address, mtu, txqlen, altnames: (.altnames | sort), gen: .inet6_addr_gen_mode, up: (.flags | index("UP") != null)}'
}
plug() {
        ip link add card0 address 02:00:00:00:ca:00 mtu 1400 txqueuelen 77 type veth peer name wire0 address 02:00:00:00:ca:01 netns "${PID_OF[up0]}"
        at outside ip link set wire0 up
        at outside ip addr add 192.0.2.1/24 dev wire0
        at outside ip addr add fd00:ca::1/64 dev wire0 nodad
        ip link property add dev card0 altname enp9s0 altname enx02
        ip link set card0 addrgenmode none
        ip link set card0 up
        card > "$W/before"
}
unplug() { ip link del card0; }
back() { # WHEN
        card > "$W/after" 2>&1 || { ip link; fail "no card after $1"; }
        diff "$W/before" "$W/after" || fail "the card is another after $1"
        [ ! -e /run/vnet/held ] || fail "/run/vnet/held is left after $1"
}
lent() { # LINES
        printf '[Namespace]\n[Link]\nKind=physical\nDevice=card0\nAddress=192.0.2.10/24\nAddress=fd00:ca::10/64\n%s\n' "${1-}" | file net0
}
inside_is() { at net0 ip -d -j link show dev "${2:-eth0}" | jq -e ".[0] | $1" > /dev/null || { at net0 ip -d link; fail "the card inside is not: $1"; }; }

case_there_and_back() {
        plug
        lent Gateway=192.0.2.1
        up net0
        gone ip link show dev card0
        inside_is '.mtu == 1400 and .address == "02:00:00:00:ca:00" and (.flags | index("UP")) and (.altnames | index("card0"))'
        reaches net0 192.0.2.1 fd00:ca::1
        reaches outside 192.0.2.10 fd00:ca::10
        "$CTL" diff net0 || fail 'a difference'
        reload net0
        down net0
        back 'a stop'
        # whatever somebody did with it inside
        up net0
        at net0 ip link set eth0 down
        at net0 ip link set eth0 name other mtu 1300 address 02:00:00:00:ca:77 txqueuelen 5
        at net0 ip link property del dev other altname enp9s0
        at net0 ip link property add dev other altname up0
        down net0
        back 'a stop of one that was changed inside'
        ip link set card0 down
        card > "$W/before"
        up net0
        reaches net0 192.0.2.1
        down net0
        back 'a stop of one that was down'
        unplug
}
case_own_settings() {
        plug
        lent $'MACAddress=02:00:00:00:ca:44\nMTUBytes=1350\nName=card0'
        up net0
        inside_is '.mtu == 1350 and .address == "02:00:00:00:ca:44"' card0
        reaches net0 192.0.2.1 fd00:ca::1
        lent $'MACAddress=02:00:00:00:ca:44\nMTUBytes=1340\nName=card0'
        reload net0
        inside_is '.mtu == 1340' card0
        lent $'MACAddress=02:00:00:00:ca:45\nMTUBytes=1340\nName=card0'
        refused reload net0 'MACAddress: .*cannot be created or changed while net0 is up'
        down net0
        back 'a stop'
        printf '[Namespace]\n[Link]\nKind=physical\nDevice=02:00:00:00:CA:00\nAddress=192.0.2.10/24\n' | file net0
        up net0
        reaches net0 192.0.2.1
        reload net0
        down net0
        back 'a stop of one that was asked for by its address'
        unplug
}
case_again_and_again() {
        local i
        plug
        lent
        for ((i = 0; i < 20; i++)); do
                up net0
                [ $i != 10 ] || sleeper_in net0
                down net0 2> "$W/err"
                back "stop $i"
        done
        up net0
        reaches net0 192.0.2.1 fd00:ca::1
        down net0
        unplug
}
# The name is gone and a process is inside: nobody sees the card.
case_nameless() {
        plug
        lent
        up net0
        sleeper_in net0
        ip netns del net0
        gone ip link show dev card0
        down net0
        back 'a stop without a name'
        up net0
        ip netns del net0
        up net0 # which stops what is left first
        reaches net0 192.0.2.1
        ip netns del net0
        down net0
        back 'a stop without a name and nobody inside'
        kill "$SLEEPER"
        unplug
}
case_killed() {
        local after
        plug
        lent
        for after in .002 .003 .004 .005 .006 .007 .008 .01 .012 .015 .02 .03; do
                timeout -s KILL $after "$PLAIN/tools/vnet-helper" up net0 > "$W/err" 2>&1 || true
                down net0
                back "a start that was killed after $after"
                up net0
                timeout -s KILL $after "$PLAIN/tools/vnet-helper" down net0 > "$W/err" 2>&1 || true
                down net0
                back "a stop that was killed after $after"
        done
        unplug
}
case_mended() {
        plug
        lent
        up net0
        at net0 ip link set eth0 down
        at net0 ip link set eth0 name other
        "$CTL" diff net0 > "$W/out" || true
        has -E '^-physical .*name=other' "$W/out"
        reload net0
        reaches net0 192.0.2.1 fd00:ca::1
        # somebody brought it back to the host by hand
        at net0 ip link set eth0 netns 1
        ip link property del dev eth0 altname card0
        ip link set dev eth0 name card0
        "$CTL" diff net0 > "$W/out" || true
        has -E '^\+physical .*name=eth0 .*lost in the kernel' "$W/out"
        reload net0
        reaches net0 192.0.2.1 fd00:ca::1
        "$CTL" diff net0 || fail 'a difference'
        down net0
        # its number on the host is a new one then
        diff <(grep -v ifindex "$W/before") <(card | grep -v ifindex) || fail 'the card is another'
        unplug
}
case_pulled_out() {
        plug
        lent
        up net0
        at outside ip link del wire0
        eventually without_card
        down net0 2> "$W/err"
        has "interface 'card0' is neither in the namespace nor on the host any more" "$W/err"
        refused up net0 "net0.vnet:2: .*the host has no interface 'card0'"
        gone ip netns pids net0
}
without_card() { ! at net0 ip link show dev eth0 > /dev/null 2>&1; }
# The host has got another interface of that name.
case_name_taken() {
        plug
        lent
        up net0
        ip link add card0 address 02:00:00:00:ee:00 type bridge
        down net0 2> "$W/err"
        cat "$W/err"
        has "the host has another interface 'card0' now; the one that was moved in is back as 'eth0'" "$W/err"
        is "$(ip -j link show dev eth0 | jq -r '.[0] | "\(.address) \(.mtu)"')" '02:00:00:00:ca:00 1400' card
        ip link del card0
        ip link del eth0
}
case_not_spare() {
        plug
        lent
        ip addr add 192.0.2.2/24 dev card0
        ip route add default via 192.0.2.1 metric 7
        refused up net0 "net0.vnet:2: .*the default route of the host leaves by 'card0'"
        ip route del default via 192.0.2.1 metric 7
        ip -6 route add default dev card0 metric 7
        refused up net0 "net0.vnet:2: .*the default route of the host leaves by 'card0'"
        ip -6 route del default dev card0 metric 7
        ip link add sw0 address 02:00:00:00:ee:01 type bridge
        ip link set card0 master sw0
        refused up net0 "net0.vnet:2: .*'card0' is a port of 'sw0'"
        gone ip netns pids net0
        ip link del sw0
        unplug
}
case_refused() {
        local line lines
        while IFS='|' read -r line lines; do
                # shellcheck disable=SC2059 # lines
                printf "[Namespace]\n[Link]\n$lines\n" | file odd
                refused up odd "$line"
        done <<'L'
odd.vnet:2: Device: is missing|Kind=physical
odd.vnet:3: Device: does not go with Kind=veth|Device=card0
odd.vnet:4: Device: 'lo' is the loopback|Kind=physical\nDevice=lo
odd.vnet:4: Device: 'a/b' is not|Kind=physical\nDevice=a/b
odd.vnet:4: Device: '02:00' is not a MAC|Kind=physical\nDevice=02:00
odd.vnet:4: Device: '01:00:00:00:00:01' is a multicast|Kind=physical\nDevice=01:00:00:00:00:01
odd.vnet:7: Device: is also that of the link at|Kind=physical\nDevice=card0\n[Link]\nKind=physical\nDevice=card0
odd.vnet:4: Device: is also that of the link at|Kind=physical\nDevice=card0\n[Link]\nKind=macvlan\nParent=card0
odd.vnet:5: Parent: does not go with Kind=physical|Kind=physical\nDevice=card0\nParent=card1
L
        rm /etc/vnet/odd.vnet
        lent
        printf '[Namespace]\n[Link]\nKind=physical\nDevice=card0\n' | file net1
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=card0\n' | file net2
        printf '[Bridge]\nUplink=card0\n' | file net3
        "$CTL" check > "$W/out" 2>&1 || true
        has "net1.vnet:4: .*Device: 'card0' is also the device of a link at /etc/vnet/net0.vnet:4" "$W/out"
        has "net2.vnet:4: .*Parent: 'card0' is also the device of a link at /etc/vnet/net0.vnet:4" "$W/out"
        has "net3.vnet:2: .*Uplink: 'card0' is also the device of a link at /etc/vnet/net0.vnet:4" "$W/out"
        mv /etc/vnet/net2.vnet /etc/vnet/net.vnet
        "$CTL" check > "$W/out" 2>&1 || true
        has "net0.vnet:4: .*Device: 'card0' is also used on the host at /etc/vnet/net.vnet:4" "$W/out"
        rm /etc/vnet/*
}
run_cases "$@"
