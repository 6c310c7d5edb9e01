#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tightened.sh: what a reload no longer allows is cut where it runs, and nothing else is: conversations of TCP and UDP, of both
# families, from and to everywhere.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

FLOWS=$TOP/tests/lib/flows.py
export FLOWS_PAUSE=.05
bridge() { printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n%b' "$1" | file br0; } # LINES
start() {
        uplink up1 203.0.113 2001:db8:1
        snapshot "$W/start"
        outside_knows
        site '' "$(printf 'PublishPort=7100:7000\nPublishPort=7100:7000/udp')"
        bridge 'Inbound=any\nAllowFrom=br1 br2\n'
        site_b IPMasquerade=both
        printf '[Bridge]\nAddress=172.20.0.1/16\nAddress=fd00:20::1/64\nAllowFrom=br0\n' | file br2
        printf '[Namespace]\nPublishPort=7200:7000\nPublishPort=7200:7000/udp\n[Link]\nBridge=br2\nAddress=172.20.0.10/16\nAddress=fd00:20::10/64\n' | file net3
        ups br0 br1 br2 net0 net1 net2 net3
        talk net0 7000 172.18.0.10 fd00:18::10 \
                "all host 172.18.0.1 fd00:18::1" "all hostup 198.51.100.1 2001:db8::1" "all outside 198.51.100.2 2001:db8::2" \
                "all outside2 203.0.113.2 2001:db8:1::2" "net1 172.18.0.11 fd00:18::11" "net3 172.20.0.10 fd00:20::10"
        talk net1 7000 172.18.0.11 fd00:18::11
        talk net2 7000 172.19.0.10 fd00:19::10 "all net0 172.18.0.10 fd00:18::10" "host 172.19.0.1 fd00:19::1" "outside 198.51.100.2 2001:db8::2"
        talk net3 7000 172.20.0.10 fd00:20::10 "net0 172.18.0.10 fd00:18::10"
        talk host 7000 172.18.0.1 fd00:18::1 "net0 172.18.0.10 fd00:18::10" "host 172.18.0.1 fd00:18::1"
        talk host 7000 198.51.100.1 2001:db8::1
        talk host 7000 172.19.0.1 fd00:19::1
        talk outside 7000 198.51.100.2 2001:db8::2 "all net0 172.18.0.10 fd00:18::10"
        talk outside2 7000 203.0.113.2 2001:db8:1::2
        # published ports
        talk outside 7100 198.51.100.2 2001:db8::2 "port 198.51.100.1 2001:db8::1"
        talk net2 7100 172.19.0.10 fd00:19::10 "port 172.19.0.1 fd00:19::1"
        talk net0 7200 172.18.0.10 fd00:18::10 "port 172.18.0.1 fd00:18::1"
        counts > "$W/counts"
        eventually advance 5 . || { counts; fail 'not everybody talks'; }
}
# Echoes at its addresses, and talks: to "all" by both protocols and families, to others by one of each
talk() { # WHERE PORT IPV4 IPV6 "[all] WHOM IPV4 IPV6"…
        local where=$1 port=$2 own=$3,$4 w ways flow
        local -a flows=()
        for flow in "${@:5}"; do
                ways='tcp4 udp6'
                if [ "${flow%% *}" = all ]; then ways='tcp4 udp6 udp4 tcp6' flow=${flow#* }; fi
                # shellcheck disable=SC2086 # three words
                set -- $flow
                for w in $ways; do
                        case $w in *4) flows+=("$w-$where-$1,,$2") ;; *) flows+=("$w-$where-$1,,$3") ;; esac
                done
        done
        TALKERS=$((${TALKERS:-0} + 1)) TALKS=$((${TALKS:-0} + ${#flows[@]}))
        background "$where" "$FLOWS" talk "$W/talk.$TALKERS" "$port" "$own" "${flows[@]}"
        eventually test -e "$W/talk.$TALKERS"
}
counts() { cat "$W"/talk.*[0-9] 2> /dev/null | sort; }
# Those whose name matches have done so many blocks more than $W/counts has
advance() { # BLOCKS PATTERN
        counts | awk -v blocks="$1" -v pattern="$2" -v n="$TALKS" 'NR == FNR { was[$1] = $2; next }
                { all++ } $1 ~ pattern && $2 - was[$1] < blocks { bad = 1 } END { exit bad || all != n }' "$W/counts" -
}
advanced() { counts | awk 'NR == FNR { was[$1] = $2; next } $2 != was[$1] { print $1 }' "$W/counts" - | xargs; }
connections() {
        { conntrack -L -o id; conntrack -L -f ipv6 -o id; } 2> /dev/null |
                sed -nE 's/^([a-z]+) [^=]* (src=[^ ]+ dst=[^ ]+ sport=[0-9]+ dport=7[0-9]00) .*(id=[0-9]+).*/\1 \2 \3/p' | sort -u
}

# A reload of br0 ends those whose name matches, so many, and no other; "-" ends none.
cuts() { # PATTERN NUMBER LINES
        local rest
        quiet "$W"/talk.*[0-9]
        connections > "$W/before"
        bridge "$3"
        reload br0
        connections > "$W/after"
        rm "$W"/talk.*.hold
        comm -3 "$W/before" "$W/after" # seen where it fails
        is "$(comm -13 "$W/before" "$W/after" | wc -l)" 0 'connections that began anew'
        is "$(comm -23 "$W/before" "$W/after" | wc -l)" "$2" 'connections that were cut'
        DEAD+="|^[a-z0-9]+-($1)$"
        rest=$(counts | awk -v pattern="$DEAD" '$1 !~ pattern { print $1 }' | paste -sd '|')
        sleep .1 # what was on its way
        counts > "$W/counts"
        eventually advance 10 "^($rest)$" || { counts; fail "one that may go on does not"; }
        is "$(advanced | tr ' ' '\n' | grep -E "$DEAD" | xargs || true)" '' 'those that may not go on, and do'
        counts | awk -v pattern="$DEAD" '$1 !~ pattern && / ended:/ { print; bad = 1 } END { exit bad }' || fail 'one that may go on has ended'
}

case_one_by_one() {
        start
        DEAD=^-$
        cuts 'net0-host|net0-hostup' 8 'Inbound=any\nAllowFrom=br1 br2\nHostAccess=no\n'
        cuts net2-net0 4 'Inbound=any\nAllowFrom=br2\nHostAccess=no\n'
        cuts outside-net0 4 'AllowFrom=br2\nHostAccess=no\n'
        cuts net0-outside 4 'AllowFrom=br2\nHostAccess=no\nOutbound=up1\n'
        cuts net0-outside2 4 'AllowFrom=br2\nHostAccess=no\nOutbound=no\n'
        cuts - 0 'AllowFrom=br2\nHostAccess=no\nOutbound=no\nAgeingTimeSec=100\n'
}
case_at_once() {
        start
        DEAD=^-$
        cuts 'net0-host|net0-hostup|net2-net0|outside-net0|net0-outside|net0-outside2' 24 'AllowFrom=br2\nHostAccess=no\nOutbound=no\n'
}
# What is opened, or said in other words, ends nothing.
case_loosened() {
        start
        DEAD=^-$
        cuts - 0 'Inbound=any\nAllowFrom=br1\nAllowFrom=br2\nOutbound=up0 up1 up2\n'
        cuts - 0 'Inbound=any\nAllowFrom=br1 br2\nOutbound=up0 up1\n'
        cuts - 0 'Inbound=any\nAllowFrom=br1 br2\n'
        cuts 'net0-host|net0-hostup' 8 'Inbound=any\nAllowFrom=br1 br2\nHostAccess=no\n'
        connections > "$W/before"
        bridge 'Inbound=any\nAllowFrom=br1 br2\n'
        reload br0
        is "$(connections | comm -23 "$W/before" - | wc -l)" 0 'connections that were cut'
}
# What the host says next, or once more, would be a connection of its own: so the socket of the host is ended, but not the one
# that listens.
case_host_that_speaks() {
        local a
        site IPMasquerade=both
        ups br0 net0 net1
        for a in TCP4-LISTEN:7000 TCP6-LISTEN:7000,ipv6only=1; do
                background host socat "$a,reuseaddr,fork" 'SYSTEM:while sleep .02; do echo x; done'
        done
        eventually listening host -tln 2 7000
        background net0 socat -u TCP4:172.18.0.1:7000 "CREATE:$W/heard4"
        background net0 socat -u 'TCP6:[fd00:18::1]:7000' "CREATE:$W/heard6"
        eventually test -s "$W/heard4" -a -s "$W/heard6"
        # of which conntrack knows and the host does not
        conntrack -I -p tcp -s 172.18.0.10 -d 172.18.0.1 --sport 4321 --dport 7000 --state ESTABLISHED -t 100 -u SEEN_REPLY,ASSURED
        site "$(printf 'IPMasquerade=both\nHostAccess=no')"
        reload br0
        eventually no_socket
        is "$(at net0 ss -Htn state established 'dport = :7000')" '' 'sockets of the namespace'
        is "$(conntrack -L -p tcp --orig-port-dst 7000 2> /dev/null | grep -c ESTABLISHED || true)" 0 connections
        listening host -tln 2 7000 || fail 'nobody listens any more'
        site IPMasquerade=both
        reload br0
        at net0 timeout 1 socat -u TCP4:172.18.0.1:7000 "CREATE:$W/again" || true
        test -s "$W/again"
}
no_socket() { [ -z "$(ss -Htn state established 'sport = :7000')" ]; }
run_cases "$@"
