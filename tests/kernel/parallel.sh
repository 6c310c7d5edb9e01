#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# parallel.sh: any number of helpers at once, the first use of /run/netns included, beside ip netns (spec.md 6.9).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

N=30

many() {
        local i
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=both\nAddress=fd00:18::1/64\n' | file br0
        for ((i = 0; i < N; i++)); do
                printf '[Namespace]\nPublishPort=%s:80\n[Link]\nBridge=br0\nAddress=172.18.1.%s/16\nAddress=fd00:18::1:%s/64\n' \
                        $((8000 + i)) $((i + 1)) $((i + 1)) | file "net$i"
        done
}
# VERB on all at once; every one must succeed
together() {
        local i pids=()
        for ((i = 0; i < N; i++)); do
                "$HELPER" "$1" "net$i" &
                pids+=($!)
        done
        for i in "${pids[@]}"; do wait "$i"; done
}
# ip netns add and del again and again until told to stop
busy_with_ip_netns() {
        local i=0
        while [ ! -e "$W/enough" ]; do
                i=$((i + 1))
                ip netns add "ip$i"
                ip netns exec "ip$i" true
                ip netns del "ip$i"
        done
}

case_beside_ip_netns() {
        many
        up br0
        [ ! -e /run/netns ] || fail '/run/netns is there before'
        busy_with_ip_netns &
        local other=$!
        together up
        : > "$W/enough"
        wait $other
        local i
        for ((i = 0; i < N; i++)); do
                # twice where iproute2 was first: before 7.0 it leaves /run/netns in the peer group of /run
                grep -q " /run/netns/net$i " /proc/self/mountinfo || fail "net$i is not mounted"
        done
        is "$(nft -j list map inet vnet publish4 | jq '[.nftables[].map.elem // empty] | flatten(1) | length')" "$N" 'published ports'
        reaches net0 172.18.1.2 172.18.1.30 198.51.100.2
        rm "$W/enough"
        busy_with_ip_netns &
        other=$!
        together down
        : > "$W/enough"
        wait $other
        down br0
}

# The first user switches forwarding on and makes the table, the last gives back and removes: all at once
case_first_and_last_together() {
        local i round pids
        for ((i = 0; i < 8; i++)); do
                printf '[Bridge]\nAddress=172.%s.0.1/16\nIPMasquerade=ipv4\n' $((20 + i)) | file "br$i"
        done
        for round in 1 2 3; do
                pids=()
                for ((i = 0; i < 8; i++)); do
                        up "br$i" &
                        pids+=($!)
                done
                for i in "${pids[@]}"; do wait "$i"; done
                is "$(sysctl -n net.ipv4.ip_forward)" 1 "round $round"
                pids=()
                for ((i = 0; i < 8; i++)); do
                        down "br$i" &
                        pids+=($!)
                done
                for i in "${pids[@]}"; do wait "$i"; done
                same "$W/start" "the machine before and after round $round"
        done
}

# The same NAME twice at the same time: one does it, the other finds it done.
case_same_name() {
        site
        up br0
        local pids=() i
        for i in 1 2 3 4; do
                up net0 &
                pids+=($!)
        done
        for i in "${pids[@]}"; do wait "$i"; done
        reaches net0 172.18.0.1
        pids=()
        for i in 1 2 3 4; do
                down net0 &
                pids+=($!)
        done
        for i in "${pids[@]}"; do wait "$i"; done
        down br0
}

# Two want the same port: exactly one gets it, the other leaves nothing.
case_same_port() {
        local i ok=0 pids=()
        site4
        up br0
        for i in 0 1; do
                printf '[Namespace]\nPublishPort=8080:80\n[Link]\nBridge=br0\nAddress=172.18.0.1%s/16\n' $i | file "net$i"
                up "net$i" 2> "$W/err$i" &
                pids+=($!)
        done
        for i in "${pids[@]}"; do if wait "$i"; then ok=$((ok + 1)); fi; done
        cat "$W/err0" "$W/err1"
        is $ok 1 'winners'
        is "$(find /run/netns -mindepth 1 | wc -l)" 1 'namespaces'
}

# Stops a helper that does VERB when its Nth CALL is done, or the first without N; "go_on" lets it.
stopped_at() { # CALL N VERB NAME
        strace -qq -o "$W/trace-$4" -e "trace=$1" -e "inject=$1:signal=SIGSTOP:when=$2" "$PLAIN/tools/vnet-helper" "$3" "$4" 2> "$W/err-$4" &
        STRACE=$!
        eventually has SIGSTOP "$W/trace-$4" || { tail -n 5 "$W/trace-$4"; fail "it was not stopped at $1"; }
}
go_on() { pkill -CONT -x vnet-helper; }

# One that hangs keeps nobody else: there is a lock for each NAME.
case_names_do_not_wait() {
        site ''
        up br0
        stopped_at unshare 2 up net0
        timeout 25 "$HELPER" up net1
        kill -0 $STRACE
        [ ! -e /run/netns/net0 ] || fail 'net0 is up already'
        go_on
        wait $STRACE
        reaches net0 172.18.0.11
}

# Between its lock and its record a helper has nothing but the lock: the file must not go from under it.
case_lock_file_stays_while_it_is_held() {
        site ''
        stopped_at unshare 2 up net1
        local file
        file=$(stat -c %i /run/vnet/lock)
        up br0
        down br0
        is "$(stat -c %i /run/vnet/lock)" "$file" 'the lock file'
        go_on
        wait $STRACE || true
        down net1
}

# Who waits for a lock of a file that is gone by then takes that of the new file, or two would be at work at once.
case_lock_file_made_anew() {
        local first second
        site ''
        up br0
        stopped_at unshare 2 up net0
        first=$(pgrep -P $STRACE)
        "$HELPER" up net0 &
        second=$!
        eventually has_open $second /run/vnet/lock
        rm /run/vnet/lock
        mv "$W/trace-net0" "$W/trace-first"
        stopped_at unshare 2 up net0
        kill -KILL "$first"
        sleep .5
        [ ! -e /run/netns/net0 ] || fail 'two were at work at once'
        go_on
        wait $second $STRACE
        reaches net0 172.18.0.1
}
has_open() { # PID FILE
        find "/proc/$1/fd" -lname "$2" | has .
}

# ip netns holds this lock while it makes /run/netns a shared mount: so do we, and wait for it: who waits asks a second time.
case_netns_directory_is_locked() {
        site ''
        up br0
        mkdir /run/netns
        flock -F -s /run/netns sleep 60 &
        local holder=$!
        eventually is_locked
        stopped_at flock 2 up net0
        [ ! -e /run/netns/net0 ] || fail 'it did not wait for the lock'
        kill $holder
        wait $holder 2> /dev/null || true
        go_on
        wait $STRACE
        reaches net0 172.18.0.1
}
is_locked() { ! flock -n /run/netns true; }

run_cases "$@"
