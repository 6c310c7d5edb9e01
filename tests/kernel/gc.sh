#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gc.sh: what is left where records are lost is found by its marks; what is not ours is never touched.
LEAKS=1
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

gc() { "$CTL" gc "$@"; }
# The record is lost, and with it what "down" needs
lose() { local n; for n; do rm "/run/vnet/state/$n"; done; }

everything() {
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\nSNATAddress=198.51.100.1\nInbound=any\n' | file br0
        printf '%s\n' '[Namespace]' PublishPort=8080:80 PublishPort=7000-7002:7000-7002/udp PublishPort=198.51.100.1:8081:81 '[Link]' Bridge=br0 \
                Address=172.18.0.10/16 Address=fd00:18::10/64 '[Link]' HostAddress=172.20.0.1/30 Address=172.20.0.2/30 HostName=odd0 | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\nAddress=fd00:18::11/64\n' | file net1
        ups br0 net0 net1
}

case_nothing() {
        snapshot "$W/before"
        is "$(gc)" 'nothing is left over' 'gc before anything is up'
        same "$W/before" 'gc where nothing is'
        everything
        snapshot "$W/all-up"
        is "$(gc)" 'nothing is left over' 'gc while all is up'
        same "$W/all-up" 'gc where nothing is left over'
}

case_marks() {
        everything
        holds 'map(select(.altnames // [] | index("vnet=net0=eth0"))) | map(.ifname) == ["vn-net0"]' ip -j link
        holds 'map(select(.altnames // [] | index("vnet=net0=eth1"))) | map(.ifname) == ["odd0"]' ip -j link
        holds 'map(select(.altnames // [] | index("vnet=br0"))) | map(.ifname) == ["br0"]' ip -j link
        holds 'map(select(.altnames // [] | index("vnet=net0"))) | map(.ifname) == ["lo"]' ip -n net0 -j link
}

# One network's record is lost: all of it goes, the others' stays and works.
case_lost_record() {
        everything
        down net0
        snapshot "$W/without"
        up net0
        serve net1 tcp 80
        lose net0
        gc > "$W/out"
        cat "$W/out"
        for what in 'network namespace net0' vn-net0 odd0; do grep -q "^net0: removed .*$what" "$W/out" || fail "not a word of $what"; done
        grep -q '^net0: removed its use of nftables table' "$W/out" || fail 'the table stays, and it says something else'
        if grep -v '^net0: ' "$W/out"; then fail 'it removed what is not net0'; fi
        same "$W/without" 'what is left without net0'
        answers net1 tcp 172.18.0.11 80 net1
        reaches net1 198.51.100.2 2001:db8:0::2
        is "$(gc)" 'nothing is left over' 'gc once more'
        up net0
        reaches net0 172.18.0.11 fd00:18::11
}

case_all_records_lost() {
        snapshot "$W/before"
        everything
        lose net0 net1 br0
        gc
        same "$W/before" 'after gc'
}

# /run/vnet is gone: what was before forwarding is not known any more, and that is said.
case_run_lost() {
        everything
        rm -rf /run/vnet
        gc 2> "$W/err"
        grep -q 'what was before is lost' "$W/err" || fail "it says '$(cat "$W/err")'"
        if [ -e /run/netns/net0 ] || [ -e /run/netns/net1 ]; then fail 'namespaces are left'; fi
        holds 'map(select((.altnames // []) | any(startswith("vnet=")))) == []' ip -j link
        if nft list table inet vnet; then fail 'the table is left'; fi
        [ ! -e /run/vnet ] || fail '/run/vnet is left'
        sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv4.conf.all.accept_redirects=1
        sysctl -qw net.ipv6.conf.{up0,lo,default,all}.accept_ra=1
}

# A record of which the kernel's half is unreadable: down says so and does what it can; gc does the rest.
case_garbled_record() {
        everything
        down net0
        snapshot "$W/without"
        up net0
        sed -i -E 's/^op (veth|netns) /op scrambled /' /run/vnet/state/net0
        down net0 2> "$W/err" || true
        grep -q 'cannot be undone' "$W/err" || fail "down says '$(cat "$W/err")'"
        [ -e /run/netns/net0 ] || fail 'down removed what it did not know'
        gc
        same "$W/without" 'after down and gc'
}

# A byte of it became another valid one: what is undone is not what was done, and down cannot know what was.
case_believed_record() {
        everything
        snapshot "$W/whole"
        down net0
        snapshot "$W/without"
        up net0
        sed -i '/^op element /s/8080/8180/' /run/vnet/state/net0
        down net0 2> "$W/err" || true
        has '^net0: /run/vnet/state/net0: the record was changed after it was written; ' "$W/err"
        gc
        same "$W/without" 'after down and gc'
        up net0 2> "$W/err"
        same "$W/whole" 'after another up'
}

case_process_inside() {
        everything
        down net0
        snapshot "$W/without"
        up net0
        sleeper_in net0
        lose net0
        gc
        same "$W/without" 'after gc'
        kill -0 "$SLEEPER"
        kill "$SLEEPER"
}

case_torn_off() {
        mkdir -p /run/vnet/state
        echo 'vnet 1' > /run/vnet/state/net7~
        gc | has '^net7: removed'
        [ ! -e /run/vnet ] || fail '/run/vnet is left'
}

# /run/vnet is lost and with it what was before: the switch stays as it is, but nothing keeps it on for ever.
case_file_that_keeps_forwarding() {
        site
        ups br0 net0
        cp -r /run/sysctl.d "$W/"
        gc | has '^nothing is left over'
        downs net0 br0
        mkdir /run/sysctl.d
        cp "$W"/sysctl.d/zz-* /run/sysctl.d/
        sysctl -qw net.ipv4.ip_forward=1
        gc | has '^br0: removed'
        gone ls /run/sysctl.d
        is "$(sysctl -n net.ipv4.ip_forward)" 1
        sysctl -qw net.ipv4.ip_forward=0 net.ipv4.conf.all.accept_redirects=1
}

case_dry_run() {
        everything
        lose net0
        snapshot "$W/lost"
        gc --dry-run | has '^net0: would remove network namespace net0'
        same "$W/lost" 'after a dry run'
        gc
}

# Names and kinds like ours, but without our marks: somebody else's.
case_foreign() {
        ip netns add net7
        ip netns add vn-net8
        ip link add vn-net7 address 02:00:00:00:77:01 type veth peer name eth0 address 02:00:00:00:77:02 netns net7
        ip link add br7 address 02:00:00:00:77:03 type bridge
        ip link add vn-9 address 02:00:00:00:77:04 type dummy 2> /dev/null || ip link add vn-9 address 02:00:00:00:77:04 type bridge
        ip link property add dev vn-9 altname vnet9
        ip link property add dev br7 altname vnet=
        ip link property add dev br7 altname vnet==eth0
        mkdir -p /run/sysctl.d
        echo 'net.ipv4.conf.vn-net7.forwarding = 1' > /run/sysctl.d/10-vnet-vn-net7.conf
        nft -f - <<'N'
table inet vnet7 { set publish4 { type inet_service; elements = { 80 comment "net7" }; }; }
N
        snapshot "$W/foreign"
        is "$(gc)" 'nothing is left over' gc
        same "$W/foreign" 'what is not ours'
        everything
        lose net0 net1 br0
        gc
        same "$W/foreign" 'what is not ours, after ours was removed'
        ip link del vn-net7
        ip link del br7
        ip link del vn-9
        ip netns del net7
        ip netns del vn-net8
        nft delete table inet vnet7
        rm -r /run/sysctl.d
        umount -l /run/netns 2> /dev/null || true
        rmdir /run/netns 2> /dev/null || true
}

case_usage() {
        local rc=0
        setpriv --reuid=65534 --clear-groups "$PLAIN/tools/vnetctl" gc 2> "$W/err" || rc=$?
        is $rc 3 'status without root'
        grep -q 'needs root' "$W/err" || fail "it says '$(cat "$W/err")'"
        rc=0
        gc net0 2> "$W/err" || rc=$?
        is $rc 2 'status with a NAME'
        rc=0
        "$CTL" list --dry-run 2> "$W/err" || rc=$?
        is $rc 2 'status of list --dry-run'
}

# A helper that is at work has its record, or is about to write it under the lock that gc waits for.
case_beside_helpers() {
        local i
        site4
        ups br0
        for i in 1 2 3 4 5; do
                up net0 & up net1 &
                gc > "$W/out"
                is "$(cat "$W/out")" 'nothing is left over' "gc beside two starts"
                wait %+ %-  || fail 'a start failed'
                reaches net0 172.18.0.1
                down net0 & down net1 &
                gc > "$W/out"
                is "$(cat "$W/out")" 'nothing is left over' 'gc beside two stops'
                wait %+ %-
        done
}

# A dot is part of a NAME: not the end of the name in a mark.
case_name_with_a_dot() {
        snapshot "$W/before"
        printf '[Namespace]\nPublishPort=8080:80\n[Link]\nAddress=10.1.0.2/30\nHostAddress=10.1.0.1/30\n' | file a.b
        printf '[Namespace]\n' | file a
        ups a.b a
        lose a.b
        gc > "$W/out"
        if grep -v '^a\.b: removed' "$W/out"; then fail 'it removed what is not a.b'; fi
        at a true
        down a
        same "$W/before" 'after gc'
}

run_cases "$@"
