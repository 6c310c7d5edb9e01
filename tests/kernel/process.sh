#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# process.sh: the helper as a process: one, without children, with a handful of messages (seen by strace, so the build
# without sanitizers: LeakSanitizer makes a process of its own at exit).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

traced() { # VERB [NAME]
        strace -f -qq -o "$W/trace" "$PLAIN/tools/vnet-helper" "$@"
}
calls() { grep -cE "^[0-9]+ +($1)\(" "$W/trace" || true; }
alone() {
        is "$(awk '{print $1}' "$W/trace" | sort -u | wc -l)" 1 'processes'
        is "$(calls 'fork|vfork|clone|clone3')" 0 'children'
        is "$(calls execve)" 1 'programs'
}
start() {
        command -v strace > /dev/null || skip 'no strace'
        [ -x "$PLAIN/tools/vnet-helper" ] || skip "no build without sanitizers in $PLAIN"
        site IPMasquerade=both PublishPort=8080:80
        up br0
}
# Where the kernel takes its time with a namespace, who lives on in it is looked for: a question for each process. That is on a
# loaded machine, and says nothing of what a stop needs.
took_its_time() { grep -q NETNSA_PID "$W/trace" && echo 'the kernel took its time: not counted'; }
few_messages() { # AT-MOST
        local n
        if took_its_time; then return; fi
        n=$(calls 'sendmsg|sendto|sendmmsg')
        echo "$n messages sent"
        [ "$n" -le "$1" ] || { grep -E 'send(m|to)' "$W/trace" | cut -c1-200; fail "$n messages, more than $1"; }
}

# All that main() does, four of it for the sandbox, and a handful for another libc; not the loader, what malloc() chooses to do, and how often it looks whether
# the kernel is done
few_calls() { # AT-MOST
        if took_its_time; then return; fi
        local n
        sed -n '/ geteuid()/,$p' "$W/trace" | grep -vE ' (brk|mmap|munmap|mremap|madvise|getrandom|exit_group|ppoll)\(|SIOCGIFNAME| \+\+\+ ' > "$W/calls"
        n=$(wc -l < "$W/calls")
        echo "$n system calls"
        [ "$n" -le "$1" ] || { cut -c1-150 "$W/calls"; fail "$n system calls, more than $1"; }
}

# What design.md calls the floor of a start: one message for the pair, one for each side's settings
case_up_without_ports() {
        start
        traced up net1
        alone
        few_messages 4 # one of them, and three calls, since this is not the initial namespace
        few_calls 117 # nine of them for IPv6 addresses that stay and are announced, six for the tables of iptables-legacy
}
# with a port: who listens is asked
case_up() { start; traced up net0; alone; few_messages 9; few_calls 158; }
case_up_of_a_bridge() {
        start
        site_b
        traced up br1
        alone
        few_messages 9
        few_calls 117
}
case_up_again() { start; up net0; traced up net0; alone; few_calls 155; }
# All routes are asked for once, and what has gone is sent together: a question, or a message, for each would be thousands.
case_up_again_with_many_routes() {
        local i j
        start
        for i in {4..103}; do
                for j in {1..10}; do printf 'Route=10.%d.%d.0/24 via 172.18.0.1\nRoute=fd00:%x:%x::/64 via fd00:18::1\n' "$i" "$j" "$((i + 100))" "$j"; done
        done >> /etc/vnet/net1.vnet
        up net1
        is "$(at net1 ip route | grep -c ^10)" 1000
        is "$(at net1 ip -6 route | grep -c "^fd00.*via fd00:18::1 ")" 1000
        traced up net1
        few_messages 12
        at net1 ip route flush root 10.0.0.0/8 proto static
        at net1 ip -6 route flush root fd00::/8 proto static
        traced up net1
        few_messages 15 # what is sent has 64 KiB at most
        is "$(at net1 ip route | grep -c ^10)" 1000
        is "$(at net1 ip -6 route | grep -c "^fd00.*via fd00:18::1 ")" 1000
}
case_reload() {
        start
        up net0
        printf 'Address=172.18.0.20/16\n' >> /etc/vnet/net0.vnet
        traced reload net0
        alone
}
# Nobody has used the port: the transaction tells so, in two answers more, and conntrack is not asked.
case_down() { start; ups net0 net1; traced down net0; alone; few_messages 5; few_calls 92; }
# Somebody has, and nobody knows of which family that was: a question to conntrack for each.
case_down_of_a_restored_one() { start; ups net0 net1; "$HELPER" restore; traced down net0; alone; few_messages 7; few_calls 96; }
case_down_without_ports() { start; ups net0 net1; traced down net1; alone; few_messages 2; few_calls 66; }
case_restore() { start; up net0; nft flush ruleset; traced restore; alone; few_calls 101; } # who else drops is asked there too

# No name service, no D-Bus, no logger: the only sockets are netlink.
case_sockets() {
        start
        traced up net0
        if grep -E 'socket\(' "$W/trace" | grep -v AF_NETLINK; then fail 'another socket than netlink'; fi
}

# Asking for an interface that is not there by SIOCGIFINDEX makes the kernel run modprobe for its name.
asks_for_the_present() { # VERB NAME
        local rc=0
        strace -f -qq -o "$W/trace" -e trace=ioctl "$PLAIN/tools/$1" "${@:2}" > "$W/out" 2>&1 || rc=$?
        cat "$W/out"
        if grep 'SIOCGIFINDEX.*ENODEV' "$W/trace"; then fail "${*:2} asks for what is not there"; fi
        return $rc
}
case_loads_no_module() {
        start
        asks_for_the_present vnet-helper up net0
        asks_for_the_present vnet-helper reload net0
        down net0
        asks_for_the_present vnet-helper down br0
        asks_for_the_present vnet-helper up br0
        ip link del br0
        if asks_for_the_present vnet-helper up net0; then fail 'there is no br0'; fi
        has "there is no bridge 'br0'" "$W/out"
        printf '[Namespace]\n[Link]\nBridge=dummy\nAddress=172.18.0.10/16\n' | file net3
        asks_for_the_present vnetctl plan net3 || true
        if asks_for_the_present vnet-helper up net3; then fail 'there is no bridge dummy'; fi
        # the overlap is with what another interface has; its name needs no socket of another family
        ip addr add 172.19.0.9/16 dev up0
        site_b
        strace -f -qq -o "$W/trace" -e trace=socket "$PLAIN/tools/vnet-helper" up br1 2> "$W/err" && fail 'overlaps'
        has 'through interface up0' "$W/err"
        if grep -v AF_NETLINK "$W/trace"; then fail 'another socket than netlink'; fi
        ip addr del 172.19.0.9/16 dev up0
        down br0
}

# Never waits: no sleep, no poll with a time that passes.
case_never_sleeps() {
        start
        traced up net0
        is "$(calls 'nanosleep|clock_nanosleep')" 0 'sleeps'
}

run_cases "$@"
