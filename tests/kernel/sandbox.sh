#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sandbox.sh: what the helper forbids itself (tools/helper/sandbox.c), by itself: all of root's rights, and no unit around it. What the unit
# adds to it is in tests/boot/scenarios/promises.sh. Of the build without sanitizers, which need more.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

ATTEMPTS=$PLAIN/tests/lib/attempts

# VERB ATTEMPT…: of all in attempts.c these are possible and no others. Two of them are files that root may open, which no list of
# system calls knows about.
may() {
        local verb=$1
        shift
        rm -rf /run/vtest
        mkdir -p /run/vtest
        touch /run/vtest/scratch /run/vtest/scratch.other
        unshare --uts --ipc "$ATTEMPTS" "$verb" > "$W/attempts" < /dev/null
        has -x end "$W/attempts" || fail 'it did not come to its end'
        umount /run/vtest/scratch 2> /dev/null || true
        rm -r /run/vtest
        is "$(sed -n 's/ yes$//p' "$W/attempts" | xargs)" "$*" "what '$verb' may do"
        is "$(sed -n 's/^NoNewPrivs:\t//p' "$W/attempts")" 1 'no new privileges'
}
case_up() { may up netlink write_state signal_itself bind_mount unmount enter_net others_file device new_net; }
case_reload() { may reload netlink write_state signal_itself enter_net others_file device; }
case_down() { may down netlink write_state signal_itself unmount enter_net others_file device; }
case_restore() { may restore netlink write_state signal_itself others_file device; }

# The name of the machine is seen through a file, which root may write; but then it is that of the helper alone.
case_hostname() {
        command -v strace > /dev/null || skip 'no strace'
        site
        strace -f -qq -o "$W/trace" -e trace=unshare "$PLAIN/tools/vnet-helper" up br0
        has -E 'unshare\(CLONE_NEWUTS\) += 0' "$W/trace"
}

traced() { strace -f -qq -o "$W/trace" "$@"; }
length() { grep -oE 'seccomp\(SECCOMP_SET_MODE_FILTER, 0, \{len=[0-9]+' "$W/trace" | grep -oE '[0-9]+$'; }

# Each verb has its own list, which is the one that is tried above, before main() opens a file or a socket.
case_before_all_else() {
        command -v strace > /dev/null || skip 'no strace'
        local verb own
        site IPMasquerade=both PublishPort=8080:80
        up br0
        for verb in 'up net0' 'reload net0' restore 'down net0' 'up no/name'; do
                # shellcheck disable=SC2086 # words
                traced "$PLAIN/tools/vnet-helper" $verb 2> "$W/err" || [ "$verb" = 'up no/name' ]
                own=$(length)
                grep -E ' seccomp\(.* = 0$' "$W/trace"
                # but for the kernel's lists of the tables of iptables-legacy, which need a socket that the sandbox has not
                sed -n '/ geteuid()/,/ seccomp(/p' "$W/trace" | sed '/_tables_names".* = -1 /d; /_tables_names"/,/ close(/d' > "$W/before"
                if grep -E '(open|openat|socket|read|execve)\(' "$W/before"; then fail "$verb: not the first thing"; fi
                mkdir -p /run/vtest
                traced unshare --uts --ipc "$ATTEMPTS" "${verb%% *}" > /dev/null 2>&1 < /dev/null
                is "$own" "$(length)" "length of the program of '$verb'"
                umount /run/vtest/scratch 2> /dev/null || true
                rm -r /run/vtest
        done
}

# Not to be had is one thing: a kernel without it. But what should be there and fails is an error, and nothing has been touched.
case_without_it() {
        command -v strace > /dev/null || skip 'no strace'
        local rc=0
        site
        strace -qq -o "$W/trace" -e trace=seccomp -e inject=seccomp:error=EINVAL "$PLAIN/tools/vnet-helper" up br0
        is_up br0
        down br0
        snapshot "$W/before"
        strace -qq -o "$W/trace" -e trace=seccomp -e inject=seccomp:error=ENOMEM "$PLAIN/tools/vnet-helper" up br0 2> "$W/err" || rc=$?
        is $rc 1 status
        is "$(cat "$W/err")" 'br0: cannot set up the sandbox: Cannot allocate memory'
        same "$W/before" 'the machine before and after'
}

run_cases "$@"
