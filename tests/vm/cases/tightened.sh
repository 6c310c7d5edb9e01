# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# tightened.sh: what a reload no longer allows ends on each kernel, by the unit's own rights; and the other ways in which a unit's
# helper looks at the host: from another network namespace, and at who lives on inside.

a_site() { # BRIDGE-LINES
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n%b' "$1" | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' | file net0
}
# In WHERE somebody speaks to whoever calls, and net0 listens
speaks() { # WHERE IPV4 IPV6
        local a
        for a in TCP4-LISTEN:7000 TCP6-LISTEN:7000,ipv6only=1; do
                background "$1" socat "$a,reuseaddr,fork" 'SYSTEM:while sleep .05; do echo x; done'
        done
        eventually listening "$1" -tln 2 7000
        background net0 socat -u "TCP4:$2:7000" "CREATE:$W/$1.4"
        background net0 socat -u "TCP6:[$3]:7000" "CREATE:$W/$1.6"
        eventually test -s "$W/$1.4" -a -s "$W/$1.6"
}
sizes() { stat -c %s "$W/$1.4" "$W/$1.6"; }
grow() { # WHERE FROM
        paste -d ' ' <(sizes "$1") - <<< "$2" | awk '$1 <= $2 { bad = 1 } END { exit bad }'
}
case_host_and_outside() {
        local host outside
        a_site ''
        apply
        speaks host 172.18.0.1 fd00:18::1
        speaks outside 198.51.100.2 2001:db8::2
        conntrack -I -p tcp -s 172.18.0.10 -d 172.18.0.1 --sport 4321 --dport 7000 --state ESTABLISHED -t 100 -u SEEN_REPLY,ASSURED > /dev/null 2>&1
        a_site 'HostAccess=no\n'
        systemctl reload vnet@br0
        eventually no_socket
        listening host -tln 2 7000 || fail 'nobody listens any more'
        host=$(sizes host) outside=$(sizes outside)
        eventually grow outside "$outside"
        is "$(sizes host)" "$host" 'what the host could still say'
        a_site 'HostAccess=no\nOutbound=no\n'
        systemctl reload vnet@br0
        is "$(conntrack -L -s 172.18.0.10 -p tcp --orig-port-dst 7000 2> /dev/null | grep -c ESTABLISHED || true)" 0 'connections to outside'
        sleep .2
        outside=$(sizes outside)
        sleep .5
        is "$(sizes outside)" "$outside" 'what outside could still say'
}
no_socket() { [ -z "$(ss -Htn state established 'sport = :7000')" ]; }

case_elsewhere() {
        local rc=0
        a_site ''
        apply
        unshare --net /usr/libexec/vnet/vnet-helper down net0 2> "$W/err" || rc=$?
        cat "$W/err"
        is $rc 1 status
        has 'net0: was started in another network namespace; run this there' "$W/err"
        reaches net0 172.18.0.1 fd00:18::1 198.51.100.2
}

case_who_lives_on() {
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.7/24\n' | file net0
        apply
        sleeper_in net0
        systemctl stop vnet@net0
        eventually told "1 process still runs in the network namespace net0, which lives on without a name until it ends: sleep ($SLEEPER)"
        kill "$SLEEPER"
}
told() { journalctl -b -u vnet@net0 -o cat | has -F "$1"; }
