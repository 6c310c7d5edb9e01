#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# locks.sh: no deadlock. Whoever waits for a lock gives up after a time and says for what it waited; and nobody waits for anything
# while it has the lock that all share.
# shellcheck source=tests/scale/lib-scale.sh
. "$(dirname "$0")/lib-scale.sh"

UNDER_TRACE=$PLAIN/tools/vnet-helper # sanitizers make system calls of their own
BOUND=60                             # LOCK_SECONDS of lib/kernel/state/lock.h
PATIENCE=10                          # and so much more on a busy machine

# --- who holds, and who waits ---

# Holds a byte of /run/vnet/lock, or a directory by flock, until $W/release is there. As another helper or "ip netns" would.
hold() { # byte N | flock PATH
        /usr/bin/python3 -c '
import fcntl, os, struct, sys, time
work, how, what = sys.argv[1:]
if how == "byte":
    fd = os.open("/run/vnet/lock", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, int(what), 1, 0))
else:
    fcntl.flock(os.open(what, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX)
open(work + "/held-" + how, "w")
while not os.path.exists(work + "/release"):
    time.sleep(0.05)' "$W" "$1" "$2" &
        HOLDERS+=($!)
        until_there test -e "$W/held-$1"
}
# A helper that stops for ever before the first CALL of its run from geteuid() on that matches; strace leaves it stopped.
stop_at() { # CALL:when=N VERB NAME
        strace -f -qq -o "$W/stopped" -e "trace=${1%%:*}" -e "inject=${1%%:*}:signal=SIGSTOP:${1#*:}" "$UNDER_TRACE" "${@:2}" &
        HOLDERS+=($!)
        until_there grep -qs 'stopped by SIGSTOP' "$W/stopped"
}
# Runs in the background; how it ended is in $W/rc.LABEL, its time and its words beside it.
waits() { # LABEL VERB [NAME]
        (
                set +eE
                trap - ERR
                begun=$(seconds)
                timeout -k 1 $((BOUND + PATIENCE + 5)) "$HELPER" "${@:2}" > "$W/out.$1" 2> "$W/err.$1"
                echo $? > "$W/rc.$1"
                since "$begun" > "$W/time.$1"
        ) &
        WAITERS+=($!)
}
WAITERS=() HOLDERS=()
gave_up() { # LABEL LEAST MOST PATTERN
        local t
        t=$(sed 's/ s$//' "$W/time.$1")
        echo "$1: $(cat "$W/rc.$1") after $t s: $(cat "$W/err.$1")"
        is "$(cat "$W/rc.$1")" 1 "status of $1"
        is "$(wc -l < "$W/err.$1")" 1 "lines of $1"
        grep -qE "$4" "$W/err.$1" || fail "$1 says '$(cat "$W/err.$1")', not /$4/"
        awk -v t="$t" -v a="$2" -v b="$3" 'BEGIN { exit !(t >= a && t <= b) }' || fail "$1 ended after $t s, not $2 to $3"
}

# All at once, since each of them takes its time: somebody keeps the lock of all, the lock of a NAME, and /run/netns.
case_bounds() {
        local stopped i most=$((BOUND + PATIENCE))
        site IPMasquerade=both PublishPort=8080:80
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.13/16\n' | file net4
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.14/16\n' | file quick
        ups br0 net0 net1
        sed -i 's/^.Namespace./&\nPublishPort=8082:80/' /etc/vnet/net1.vnet
        site_b
        snapshot "$W/before"

        # stopped while it has the lock of its NAME, before it has made anything
        stop_at unshare:when=2 up net4
        stopped=$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' "$W/stopped" | head -n 1)
        for i in up down reload; do waits "name-$i" $i net4; done
        # what is for one NAME alone needs no other lock, and /run/netns only where a namespace is made
        hold byte 0
        up quick
        down quick
        hold flock /run/netns
        waits netns-up up quick
        waits shared-up up br1
        waits shared-down down net0
        waits shared-reload reload net1
        waits shared-restore restore
        for i in "${WAITERS[@]}"; do wait "$i"; done

        for i in up reload; do
                gave_up "name-$i" $BOUND $most "^net4: another vnet-helper has held .*net4.* for $BOUND seconds"
        done
        # there is nothing to take down yet: no record
        is "$(cat "$W/rc.name-down")" 0 'down of what has no record'
        # that lock is needed for the first use alone
        is "$(cat "$W/rc.netns-up")" 0 'up beside a lock of /run/netns'
        down quick
        gave_up shared-up $BOUND $most "^br1: another vnet-helper has held .*shared.* for $BOUND seconds"
        gave_up shared-down $BOUND $most "^net0: another vnet-helper has held .*shared.* for $BOUND seconds"
        gave_up shared-reload $BOUND $most "^net1: another vnet-helper has held .*shared.* for $BOUND seconds"
        gave_up shared-restore $BOUND $most "^another vnet-helper has held .*shared.* for $BOUND seconds"
        same "$W/before" 'the machine before, and after all have given up'
        tell "waited $(cat "$W/time.shared-up") for the shared lock, $(cat "$W/time.name-up") for a name"
        tell "$(cat "$W/time.netns-up") for /run/netns"

        # and when they are let go on, all goes on
        : > "$W/release"
        kill -CONT "$stopped"
        for i in "${HOLDERS[@]}"; do wait "$i"; done
        is_up net4 || fail 'the stopped one did not end its work'
        ups br1 net2 quick net0
        reload net1
        downs net4 quick net0 net1 net2 br1 br0
        nothing_left
}

# --- nothing is waited for under the shared lock ---

# The helper's calls in $W/trace: no call that sleeps, and no close() of a socket of nftables, which waits for the kernel's grace
# period, between taking byte 0 of the lock and closing its descriptor.
traced() { # VERB NAME
        strace -f -o "$W/trace" "$UNDER_TRACE" "$@"
        awk -v what="$*" '
                { sub(/^[0-9]+ +/, "") }
                /^socket\(AF_NETLINK,.*NETLINK_NETFILTER/ { nft = $NF }
                /^fcntl\([0-9]+, F_OFD_SETLKW?, .*F_WRLCK, .*l_start=0, l_len=1\}\) = 0/ {
                        match($0, /[0-9]+/); held = substr($0, RSTART, RLENGTH); taken++; next
                }
                held != "" && $0 ~ "^close\\(" held "\\)" { held = ""; next }
                /^(p?poll|p?select6?|clock_nanosleep|nanosleep|pause|epoll_p?wait|flock)\(/ {
                        waits++
                        if (held != "") bad = bad "\n" $0
                }
                held != "" && nft != "" && $0 ~ "^close\\(" nft "\\)" { bad = bad "\n" $0 }
                END {
                        print what ": lock taken " taken + 0 " times, waited " waits + 0 " times"
                        if (bad) { print "under the shared lock:" bad; exit 1 }
                }' "$W/trace" > "$W/verdict" ||
                { cat "$W/verdict"; fail "$* waits under the shared lock: $(sed -n '3s/(.*//p' "$W/verdict")()"; }
        cat "$W/verdict"
}
waited() { grep -q 'waited [1-9]' "$W/verdict" || fail "this shows nothing: $(cat "$W/verdict")"; }
took() { grep -q 'taken [1-9]' "$W/verdict" || fail "this shows nothing: $(cat "$W/verdict")"; }

case_no_wait_under_it() {
        command -v strace > /dev/null || skip 'no strace'
        site IPMasquerade=both PublishPort=8080:80
        echo DuplicateAddressDetection=yes >> /etc/vnet/net0.vnet
        traced up br0
        took
        traced up net0
        took && waited
        traced up net0
        # a connection that is forgotten with its port
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
        sed -i 's/8080:80/8081:80/; s/^Address=fd00.*/&\nAddress=fd00:18::20\/64/' /etc/vnet/net0.vnet
        traced reload net0
        took && waited
        # down has to wait in vain: a process stays inside
        sleeper_in net0
        traced down net0
        took && waited
        kill "$SLEEPER"
        traced up net0
        at net0 true
        traced down net0
        took # the namespace may be gone before anybody can wait for it
        traced restore
        took
        traced down br0
        took
}

run_scale "$@"
