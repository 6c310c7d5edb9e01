# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wg.sh: the other side of a tunnel of WireGuard, for tests/vm. The peer is the neighbour outside; what it has for the tunnel is in
# the namespace that the cable ends in. Needs later() of tests/vm/inside.sh.

keys() { # NAME…: NAME.key and NAME.pub
        local n
        for n; do
                (umask 077 && wg genkey > "$W/$n.key")
                wg pubkey < "$W/$n.key" > "$W/$n.pub"
        done
}
pub() { cat "$W/$1.pub"; }
# The other side: an interface there, with addresses of the tunnel and whom it lets in
server() { # ADDRESS PORT
        at outside ip addr add "$1" dev eth0
        later at outside ip addr del "$1" dev eth0
        at outside ip link add wgs type wireguard
        later at outside ip link del wgs
        at outside wg set wgs listen-port "$2" private-key "$W/server.key"
        at outside ip addr add 10.66.0.1/16 dev wgs
        at outside ip addr add fd66::1/64 dev wgs nodad
        at outside ip link set wgs up
}
lets_in() { # NAME ADDRESS…
        local allowed
        printf -v allowed '%s,' "${@:2}"
        at outside wg set wgs peer "$(pub "$1")" allowed-ips "${allowed%,}"
}
handshake() { at "$1" wg show wg0 latest-handshakes | awk -v p="$2" '$1 == p { print $2 }'; } # NAMESPACE PUBLIC-KEY
# Whatever is in the namespace leaves by the tunnel or not at all: neither the uplink nor the host's addresses hear it.
no_other_way() { # NAMESPACE
        cut_off "$1" 203.0.113.2 2001:db8:1::2 198.51.100.1 2001:db8::1
        # nor does anything else have a route
        is "$(at "$1" ip -j route show default | jq -r '[.[].dev] | unique | join(" ")')" wg0 'the way out'
        is "$(at "$1" ip -6 -j route show default | jq -r '[.[].dev] | unique | join(" ")')" wg0 'the way out of IPv6'
}
