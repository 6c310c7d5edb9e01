#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# records.sh: an upgrade meets networks that an older version started. records/VERSION/TARGET has what the helper of that time left
# of the networks of tests/faults/site.sh: /run/vnet, /run/sysctl.d, and for each NAME of "order" the script of its plan, which makes
# here what that helper had made. They must be undone, repaired and joined by new ones as if they were of today.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/faults/site.sh
. "$TOP/tests/faults/site.sh"
HERE=$(cd "$(dirname "$0")" && pwd)

# What a record knows of its namespace is of the day on which it was kept, and is summed up with the other lines.
adopt() { # RECORD
        python3 - "$1" << 'P'
import os, re, socket, sys

def cookie(path):
    pid = os.fork()
    if pid == 0:
        os.execvp("nsenter", ["nsenter", "--net=" + path, "python3", "-c",
            "import socket, struct; s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0);"
            "print(struct.unpack('Q', s.getsockopt(socket.SOL_SOCKET, 71, 8))[0], file=open('%s', 'w'))" % "/run/cookie"])
    os.waitpid(pid, 0)
    value = open("/run/cookie").read().strip()
    os.unlink("/run/cookie")
    return value

def identity(match):
    path = "/run/netns/" + match[1]
    return "name=%s inode=%d cookie=%s" % (match[1], os.stat(path).st_ino, cookie(path))

text = re.sub(r"name=(\S+) inode=\d+ cookie=\d+", identity, open(sys.argv[1]).read())
total = 0xcbf29ce484222325
for line in text.splitlines(True):
    if line.startswith("op "):
        for byte in line.encode():
            total = (total ^ byte) * 0x100000001b3 % 2 ** 64
open(sys.argv[1], "w").write(re.sub(r"(?m)^sum .*", "sum %016x" % total, text))
P
}

old_site() { # VERSION TARGET
        local name kept=$HERE/records/$1/$2
        while read -r name; do
                # the scripts make no directory of their own for the names of namespaces
                mkdir -p /run/netns
                sh -e "$kept/$name.plan"
        done < "$kept/order"
        cp -r "$kept/run" /run/vnet
        cp -r "$kept/sysctl.d" /run/
        while read -r name; do adopt "/run/vnet/state/$name"; done < "$kept/order"
}

# The file that the records of net0 were made of: its namespace had no name of its own yet, and two links.
net0_of_then() { first_second | sed '/^Name=inside$/d; /^VLAN/d' | awk '/^\[Link\]/ { n++ } n < 3'; }

undo() { # VERSION TARGET
        local name
        [ "$2" = bridge ] || host_before "$2" # there were no uplinks
        snapshot "$W/before"
        old_site "$1" "$2"
        tac "$HERE/records/$1/$2/order" > "$W/order"
        while read -r name; do
                down "$name" 2> "$W/err"
                cat "$W/err"
                [ ! -s "$W/err" ] || fail "the stop of $name speaks"
        done < "$W/order"
        same "$W/before" 'the machine before, and after the stop of what an older version had made'
        [ "$2" != namespace ] || ip -batch - <<< $'link del lan1\nlink del lan0'
}
case_undo_namespace() { undo 1 namespace; }
case_undo_bridge() { undo 1 bridge; }
case_undo_second() { undo 1 second; }

# What runs goes on, and what is new joins it: its rules may be ones that the table of the older version has no place for.
case_new_beside_old() {
        host_before second
        old_site 1 second
        serve net0 tcp 80
        serve net1 tcp 70
        answers outside tcp 198.51.100.1 8080 net0
        file net2 << 'F'
[Namespace]
PublishPort=9100:91
[Link]
Bridge=br0
Address=172.21.0.12/16
Address=fd00:21::12/64
F
        cp "$HERE/records/1/second/br0.vnet" /etc/vnet/
        up net2
        is "$(shapes)" 1 'sums in the table'
        serve net2 tcp 91
        answers outside tcp 198.51.100.1 9100 net2
        answers outside tcp 2001:db8::1 9100 net2
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 198.51.100.1 7000 net1
        reaches net0 172.21.0.12 198.51.100.2
}

# The first thing that comes makes the table anew, with what the old records say.
case_table_of_old() {
        host_before second
        old_site 1 second
        serve net0 tcp 80
        is "$(shapes)" 0 'sums in the table of old'
        printf '[Bridge]\nAddress=172.23.0.1/16\nInternal=yes\n' | file vbr3
        up vbr3
        is "$(shapes)" 1 'sums in the table'
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 net0
        reaches net0 172.21.0.11 198.51.100.2
        restore > "$W/out" 2>&1
        is "$(cat "$W/out")" '' 'words of restore'
}
# The other way: what a newer version wrote and this one does not know is kept for it, and told.
case_of_a_newer_one() {
        host_before second
        old_site 1 second
        sed -i -e 's/^op address in net0 address=172.21.0.10.*dev=eth0/& colour=red/' -e '/^op table/i op incense in net0 dev=eth0' \
                -e 's/^ops 40$/ops 41/' /run/vnet/state/net0
        adopt /run/vnet/state/net0
        cp "$HERE/records/1/second/br0.vnet" /etc/vnet/
        net0_of_then | sed 's/8080:80/8090:80/' | file net0
        reload net0 2> "$W/err"
        cat "$W/err"
        has 'a newer vnet has written 2 operations that this one does not fully know' "$W/err"
        is "$(sort -u "$W/err" | wc -l)" 1 'different lines' # who makes the table anew reads all records once more
        has '^op address in net0 address=172.21.0.10/16 dev=eth0 colour=red' /run/vnet/state/net0
        has '^op incense in net0 dev=eth0' /run/vnet/state/net0
        down net0 2> "$W/err"
        has 'does not fully know' "$W/err"
        gone ip link show vn-net0
        gone ip netns pids net0
        # but what was changed by hand is not believed
        sed -i '/^op address/s/dev=eth0/& colour=red/' /run/vnet/state/net1
        down net1 2> "$W/err"
        has "address has no field 'colour'" "$W/err"
        has 'the record is not complete' "$W/err"
}
shapes() { nft list table inet vnet | grep -c 'set shape_' || true; }
restore() { "$HELPER" restore; }

case_reload_of_old() {
        host_before second
        old_site 1 second
        serve net0 tcp 80
        net0_of_then | sed 's/8080:80/8090:80/' | file net0
        cp "$HERE/records/1/second/br0.vnet" /etc/vnet/
        reload net0
        is "$(shapes)" 1 'sums in the table'
        answers outside tcp 198.51.100.1 8090 net0
        silent outside tcp 198.51.100.1 8080
        reaches net0 172.21.0.11 198.51.100.2
}
# Of two that do not depend on each other an older version may have done the second one first, and nothing has changed.
case_another_order() {
        host_before second
        site
        ups br0 net0
        grep '^op address' /run/vnet/state/net0 > "$W/addresses"
        is "$(wc -l < "$W/addresses")" 2 addresses
        awk '/^op address/ && !first { first = $0; next } { print } /^op address/ { print first }' /run/vnet/state/net0 > "$W/record"
        cp "$W/record" /run/vnet/state/net0
        adopt /run/vnet/state/net0
        is "$(grep '^op address' /run/vnet/state/net0)" "$(tac "$W/addresses")" addresses
        is "$("$CTL" list --json=short | jq -r '.[] | select(.name == "net0").state')" up state
        reload net0
        is "$(grep '^op address' /run/vnet/state/net0)" "$(tac "$W/addresses")" 'addresses: nothing was written anew'
}
run_cases "$@"
