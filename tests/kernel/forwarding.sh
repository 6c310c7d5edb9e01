#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# forwarding.sh: the host keeps its shape (spec.md 6.7): forwarding is on while somebody needs it, what was no router
# does not become one, and the last one gives back what the first one took.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

both_forwarding() { sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs; }

# A second uplink; the two outsiders know each other only by way of the host.
two_uplinks() {
        uplink up1 203.0.113 2001:db8:1
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        at outside ip -6 route add 2001:db8:1::/64 via 2001:db8::1
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        at outside2 ip -6 route add 2001:db8::/64 via 2001:db8:1::1
        snapshot "$W/start"
}

case_guard() {
        two_uplinks
        cut_off outside 203.0.113.2 2001:db8:1::2
        site
        ups br0 net0
        is "$(both_forwarding)" '1 1'
        reaches net0 198.51.100.2 203.0.113.2 2001:db8::2 2001:db8:1::2
        cut_off outside 203.0.113.2 2001:db8:1::2
        cut_off outside2 198.51.100.2 2001:db8::2
        serve outside2 tcp 80
        answers host tcp 203.0.113.2 80 outside2
        silent outside tcp 203.0.113.2 80
        silent outside tcp 2001:db8:1::2 80
        downs net0 br0
        is "$(both_forwarding)" '0 0'
        cut_off outside 203.0.113.2 2001:db8:1::2
}

# Somebody flushed all rules, and the next start makes the table anew: with the guard, although nobody has restored the rest.
case_guard_after_flush() {
        two_uplinks
        site IPMasquerade=both PublishPort=8080:80
        ups br0
        nft flush ruleset
        up net0
        cut_off outside 203.0.113.2 2001:db8:1::2
        nft flush ruleset
        up br0
        cut_off outside2 198.51.100.2 2001:db8::2
}

# The flush comes when our rules stand and the guard is to be added: after the second rename(2) of a start, the first is the
# record's. There the helper stops, as the signal comes when the call is done.
case_flush_before_the_guard() {
        two_uplinks
        site
        strace -qq -o "$W/trace" -e trace=rename -e inject=rename:signal=SIGSTOP:when=2 "$PLAIN/tools/vnet-helper" up br0 &
        local helper=$!
        eventually test -e /run/vnet/forwarding4
        has 172.18 < <(nft list table inet vnet)
        nft flush ruleset
        pkill -CONT -x vnet-helper
        wait $helper
        is "$(both_forwarding)" '1 1'
        cut_off outside 203.0.113.2 2001:db8:1::2
        "$HELPER" restore
        up net0
        reaches net0 198.51.100.2 203.0.113.2 2001:db8::2 2001:db8:1::2
        cut_off outside2 198.51.100.2 2001:db8::2
}

# Somebody's bridge with two neighbours on it, A and B: a switch, whatever the host forwards.
bridge_of_others() { # NAME NET4 NET6
        local i pid
        ip link add "$1" address "02:00:00:00:fc:${3##*:}0" type bridge
        ip link set "$1" addrgenmode none
        ip addr add "$2.1/24" dev "$1"
        ip addr add "$3::1/64" dev "$1" nodad
        ip link set "$1" up
        for i in 2 3; do
                unshare --net sleep infinity > /dev/null 2>&1 &
                pid=$!
                until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ]; do sleep .01; done
                ip -batch - <<B
link add p$1-$i address 02:00:00:00:fb:0$i type veth peer name eth0 address 02:00:00:00:fa:0$i netns $pid
link set p$1-$i addrgenmode none
link set p$1-$i master $1
link set p$1-$i up
B
                nsenter -t $pid -n ip -batch - <<B
link set lo up
link set eth0 addrgenmode none
addr add $2.$i/24 dev eth0
addr add $3::$i/64 dev eth0 nodad
link set eth0 up
route add default via $2.1
route add default via $3::1
B
                [ $i = 2 ] && A=$pid || B=$pid
        done
}

# br_netfilter shows us what is bridged, with the bridge as both interfaces: not our business. What is routed between it and
# another interface is.
case_guard_leaves_bridges_alone() {
        [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || skip 'this kernel has no br_netfilter'
        bridge_of_others lan0 192.0.2 2001:db8:2
        sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
        at outside ip route add 192.0.2.0/24 via 198.51.100.1
        at outside ip -6 route add 2001:db8:2::/64 via 2001:db8::1
        snapshot "$W/start"
        site
        ups br0 net0
        at "$A" ip neigh flush all
        reaches "$A" 192.0.2.3 2001:db8:2::3
        cut_off "$A" 198.51.100.2 2001:db8::2
        cut_off outside 192.0.2.3 2001:db8:2::3
        nft flush ruleset
        "$HELPER" restore
        reaches "$B" 192.0.2.2 2001:db8:2::2
        cut_off "$B" 198.51.100.2 2001:db8::2
        downs net0 br0
        reaches "$A" 192.0.2.3 2001:db8:2::3
}

# What another manager makes later, by software, found forwarding on and relies on it.
case_guard_leaves_later_software_alone() {
        site
        ups br0 net0
        bridge_of_others docker0 192.0.2 2001:db8:2
        at outside ip route add 192.0.2.0/24 via 198.51.100.1
        at outside ip -6 route add 2001:db8:2::/64 via 2001:db8::1
        reaches "$A" 198.51.100.2 2001:db8::2 192.0.2.3
        uplink up1 203.0.113 2001:db8:1
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        reaches outside 203.0.113.2
        ip link del docker0
        ip link del pdocker0-2
        ip link del pdocker0-3
        ip link del up1
}

# Hardware that comes later is guarded. There is none here that could come (tests/vm has some), so the table is told that
# veth is a kind of hardware, too.
case_guard_for_later_hardware() {
        site
        ups br0 net0
        nft list table inet vnet | sed 's/"wwan"/"wwan", "veth"/' > "$W/table"
        is "$(grep -c '"veth"' "$W/table")" 4
        nft delete table inet vnet
        nft -f "$W/table"
        uplink up1 203.0.113 2001:db8:1
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        at outside ip -6 route add 2001:db8:1::/64 via 2001:db8::1
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        at outside2 ip -6 route add 2001:db8::/64 via 2001:db8:1::1
        uplink up2 192.0.2 2001:db8:2
        at "${PID_OF[up2]}" ip route add default via 192.0.2.1
        at outside2 ip route add 192.0.2.0/24 via 203.0.113.1
        reaches host 203.0.113.2 2001:db8:1::2 192.0.2.2
        cut_off outside 203.0.113.2 2001:db8:1::2
        cut_off outside2 198.51.100.2 2001:db8::2 192.0.2.2
        reaches net0 203.0.113.2 2001:db8:1::2
        bridge_of_others docker0 10.99.0 2001:db8:9
        at outside2 ip route add 10.99.0.0/24 via 203.0.113.1
        at outside2 ip -6 route add 2001:db8:9::/64 via 2001:db8:1::1
        reaches "$A" 203.0.113.2 2001:db8:1::2
        ip link del docker0
        ip link del pdocker0-2
        ip link del pdocker0-3
        ip link del up1
        ip link del up2
}

# Who forwards himself has no guard of ours, for nothing that comes.
case_no_guard_for_later_hardware_of_a_router() {
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        snapshot "$W/start"
        site
        up br0
        nft list table inet vnet | sed 's/"wwan"/"wwan", "veth"/' > "$W/table"
        nft delete table inet vnet
        nft -f "$W/table"
        uplink up1 203.0.113 2001:db8:1
        at outside ip route add 203.0.113.0/24 via 198.51.100.1
        at outside ip -6 route add 2001:db8:1::/64 via 2001:db8::1
        at outside2 ip route add 198.51.100.0/24 via 203.0.113.1
        at outside2 ip -6 route add 2001:db8::/64 via 2001:db8:1::1
        reaches outside 203.0.113.2 2001:db8:1::2
        ip link del up1
}

# The host's own addresses are no passage: each outsider still reaches all of them.
case_guard_leaves_the_host_reachable() {
        two_uplinks
        site
        ups br0 net0
        reaches outside 198.51.100.1 203.0.113.1 2001:db8:1::1
        reaches host 198.51.100.2 203.0.113.2
}

# An administrator's router stays one, before, during and after.
case_admins_forwarding() {
        two_uplinks
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        snapshot "$W/start"
        reaches outside 203.0.113.2 2001:db8:1::2
        site
        ups br0 net0
        reaches outside 203.0.113.2 2001:db8:1::2
        reaches net0 203.0.113.2
        downs net0 br0
        is "$(both_forwarding)" '1 1'
        reaches outside 203.0.113.2 2001:db8:1::2
}

# Router for IPv4, host for IPv6.
case_admins_forwarding_of_one_family() {
        two_uplinks
        sysctl -qw net.ipv4.ip_forward=1
        snapshot "$W/start"
        site
        ups br0 net0
        reaches outside 203.0.113.2
        cut_off outside 2001:db8:1::2
        downs net0 br0
        is "$(both_forwarding)" '1 0'
}

# The administrator switched it off meanwhile: ours no longer, so it is not touched again.
case_taken_back_meanwhile() {
        site
        ups br0 net0
        sysctl -qw net.ipv4.ip_forward=0
        downs net0 br0
        is "$(both_forwarding)" '0 0'
}

# One family asked for, one switched on.
case_only_what_is_needed() {
        site4
        ups br0 net0
        is "$(both_forwarding)" '1 0'
        downs net0 br0
        site6
        ups br0 net0
        is "$(both_forwarding)" '0 1'
}

case_internal_needs_none() {
        site Internal=yes
        ups br0 net0
        is "$(both_forwarding)" '0 0'
}

case_last_one_gives_back() {
        site
        site_b
        ups br0 br1 net0 net2
        is "$(both_forwarding)" '1 1'
        downs net0 br0
        is "$(both_forwarding)" '1 1' 'with br1 still up'
        reaches net2 198.51.100.2 2001:db8::2
        nft list table inet vnet > /dev/null
        downs net2 br1
        is "$(both_forwarding)" '0 0'
        gone nft list table inet vnet
}

# Somebody's bridge came while ours was on, and he found forwarding on: it stays, with the guard, as long as he is there,
# and our next start does not guard him.
case_somebody_relies_on_it() {
        two_uplinks
        site
        ups br0 net0
        ip link add docker0 type bridge
        ip addr add 172.30.0.1/24 dev docker0
        ip link set docker0 up
        downs net0 br0 2> "$W/err"
        grep -q 'net/ipv4/ip_forward stays on, as docker0' "$W/err" || fail "$(cat "$W/err")"
        is "$(both_forwarding)" '1 0'
        cut_off outside 203.0.113.2
        nft flush ruleset
        "$HELPER" restore
        cut_off outside 203.0.113.2
        ups br0 net0
        is "$(both_forwarding)" '1 1'
        is "$(nft -j list set inet vnet guarded4 | jq -r '[.nftables[].set.elem // [] | .[].elem.val] | sort | join(" ")')" 'up0 up1'
        cut_off outside 203.0.113.2
        reaches net0 198.51.100.2
        # a flush does not make ours somebody else's
        nft flush ruleset
        ip link del docker0
        downs net0 br0
        is "$(both_forwarding)" '0 0'
        gone nft list table inet vnet
}

# Nobody relies on it by a bridge that was there before, or by one without an address.
case_nobody_relies_on_it() {
        ip link add old0 type bridge
        ip addr add 172.30.0.1/24 dev old0
        site
        ups br0 net0
        ip link add new0 type bridge
        ip link set new0 up
        downs net0 br0
        is "$(both_forwarding)" '0 0'
        ip link del old0
        ip link del new0
}

# IPv6 forwarding ends router advertisements where accept_ra is 1: the host would lose its own way out.
case_accept_ra() {
        uplink up1 203.0.113 2001:db8:1
        sysctl -qw net.ipv6.conf.up0.accept_ra=1 net.ipv6.conf.up1.accept_ra=0
        snapshot "$W/start"
        site
        ups br0 net0
        is "$(sysctl -n net.ipv6.conf.up0.accept_ra net.ipv6.conf.up1.accept_ra | xargs)" '2 0'
        downs net0 br0
        is "$(sysctl -n net.ipv6.conf.up0.accept_ra net.ipv6.conf.up1.accept_ra | xargs)" '1 0'
}

# udev may name an interface only after forwarding is on: what was taken from it is given back to its new name.
case_renamed_meanwhile() {
        uplink up1 203.0.113 2001:db8:1
        sysctl -qw net.ipv6.conf.up1.accept_ra=1 net.ipv6.conf.up1.forwarding=1 net.ipv4.conf.up1.forwarding=1
        snapshot "$W/start"
        site
        ups br0 net0
        ip link set up1 down
        ip link set up1 name lan1
        is "$(sysctl -n net.ipv6.conf.lan1.accept_ra)" 2
        downs net0 br0
        is "$(sysctl -n net.ipv6.conf.lan1.accept_ra net.ipv6.conf.lan1.forwarding net.ipv4.conf.lan1.forwarding | xargs)" '1 1 1'
        ip link set lan1 name up1
        ip addr add fe80::1/64 dev up1 nodad
        ip addr add 2001:db8:1::1/64 dev up1 nodad
        ip link set up1 up
}

# The kernel changes more than it is asked for: with ip_forward it writes accept_redirects, and the forwarding of each
# interface. "As before" means these too; the comparison at the end of the case sees them.
case_side_effects_of_the_kernel() {
        sysctl -qw net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.up0.forwarding=1 net.ipv6.conf.up0.forwarding=1
        snapshot "$W/start"
        site
        ups br0 net0
        is "$(sysctl -n net.ipv4.conf.all.accept_redirects)" 0 'redirects were off'
        downs net0 br0
}

# udev applies sysctl.d again to each new interface; an administrator's wildcard would switch ours off.
case_sysctl_file() {
        site
        ups br0
        grep -qrE 'forwarding *= *1' /run/sysctl.d || fail 'nothing in /run/sysctl.d'
        down br0
        is "$(find /run/sysctl.d -type f | wc -l)" 0 'files in /run/sysctl.d'
}

# Two for "listen although forwarding" is ours; what an administrator sets meanwhile is his.
case_accept_ra_changed_meanwhile() {
        sysctl -qw net.ipv6.conf.up0.accept_ra=1
        site
        ups br0 net0
        is "$(sysctl -n net.ipv6.conf.up0.accept_ra)" 2
        sysctl -qw net.ipv6.conf.up0.accept_ra=0
        downs net0 br0
        is "$(sysctl -n net.ipv6.conf.up0.accept_ra)" 0
        snapshot "$W/start"
}

# Forwarding comes on while another start has made its interfaces, but not yet said in the table that they are ours.
case_guard_knows_who_is_starting() {
        command -v strace > /dev/null || skip 'no strace'
        local n second seen=
        site
        site_b
        for n in 4 5 6; do
                rm -f "$W/trace"
                strace -qq -o "$W/trace" -e trace=sendto -e "inject=sendto:signal=SIGSTOP:when=$n" "$PLAIN/tools/vnet-helper" up br1 &
                second=$!
                eventually ended_or_stopped $second
                up br0
                if [ -e /sys/class/net/br1 ]; then
                        seen=yes
                        if nft list set inet vnet guarded4 | grep br1; then fail 'br1 is guarded'; fi
                fi
                pkill -CONT -x vnet-helper || true
                wait $second
                ups net0 net2
                reaches net2 198.51.100.2 2001:db8::2
                downs net0 net2 br1 br0
        done
        [ -n "$seen" ] || fail 'br1 was never there before'
}
ended_or_stopped() { ! kill -0 "$1" 2> /dev/null || grep -q SIGSTOP "$W/trace"; }

# Each program that applies sysctl.d, here for what is below net alone: the rest is the real machine's
apply_sysctl_d() { # systemd|procps
        case $1 in
        systemd) /lib/systemd/systemd-sysctl --prefix=/net ;;
        procps) sysctl -q --system --pattern '^net' ;;
        esac > /dev/null
}
# Files of others that switch it off, before and after ours in the order of their names, and by either name of the switch
files_of_others() {
        printf 'net.ipv4.ip_forward=0\nnet.ipv6.conf.all.forwarding=0\n' > /etc/sysctl.d/60-cis.conf
        printf 'net.ipv4.conf.all.forwarding = 0\nnet/ipv6/conf/all/forwarding = 0\n' > /etc/sysctl.d/99-last.conf
        printf 'net.ipv4.ip_forward=1\n' > /etc/sysctl.d/10-first.conf
}
case_sysctl_d_of_others() {
        local who
        two_uplinks
        sysctl -qw net.ipv6.conf.up0.accept_ra=1
        snapshot "$W/start"
        files_of_others
        site
        ups br0 net0
        for who in systemd procps; do
                apply_sysctl_d $who
                is "$(both_forwarding)" '1 1' $who
                reaches net0 198.51.100.2 203.0.113.2 2001:db8:1::2
                cut_off outside 203.0.113.2 2001:db8:1::2
                is "$(sysctl -n net.ipv6.conf.up0.accept_ra)" 2
        done
        downs net0 br0
        is "$(find /run/sysctl.d -type f | wc -l)" 0 'files in /run/sysctl.d'
        for who in systemd procps; do
                apply_sysctl_d $who
                is "$(both_forwarding)" '0 0' $who
        done
        rm /etc/sysctl.d/{60-cis,99-last,10-first}.conf
}

# No file can help against that; what was set beside it stays.
case_switched_off_by_hand() {
        local verb
        two_uplinks
        sysctl -qw net.ipv6.conf.up0.accept_ra=1 net.ipv6.conf.up1.accept_ra=1
        snapshot "$W/start"
        site
        ups br0 net0
        sysctl -qw net.ipv6.conf.up1.accept_ra=0
        for verb in restore 'up br0' 'reload br0'; do
                sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.up0.accept_ra=1
                rm /run/sysctl.d/zz-vnet-*
                cut_off net0 198.51.100.2
                # shellcheck disable=SC2086
                "$HELPER" $verb 2> "$W/err"
                has 'net/ipv4/ip_forward was off and is on again' "$W/err"
                is "$(both_forwarding)" '1 1' "$verb"
                is "$(sysctl -n net.ipv6.conf.up0.accept_ra net.ipv6.conf.up1.accept_ra | xargs)" '2 0' "$verb"
                is "$(find /run/sysctl.d -name 'zz-vnet-*' | wc -l)" 2 "$verb"
                reaches net0 198.51.100.2 2001:db8::2
                cut_off outside 203.0.113.2 2001:db8:1::2
                "$HELPER" restore 2> "$W/err"
                is "$(cat "$W/err")" ''
        done
        downs net0 br0
        sysctl -qw net.ipv6.conf.up1.accept_ra=1
}

# It was the administrator's. When he switches it off our networks still need it, and from then on it is ours.
case_admins_forwarding_switched_off() {
        two_uplinks
        sysctl -qw net.ipv4.ip_forward=1
        site4
        ups br0 net0
        is "$(find /run/sysctl.d -name 'zz-vnet-*' | wc -l)" 0
        sysctl -qw net.ipv4.ip_forward=0
        "$HELPER" restore
        is "$(both_forwarding)" '1 0'
        reaches net0 198.51.100.2 203.0.113.2
        cut_off outside 203.0.113.2
        downs net0 br0
        is "$(both_forwarding)" '0 0'
}

# Nobody needs it: nothing is switched on by the way.
case_restore_switches_nothing_on() {
        site Internal=yes
        ups br0 net0
        nft flush ruleset
        "$HELPER" restore
        is "$(both_forwarding)" '0 0'
        is "$(find /run/sysctl.d -name 'zz-*')" ''
}

run_cases "$@"
