#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# flows.sh: connections that run when a published port comes, goes, or leads elsewhere.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# Conversations that are running end with the ports that carried them, and no others, all in one walk through the kernel's table.
flows() { conntrack -L -f "$1" -p "$2" --orig-port-dst "$3" 2> /dev/null | grep -c "$4" || true; } # FAMILY PROTO PORT WORD
case_withdrawn_port() {
        site IPMasquerade=both "$(printf 'PublishPort=%s\n' 8080:80/udp 8443:443 9000-9010:9000-9010/udp)"
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8081:80\/udp/' /etc/vnet/net1.vnet
        ups br0 net0 net1
        serve net0 udp 80
        serve net0 udp 9007
        serve net0 tcp 443
        serve net1 udp 80
        answers outside udp 198.51.100.1 8080 net0
        answers outside udp 2001:db8::1 8080 net0
        answers outside udp 198.51.100.1 9007 net0
        answers outside udp 2001:db8::1 9007 net0
        answers outside tcp 198.51.100.1 8443 net0
        answers outside udp 198.51.100.1 8081 net1
        answers outside udp 2001:db8::1 8081 net1
        is "$(flows ipv4 udp 8080 172.18.0.10) $(flows ipv6 udp 9007 fd00:18::10) $(flows ipv4 tcp 8443 172.18.0.10)" '1 1 1' 'connections before'
        down net0
        is "$(flows ipv4 udp 8080 .) $(flows ipv6 udp 8080 .) $(flows ipv4 udp 9007 .) $(flows ipv6 udp 9007 .) $(flows ipv4 tcp 8443 .)" \
                '0 0 0 0 0' 'connections of net0'
        is "$(flows ipv4 udp 8081 172.18.0.11) $(flows ipv6 udp 8081 fd00:18::11)" '1 1' 'connections of net1'
}

# An element counts its connections. Where it has counted none since it first came, nobody walks through conntrack when it leaves;
# where the count is of no use, somebody does. What such a walk is for, a flow that goes on to a place that is not there, is the measure.
walks() { # VERB NAME
        strace -qq -o "$W/walk" -e trace=sendto "$PLAIN/tools/vnet-helper" "$@" || fail "$* fails"
        grep -c IPCTNL_MSG_CT_GET "$W/walk" || true
}
some_ports() {
        command -v strace > /dev/null || skip 'no strace'
        site IPMasquerade=both "$(printf 'PublishPort=%s\n' 8080:80/udp 9000-9010:9000-9010/udp 198.51.100.1:8088:80/udp '[2001:db8::1]:8088:80/udp' 8443:443)"
        ups br0 net0
        serve net0 udp 80
        serve net0 udp 9007
}
udp_flows_are() { # IPV4 IPV6: how many of either, to net0
        flows_are "$1" -p udp --reply-src 172.18.0.10 && flows_are "$2" -f ipv6 -p udp --reply-src fd00:18::10
}
case_unused_ports() {
        some_ports
        is "$(walks down net0)" 0 'walks for nothing'
        up net0
        sed -i 's/8443:443/8444:443/' /etc/vnet/net0.vnet
        is "$(walks reload net0)" 0 'walks of a reload for nothing'
        has -c NFT_MSG_DELSETELEM "$W/walk" # it did take one away
}
# each kind of element by itself, of the family that was used
case_used_ports() {
        local way
        some_ports
        down net0
        for way in '198.51.100.1 8080' '2001:db8::1 8080' '198.51.100.1 9007' '2001:db8::1 9007' '198.51.100.1 8088' '2001:db8::1 8088'; do
                up net0
                serve net0 udp 80
                serve net0 udp 9007
                # shellcheck disable=SC2086 # address and port
                answers outside udp $way net0
                is "$(walks down net0)" 1 "walks after one connection to $way"
                udp_flows_are 0 0 || fail "flows of $way"
        done
}
# What made the element once more does not know its connections. The third way is that of who keeps rules in a file.
case_uncounted() {
        local way
        some_ports
        for way in restore up 'nft -f' 'delete element'; do
                answers outside udp 198.51.100.1 8080 net0
                answers outside udp 2001:db8::1 9007 net0
                case $way in
                restore) nft flush ruleset; "$HELPER" restore ;;
                up) nft flush ruleset; up net0 ;;
                'nft -f') nft -s list ruleset > "$W/rules"; nft flush ruleset; nft -f "$W/rules" ;;
                *)
                        nft 'delete element inet vnet publish4 { udp . 8080 }; delete element inet vnet publish6_range { udp . 9000-9010 }'
                        up net0
                        ;;
                esac
                udp_flows_are 1 1 || fail "flows after $way"
                down net0
                udp_flows_are 0 0 || fail "flows after $way and a stop"
                up net0
                serve net0 udp 80
                serve net0 udp 9007
        done
        downs net0 br0 # with the last one the table goes
        ups br0 net0
        is "$(walks down net0)" 0 'walks for an element that has just come'
}
# A flow that another element of the same place takes over in a reload is in nobody's count.
case_inherited_flows() {
        command -v strace > /dev/null || skip 'no strace'
        site4 IPMasquerade=ipv4 "$(printf 'PublishPort=%s\n' 8080:80/udp 198.51.100.1:8080:80/udp)"
        ups br0 net0
        serve net0 udp 80
        answers outside udp 198.51.100.1 8080 net0
        sed -i '/^PublishPort=198/d' /etc/vnet/net0.vnet
        reload net0
        flows_are 1 -p udp --orig-port-dst 8080 || fail 'the flow did not go on'
        down net0
        flows_are 0 -p udp --orig-port-dst 8080 || fail 'the flow goes on'
        # from all addresses to one
        up net0
        serve net0 udp 80
        answers outside udp 198.51.100.1 8080 net0
        sed -i 's/^PublishPort=/&198.51.100.1:/' /etc/vnet/net0.vnet
        reload net0
        flows_are 1 -p udp --orig-port-dst 8080 || fail 'the flow did not go on at one address'
        down net0
        flows_are 0 -p udp --orig-port-dst 8080 || fail 'the flow goes on'
        # and back
        up net0
        serve net0 udp 80
        answers outside udp 198.51.100.1 8080 net0
        sed -i 's/^PublishPort=198.51.100.1:/PublishPort=/' /etc/vnet/net0.vnet
        reload net0
        flows_are 1 -p udp --orig-port-dst 8080 || fail 'the flow did not go on at all addresses'
        sed -i '/^PublishPort=/d' /etc/vnet/net0.vnet
        reload net0
        flows_are 0 -p udp --orig-port-dst 8080 || fail 'the flow goes on after a reload'
        # what came by a reload in nobody's place has its own count
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8443:443/' /etc/vnet/net0.vnet
        reload net0
        is "$(walks down net0)" 0 'walks for a port that a reload brought'
}
# More than may be asked for at once: all the same.
case_many_used_ports() {
        site IPMasquerade=both PublishPort=9000-9999:8000-8999/udp
        ups br0 net0
        serve net0 udp 8500
        answers outside udp 198.51.100.1 9500 net0
        answers outside udp 2001:db8::1 9500 net0
        down net0
        udp_flows_are 0 0 || fail 'the flows go on'
}

udp_is_known() { conntrack -L -p udp --orig-port-src 4444 2> /dev/null | grep . > /dev/null; }
# A UDP flow to the host began before the port was published: it must not go on to the host for ever.
case_udp_flow_from_before() {
        site4 IPMasquerade=ipv4 PublishPort=8080:80/udp
        up br0
        # UDP4-DATAGRAM: not connected, so that "port unreachable" does not end it
        background outside socat -u 'SYSTEM:while sleep .1; do echo x; done' UDP4-DATAGRAM:198.51.100.1:8080,bind=:4444
        eventually udp_is_known
        up net0
        background net0 socat -u UDP4-RECV:80 "OPEN:$W/seen,creat"
        eventually test -s "$W/seen"
}

# A port at one address takes that address from the port at all of them: for running flows too, and back when it goes.
case_flow_to_one_address() {
        ip addr add 198.51.100.7/24 dev up0
        ip addr add 2001:db8::7/64 dev up0 nodad
        snapshot "$W/start"
        site IPMasquerade=both PublishPort=8080:80/udp
        printf '[Namespace]\nPublishPort=198.51.100.7:8080:80/udp\nPublishPort=[2001:db8::7]:8080:80/udp\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\nAddress=fd00:18::12/64\n' | file net3
        ups br0 net0
        stream outside 5001 198.51.100.7 8080
        stream outside 5002 2001:db8::7 8080
        stream outside 5003 198.51.100.1 8080
        hears net0 80 198.51.100.2
        hears net0 80 2001:db8::2
        local ids
        ids=$(flow_ids -p udp --orig-dst 198.51.100.1)
        up net3
        hears net3 80 198.51.100.2
        hears net3 80 2001:db8::2
        is "$(flow_ids -p udp --orig-dst 198.51.100.1)" "$ids" 'the flow to the other address'
        down net3
        eventually flows_are 2 -p udp --reply-src 172.18.0.10
        eventually flows_are 1 -f ipv6 -p udp --reply-src fd00:18::10
}

# What only passes through the host to this port elsewhere is another flow.
case_passing_flow_from_before() {
        sysctl -qw net.ipv4.ip_forward=1
        snapshot "$W/start"
        outside_knows
        site4 '' PublishPort=8080:80/udp
        ups br0 net1
        stream net1 5001 198.51.100.2 8080
        eventually flows_are 1 -p udp --orig-port-dst 8080
        local ids
        ids=$(flow_ids -p udp --orig-port-dst 8080)
        up net0
        is "$(flow_ids -p udp --orig-port-dst 8080)" "$ids" 'the flow to the same port elsewhere'
}

# Whoever talks to a port talks to its new target after a reload: old flows do not go on to the old one.
case_retargeted_port() {
        site IPMasquerade=both "$(printf 'PublishPort=%s\n' 8080:80/udp 8443:80/tcp 9000-9010:9000-9010/udp 8081:81/udp)"
        ups br0 net0
        serve net0 udp 80
        serve net0 udp 81
        serve net0 tcp 80
        serve net0 udp 9001
        answers outside udp 198.51.100.1 8080 net0
        answers outside udp 2001:db8::1 8080 net0
        answers outside udp 198.51.100.1 8081 net0
        answers outside udp 198.51.100.1 9001 net0
        answers outside tcp 198.51.100.1 8443 net0
        sed -i 's|8080:80/udp|8080:82/udp|; s|8443:80/tcp|8443:82/tcp|; s|9000-9010:9000-9010/udp|9000-9010:9100-9110/udp|' /etc/vnet/net0.vnet
        reload net0
        is "$(flows ipv4 udp 8080 'sport=80 ') $(flows ipv6 udp 8080 'sport=80 ') $(flows ipv4 tcp 8443 'sport=80 ') $(flows ipv4 udp 9001 'sport=9001 ')" \
                '0 0 0 0' 'flows to old targets'
        is "$(flows ipv4 udp 8081 'sport=81 ')" 1 'flows of a port that stays'
        sed -i 's|172.18.0.10/16|172.18.0.20/16|' /etc/vnet/net0.vnet
        reload net0
        is "$(flows ipv4 udp 8081 172.18.0.10)" 0 'flows to the old address'
        answers outside udp 198.51.100.1 8081 net0
}

# The same port of another protocol is another port.
case_flows_of_one_protocol() {
        site4 IPMasquerade=ipv4 PublishPort=8080:80/udp
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8080:80/' /etc/vnet/net1.vnet
        ups br0 net0 net1
        serve net0 udp 80
        serve net1 tcp 80
        answers outside udp 198.51.100.1 8080 net0
        answers outside tcp 198.51.100.1 8080 net1
        sed -i 's|8080:80/udp|8080:82/udp|' /etc/vnet/net0.vnet
        reload net0
        is "$(flows ipv4 udp 8080 172.18.0.10) $(flows ipv4 tcp 8080 172.18.0.11)" '0 1' 'connections of UDP and TCP'
}

run_cases "$@"
