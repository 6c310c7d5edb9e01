# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# beside.sh: the scenario of each program of tests/boot/beside: it is started before our networks and after them, restarted,
# reloaded and stopped. Each time our flows work, or our journal names who drops them and with what cure, which is then run as it
# stands there; what the program has works; and after our stop the host is as it was.
#
# The file of a program has
#   PACKAGE           the Debian package whose version the table names
#   ROW               how the table calls it
#   its_files ROOT    what the administrator has configured; runs on this machine
#   its_start         it is up, and has made its own network or rules
#   its_works         they do what they are for
#   its_restart, its_reload   where there is such a thing
#   its_stop          all of it is taken down
#   its_cure, its_illness     where a cure is lost when it is restarted: what the manual says in its place, for good; and back
# and perhaps
#   its_extra         of ours, what only this program could break
#   SAME              a script for sed -E that makes equal in a dump what is another each time, such as hardware addresses
#   NOT_ITS           what changes by itself: a regular expression for grep -E over the lines of a dump
#   KNOWN, WHY        what our last stop changes where it is started after us, in the same way, and why that cannot be mended
#
# What a check has to tell goes into the table, behind its name: "dropped by …", or nothing.

# Of those that switch forwarding on and leave it so, and what follows from it: the kernel's anycast addresses, and accept_ra, which is
# 2 where a router takes advertisements
FORWARDING='^ipv4/conf/[^/]*/(forwarding|accept_redirects):|^ipv4/ip_forward:|^ipv6/conf/[^/]*/(forwarding|accept_ra):'
FORWARDING+='|"table":"local","type":"anycast"'
FORWARDING_WHY='it finds forwarding on, as ours, and does not leave it on when both are gone'
: "${PACKAGE:=}" "${ROW:=}" "${SAME:=}" "${NOT_ITS:=}" "${KNOWN:=}" "${WHY:=}" "$FORWARDING" "$FORWARDING_WHY"

prepare() { # ROOT TOP
        others_site "$1"
        rm -f "$1/etc/resolv.conf" # one of resolved, where that is installed
        echo nameserver 198.51.100.2 > "$1/etc/resolv.conf"
        its_files "$1"
}

scenario() {
        note "$ROW, $(dpkg-query -W -f '${Version}' "$PACKAGE")"
        check alone beside_alone
        check before beside_before
        if declare -F its_restart > /dev/null; then check restarted beside_restarted; else omit restarted 'there is no such thing'; fi
        if declare -F its_reload > /dev/null; then check reloaded beside_reloaded; else omit reloaded 'there is no such thing'; fi
        if declare -F its_cure > /dev/null; then check kept beside_kept; else omit kept 'there is no such thing'; fi
        check stopped beside_stopped
        check after beside_after
        its_stop > /dev/null 2>&1 || true # no daemon waits for its container at shutdown
}
# shellcheck disable=SC2154 # name is that of inside.sh
note() { echo "note boot/$name: $*"; }

# --- the host, and what of it is whose ---

# Counters, handles and the like are left out by dump(). Rules of the old iptables are in no dump of nftables.
host_dump() {
        local f
        {
                dump
                files_dump | grep -E ' /run/(vnet|netns|sysctl.d)|/etc/netns'
                for f in '' 6; do
                        [ ! -s "/proc/net/ip${f}_tables_names" ] || "ip${f}tables-legacy-save" 2> /dev/null | sed '/^#/d; s/\[[0-9:]*\]//'
                done
        } | sed -E "${SAME:-}" | grep -vE "${NOT_ITS:-^\$}" | by_chain || true
}
# Rules stay in their order, but chains may be made in any
by_chain() { awk -F, -v OFS='\t' '{ print (/^{"rule"/ ? $1 : $0), NR, $0 }' | sort -t $'\t' -k1,1 -k2,2n | cut -f3-; }
# Kept when the kernel has made its link-local addresses, and the program has come to rest.
keep_host() { # FILE
        host_dump > "$1.before"
        for _ in $(seq 15); do
                sleep 1
                host_dump > "$1"
                if cmp -s "$1" "$1.before" && ! grep -q tentative "$1"; then return 0; fi
                mv "$1" "$1.before"
        done
        diff "$1.before" <(host_dump) | head -n 20
        fail 'the host does not come to rest'
}
sysctls() { (cd /proc/sys/net || exit; grep -rs '' ipv4/conf ipv6/conf || true) | sort; }
# A line of nftables that names our bridge is a cure; what is left of it in somebody's table is not ours.
without_cures() { grep -vE '"br0"|-[io] br0 ' "$1"; }
host_is() { # FILE, of host_dump before [PATTERN of what may differ]
        differs "$1" "${2:-^\$}" || return 0
        diff -U0 <(without_cures "$1" | grep -vE "${2:-^\$}") <(without_cures "$W/host" | grep -vE "${2:-^\$}") | cut -c1-300 | head -n 20 || true
        fail 'the host is not as it was'
}
host_is_but() { # FILE: or else what differs is KNOWN
        if [ -z "$KNOWN" ] || ! differs "$1" '^$' 3; then host_is "$1"; return; fi
        host_is "$1" "$KNOWN"
        tell "$WHY"
}
differs() { # FILE PATTERN [SECONDS]
        local end=$((SECONDS + ${3:-15}))
        while :; do
                host_dump > "$W/host"
                if cmp -s <(without_cures "$1" | grep -vE "$2") <(without_cures "$W/host" | grep -vE "$2"); then return 1; fi
                [ $SECONDS -lt $end ] || return 0
                sleep .2
        done
}

# As after a boot: rules, interfaces and sysctls that a program leaves when it is stopped would be there for the next phase.
fresh_host() {
        local l f
        stop_ours
        its_stop > /dev/null 2>&1 || true
        nft flush ruleset
        for f in '' 6; do
                [ -s "/proc/net/ip${f}_tables_names" ] || continue
                "ip${f}tables-legacy" -F
                "ip${f}tables-legacy" -X
                for l in INPUT FORWARD OUTPUT; do "ip${f}tables-legacy" -P $l ACCEPT; done
        done
        for l in $(ip -o link show | sed -E 's/^[0-9]+: ([^:@]+)[:@].*/\1/'); do
                grep -qx "$l" "$W/links" || ip link del "$l" || true
        done
        sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
        sysctls | comm -13 - "$W/sysctls" | while IFS=: read -r f l; do
                echo "$l" 2> /dev/null > "/proc/sys/net/$f" || true
        done
}
first_look() {
        stop_ours
        keep_host "$W/first"
        ip -o link show | sed -E 's/^[0-9]+: ([^:@]+)[:@].*/\1/' > "$W/links"
        sysctls > "$W/sysctls"
}

# --- ours ---

# All flows, or the cures that our journal names since the last start are run, word for word, and then all of them.
ours_works() {
        local drops
        if TRIES=2 works; then
                extra
                return 0
        fi
        drops=$(droppers)
        if [ -z "$drops" ]; then
                restart_ours
                drops=$(droppers)
                [ -z "$drops" ] || tell 'named at our next start'
        fi
        [ -n "$drops" ] || fail "what works: $(cat "$W/got"); and the journal names nobody"
        while IFS='|' read -r chain cure; do
                bash -c "$cure" < /dev/null
                tell "dropped by $chain; cure: \`$cure\` (tried)"
        done <<< "$drops"
        works
        extra
}
# To the host's own port 22, which all of these leave open, and to another, which they close
host_is_closed() {
        listening host -tln 1 22 || serve host tcp 22
        listening host -tln 1 23 || serve host tcp 23
        answers outside tcp 198.51.100.1 22 host
        answers outside tcp 2001:db8::1 22 host
        local a pids=()
        for a in 198.51.100.1 2001:db8::1; do
                at outside timeout .7 bash -c 'exec 3<>"/dev/tcp/$0/23" && head -n 1 <&3' "$a" 2> /dev/null &
                pids+=($!)
        done
        for a in "${pids[@]}"; do if wait "$a"; then fail 'port 23 of the host is open'; fi; done
}
extra() { if declare -F its_extra > /dev/null; then its_extra; fi; }
tell() { echo "$*" >> "$W/cell"; }
# TABLE CHAIN|CURE, of what the journal says since our last start, or since the program was started, restarted or reloaded
droppers() {
        journalctl --sync
        journalctl -b --no-pager -q -o short-unix -t vnet-helper | awk -v mark="$(cat "$W/mark")" '$1 + 0 >= mark + 0' |
                sed -nE "s/^.*: chain ([^ ]+) of table (.*) drops what it does not know; '(.*)' lets it pass.*/\2 \1|\3/p" | sort -u
}

# Afterwards nothing of ours is left; what is somebody else's is in host_is(). Where we switched forwarding on and somebody has an
# interface that came later, it stays on, guarded.
ours_is_gone() { # [guard]
        gone ip link show br0
        if [ "${1:-}" = guard ] && nft list table inet vnet > "$W/table" 2> /dev/null; then
                is "$(grep -cE '8080|"net0"|"net1"|"br0"' "$W/table" || true)" 0 'elements of ours'
                has up0 "$W/table"
                tell 'forwarding stays on for it after our stop, guarded'
        else
                gone nft list table inet vnet
        fi
        is "$(ip -o link show | sed -nE 's/^[0-9]+: (v[ni]-[^:@]*).*/\1/p')" '' 'links of ours'
        is "$(find /run/vnet/state /run/netns \( -name 'net[01]' -o -name br0 \) -printf '%f ' 2> /dev/null)" '' 'files of ours'
}

# --- the phases ---

# Where the phase before failed half-way
both_are_up() {
        active vnet@br0 vnet@net0 vnet@net1 || start_ours
        its_works
}

# What it does to the host where nothing is ours, and what it leaves
beside_alone() {
        first_look
        its_start
        its_works
        its_stop
        keep_host "$W/left"
        fresh_host
        host_is "$W/first"
}
beside_before() {
        stop_ours # if this is all that is asked for
        its_start
        its_works
        keep_host "$W/theirs"
        start_ours
        ours_works
        its_works
        if [ -s "$W/cell" ]; then
                # a cure may be more than a rule with our name
                stop_ours
                keep_host "$W/theirs"
                start_ours
        fi
        works
        stop_ours
        ours_is_gone
        host_is "$W/theirs"
        its_works
        start_ours
        ours_works
        its_works
}
beside_restarted() {
        both_are_up
        journal_mark
        its_restart
        ours_works
        its_works
}
beside_reloaded() {
        both_are_up
        journal_mark
        its_reload
        ours_works
        its_works
}
# The cure of the manual opens no more than is needed. It goes where the program takes its rules from.
beside_kept() {
        both_are_up
        its_restart
        its_cure
        its_restart
        works
        its_works
        its_reload
        works
        its_works
        restart_ours
        is "$(droppers)" '' 'what is said of a cured firewall'
        works
        its_illness
        its_restart
}
beside_stopped() {
        both_are_up
        its_stop
        ours_works
        stop_ours
        ours_is_gone
        host_is "$W/left"
        fresh_host
        host_is "$W/first"
}
beside_after() {
        fresh_host # whatever failed before
        start_ours
        works
        journal_mark
        its_start
        ours_works
        its_works
        stop_ours
        ours_is_gone guard
        its_works
        start_ours
        ours_works
        its_works
        its_stop
        ours_works
        stop_ours
        ours_is_gone
        host_is_but "$W/left"
}

# --- what several of them need ---

# A guest on the bridge of somebody else: a namespace without a name, whose process is in $W/guest.
guest() { # BRIDGE
        unshare --net sleep infinity > /dev/null 2>&1 &
        echo $! > "$W/guest"
        until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$!/ns/net")" ]; do sleep .01; done
        ip link add guest0 type veth peer name eth0 netns $!
        ip link set guest0 master "$1" up
        at $! ip link set lo up
        at $! ip link set eth0 up
}
no_guest() {
        ip link del guest0 # before the process, as a namespace takes its interfaces along some time later
        kill "$(cat "$W/guest")"
        rm -f "$W/guest"
}
# By DHCP, as the program's dnsmasq has it
guest_asks() {
        cat > "$W/udhcpc" <<'U'
#!/bin/sh
[ "$1" = bound ] || exit 0
busybox ip addr replace "$ip/$mask" dev eth0
busybox ip route replace default via "$router"
U
        chmod 755 "$W/udhcpc"
        eventually at "$(cat "$W/guest")" busybox udhcpc -i eth0 -n -q -f -t 5 -T 1 -s "$W/udhcpc"
}
guest_works() { # GATEWAY
        local pid
        pid=$(cat "$W/guest")
        listening outside -tln 1 90 || serve outside tcp 90
        reaches "$pid" "$1"
        answers "$pid" tcp 198.51.100.2 90 'outside 198.51.100.1'
}
# It reaches ours by what is published alone.
guest_apart() {
        silent "$(cat "$W/guest")" tcp 172.18.0.10 80
        answers "$(cat "$W/guest")" tcp 198.51.100.1 8080 net0
}

# A second uplink lan0, which is the program's: outside has its other end.
lan() {
        if ip link show lan0 > /dev/null 2>&1; then return 0; fi
        ip link add lan0 type veth peer name lan1 netns "${PID_OF[up0]}"
        at outside ip addr add 192.0.2.2/24 dev lan1
        at outside ip addr add 2001:db8:2::2/64 dev lan1 nodad
        at outside ip link set lan1 up
}
lan_works() { reaches host 192.0.2.2 2001:db8:2::2; }
