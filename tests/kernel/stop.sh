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
        settled
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

# They are named, some of them, also by a helper that may not look at other people's processes, as in its unit. Names are clean.
case_processes_inside_are_named() {
        all_of_it
        local i pids=() odd
        odd=$W/$(printf 'a\033[31m')
        cp "$(command -v sleep)" "$odd"
        nsenter --net=/run/netns/net0 "$odd" 60 &
        pids+=($!)
        eventually is_in $! net0
        for i in 1 2 3 4 5; do
                sleeper_in net0
                pids+=("$SLEEPER")
        done
        setpriv --bounding-set -all,+net_admin,+sys_admin --inh-caps -all "$HELPER" down net0 2> "$W/err"
        cat "$W/err"
        is "$(wc -l < "$W/err")" 1 lines
        has -E '^net0: .*6 processes still run in the network namespace net0, .*: a\?\[31m \([0-9]+\), sleep \([0-9]+\),.* and 2 more$' "$W/err"
        up net0
        kill "${pids[@]:1}"
        wait "${pids[@]:1}" 2> /dev/null || true
        down net0 2> "$W/err"
        is "$(cat "$W/err")" '' 'of what nobody is in'
        up net0
        kill "${pids[0]}"
        sleeper_in net0
        down net0 2> "$W/err"
        has "1 process still runs in the network namespace net0, .*: sleep ($SLEEPER)\$" "$W/err"
        kill "$SLEEPER"
}

# Where there is no outer end that would stay, they are looked for in any case.
case_processes_inside_without_veth() {
        local kind
        for kind in 'Kind=macvlan Parent=up0 Address=198.51.100.7/24' 'Kind=bridge Address=192.0.2.1/24' 'Name=lo Address=192.0.2.1/32'; do
                printf '%s\n' '[Namespace]' '[Link]' "${kind// /$'\n'}" | file net0
                snapshot "$W/without"
                up net0
                down net0 2> "$W/err"
                is "$(cat "$W/err")" '' 'of what nobody is in'
                up net0
                sleeper_in net0
                setpriv --bounding-set -all,+net_admin,+sys_admin --inh-caps -all "$HELPER" down net0 2> "$W/err"
                cat "$W/err"
                is "$(cat "$W/err")" "net0: 1 process still runs in the network namespace net0, which lives on without a name until it ends: sleep ($SLEEPER)"
                same "$W/without" 'the machine before net0 came and after it went'
        done
        # one of somebody else with that name is none of ours
        up net0
        ip netns del net0
        ip netns add net0
        sleeper_in net0
        down net0 2> "$W/err"
        is "$(cat "$W/err")" ''
        ip netns del net0
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
        settled
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
        settled
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
        settled
        snapshot "$W/without"
        cp /etc/vnet/net0.vnet "$W/first"
        # each third of its messages, to the last: also when new elements are there and old ones are gone
        for ((n = 1; ; n += 3)); do
                cp "$W/first" /etc/vnet/net0.vnet
                up net0
                sed -i 's/8080:80/8080:81\nPublishPort=7070:70/; s|^Address=172.18.0.10.*|&\nAddress=10.44.0.1/24|' /etc/vnet/net0.vnet
                killed_at sendto $n reload net0
                down net0
                same "$W/without" "after a kill at sendto $n and down"
                grep -q 'killed by SIGKILL' "$W/trace" || break
        done
        [ $n -gt 10 ] || fail "killed only up to message $n"
}

# Bridge first, against the order of the units: its ports lose their master, the bridge goes.
case_bridge_before_its_namespaces() {
        site
        ups br0 net0 net1
        downs br0 net0 net1
}

# Namespaces first, as their units would be stopped; what cannot be read keeps nobody else up.
case_all() {
        local rc=0
        snapshot "$W/bare"
        site
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.13/16\n' | file a-first
        ups br0 net0 net1 a-first
        traced_order > "$W/order" || rc=$?
        is $rc 0 'status of down --all'
        is "$(sed 's/.*br0/br0/' "$W/order" | tail -n 1) $(wc -l < "$W/order")" 'br0 4' 'the last one, of all'
        is "$(cat "$W/err")" '' 'what it says'
        rm -r /etc/vnet/*
        same "$W/bare" 'the machine before and after'
        "$HELPER" down --all # and once more
        site
        ups br0 net0 net1
        sed -i '1s/.*/vnet 2/' /run/vnet/state/net0
        rc=0
        "$HELPER" down --all 2> "$W/err" || rc=$?
        is "$rc $(cat "$W/err")" '1 net0: /run/vnet/state/net0:1: written by a newer vnet (format 2)' 'status and words'
        is "$(ls /run/vnet/state)" net0 'what is up'
        sed -i '1s/.*/vnet 1/' /run/vnet/state/net0
        "$HELPER" down --all
        if "$HELPER" up --all 2> /dev/null || "$HELPER" down --some 2> /dev/null; then fail 'words that mean nothing'; fi
}
# The records in the order in which they go
traced_order() {
        local rc=0
        strace -qq -e trace=unlink,unlinkat -o "$W/strace" "$HELPER" down --all 2> "$W/err" || rc=$?
        sed -n 's/.*"\/run\/vnet\/state\/\([^"~]*\)".* = 0$/\1/p' "$W/strace"
        return $rc
}

# A temporary record of a helper that was killed: an older and longer one must not show behind the new one.
case_older_longer_temporary() {
        site ''
        ups br0 net1
        settled
        snapshot "$W/without"
        mkdir -p /run/vnet/state
        awk 'BEGIN { while (n++ < 500) print "op address address=10.77.0.1/16 dev=vn-net0" }' > /run/vnet/state/net0~
        up net0
        is "$(grep -c 10.77 /run/vnet/state/net0 || true)" 0 'lines of the old one'
        down net0 2> "$W/err"
        is "$(cat "$W/err")" '' 'what a stop says'
        same "$W/without" 'the machine before net0 came and after it went'
}

# Written by a newer vnet: refused in words, and nothing is touched.
case_newer_record() {
        all_of_it
        sed -i '1s/.*/vnet 2/' /run/vnet/state/net0
        refused down net0 '^net0: /run/vnet/state/net0:1: written by a newer vnet \(format 2\)$'
        reaches net0 172.18.0.11
        sed -i '1s/.*/vnet 1/' /run/vnet/state/net0
        net0_is_gone
}

# A record without its last lines: the stop says so, and undoes the rest.
case_torn_record() {
        local line
        all_of_it
        line=$(grep -n '^op forwarding' /run/vnet/state/net0 | cut -d: -f1)
        sed -i "${line}d" /run/vnet/state/net0
        down net0 2> "$W/err" || true
        has 'the record is not complete; what it lacks cannot be undone$' "$W/err"
        gone at net0 true
        gone ip link show dev vn-net0
        "$CTL" gc
        down net0
}

# Names of files that no file of ours could have given, and objects without a name, are in no record of ours.
case_garbled_names() {
        local what change says
        all_of_it
        while IFS='|' read -r what change says; do
                sed -i -E "/^op $what/$change" /run/vnet/state/net0
                down net0 2> "$W/err" || true
                has -E "$says" "$W/err"
                "$CTL" gc
                down net0
                same "$W/without" "the machine before net0 came and after it went, with another $what"
                up net0
        done <<'L'
netns|s! name=net0! name=../etc!|'../etc' is not the name of a namespace
sysctl |s! key=net/! key=kernel/!|'kernel/ipv4/.*' is not the key of a sysctl
sysctl |s! key=net/ipv4! key=net/ipv4/../../x!|'net/ipv4/../../x.*' is not the key of a sysctl
sysctl |s! value=[^ ]*!!|sysctl lacks its value
veth|s! name=vn-net0!!|veth lacks its name
up|s! dev=vn-net0!!|up lacks its dev
L
        net0_is_gone
}

# --- what bears the name of ours and is not ours ---

left_alone() { # NAME PATTERN: a stop says that it leaves something
        down "$1" 2> "$W/err"
        cat "$W/err"
        has -E "$2.*left alone" "$W/err"
}

case_veth_replaced_by_hand() {
        all_of_it
        ip link del vn-net0
        ip link add vn-net0 type veth peer name other0
        left_alone net0 'interface vn-net0'
        ip link show dev other0
        ip link del vn-net0
        same "$W/without" 'the machine before net0 came and after it went'
}

# Another kind of interface with the name and the hardware address of ours
case_no_veth_with_our_mac() {
        local mac
        all_of_it
        mac=$(ip -j link show dev vn-net0 | jq -r '.[0].address')
        ip link del vn-net0
        ip link add vn-net0 address "$mac" type bridge
        left_alone net0 'interface vn-net0'
        ip link del vn-net0
        same "$W/without" 'the machine before net0 came and after it went'
}

case_bridge_replaced_by_hand() {
        site ''
        up br0
        ip link del br0
        ip link add br0 type bridge
        left_alone br0 'interface br0'
        ip link del br0
}

case_outer_end_renamed_by_hand() {
        all_of_it
        ip link set vn-net0 down
        ip link set vn-net0 name other0
        net0_is_gone
}

# The kernel uses inode numbers of namespaces again: one that has ours is known by its cookie. Made here by a record that has
# the number of the new one, as it would stand there then.
case_inode_used_again() {
        all_of_it
        ip netns del net0
        ip netns add net0
        "$TOP/tests/lib/record-sum.py" /run/vnet/state/net0 "s/inode=[0-9]+/inode=$(stat -L -c %i /run/netns/net0)/"
        down net0 2> "$W/err"
        is "$(cat "$W/err")" '' 'what a stop says'
        at net0 true || fail "somebody else's net0 was removed"
        ip netns del net0
        same "$W/without" 'the machine before net0 came and after it went'
}

case_replaced_after_a_reload() {
        all_of_it
        sed -i 's/8080:80/8081:80/' /etc/vnet/net0.vnet
        reload net0
        ip netns del net0
        ip netns add net0
        down net0
        at net0 true || fail "somebody else's net0 was removed"
        ip netns del net0
        same "$W/without" 'the machine before net0 came and after it went'
}

# After a flush another network publishes the port that was ours: our stop leaves it.
case_port_taken_over_after_a_flush() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0 net1
        nft flush ruleset
        sed -i 's/^\[Namespace\]$/&\nPublishPort=8080:80/' /etc/vnet/net1.vnet
        reload net1
        serve net1 tcp 80
        answers outside tcp 198.51.100.1 8080 net1
        down net0
        answers outside tcp 198.51.100.1 8080 net1
        answers outside tcp 2001:db8::1 8080 net1
}

# A start after one that was killed begins anew, and what comes out of it is whole: a reload works.
case_killed_start_starts_anew() {
        command -v strace > /dev/null || skip 'no strace'
        local n call
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net1
        for call in mount sendmsg sendto; do
                for n in 1 2 3 4; do
                        killed_at $call $n up net0
                        # not before: what was never finished is no ground to change
                        if is_up net0 && ! grep -qx 'stage complete' /run/vnet/state/net0; then refused reload net0 "net0.*restart vnet@net0"; fi
                        up net0
                        has -x 'stage complete' /run/vnet/state/net0
                        reload net0
                        reaches net0 172.18.0.11
                        down net0
                done
        done
}

# What stands in a record: its head, an operation a line, and what became of it.
case_record() {
        all_of_it
        sed -n '1,3s/[0-9]*$//p' /run/vnet/state/net0 | xargs > "$W/head"
        is "$(cat "$W/head")" 'vnet name net ops'
        is "$(sed -n 's/^ops //p' /run/vnet/state/net0)" "$(grep -c '^op ' /run/vnet/state/net0)" operations
        is "$(tail -n 1 /run/vnet/state/net0)" 'stage complete'
        is "$(find /run/vnet/state -name '*~')" '' 'temporary records'
        sed -i 's/8080:80/8081:80/' /etc/vnet/net0.vnet
        reload net0
        is "$(tail -n 1 /run/vnet/state/net0)" 'stage complete'
        down net0 2> "$W/err"
        is "$(cat "$W/err")" '' 'what a stop says'
        same "$W/without" 'the machine before net0 came and after it went'
}

# A record without a cookie, as kernels without them leave it: then it is the inode.
case_replaced_and_no_cookie() {
        all_of_it
        "$TOP/tests/lib/record-sum.py" /run/vnet/state/net0 's/ (inode=[0-9]+) cookie=[0-9]+/ \1/'
        sleeper_in net0 # or the next one may get its number
        ip netns del net0
        ip netns add net0
        down net0
        at net0 true || fail "somebody else's net0 was removed"
        kill "$SLEEPER"
        ip netns del net0
}

# A namespace that lives on keeps no interface of ours on the host, whatever its name is now.
case_renamed_and_process_inside() {
        all_of_it
        sleeper_in net0
        ip link set vn-net0 down
        ip link set vn-net0 name other0
        net0_is_gone
        kill "$SLEEPER"
}

run_cases "$@"
