# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# ports.sh: elements of published ports count their connections, each kind of map on each kernel; and a stop believes the count.

some_ports() {
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n' | file br0
        printf '[Namespace]\n%s\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' \
                "$(printf 'PublishPort=%s\n' 8080:80/udp 9000-9010:9000-9010/udp 198.51.100.1:8088:80/udp '[fd00:18::1]:8088:80/udp')" | file net0
        apply
}
count() { nft -j list map inet vnet "$1" | jq '.nftables[1].map.elem[0][0].elem.counter.packets'; } # MAP, of one element
no_flows() { flows_are 0 -p udp --orig-port-dst "$1" && flows_are 0 -f ipv6 -p udp --orig-port-dst "$1"; } # PORT
# No connection made it, so only a walk through conntrack finds it.
plant() {
        conntrack -I -p udp -s 198.51.100.9 -d 198.51.100.1 --sport 5555 --dport 8080 --dst-nat 172.18.0.10:80 --timeout 300 > /dev/null 2>&1
        flows_are 1 -p udp --orig-port-src 5555 || fail 'no connection was planted'
}
case_unused() {
        some_ports
        plant
        systemctl stop vnet@net0
        flows_are 1 -p udp --orig-port-src 5555 || fail 'conntrack was walked through for a port that nobody used'
        systemctl start vnet@net0
        systemctl restart vnet-restore
        systemctl stop vnet@net0
        flows_are 0 -p udp --orig-port-src 5555 || fail 'nobody looked for connections from before the table was made'
}
case_used() {
        local way
        some_ports
        systemctl stop vnet@net0
        for way in 'outside 198.51.100.1 8080 publish4' 'host fd00:18::1 8080 publish6' 'outside 198.51.100.1 9007 publish4_range' \
                'host fd00:18::1 9007 publish6_range' 'outside 198.51.100.1 8088 publish4_at' 'host fd00:18::1 8088 publish6_at'; do
                # shellcheck disable=SC2086 # words
                set -- $way
                systemctl start vnet@net0
                serve net0 udp 80
                serve net0 udp 9007
                is "$(count "$4")" 0 "count of $4 before"
                answers "$1" udp "$2" "$3" net0
                [ "$(count "$4")" -gt 0 ] || fail "no count of $4" # a slow answer is asked for once more
                systemctl stop vnet@net0
                no_flows "$3" || fail "flows through $4 go on"
        done
}
