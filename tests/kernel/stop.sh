#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# stop.sh: down undoes what up did, whatever happened in between, and touches nothing else. That nothing is left is
# compared at the end of every case.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# net0 with everything, net1 as the neighbour who must not notice
all_of_it() {
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=9000-9009:9000-9009/udp\nSysctl=net.ipv4.ip_default_ttl=77')"
        printf '%s\n' 'Route=10.1.0.0/16 via 172.18.0.99' 'Rule=from 172.18.0.10 table 100' 'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99' \
                '[Link]' 'Address=10.2.0.2/30' 'HostAddress=10.2.0.1/30' 'IPMasquerade=ipv4' >> /etc/vnet/net0.vnet
        ups br0 net1
        snapshot "$W/without"
        up net0
        reaches net0 172.18.0.11
}
# net0 is gone and the rest is as if it had never been
net0_is_gone() {
        local rc=0
        "$HELPER" down net0 || rc=$?
        is $rc 0 'status of down net0'
        same "$W/without" 'the machine before net0 came and after it went'
        reaches net1 172.18.0.1 198.51.100.2
        down net0 # and once more
}

case_plain() { all_of_it; net0_is_gone; }

case_edited_file() {
        all_of_it
        printf '[Namespace]\nName=quite-another\nPublishPort=1:1\n[Link]\nName=x\nHostName=y\nAddress=1.2.3.4/5\n' | file net0
        net0_is_gone
}

case_broken_file() {
        all_of_it
        echo 'no section=here' > /etc/vnet/net0.vnet
        net0_is_gone
}

case_deleted_file() {
        all_of_it
        rm /etc/vnet/net0.vnet
        net0_is_gone
}

case_masked_file() {
        all_of_it
        ln -sf /dev/null /etc/vnet/net0.vnet
        net0_is_gone
}

case_bridge_deleted_by_hand() {
        site
        ups br0 net0
        ip link del br0
        downs net0 br0
}

case_namespace_deleted_by_hand() {
        all_of_it
        ip netns del net0
        net0_is_gone
}

# Somebody made another one of this name since: it is not ours.
case_namespace_replaced_by_hand() {
        all_of_it
        ip netns del net0
        ip netns add net0
        ip -n net0 link set lo up
        down net0
        at net0 true || fail "somebody else's net0 was removed"
        ip netns del net0
        same "$W/without" 'the machine before net0 came and after it went'
}

case_name_unlinked_by_hand() {
        all_of_it
        umount /run/netns/net0
        net0_is_gone
}

case_outer_end_deleted_by_hand() {
        all_of_it
        ip link del vn-net0
        net0_is_gone
}

case_outer_end_taken_off_the_bridge() {
        all_of_it
        ip link set vn-net0 nomaster
        net0_is_gone
}

case_ruleset_flushed() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0 net1
        nft flush ruleset
        downs net0 net1 br0
}

case_table_deleted() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0
        nft delete table inet vnet
        downs net0 br0
}

case_element_deleted() {
        all_of_it
        nft delete element inet vnet publish4 '{ tcp . 8080 }'
        net0_is_gone
}

# A process inside delays nothing, and a new namespace of the name can start beside the old one.
case_process_inside() {
        all_of_it
        sleeper_in net0
        net0_is_gone
        kill -0 "$SLEEPER"
        up net0
        reaches net0 172.18.0.11 198.51.100.2
        net0_is_gone
        kill "$SLEEPER"
}

case_files_below_run_deleted() {
        all_of_it
        rm -f /run/sysctl.d/*net0*
        net0_is_gone
}

# Nothing is known of it: done already.
case_never_started() {
        site
        down net0
        down no-such-name
}

# The subshell swallows bash's word about the killed process.
killed_at() { # CALL N VERB NAME
        (strace -qq -o "$W/trace" -e "trace=$1" -e "inject=$1:signal=SIGKILL:when=$2" "$PLAIN/tools/vnet-helper" "$3" "$4") 2> /dev/null || true
}

# Killed at each of its messages: a record is there, and stop leaves nothing.
case_killed_while_starting() {
        command -v strace > /dev/null || skip 'no strace'
        local n call seen=0
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net1
        snapshot "$W/without"
        for call in sendmsg sendto unshare mount; do
                for n in 1 2 3 4 5 6; do
                        killed_at $call $n up net0
                        if grep -q 'killed by SIGKILL' "$W/trace"; then seen=$((seen + 1)); fi
                        down net0
                        same "$W/without" "after a kill at $call $n and down"
                done
        done
        [ $seen -ge 4 ] || fail "killed only $seen times"
        up net0
        reaches net0 172.18.0.1
}

case_killed_while_stopping() {
        command -v strace > /dev/null || skip 'no strace'
        local n call
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net1
        snapshot "$W/without"
        for call in sendmsg sendto umount2 unlink unlinkat; do
                for n in 1 2 3; do
                        up net0
                        killed_at $call $n down net0
                        down net0
                        same "$W/without" "after a kill at $call $n and a second down"
                done
        done
}

# The record has both then: two ports with one key in the kernel, and two addresses that the port goes to.
case_killed_while_reloading() {
        command -v strace > /dev/null || skip 'no strace'
        local n
        site IPMasquerade=both "$(printf 'PublishPort=8080:80\nPublishPort=9000-9009:9000-9009')"
        ups br0 net1
        snapshot "$W/without"
        cp /etc/vnet/net0.vnet "$W/first"
        for n in 1 2 3 4 5 6; do
                cp "$W/first" /etc/vnet/net0.vnet
                up net0
                sed -i 's/8080:80/8080:81/' /etc/vnet/net0.vnet
                killed_at sendto $n reload net0
                down net0
                same "$W/without" "after a kill at sendto $n and down"
        done
}

# Bridge first, against the order of the units: its ports lose their master, the bridge goes.
case_bridge_before_its_namespaces() {
        site
        ups br0 net0 net1
        downs br0 net0 net1
}

run_cases "$@"
