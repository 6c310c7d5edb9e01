#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cables.sh: PeerNamespace= and ParentNamespace=: links whose other part is in another network's namespace, which may come up
# first or last, and be restarted.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# r1's file alone says it: the end in r2 has the addresses of HostAddress=.
one_sided() {
        printf '%s\n' '[Namespace]' '[Link]' Name=to-r2 PeerNamespace=r2 PeerName=to-r1 Address=10.1.12.1/30 Address=fd12::1/64 \
                HostAddress=10.1.12.2/30 HostAddress=fd12::2/64 MTUBytes=1400 Gateway=no | file r1
        printf '[Namespace]\n[Link]\nName=lo\nAddress=10.255.0.2/32\n' | file r2
}
# Each says its own end.
two_sided() {
        printf '%s\n' '[Namespace]' '[Link]' Name=to-r2 PeerNamespace=r2 PeerName=to-r1 Address=10.1.12.1/30 Address=fd12::1/64 \
                'Route=10.255.0.2/32 via 10.1.12.2' MTUBytes=1400 "$@" | file r1
        printf '%s\n' '[Namespace]' '[Link]' Name=lo Address=10.255.0.2/32 '[Link]' Name=to-r1 PeerNamespace=r1 PeerName=to-r2 \
                Address=10.1.12.2/30 Address=fd12::2/64 | file r2
}
is_cable() { # NAMESPACE LINK [JQ]
        at "$1" ip -d -j link show dev "$2" |
                jq -e ".[0] | .linkinfo.info_kind == \"veth\" and (.flags | index(\"UP\")) != null and (${3:-true})" > /dev/null ||
                { at "$1" ip -d link show dev "$2"; fail "$2 in $1 is not a cable: ${3:-}"; }
}
whole_one() {
        is_cable r1 to-r2 '.mtu == 1400'
        is_cable r2 to-r1 '.mtu == 1400 and (.altnames | index("vnet=r1=to-r2"))'
        reaches r1 10.1.12.2 fd12::2
        reaches r2 10.1.12.1 fd12::1
}
whole_two() {
        is_cable r1 to-r2 '.mtu == 1400'
        is_cable r2 to-r1 '.mtu == 1500'
        reaches r1 10.1.12.2 fd12::2 10.255.0.2
        reaches r2 10.1.12.1 fd12::1
}
has_no() { if at "$1" ip link show dev "$2" 2> /dev/null; then fail "$1 has $2"; fi; }
nothing_on_host() { if ip -o link | has 'to-r[12]'; then fail 'there is an end on the host'; fi; }

case_one_sided() { one_sided; ups r2 r1; whole_one; nothing_on_host; downs r1 r2; }
case_one_sided_first() { one_sided; up r1; has_no r1 to-r2; up r2; whole_one; downs r2 r1; }
case_two_sided() { two_sided; ups r1 r2; whole_two; nothing_on_host; downs r1 r2; }
case_two_sided_other_order() { two_sided; ups r2 r1; whole_two; downs r2 r1; }

# The namespace of the other one goes, and the kernel takes its time with the cable.
restarts() { # WHOLE NAME
        local i
        for ((i = 0; i < 20; i++)); do
                down "$2"
                up "$2"
        done
        "$1"
}
case_restart_of_the_other() { one_sided; ups r1 r2; restarts whole_one r2; downs r1 r2; }
case_restart_of_the_own() { one_sided; ups r1 r2; restarts whole_one r1; downs r1 r2; }
case_restart_two_sided() {
        two_sided
        ups r1 r2
        restarts whole_two r1
        restarts whole_two r2
        downs r2 r1
}
case_deleted_by_hand() {
        one_sided
        ups r1 r2
        background r2 sleep 300
        ip netns del r2
        up r2 2> "$W/err"
        whole_one
        at r2 ip link del to-r1
        reload r1
        whole_one
        downs r1 r2
}
# What stops leaves nothing in the other one, whoever lives on inside.
case_stop_leaves_nothing_there() {
        one_sided
        up r2
        snapshot "$W/r2"
        up r1
        background r1 sleep 300
        down r1 2> "$W/err"
        has_no r2 to-r1
        same "$W/r2" 'the other namespace before and after'
        down r2
}
together() { # VERB NAME NAME
        "$1" "$2" & local first=$!
        "$1" "$3" & wait $first $!
}
case_both_at_once() {
        local i
        two_sided
        for ((i = 0; i < 10; i++)); do
                together up r1 r2
                whole_two
                together down r1 r2
        done
}
case_diff_and_repair() {
        two_sided
        up r1
        "$CTL" diff r1 > "$W/out" 2> "$W/err" || fail "a cable that waits is a difference: $(cat "$W/out")"
        is "$(cat "$W/out")" ''
        is "$(cat "$W/err")" "vnetctl: r1 waits for r2 with its links there; 'systemctl start vnet@r2' starts it"
        is "$("$CTL" diff -q r1 2>&1)" ''
        "$CTL" list | has '^r1 waits for r2 with its links there\.$'
        is "$("$CTL" list --json=short | jq -c '[.[].waits]')" '[["r2"],[]]'
        # who may not look inside is told the same
        is "$(setpriv --reuid 65534 --clear-groups "$CTL" list --json=short | jq -c '[.[].waits]')" '[["r2"],[]]'
        up r2
        "$CTL" diff r1 r2 2>&1 | sed 's/^/says: /' | has says && fail 'both are up'
        is "$("$CTL" list --json=short | jq -c '[.[].waits]')" '[[],[]]'
        "$CTL" diff r1 r2 > "$W/out" || fail "a difference: $(cat "$W/out")"
        at r1 ip addr del 10.1.12.1/30 dev to-r2
        "$CTL" diff r1 > "$W/out" && fail 'no difference'
        has 10.1.12.1 "$W/out"
        reload r1
        whole_two
        downs r1 r2
}
case_reload() {
        two_sided
        up r1
        echo Address=10.1.12.9/24 >> /etc/vnet/r1.vnet # while the cable waits
        reload r1
        up r2
        at r1 ip -4 addr show dev to-r2 | has 10.1.12.9/24
        sed -i /10.1.12.9/d /etc/vnet/r1.vnet
        reload r1
        if at r1 ip -4 addr show dev to-r2 | has 10.1.12.9/24; then fail 'it stays'; fi
        whole_two
        echo HostMACAddress=02:00:00:00:00:77 >> /etc/vnet/r1.vnet
        refused reload r1 'HostMACAddress: belongs as MACAddress= to the other end of the cable'
        downs r1 r2
}
# The end of that name is somebody else's.
case_name_taken() {
        one_sided
        up r2
        at r2 ip link add to-r1 type bridge
        refused up r1 'r1.vnet:2: interface to-r1: .*exist'
        gone ip netns pids r1
        at r2 ip link del to-r1
        down r2
}
case_name_taken_later() {
        one_sided
        up r1
        printf '[Namespace]\n[Link]\nName=to-r1\nKind=bridge\n' | file r2
        "$HELPER" up r2 2> "$W/err" || fail 'r2 is as good as it was'
        has "r2: the cables of r1 are not whole: .*exist" "$W/err"
        downs r2 r1
}
case_killed() {
        one_sided
        ups r2 r1
        sed -i 's/^stage complete$/stage begun/' /run/vnet/state/r1
        down r1
        has_no r2 to-r1
        down r2
}
case_bad() {
        bad() { # LINE-OF-r1 PATTERN
                one_sided
                sed -i "$1" /etc/vnet/r1.vnet
                refused up r1 "$2"
        }
        bad 's/=r2$/=r9/' 'r1.vnet:4: PeerNamespace: there is no r9.vnet'
        bad 's/=r2$/=r1/' "r1.vnet:4: PeerNamespace: 'r1' is this network itself"
        bad /PeerName=/d 'r1.vnet:4: PeerNamespace: needs PeerName='
        bad /PeerNamespace=/d 'r1.vnet:4: PeerName: needs PeerNamespace='
        bad 's/^MTUBytes.*/Bridge=br0/' 'Bridge: does not go with PeerNamespace='
        bad 's/^MTUBytes.*/HostName=x/' 'HostName: does not go with PeerNamespace='
        bad 's/^MTUBytes.*/Isolated=yes/' 'Isolated: is only for a link with Bridge='
        bad 's/^MTUBytes.*/IPMasquerade=ipv4/' 'IPMasquerade: does not go with PeerNamespace='
        one_sided
        printf '[Namespace]\n[Link]\nName=to-r1\nKind=bridge\n' | file r2
        refused up r1 "PeerName: the link 'to-r1' at .*r2.vnet:2 does not name this one"
        printf '[Bridge]\n' | file r2
        refused up r1 "PeerNamespace: 'r2' is a bridge"
        two_sided HostAddress=10.1.12.2/30
        refused up r1 'HostAddress: belongs as Address= to the other end of the cable'
        one_sided
        sed s/10.1.12.1/10.1.12.5/ /etc/vnet/r1.vnet | file r3
        "$CTL" check > "$W/out" 2>&1 || true
        has "r3.vnet:5: .*'to-r1' in namespace 'r2' is also the end of the cable at .*r1.vnet:5" "$W/out"
}

# Three routers in a row, hosts at the ends, and a second way by metric: from files alone.
router() { # NAME LINES…
        { printf '[Namespace]\nIPv4Forwarding=yes\nIPv6Forwarding=yes\n'; printf '%s\n' "${@:2}"; } | file "$1"
}
cable() { # OWN-NAME PEER ADDRESS4 ADDRESS6
        printf '%s\n' '[Link]' "Name=$1" "PeerNamespace=$2" "PeerName=$3" "Address=$4" "Address=$5"
}
leads_by() { # ADDRESS: of the second router, which is asked to drop what it would forward
        at pc1 ping -c 1 -W 5 -t 2 10.3.0.1 > "$W/out" || true
        has "From $1 .*exceeded" "$W/out"
}
case_router_lab() {
        router pc1 "$(cable eth0 r1 lan 10.1.0.1/24 fd01::1/64)" Gateway=10.1.0.254 Gateway=fd01::254
        router pc2 "$(cable eth0 r3 lan 10.3.0.1/24 fd03::1/64)" Gateway=10.3.0.254 Gateway=fd03::254
        router r1 "$(cable lan pc1 eth0 10.1.0.254/24 fd01::254/64)" "$(cable r2 r2 r1 10.12.0.1/30 fd12::1/64)" \
                'Route=10.3.0.0/24 via 10.12.0.2' 'Route=fd03::/64 via fd12::2' "$(cable r3 r3 r1 10.13.0.1/30 fd13::1/64)" \
                'Route=10.3.0.0/24 via 10.13.0.2 metric 500' 'Route=fd03::/64 via fd13::2 metric 5000'
        router r2 "$(cable r1 r1 r2 10.12.0.2/30 fd12::2/64)" 'Route=10.1.0.0/24 via 10.12.0.1' 'Route=fd01::/64 via fd12::1' \
                "$(cable r3 r3 r2 10.23.0.2/29 fd23::2/64)" 'Route=10.3.0.0/24 via 10.23.0.3' 'Route=fd03::/64 via fd23::3'
        router r3 "$(cable lan pc2 eth0 10.3.0.254/24 fd03::254/64)" "$(cable r2 r2 r3 10.23.0.3/29 fd23::3/64)" \
                'Route=10.1.0.0/24 via 10.23.0.2' 'Route=fd01::/64 via fd23::2' "$(cable r1 r1 r3 10.13.0.2/30 fd13::2/64)" \
                'Route=10.1.0.0/24 via 10.13.0.1 metric 500' 'Route=fd01::/64 via fd13::1 metric 5000'
        ups r3 pc2 r1 pc1 r2
        reaches pc1 10.3.0.1 fd03::1
        leads_by 10.12.0.2
        down r2 # its cables go, and with them the better routes
        reaches pc1 10.3.0.1 fd03::1
        leads_by 10.13.0.2
        up r2
        reaches pc1 10.3.0.1 fd03::1
        leads_by 10.12.0.2
        downs pc1 pc2 r1 r2 r3
}

# What stands on a cable waits with it, and what is on that; and so does a setting of either.
case_stands_on_a_cable() {
        one_sided
        printf '%s\n' IPv6AcceptRA=yes '[Link]' Name=over Kind=macvlan Parent=to-r2 Address=10.7.0.1/24 Address=fd07::1/64 \
                'Route=10.8.0.0/16 via 10.7.0.9' >> /etc/vnet/r1.vnet
        sed -i 's/^\[Namespace\]/&\nIPv6Forwarding=yes\nSysctl=net.ipv4.conf.over.arp_ignore=1/' /etc/vnet/r1.vnet
        up r1
        has_no r1 over
        "$CTL" diff r1 > "$W/out" || fail "what waits is a difference: $(cat "$W/out")"
        up r2
        whole_one
        at r1 ip -o addr show dev over | has -F ' 10.7.0.1/24 '
        at r1 ip -o addr show dev over | has -F ' fd07::1/64 '
        at r1 ip route show 10.8.0.0/16 | has 'via 10.7.0.9 dev over'
        is "$(at r1 sysctl -n net.ipv6.conf.to-r2.accept_ra)" 2 'listens to routers'
        is "$(at r1 sysctl -n net.ipv4.conf.over.arp_ignore)" 1 'a setting of what stands on it'
        "$CTL" diff r1 r2 > "$W/out" || fail "a difference: $(cat "$W/out")"
        downs r1 r2
}

# A link over an interface of another namespace.
over() {
        printf '[Namespace]\n[Link]\nName=sw\nAddress=10.9.0.1/24\nAddress=fd09::1/64\n' | file r2
        printf '%s\n' '[Namespace]' '[Link]' Kind=macvlan Parent=sw ParentNamespace=r2 Address=10.9.0.2/24 Address=fd09::2/64 | file r1
        printf '%s\n' '[Namespace]' '[Link]' Kind=macvlan Parent=sw ParentNamespace=r2 Address=10.9.0.3/24 Address=fd09::3/64 | file r3
}
case_parent_namespace() {
        local i
        over
        ups r1 r2 r3
        reaches r1 10.9.0.3 fd09::3
        for i in 1 2 3 4 5; do
                down r2
                up r2
                reaches r1 10.9.0.3 fd09::3
                down r1
                up r1
                reaches r3 10.9.0.2 fd09::2
        done
        "$CTL" diff r1 r2 r3 > "$W/out" || fail "a difference: $(cat "$W/out")"
        downs r3 r2 r1
        sed -i /^Parent=/d /etc/vnet/r1.vnet
        refused up r1 'ParentNamespace: needs Parent=' 2
}

run_cases "$@"
