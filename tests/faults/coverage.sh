#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# coverage.sh: the networks of site.sh use all that there is: every kind of operation and each of its fields (lib/plan/operations.c),
# every set of the nftables table (lib/plan/table.c). What is added there and not in site.sh is found here; a key that is not in
# site.sh is found by tests/unit/examples.sh.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/faults/site.sh
. "$TOP/tests/faults/site.sh"
HELPER=$PLAIN/tools/vnet-helper
TABLES=$PLAIN/tests/lib/tables

# All records of all targets, before and after their reload
records() {
        local t
        for t in $TARGETS; do
                site_before "$t" >&2
                up "${NAME_OF[$t]}" >&2
                cat "/run/vnet/state/${NAME_OF[$t]}"
                other_file_of "$t"
                reload "${NAME_OF[$t]}" >&2
                cat /run/vnet/state/*
                down_all >&2
                rm /etc/vnet/*
                host_after
        done
}

case_kinds() {
        local kind field missing='' n=0
        records > "$W/records"
        "$TABLES" fields > "$W/fields"
        while read -r kind field _; do
                n=$((n + 1))
                [ "$kind" != port-vlan ] || kernel_has_vlans || continue
                [ "$kind" != dummy ] || kernel_has_dummy || continue
                [ "$kind" != ipvlan ] || kernel_has_ipvlan || continue
                case $kind in vlan | host-vlan) kernel_has_8021q || continue ;; esac
                [ "$kind" != physical ] || continue # doc/NOTES.md
                case $kind in wireguard*) continue ;; esac # tests/vm/cases/wireguard.sh: the kernels that this suite runs on may lack it
                case $kind:$field in vrf:* | member:* | address:table) kernel_has_vrf || continue ;; esac
                case $kind:$field in uplink:pvid | uplink:tagged) kernel_has_vlans || continue ;; esac
                case $field in vlan-filtering | has-default-pvid | default-pvid) kernel_has_vlans || continue ;; esac
                if [ "$field" = - ]; then
                        grep -qE "^op $kind( |	|$)" "$W/records" || missing+=" $kind"
                else
                        grep -qE "^op $kind( .*)? $field=" "$W/records" || missing+=" $kind:$field"
                fi
        done < "$W/fields"
        [ -z "$missing" ] || fail "no network of site.sh has:$missing"
        [ $n -gt 60 ] || fail "only $n kinds and fields"
}

case_sets() {
        local set missing='' n=0
        records > "$W/records"
        while read -r set; do
                n=$((n + 1))
                # the guard's elements belong to forwarding
                case $set in guarded* | bridged* | guarding) continue ;; esac
                # those of the table in a namespace to inbound, which makes them as a whole (object/inbound.c)
                case $set in facing | open)
                        grep -qE '^op inbound .*ports=' "$W/records" || missing+=" $set"
                        continue
                        ;;
                esac
                grep -qE "^op element .*set=$set( |	|$)" "$W/records" || missing+=" $set"
        done < <("$TABLES" sets)
        [ -z "$missing" ] || fail "no network of site.sh has elements of:$missing"
        [ $n -gt 10 ] || fail "only $n sets"
}

# The helper's own filter of system calls (tools/helper/sandbox.c) lets through what it makes on every way that this suite goes.
# What it does not let through ends as if the right to do it were missing, and nothing else does: these run as root.
case_system_calls() {
        command -v strace > /dev/null || skip 'no strace'
        local t refused
        traced() { strace -f -qq -A -o "$W/trace" "$HELPER" "$@"; }
        # the shared lock, for a second and a half: who waits for it sets a timer
        hold_lock() {
                mkdir -p /run/vnet
                /usr/bin/python3 -c '
import fcntl, os, struct, time
fd = os.open("/run/vnet/lock", os.O_RDWR | os.O_CREAT, 0o644)
fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0))
open("/run/vnet-held", "w")
time.sleep(1.5)' &
                eventually test -e /run/vnet-held
                rm /run/vnet-held
        }
        for t in $TARGETS; do
                site_before "$t"
                hold_lock
                traced up "${NAME_OF[$t]}"
                traced up "${NAME_OF[$t]}"
                nft flush ruleset
                traced restore
                other_file_of "$t"
                traced reload "${NAME_OF[$t]}"
                if traced up no-such-name; then fail 'no-such-name is up'; fi
                traced down "${NAME_OF[$t]}"
                down_all
                rm /etc/vnet/*
                host_after
        done
        grep -q 'setitimer(' "$W/trace" || fail 'nobody waited for the lock'
        awk 'match($0, /[a-z_0-9]+\(/) { print substr($0, RSTART, RLENGTH - 1) }' "$W/trace" | sort -u > "$W/calls"
        tr '\n' ' ' < "$W/calls"
        has 'seccomp(.*= 0' "$W/trace" || fail 'there is no filter'
        refused=$(sed -n '/ EPERM /s/^[0-9]* *//p' "$W/trace" | sort -u)
        [ -z "$refused" ] || fail "the filter lacks: $refused"
        [ "$(wc -l < "$W/calls")" -gt 30 ] || fail "only $(wc -l < "$W/calls") different calls"
}

run_cases "$@"
