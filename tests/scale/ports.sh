#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ports.sh: a bridge has 1023 ports (BR_MAX_PORTS of the kernel is 1 << 10, and 0 is none). What comes after is told why.
# shellcheck source=tests/scale/lib-scale.sh
. "$(dirname "$0")/lib-scale.sh"

GROUP=4711 # of the links that fill it: they can be deleted in one go

# Both ends of a pair are ports: they stay down, so there is no loop.
fill() { # BRIDGE NUMBER
        local i
        for ((i = 0; i < $2 / 2; i++)); do
                echo "link add a$i master $1 group $GROUP type veth peer name b$i group $GROUP"
                echo "link set b$i master $1"
        done > "$W/batch"
        ip -batch "$W/batch"
}

# refused() of lib.sh compares all of the machine; with a thousand links that takes long
refused_briefly() { # NAME PATTERN
        brief > "$W/brief"
        if up "$1" 2> "$W/err"; then fail "up $1 succeeded"; fi
        cat "$W/err"
        is "$(wc -l < "$W/err")" 1 "lines of up $1"
        grep -qE -- "$2" "$W/err" || fail "up $1 says '$(cat "$W/err")', not /$2/"
        brief | diff "$W/brief" - || fail "something is left of the refused up $1"
}
# Without what the kernel notices in its own time
brief() {
        ip -o link | sed 's/^[0-9]*: //; s/ state [A-Z]*//; s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//'
        ip -o addr show
        nft list ruleset
        files_dump || true
}

case_the_one_too_many() {
        local i
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' | file br0
        for i in 1 2 3 4; do
                printf '[Namespace]\nPublishPort=800%s:80\n[Link]\nBridge=br0\nAddress=172.18.0.1%s/16\n' $i $i | file "net$i"
        done
        # a second bridge is not full; nor is the host
        printf '[Bridge]\nAddress=172.19.0.1/16\n' | file br1
        printf '[Namespace]\n[Link]\nBridge=br1\nAddress=172.19.0.10/16\n' | file other
        ups br0 br1
        fill br0 1020
        ups net1 net2 net3
        is "$(find /sys/class/net/br0/brif -mindepth 1 | wc -l)" 1023 ports
        refused_briefly net4 '^net4: /etc/vnet/net4\.vnet:[0-9]+: .*vn-net4: the bridge is full: the kernel allows 1023 ports'
        gone test -e /run/netns/net4
        # nobody else noticed, and nobody else is hindered
        ups other net1 net2
        reaches net1 172.18.0.12 172.18.0.13 198.51.100.2
        reaches other 172.19.0.1
        down net2
        up net4
        reaches net4 172.18.0.11 172.18.0.1
        refused_briefly net2 'the bridge is full'
        downs net1 net3 net4 other
        ip link del group $GROUP
        downs br0 br1
        nothing_left
}

run_scale "$@"
