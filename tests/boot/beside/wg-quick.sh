# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=wireguard-tools
ROW='wg-quick, all traffic through it'

# The kernel of this machine may lack wireguard: wg-quick takes wireguard-go then. The other end is outside.
its_files() { # ROOT
        local a b
        a=kOWRhDRCcFv3DdAMEk9Q0Nkt9mJeTPHsrqaTvc1pb28= b=6Cx4jeoKlW1UVrIpNJmnC6AwSSr+1u6Nb8pFGQ0WdV0=
        echo $a > "$1/etc/wireguard/a.key"
        echo $b > "$1/etc/wireguard/b.key"
        mkdir -p "$1/dev/net"
}

# FwMark is what wg-quick would choose: where it is not said, a reload takes it away, and the next stop leaves the routing rules.
keys() {
        [ ! -e /etc/wireguard/wg0.conf ] || return 0
        cat > /etc/wireguard/wg0.conf <<U
[Interface]
PrivateKey = $(cat /etc/wireguard/a.key)
Address = 10.99.0.1/24, fd00:99::1/64
FwMark = 51820
[Peer]
PublicKey = $(wg pubkey < /etc/wireguard/b.key)
Endpoint = 198.51.100.2:51821
AllowedIPs = 0.0.0.0/0, ::/0
PersistentKeepalive = 5
U
}
its_start() {
        keys
        other_end
        systemctl start wg-quick@wg0
}
other_end() {
        at outside ip link show wg1 > /dev/null 2>&1 || at outside wireguard-go wg1
        eventually at outside ip link show wg1
        at outside wg set wg1 private-key /etc/wireguard/b.key listen-port 51821 peer "$(wg pubkey < /etc/wireguard/a.key)" \
                allowed-ips 10.99.0.1/32,fd00:99::1/128,0.0.0.0/0,::/0
        at outside ip addr replace 10.99.0.2/24 dev wg1
        at outside ip addr replace fd00:99::2/64 dev wg1 nodad
        at outside ip addr replace 203.0.113.9/32 dev wg1
        at outside ip link set wg1 up
}
# Its peer, and what lies behind that and is reached by the default route of wg-quick alone.
its_works() { reaches host 10.99.0.2 fd00:99::2 203.0.113.9; }
its_extra() {
        ip link show wg0 > /dev/null 2>&1 || return 0
        reaches net0 10.99.0.2 fd00:99::2 203.0.113.9
        # a published port, by the tunnel
        answers outside tcp 10.99.0.1 8080 net0
        answers outside tcp fd00:99::1 8080 net0
}
its_restart() { systemctl restart wg-quick@wg0; }
its_reload() { systemctl reload wg-quick@wg0; }
its_stop() { systemctl stop wg-quick@wg0; }
