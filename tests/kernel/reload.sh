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
        printf 'Route=10.1.0.0/16 via 203.0.113.99\n' >> /etc/vnet/net0.vnet
        refused reload net0 '203.0.113.99|10.1.0.0'
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
                's/^Bridge=br0/Bridge=br0\nMACAddress=02:00:00:00:00:01/' 's/^\[Link\]/&\nName=first\nAddress=10.7.0.1\/24\n[Link]/'; do
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

run_cases "$@"
