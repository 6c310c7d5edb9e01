#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reload.sh: the difference between what was applied and what the file says now, and nothing else: namespace, processes
# and connections live on. What would need a restart is refused before anything is touched.
LEAKS=1
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

inode() { stat -L -c '%d %i' "/run/netns/$1"; }
start() { # lines of br0, of net0
        site "${1-IPMasquerade=both}" "${2-PublishPort=8080:80}"
        ups br0 net0 net1
        serve net0 tcp 80
        before=$(inode net0)
        sleeper_in net0
}
lives_on() {
        is "$(inode net0)" "$before" 'the namespace'
        kill -0 "$SLEEPER"
        answers host tcp "${1:-172.18.0.10}" 80 net0
}
edit() { sed -i "$2" "/etc/vnet/$1.vnet"; }

case_nothing_changed() {
        start
        snapshot "$W/a"
        reload net0
        reload br0
        same "$W/a" 'before and after a reload of the same'
        lives_on
}

case_addresses() {
        start
        edit net0 's/^Address=172.18.0.10.*/Address=172.18.0.20\/16\nAddress=172.18.0.21\/16/'
        reload net0
        lives_on 172.18.0.20
        reaches net1 172.18.0.20 172.18.0.21 fd00:18::10
        cut_off net1 172.18.0.10
        # the published port follows its target, the way out is still there
        answers outside tcp 198.51.100.1 8080 net0
        reaches net0 198.51.100.2
}

case_address_added() {
        start
        printf 'Address=172.18.0.20/16\nAddress=fd00:18::20/64\n' >> /etc/vnet/net0.vnet
        reload net0
        lives_on
        reaches net1 172.18.0.10 172.18.0.20 fd00:18::20
        edit net0 '/0.20.16/d;/::20.64/d'
        reload net0
        lives_on
        cut_off net1 172.18.0.20
}

case_routes() {
        start
        printf 'Route=10.1.0.0/16 via 172.18.0.99\nRoute=10.2.0.0/16 via 172.18.0.99\n' >> /etc/vnet/net0.vnet
        reload net0
        holds 'map(.dst) | (index("10.1.0.0/16") != null and index("10.2.0.0/16") != null)' ip -n net0 -j route
        edit net0 '/10.1.0.0/d;s/^Route=10.2.*/Route=10.2.0.0\/16 via 172.18.0.98/'
        reload net0
        holds 'map(select(.dst == "10.1.0.0/16")) == []' ip -n net0 -j route
        holds 'map(select(.dst == "10.2.0.0/16") | .gateway) == ["172.18.0.98"]' ip -n net0 -j route
        lives_on
}

case_rules_and_neighbors() {
        start
        printf 'Rule=from 10.0.0.0/8 table 100 priority 500\nNeighbor=172.18.0.99 lladdr 02:00:00:00:00:99\n' >> /etc/vnet/net0.vnet
        reload net0
        holds 'map(select(.priority == 500)) | length == 1' ip -n net0 -j rule
        edit net0 '/^Rule/d;s/00:99$/00:98/'
        reload net0
        holds 'map(select(.priority == 500)) == []' ip -n net0 -j rule
        holds 'map(select(.dst == "172.18.0.99") | .lladdr) == ["02:00:00:00:00:98"]' ip -n net0 -j neigh
        lives_on
}

case_ports() {
        start
        answers outside tcp 198.51.100.1 8080 net0
        edit net0 's/8080:80/8081:80/'
        reload net0
        answers outside tcp 198.51.100.1 8081 net0
        answers outside tcp 2001:db8::1 8081 net0
        silent outside tcp 198.51.100.1 8080
        edit net0 '/^PublishPort/d'
        reload net0
        silent outside tcp 198.51.100.1 8081
        answers net0 tcp 172.18.0.10 80 net0
        lives_on
}

# A running connection over a port that stays is not cut while another port comes and goes.
case_connection_lives_on() {
        start IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=9000:90')"
        # shellcheck disable=SC2016 # for the shell that socat starts
        background net0 socat TCP4-LISTEN:90,reuseaddr 'SYSTEM:while read x; do echo "echo $x"; done'
        eventually listening net0 -tln 1 90
        coproc talk { at outside socat - TCP4:198.51.100.1:9000; }
        local line
        echo one >&"${talk[1]}"
        read -r -t 3 line <&"${talk[0]}"
        is "$line" 'echo one'
        edit net0 's/8080:80/8081:80/'
        printf 'Address=172.18.0.20/16\n' >> /etc/vnet/net0.vnet
        reload net0
        echo two >&"${talk[1]}"
        read -r -t 3 line <&"${talk[0]}"
        is "$line" 'echo two'
}

case_port_conflict_is_refused() {
        start
        printf '[Namespace]\nPublishPort=9000:80\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        up net3
        edit net0 's/8080:80/9000:80/'
        refused reload net0 '9000.*net3'
        answers outside tcp 198.51.100.1 8080 net0
        lives_on
}

# Half of it done, then an error: everything back.
case_failure_is_rolled_back() {
        start
        edit net0 's/^Address=172.18.0.10.*/Address=172.18.0.20\/16/;s/8080:80/8081:80/'
        printf 'Route=fd01::/64 src fe80::99\n' >> /etc/vnet/net0.vnet
        refused reload net0 'route to fd01::/64'
        answers outside tcp 198.51.100.1 8080 net0
        lives_on
}

case_broken_file_is_refused() {
        start
        echo 'Address=nonsense' >> /etc/vnet/net0.vnet
        refused reload net0 'net0.vnet:[0-9]+'
        lives_on
}

case_needs_a_restart() {
        start
        local change
        for change in 's/^Bridge=br0/Bridge=br0\nName=wan0/' 's/^Bridge=br0/Bridge=br0\nHostName=x0/' 's/^\[Namespace\]/&\nName=other/' \
                's/^Bridge=br0/Bridge=br0\nMACAddress=02:00:00:00:00:01/' 's/^\[Link\]/&\nName=first\nAddress=10.7.0.1\/24\nHostAddress=10.7.0.2\/24\n[Link]/'; do
                cp /etc/vnet/net0.vnet "$W/good"
                edit net0 "$change"
                # nothing is touched, not even what could be changed
                printf 'Address=172.18.0.20/16\n' >> /etc/vnet/net0.vnet
                refused reload net0 'restart'
                cp "$W/good" /etc/vnet/net0.vnet
                lives_on
                cut_off net1 172.18.0.20
        done
}

case_bridge_masquerade() {
        start ''
        serve outside tcp 80
        silent net0 tcp 198.51.100.2 80
        edit br0 's/^\[Bridge\]/&\nIPMasquerade=both/'
        reload br0
        answers net0 tcp 198.51.100.2 80 'outside 198.51.100.1'
        answers net0 tcp 2001:db8::2 80 "outside $(full6 2001:db8::1)"
        edit br0 '/^IPMasquerade/d'
        reload br0
        # the old conversations may live on; a new one is not translated
        silent net1 tcp 198.51.100.2 80
        lives_on
}

case_bridge_filters() {
        start
        site_b
        ups br1 net2
        serve host tcp 90
        serve outside tcp 80
        answers net0 tcp 172.18.0.1 90 host
        silent net2 tcp 172.18.0.10 80
        edit br0 's/^\[Bridge\]/&\nAllowFrom=br1\nHostAccess=no/'
        reload br0
        answers net2 tcp 172.18.0.10 80 net0
        silent net0 tcp 172.18.0.1 90
        edit br0 '/^AllowFrom/d;/^HostAccess/d;/^IPMasquerade/d;s/^\[Bridge\]/&\nInternal=yes/'
        reload br0
        silent net2 tcp 172.18.0.10 80
        silent net0 tcp 198.51.100.2 80
        answers net0 tcp 172.18.0.1 90 host
        lives_on
}

case_bridge_address() {
        start
        printf 'Address=10.18.0.1/24\n' >> /etc/vnet/br0.vnet
        reload br0
        reaches net0 10.18.0.1
        edit br0 '/10.18.0.1/d'
        reload br0
        holds '[.[0].addr_info[] | select(.local == "10.18.0.1")] == []' ip -j addr show dev br0
        lives_on
}

case_bridge_link_settings() {
        start
        edit br0 's/^\[Bridge\]/&\nSTP=yes\nAgeingTimeSec=77\nMulticastSnooping=no/'
        reload br0
        holds '.[0].linkinfo.info_data | .stp_state == 1 and .ageing_time == 7700 and .mcast_snooping == 0' ip -j -d link show dev br0
        is "$(inode net0)" "$before" 'the namespace'
}

case_of_what_is_down() {
        site
        refused reload net0 'net0'
}

# After a reload stop still leaves nothing; after an edit without reload too.
case_then_stop() {
        start
        edit net0 's/8080:80/8081:80/'
        printf 'Address=172.18.0.20/16\nRoute=10.1.0.0/16 via 172.18.0.99\n' >> /etc/vnet/net0.vnet
        reload net0
        rm /etc/vnet/net0.vnet
        kill "$SLEEPER"
        down net0
}

# What waits for the end of duplicate address detection does so for addresses that come, not for all;
# the end of a reload looks for the elements alone, without a way into the namespace.
case_duplicate_address_detection_and_a_port() {
        site IPMasquerade=both PublishPort=8080:80
        echo 'DuplicateAddressDetection=yes' >> /etc/vnet/net0.vnet
        ups br0 net0 net1
        sed -i 's/8080:80/8081:80/' /etc/vnet/net0.vnet
        reload net0
        nft list map inet vnet publish6 | has 8081
        sed -i 's/fd00:18::10/fd00:18::20/' /etc/vnet/net0.vnet
        reload net0
        holds '[.[].addr_info[] | select(.local == "fd00:18::20")] | length == 1 and (.[0].tentative | not)' ip -n net0 -j addr show dev eth0
        reaches host fd00:18::20
        sed -i 's/^Address=fd00.*/&\nAddress=172.18.0.20\/16/' /etc/vnet/net0.vnet
        reload net0
        reaches net1 172.18.0.20
}

# What leaves keeps its translation, or none, until conntrack forgets it: a change is for running flows too, TCP included.
# What it does not concern goes on as it is.
case_translation_comes_and_changes() {
        local ids b
        ip addr add 198.51.100.50/24 dev up0
        ip addr add 2001:db8::50/64 dev up0 nodad
        snapshot "$W/start" # the kernel masquerades IPv6 with the address that came last
        outside_knows
        site Inbound=any
        ups br0 net0 net1
        stream net0 6001 172.18.0.11 6000
        stream net0 6002 172.18.0.1 6000
        stream outside 6003 172.18.0.11 6000
        stream net0 5001 198.51.100.2 5000
        stream net0 5002 2001:db8::2 5000
        hears outside 5000 172.18.0.10
        hears outside 5000 fd00:18::10
        background outside socat TCP6-LISTEN:81,fork EXEC:cat
        eventually flows_are 3 -p udp --orig-port-dst 6000
        ids=$(flow_ids -p udp --orig-port-dst 6000)
        hold net0 198.51.100.2 81
        site "$(printf 'Inbound=any\nIPMasquerade=both')"
        reload br0
        hears outside 5000 198.51.100.1
        hears outside 5000 2001:db8::50
        is "$(conntrack -L -p tcp --orig-port-dst 81 2> /dev/null | grep -c 'dst=172.18.0.10 ' || true)" 0 'untranslated TCP'
        kill "$HOLDER" || true # it may have been told that the connection is no more
        # the same address by another rule is no change
        b=$(flow_ids -p udp --orig-port-dst 5000)
        site "$(printf 'Inbound=any\nIPMasquerade=both\nSNATAddress=198.51.100.1\nSNATAddress=2001:db8::50')"
        reload br0
        is "$(flow_ids -p udp --orig-port-dst 5000)" "$b" 'flows with the same address'
        site "$(printf 'Inbound=any\nIPMasquerade=both\nSNATAddress=198.51.100.50\nSNATAddress=2001:db8::1')"
        reload br0
        hears outside 5000 198.51.100.50
        hears outside 5000 2001:db8::1
        site "$(printf 'Inbound=any\nIPMasquerade=both')"
        reload br0
        hears outside 5000 198.51.100.1
        hears outside 5000 2001:db8::50
        is "$(flow_ids -p udp --orig-port-dst 6000)" "$ids" 'flows that are not concerned'
}

# A bridge that becomes Internal= is that for what is running too.
case_internal_cuts() {
        local ids
        site IPMasquerade=both
        site_b
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8080:80\/udp/' /etc/vnet/net2.vnet
        ups br0 br1 net0 net1 net2
        background outside socat TCP6-LISTEN:81,fork EXEC:cat
        stream net0 5001 198.51.100.2 5000
        stream net0 5002 2001:db8::2 5000
        stream net0 5003 198.51.100.1 8080
        stream net0 6001 172.18.0.11 6000
        stream net0 6002 172.18.0.1 6000
        stream net2 6003 198.51.100.2 6000
        hears outside 5000 198.51.100.1
        hears outside 5000 2001:db8::1
        hears net2 80 172.18.0.10
        eventually flows_are 3 -p udp --orig-port-dst 6000
        ids=$(flow_ids -p udp --orig-port-dst 6000)
        hold net0 198.51.100.2 81
        site Internal=yes
        reload br0
        count_at outside 'udp dport 5000'
        count_at net2 'udp dport 80'
        hears net1 6000 172.18.0.10
        sleep .5
        is "$(counted outside) $(counted net2)" '0 0' 'datagrams off the bridge'
        is "$(conntrack -L -p tcp --orig-port-dst 81 2> /dev/null | wc -l)" 0 'TCP off the bridge'
        is "$(flow_ids -p udp --orig-port-dst 6000)" "$ids" 'flows that stay on the bridge, or are of others'
        kill "$HOLDER"
}

# A port that leads elsewhere: running flows go there too.
case_port_with_another_target() {
        site IPMasquerade=both "$(printf 'PublishPort=8080:80/udp\nPublishPort=8082:82/udp')"
        ups br0 net0
        stream outside 5001 198.51.100.1 8080
        stream outside 5002 2001:db8::1 8080
        stream outside 5003 198.51.100.1 8082
        hears net0 80 198.51.100.2
        hears net0 80 2001:db8::2
        hears net0 82 198.51.100.2
        local ids
        ids=$(flow_ids -p udp --orig-port-dst 8082)
        site IPMasquerade=both "$(printf 'PublishPort=8080:81/udp\nPublishPort=8082:82/udp')"
        reload net0
        hears net0 81 198.51.100.2
        hears net0 81 2001:db8::2
        is "$(flow_ids -p udp --orig-port-dst 8082)" "$ids" 'the flow to the port that stays'
}

run_cases "$@"
