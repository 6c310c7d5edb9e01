# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# talk.sh: conversations between net0 and outside (flows.py) that run while something is done, and what the kernel tells
# meanwhile. "step" reloads a NAME and looks at both.

FLOWS=$TOP/tests/lib/flows.py

# --- conversations ---

inode() { stat -L -c '%d %i' "/run/netns/$1"; }

# Who talks in net0, and who outside: name, address to talk from, address to talk to
OUT=("tcp4,,198.51.100.2" "tcp6,,2001:db8::2" "udp4,,198.51.100.2" "udp6,,2001:db8::2")
IN=("tcp4,,198.51.100.1" "tcp6,,2001:db8::1" "udp4,,198.51.100.1" "udp6,,2001:db8::1")
talk() {
        before=$(inode net0) LOST=0
        sleeper_in net0
        # the kernel's default, which systemd changes for the machine's own namespace alone
        at net0 sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.eth0.promote_secondaries=0
        sysctl -qw net.ipv4.conf.all.promote_secondaries=0
        background net0 "$FLOWS" talk "$W/talk.net0" 7000 172.18.0.10,fd00:18::10 "${OUT[@]}"
        background outside "$FLOWS" talk "$W/talk.outside" 7000 198.51.100.2,2001:db8::2 "${IN[@]}"
        watch
        : > "$W/counts"
        eventually all_advance 10 || { counts; fail 'not everybody talks'; }
        connections > "$W/connections"
        is "$(wc -l < "$W/connections")" $((${#OUT[@]} + ${#IN[@]})) 'connections that conntrack knows'
}
counts() { cat "$W/talk.net0" "$W/talk.outside" 2> /dev/null; }
all_advance() { # BLOCKS since $W/counts was written
        counts | paste -d ' ' - "$W/counts" |
                awk -v blocks="$1" -v n=$((${#OUT[@]} + ${#IN[@]})) '$2 - $6 < blocks { bad = 1 } END { exit bad || NR < n }'
}
connections() { conntrack -L -o id 2> /dev/null | grep dport=7000 | grep -oE 'id=.*' | sort; }

# Everybody talks on, LOST answers at most were lost, and it is the same connections, namespace and process.
unharmed() { # [LOST]
        counts > "$W/counts"
        eventually all_advance 4 || { counts; fail 'a conversation does not go on'; }
        counts | awk -v max=$((LOST + ${1:-0})) '{ n += $3 } / ended:/ { bad = 1 } END { exit bad || n > max }' ||
                { counts; fail 'something was lost'; }
        LOST=$(counts | awk '{ n += $3 } END { print n }')
        connections | cmp -s - "$W/connections" || { connections | diff "$W/connections" - || true; fail 'other connections'; }
        is "$(inode net0)" "$before" 'the namespace'
        is_in "$SLEEPER" net0
}

# --- what the kernel tells ---

watch() {
        at net0 ip -o monitor address route rule > "$W/seen.net0" 2>&1 < /dev/null &
        ip -o monitor address route rule netconf > "$W/seen.host" 2>&1 < /dev/null &
        "$FLOWS" nft > "$W/seen.nft" 2>&1 < /dev/null &
        eventually listeners 3
}
# So many, or more, are subscribed and have read all there is: Eth (the protocol), Groups and Rmem of the kernel's list
listeners() {
        { at net0 cat /proc/net/netlink; cat /proc/net/netlink; } | awk -v n="$1" '
                ($2 == 0 || $2 == 12) && $4 ~ /[1-9a-f]/ { m++; if ($5 > 0) busy = 1 }
                END { exit busy || m < n }'
}
forget_seen() { truncate -s 0 "$W/seen.net0" "$W/seen.host" "$W/seen.nft"; }
seen() { local f; for f; do tr -d '\0' < "$W/seen.$f"; done; } # they write on where they were: zeros before
went() { seen net0 host nft | grep -E '^(Deleted|delete) |forwarding off' || true; }

# A reload that may take away only what matches PATTERN (grep -E), '' for nothing.
step() { # NAME PATTERN [LOST]
        forget_seen
        reload "$1"
        eventually listeners 3
        sleep .1 # until what is read is written
        went | grep -vE "${2:-^$}" > "$W/gone" || true
        [ ! -s "$W/gone" ] || { cat "$W/gone"; fail "reload $1 took away what it should not"; }
        unharmed "${3:-0}"
}

# The old elements went and the new ones came in one transaction, so that nobody passed between.
at_once() { is "$(seen nft | grep -c ^transaction)" 1 transactions; }
# The pattern for an address: as such, and as a route. Subnets and broadcasts come in patterns of their own.
address() { echo "(inet6?|local|anycast) $1[ /]|Deleted $1 dev"; }
