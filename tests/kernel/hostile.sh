#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hostile.sh: nothing that root of a namespace or a user of the host can do there harms another network, or blocks anybody for longer
# than a bound (spec.md 6.13).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
# Holds a lock as a user until the machine ends
user_holds() { # PYTHON-LINES
        as_user /usr/bin/python3 -c "
import fcntl, os, time
$1
open('$W/held', 'w')
time.sleep(1000)" > "$W/holder" 2>&1 &
        HOLDER=$!
}
start() {
        site IPMasquerade=both PublishPort=8080:80
        chmod 1777 "$W"
        ups br0 net0 net1
}
# At once: no bound was waited for. Bounds are 5 s and more.
promptly() { # COMMAND…
        local begun=$SECONDS
        "$@"
        [ $((SECONDS - begun)) -lt 20 ] || fail "$* took $((SECONDS - begun)) s"
}

# --- locks ---

case_reader_of_the_lock() {
        start
        user_holds "fcntl.lockf(os.open('/run/vnet/lock', os.O_RDONLY), fcntl.LOCK_SH)"
        wait $HOLDER || true
        has PermissionError "$W/holder"
        promptly down net0
}
# A file of an older version was everybody's to read: the first helper that takes it changes that.
case_lock_of_an_older_version() {
        start
        chmod 0644 /run/vnet/lock
        reload net0
        is "$(stat -c %a /run/vnet/lock)" 600
}

case_flock_of_the_directory() {
        start
        user_holds "fcntl.flock(os.open('/run/netns', os.O_RDONLY), fcntl.LOCK_EX)"
        eventually test -e "$W/held"
        down net0
        promptly up net0
        is "$(grep -c ' /run/netns/net0 ' /proc/self/mountinfo)" 1 'mounts of net0'
        kill $HOLDER
}
# ... before anybody has made it a shared mount: those who wait are several, and make it one together.
case_flock_at_the_first_use() {
        site
        chmod 1777 "$W"
        up br0
        mkdir /run/netns
        user_holds "fcntl.flock(os.open('/run/netns', os.O_RDONLY), fcntl.LOCK_EX)"
        eventually test -e "$W/held"
        local pids=() n
        for n in net0 net1; do
                up $n &
                pids+=($!)
        done
        for n in "${pids[@]}"; do wait "$n"; done
        for n in net0 net1; do is "$(grep -c " /run/netns/$n " /proc/self/mountinfo)" 1 "mounts of $n"; done
        is "$(grep -c ' /run/netns ' /proc/self/mountinfo)" 1 'mounts of the directory'
        reaches net0 172.18.0.11
        kill $HOLDER
}

# A long queue moves: whoever waits in it does not give up, as it is not one holder who takes all the time. Each second somebody else
# has the lock here, for longer than one of them would be waited for.
case_long_queue() {
        start
        /usr/bin/python3 -c "
import fcntl, os, struct, time
def take(fd, how): fcntl.fcntl(fd, fcntl.F_OFD_SETLKW, struct.pack('hhqqi4x', how, os.SEEK_SET, 0, 1, 0))
fds = [os.open('/run/vnet/lock', os.O_RDWR) for _ in range(2)]
take(fds[0], fcntl.F_WRLCK)
open('$W/held', 'w')
for i in range(67):
    os.pwrite(fds[0], struct.pack('q', i + 1), 0)
    time.sleep(1)
" &
        HOLDER=$!
        eventually test -e "$W/held"
        down net0
        wait $HOLDER
}

# --- clocks ---

# The wall clock jumps by an hour whenever it is read: no wait ends early for that.
case_jumping_clock() {
        local jump=(env NLFAULT=clock LD_PRELOAD="$PLAIN/tests/faults/nlfault.so")
        [ -e "$PLAIN/tests/faults/nlfault.so" ] || skip 'no nlfault.so'
        printf '[Namespace]\n[Link]\nBridge=late0\nAddress=172.18.0.10/16\nDuplicateAddressDetection=yes\nAddress=fd00:18::10/64\n' | file net0
        "${jump[@]}" "$PLAIN/tools/vnet-helper" up net0 &
        local waiter=$!
        sleep 1.5
        ip link add late0 type bridge
        ip addr add 172.18.0.1/16 dev late0
        ip link set late0 up
        wait $waiter
        is_up net0
        /usr/bin/python3 -c "
import fcntl, os, struct, time
fd = os.open('/run/vnet/lock', os.O_RDWR)
h = 0xcbf29ce484222325
for c in b'net0': h = ((h ^ c) * 0x100000001b3) & 0xffffffffffffffff
fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack('hhqqi4x', fcntl.F_WRLCK, os.SEEK_SET, 16 + (h >> 32), 1, 0))
open('$W/held', 'w')
time.sleep(3)" &
        eventually test -e "$W/held"
        "${jump[@]}" "$PLAIN/tools/vnet-helper" down net0
        ip link del late0
}

# --- marks ---

gc() { "$CTL" gc "$@"; }
mark() { at "$1" ip link property add dev lo altname "$2"; } # NAMESPACE MARK

# What a record knows is its network's, whatever it says of itself; what belongs to nobody goes all the same.
case_forged_marks() {
        start
        mark net0 vnet=ghost
        mark net0 vnet=net9
        mark net1 vnet=net0
        at net1 ip link property del dev lo altname vnet=net1
        snapshot "$W/before"
        is "$(gc)" 'nothing is left over'
        same "$W/before" 'gc where nothing is left over'
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\n' | file net2
        up net2
        rm /run/vnet/state/net2
        gc > "$W/out"
        has 'net2: removed network namespace net2' "$W/out"
        if grep -v '^net2: ' "$W/out"; then fail 'more than net2 was removed'; fi
        reaches net0 172.18.0.11 198.51.100.2
}
# A record that cannot be read knows its namespace by name.
case_forged_mark_and_a_damaged_record() {
        start
        mark net0 vnet=ghost
        cp /run/vnet/state/net0 "$W/record"
        sed -i 's/^op netns/op scrambled/' /run/vnet/state/net0
        gc --dry-run > "$W/out" 2>&1 || true
        if grep 'would remove' "$W/out"; then fail 'net0 has a record'; fi
        sed -i 's/^vnet 1$/vnet 99/' /run/vnet/state/net0
        gc --dry-run > "$W/out" 2>&1 || true
        if grep 'would remove' "$W/out"; then fail 'net0 has a record'; fi
        cp "$W/record" /run/vnet/state/net0
}

# As many as the kernel takes
fill_names() { # NAMESPACE
        local i
        for ((i = 0; i < 600; i++)); do printf 'link property add dev lo altname %0120d\n' $i; done |
                at "$1" ip -force -batch - > /dev/null 2>&1 || true
        echo "$(at "$1" ip -j link show dev lo 2> /dev/null | jq '.[0].altnames | length') names"
}
case_names_without_end() {
        start
        fill_names net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.12/16\n' | file net2
        up net2
        rm /run/vnet/state/net2
        gc > "$W/out" || true
        has 'net2: removed network namespace net2' "$W/out"
        reload net0
        up net0
        at net0 ip link property del dev lo altname vnet=net0
        fill_names net0
        reload net0
        reload net1
        reaches net0 172.18.0.11 198.51.100.2
}

run_cases "$@"
