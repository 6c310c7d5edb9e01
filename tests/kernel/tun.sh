#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tun.sh: links of kind tun and tap, whose cable is a program: here tests/lib/tunnel.py, one in each of two namespaces.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
[ -e /dev/net/tun ] || { echo 'skip tun: no /dev/net/tun'; exit 0; }

ends() { # KIND LINES: eth0 of net0 and net1
        printf '[Namespace]\n[Link]\nKind=%s\nAddress=10.1.1.1/24\nAddress=fd00:1::1/64\n%s\n' "$1" "$2" | file net0
        printf '[Namespace]\n[Link]\nKind=%s\nAddress=10.1.1.2/24\nAddress=fd00:1::2/64\n%s\n' "$1" "$2" | file net1
}
cable_end() { # NAMESPACE KIND IF OTHER; its number in LAST
        rm -f "$W/$1.socket"
        { trap - ERR; exec nsenter --net="/run/netns/$1" python3 "$TOP/tests/lib/tunnel.py" "$2" "$3" "$W/$1.socket" "$W/$4.socket"; } \
                > /dev/null 2>&1 < /dev/null &
        LAST=$!
        eventually has_carrier "$1" "$3"
}
has_carrier() { at "$1" ip link show dev "$2" | has ,LOWER_UP; }
cable() { # KIND [IF-OF-NET0]
        cable_end net0 "$1" "${2:-eth0}" net1
        cable_end net1 "$1" eth0 net0
}
tun_is() { # NAMESPACE LINK JQ
        at "$1" ip -d -j link show dev "$2" | jq -e ".[0] | $3" > /dev/null || { at "$1" ip -d link show dev "$2"; fail "$2 in $1 is not: $3"; }
}

case_tun() {
        ends tun MTUBytes=1400
        ups net0 net1
        tun_is net0 eth0 '.linkinfo.info_data.type == "tun" and .linkinfo.info_data.persist and .mtu == 1400 and (.flags | index("UP"))'
        tun_is net0 eth0 '.linkinfo.info_data.user == "root" and .linkinfo.info_data.multi_queue == false'
        cable tun
        reaches net0 10.1.1.2 fd00:1::2
        reaches net1 10.1.1.1 fd00:1::1
        # the program goes, the link stays
        kill "$LAST"
        eventually without_carrier net1 eth0
        tun_is net1 eth0 '.flags | index("UP")'
        cable_end net1 tun eth0 net0
        reaches net0 10.1.1.2 fd00:1::2
        downs net0 net1
}
without_carrier() { at "$1" ip link show dev "$2" | has NO-CARRIER; }
# A machine behind a switch in its namespace
case_tap() {
        ends tap ''
        printf '%s\n' '[Namespace]' '[Link]' Name=vm0 Kind=tap Master=inner MACAddress=02:00:00:00:00:71 '[Link]' Name=inner Kind=bridge \
                Address=10.1.1.1/24 Address=fd00:1::1/64 | file net0
        ups net0 net1
        tun_is net0 vm0 '.linkinfo.info_data.type == "tap" and .address == "02:00:00:00:00:71" and .master == "inner"'
        cable tap vm0
        reaches net0 10.1.1.2 fd00:1::2
        reaches net1 10.1.1.1 fd00:1::1
        downs net0 net1
}
# The program holds the namespace that it stands in: neither its name nor that of the link is in the way of the next.
case_again_and_again() {
        local i
        ends tun ''
        ups net0 net1
        for ((i = 0; i < 20; i++)); do
                cable_end net0 tun eth0 net1
                down net0 2> "$W/err"
                up net0
        done
        cable tun
        reaches net0 10.1.1.2 fd00:1::2
        ip netns del net0
        up net0
        cable_end net0 tun eth0 net1
        reaches net0 10.1.1.2 fd00:1::2
        downs net0 net1
}
case_mended() {
        ends tun User=1234
        ups net0 net1
        cable tun
        # beside a program that has it open
        at net0 ip link set eth0 down
        at net0 ip addr del 10.1.1.1/24 dev eth0
        reload net0
        reaches net0 10.1.1.2 fd00:1::2
        kill "$LAST"
        eventually without_carrier net1 eth0
        at net1 ip tuntap del dev eth0 mode tun
        at net1 ip tuntap add dev eth0 mode tap
        refused reload net1 'net1.vnet:2: .*an interface of this name is there that is of another kind'
        at net1 ip tuntap del dev eth0 mode tap
        reload net1
        tun_is net1 eth0 '.linkinfo.info_data.type == "tun" and .linkinfo.info_data.user == 1234'
        # and another owner
        at net1 ip tuntap del dev eth0 mode tun
        at net1 ip tuntap add dev eth0 mode tun user 1235
        "$CTL" diff net1 > "$W/out" || true
        has -E '^-tun .*user=1235' "$W/out"
        reload net1
        tun_is net1 eth0 '.linkinfo.info_data.user == 1234'
        ends tun User=1236
        refused reload net1 'net1.vnet:6: User: .*cannot be created or changed while net1 is up'
        downs net0 net1
}

opens() { # NAMESPACE KIND UID GID: may such a process, with no rights beside, open eth0?
        at "$1" setpriv --reuid="$3" --regid="$4" --clear-groups --inh-caps=-all --bounding-set=-all \
                /usr/bin/python3 - "$2" eth0 < "$TOP/tests/lib/tunnel.py" > "$W/said" 2> "$W/err"
}
shut() { if opens "$@"; then fail "$* may open it"; fi; has 'Operation not permitted' "$W/err" || fail "$(cat "$W/err")"; }
case_owners() {
        echo 'vpn:x:4321:4322::/:/bin/false' >> /etc/passwd
        echo 'wheels:x:4333:' >> /etc/group
        ends tun User=vpn
        up net0
        has 'user=4321' /run/vnet/state/net0
        opens net0 tun 4321 1
        shut net0 tun 4322 1
        down net0
        ends tap Group=wheels
        up net0
        opens net0 tap 4321 4333
        shut net0 tap 4321 4322
        down net0
        # nobody was named: not everybody, as the kernel has it
        ends tun ''
        up net0
        shut net0 tun 4321 1
        opens net0 tun 0 0
        down net0
        ends tun $'User=4321\nMultiQueue=yes'
        up net0
        tun_is net0 eth0 '.linkinfo.info_data.multi_queue'
        down net0
        # the number is looked up at each start
        sed -i 's/4321/4399/' /etc/passwd
        ends tun User=vpn
        up net0
        has 'user=4399' /run/vnet/state/net0
        down net0
}
case_no_such_owner() {
        ends tun User=nosuchuser
        refused up net0 "net0.vnet:6: User: there is no 'nosuchuser' in /etc/passwd"
        gone ip netns pids net0
        ends tap Group=nosuchgroup
        refused up net0 "net0.vnet:6: Group: there is no 'nosuchgroup' in /etc/group"
        printf '+nosuchgroup\nnosuchgroup\nnosuchgroup:x\nnosuchgroup:x:-1:\n:::\n\n' >> /etc/group
        refused up net0 "net0.vnet:6: Group: there is no 'nosuchgroup' in /etc/group"
}
# What Group= means hangs on the kind, which may stand below it or in a drop-in.
case_group_before_kind() {
        printf '[Namespace]\n[Link]\nGroup=5\nKind=tap\n' | file net0
        up net0
        tun_is net0 eth0 '.linkinfo.info_data.group == "tty"'
        down net0
        printf '[Namespace]\n[Link]\nGroup=5\n' | file net0
        refused up net0 'net0.vnet:3: Group: '
        mkdir /etc/vnet/net0.vnet.d
        printf '[Link]\nName=eth0\nKind=tun\n' > /etc/vnet/net0.vnet.d/kind.conf
        up net0
        tun_is net0 eth0 '.linkinfo.info_data.group == "tty"'
        down net0
        printf '[Link]\nName=eth0\nGroup=\nUser=7\n' > /etc/vnet/net0.vnet.d/more.conf
        up net0
        tun_is net0 eth0 '.linkinfo.info_data | .user == "lp" and .group == null'
        down net0
        rm -r /etc/vnet/net0.vnet.d
}
case_no_device() {
        ends tun ''
        mount -t tmpfs tmpfs /dev/net
        refused up net0 'net0.vnet:2: .*there is no /dev/net/tun; does the kernel have the module tun'
        gone ip netns pids net0
        mknod /dev/net/tun c 10 199 # nothing is behind it
        refused up net0 'net0.vnet:2: .*the kernel has no tun interfaces \(module tun\)'
        umount /dev/net
        up net0
        down net0
}
case_refused() {
        local line lines
        while IFS='|' read -r line lines; do
                # shellcheck disable=SC2059 # lines
                printf "[Namespace]\n[Link]\n$lines\n" | file odd
                refused up odd "$line"
        done <<'L'
odd.vnet:3: User: does not go with Kind=veth|User=root
odd.vnet:4: MultiQueue: does not go with Kind=dummy|Kind=dummy\nMultiQueue=yes
odd.vnet:4: Bridge: does not go with Kind=tun|Kind=tun\nBridge=br0
odd.vnet:4: Parent: does not go with Kind=tap|Kind=tap\nParent=up0
odd.vnet:4: MACAddress: a link of Kind=tun has no hardware address|Kind=tun\nMACAddress=02:00:00:00:00:01
odd.vnet:2: DuplicateAddressDetection: does not end on a link of Kind=tap|Kind=tap\nDuplicateAddressDetection=yes
odd.vnet:4: Master: a link of Kind=tun cannot join another|Kind=tun\nMaster=inner\n[Link]\nKind=bridge\nName=inner
odd.vnet:4: User: '4294967295' is neither the name of a user nor a number|Kind=tun\nUser=4294967295
odd.vnet:4: User: '-1' is neither|Kind=tun\nUser=-1
odd.vnet:4: Group: 'a:b' is neither the name of a group nor a number|Kind=tun\nGroup=a:b
odd.vnet:4: Group: 'a b' is neither|Kind=tun\nGroup=a b
odd.vnet:4: MultiQueue: '3' is neither|Kind=tun\nMultiQueue=3
L
}
run_cases "$@"
