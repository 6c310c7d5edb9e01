# shellcheck shell=bash
# boot: site
# SPDX-License-Identifier: GPL-2.0-or-later
# wireguard.sh: tunnels, which the development kernel lacks. The peer is the neighbour outside (tests/lib/wg.sh). Every case asks with
# packets what has another way out than the tunnel: nothing may have. The site of a confined service is in sites.sh.

# Two peers, one of which is not there; no_other_way() is asked at each step.
two_peers() { # LINES OF THE LINK [LINES OF THE FIRST PEER [LINES BELOW]]
        file torrent <<N
[Namespace]
[Link]
Name=wg0
Kind=wireguard
Address=10.66.12.34/16
Address=fd66::c22/64
PrivateKeyFile=$W/client.key
$1
[WireGuardPeer]
PublicKey=$(pub server)
Endpoint=198.51.100.7:51820
AllowedIPs=0.0.0.0/0, ::/0
${2-}
${3-}
N
        systemctl daemon-reload
}
second_peer() { printf '[WireGuardPeer]\nPublicKey=%s\nAllowedIPs=10.67.0.0/16 fd67::/64\nEndpoint=[2001:db8::2]:7\n' "$(pub other)"; }
reload() { systemctl reload vnet@torrent || fail "$(journalctl -b -q -o cat -u vnet@torrent -n 5)"; }
refused() { # VERB TEXT
        if systemctl "$1" vnet@torrent 2> /dev/null; then fail "$1 went well"; fi
        logged vnet@torrent "$2"
}
drifts() { # CMD…: it is seen, and mended
        "$@"
        if vnetctl diff torrent > "$W/diff"; then fail "no difference after: $*"; fi
        ! has Failed "$W/diff" || fail "$(cat "$W/diff")"
        reload
        vnetctl diff torrent > "$W/diff" || fail "$* is not mended: $(cat "$W/diff")"
}

case_reload() {
        local first
        keys client other server third
        (umask 077 && wg genpsk > "$W/psk.key")
        server 198.51.100.7/24 51820
        lets_in client 10.66.12.34/32 fd66::c22/128
        at outside ip -6 addr add fd67::1/64 dev wgs nodad
        two_peers ListenPort=51821
        systemctl start vnet@torrent
        reaches torrent 10.66.0.1 fd66::1
        no_other_way torrent
        first=$(handshake torrent "$(pub server)")
        # another peer comes, changes and goes, and so does a setting of the first: its session goes on
        two_peers ListenPort=51821 PersistentKeepalive=20 "$(second_peer)"
        reload
        is "$(at torrent wg show wg0 peers | sort | xargs)" "$(sort "$W/server.pub" "$W/other.pub" | xargs)" peers
        is "$(at torrent ip -j route show 10.67.0.0/16 | jq -r '.[].dev')" wg0 'the route to the second peer'
        two_peers $'ListenPort=51822\nFirewallMark=0x20' '' "$(second_peer)"$'\nPresharedKeyFile='"$W/psk.key"
        reload
        is "$(at torrent wg show wg0 listen-port)" 51822 'the new port'
        is "$(at torrent wg show wg0 fwmark)" 0x20 'the mark'
        is "$(at torrent wg show wg0 preshared-keys | grep -F "$(pub other)" | cut -f 2)" "$(cat "$W/psk.key")" 'the shared key'
        two_peers ListenPort=51822
        reload
        is "$(at torrent wg show wg0 peers)" "$(pub server)" 'the peer that stays'
        is "$(at torrent wg show wg0 fwmark)" off 'no mark'
        is "$(at torrent ip route show 10.67.0.0/16)" '' 'no route to the second peer'
        is "$(handshake torrent "$(pub server)")" "$first" 'the session of the first peer'
        reaches torrent 10.66.0.1 fd66::1
        no_other_way torrent
        # what is done by hand
        two_peers ListenPort=51822 PersistentKeepalive=20 "$(second_peer)"$'\nPresharedKeyFile='"$W/psk.key"
        reload
        vnetctl diff torrent || fail "$(vnetctl diff torrent)"
        drifts at torrent wg set wg0 peer "$(pub other)" remove
        drifts at torrent wg set wg0 peer "$(pub other)" allowed-ips 10.67.0.0/24
        drifts at torrent wg set wg0 peer "$(pub server)" persistent-keepalive 7
        drifts at torrent wg set wg0 peer "$(pub other)" preshared-key "$W/third.key"
        drifts at torrent wg set wg0 listen-port 51830
        drifts at torrent wg set wg0 fwmark 9
        drifts at torrent wg set wg0 private-key "$W/third.key"
        drifts at torrent ip link del wg0
        drifts at torrent ip link set wg0 down
        # a peer that moves is none
        at torrent wg set wg0 peer "$(pub other)" endpoint 203.0.113.2:9
        vnetctl diff torrent || fail 'a moved peer is told as a difference'
        # another key in the same file
        cp "$W/third.key" "$W/client.key"
        if vnetctl diff torrent > /dev/null; then fail 'no difference with another key in the file'; fi
        reload
        is "$(at torrent wg show wg0 private-key)" "$(cat "$W/third.key")" 'the new key'
        # what wg(8) is told by the shell form is the same
        at torrent wg set wg0 peer "$(pub other)" endpoint '[2001:db8::2]:7'
        at torrent wg showconf wg0 | sort > "$W/helper"
        systemctl stop vnet@torrent
        vnetctl plan --format=shell torrent > "$W/script"
        sh -e "$W/script" > "$W/log" 2>&1 || fail "$(cat "$W/log")"
        at torrent wg showconf wg0 | sort > "$W/shell"
        ip netns del torrent
        cmp "$W/helper" "$W/shell" || fail "$(diff "$W/helper" "$W/shell")"
}
case_refused() {
        keys client server third
        two_peers ListenPort=51821
        background host socat -u UDP4-RECVFROM:51821,fork -
        eventually listening host -uln 1 51821
        refused start 'wg0: ListenPort=51821 is in use on the host, where its socket is'
        pkill -x socat
        [ ! -e /run/netns/torrent ] || fail 'something is left'
        rm "$W/client.key"
        refused start "torrent.vnet:2: .* cannot read $W/client.key: No such file or directory"
        echo nonsense > "$W/client.key"
        refused start "$W/client.key has no key"
        cp "$W/server.key" "$W/client.key"
        refused start "is the link's own public key"
        cp "$W/third.key" "$W/client.key"
        chmod 644 "$W/client.key"
        systemctl start vnet@torrent
        logged vnet@torrent 'client.key can be read by everybody: chmod 600'
        # restarts at once, with somebody inside and without; a port that is the host's is free again
        sleeper_in torrent
        for _ in $(seq 4); do systemctl restart vnet@torrent; done
        kill "$SLEEPER"
        for _ in $(seq 4); do systemctl restart vnet@torrent; done
        # a credential of the unit
        mkdir -p /etc/systemd/system/vnet@torrent.service.d
        printf '[Service]\nLoadCredential=wg:%s\n' "$W/client.key" > /etc/systemd/system/vnet@torrent.service.d/key.conf
        sed -i 's/^PrivateKeyFile=.*/PrivateKeyFile=@wg/' /etc/vnet/torrent.vnet
        chmod 600 "$W/client.key"
        systemctl daemon-reload
        systemctl restart vnet@torrent
        is "$(ip netns exec torrent wg show wg0 private-key)" "$(cat "$W/third.key")" 'the credential'
        vnetctl diff torrent || fail "$(vnetctl diff torrent)"
        systemctl reload vnet@torrent
        # the host is rid of all of it when the namespace is deleted by hand
        ip netns del torrent
        systemctl restart vnet@torrent
        at torrent ip link show dev wg0 > /dev/null
        # no module
        systemctl stop vnet@torrent
        modprobe -r wireguard
        mkdir -p /run/modprobe.d
        echo 'install wireguard /bin/false' > /run/modprobe.d/no.conf
        later rm -r /run/modprobe.d
        refused start 'the kernel has no WireGuard .module wireguard.'
}
# Two networks whose only way out is the tunnel: nothing else hears of them while the other side is away, comes, goes, and while
# vnet is at work. What arrives outside beside the tunnel is counted there.
case_kill_switch() {
        keys client server
        two_peers ''
        at outside nft -f - <<'N'
table inet watch {
        chain prerouting {
                type filter hook prerouting priority -400;
                iifname "eth0" udp dport 4242 counter
        }
}
N
        later at outside nft delete table inet watch
        systemctl start vnet@torrent
        # a program that sends all the time, wherever it can
        background torrent bash -c 'while :; do for a in 198.51.100.2 2001:db8::2 10.66.0.1; do echo x > /dev/udp/$a/4242; done; sleep .1; done'
        no_other_way torrent
        # the endpoint does not answer, answers, and goes away again
        server 198.51.100.7/24 51820
        lets_in client 10.66.12.34/32 fd66::c22/128
        reaches torrent 10.66.0.1 fd66::1
        at outside ip link set wgs down
        no_other_way torrent
        # reloads with and without the peer, and one that fails
        two_peers '' PersistentKeepalive=5
        reload
        two_peers '' '' '' && sed -i '/^.WireGuardPeer/,$d' /etc/vnet/torrent.vnet
        reload
        cut_off torrent 203.0.113.2 2001:db8:1::2
        two_peers '' PresharedKeyFile=/nonexistent
        refused reload 'cannot read /nonexistent'
        cut_off torrent 203.0.113.2 2001:db8:1::2
        two_peers ''
        reload
        no_other_way torrent
        # whoever is inside stays there, as the link is deleted and the namespace stopped and started
        sleeper_in torrent
        at torrent ip link del wg0
        cut_off torrent 203.0.113.2 2001:db8:1::2
        systemctl stop vnet@torrent
        if nsenter -t "$SLEEPER" -n ping -c 1 -W 5 -q 203.0.113.2 > /dev/null 2>&1; then fail 'who stayed inside gets out'; fi
        systemctl start vnet@torrent
        no_other_way torrent
        kill "$SLEEPER"
        is "$(counted outside 0)" 0 'packets that came outside the tunnel'
}
# The host has two addresses for the name, one of which nobody answers at, and none at first.
case_endpoint_by_name() {
        keys client server
        touch /etc/hosts
        cp /etc/hosts "$W/hosts"
        later cp "$W/hosts" /etc/hosts
        server 198.51.100.7/24 51820
        lets_in client 10.66.12.34/32 fd66::c22/128
        two_peers '' PersistentKeepalive=1
        sed -i 's/^Endpoint=.*/Endpoint=vpn.test:51820/' /etc/vnet/torrent.vnet
        systemctl daemon-reload
        systemctl start vnet@torrent
        no_other_way torrent
        is "$(at torrent wg show wg0 endpoints | cut -f 2)" '(none)' 'the endpoint before anybody knows the name'
        if systemctl start vnet-endpoint@torrent; then fail 'a name that nobody knows was looked up'; fi
        no_other_way torrent
        printf '198.51.100.66 vpn.test\n198.51.100.7 vpn.test\n' >> /etc/hosts
        for _ in 1 2 3; do
                ! systemctl start vnet-endpoint@torrent || at torrent ping -c 2 -W 5 -q 10.66.0.1 > /dev/null 2>&1 || continue
                break
        done
        reaches torrent 10.66.0.1 fd66::1
        is "$(at torrent wg show wg0 endpoints | cut -f 2)" 198.51.100.7:51820 endpoint
        # a session that goes on is left alone, and the kernel's endpoint is no difference
        systemctl start vnet-endpoint@torrent
        is "$(at torrent wg show wg0 endpoints | cut -f 2)" 198.51.100.7:51820 'the endpoint of a session'
        vnetctl diff torrent || fail "$(vnetctl diff torrent)"
        no_other_way torrent
        systemctl stop vnet@torrent
}
