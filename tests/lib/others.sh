# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# others.sh: for the scenarios with other programs on the host that make networks or firewalls: a site of ours, all its
# flows at once, what on the host is ours, and containers of others.

# --- prepare() ---

# br0 and two namespaces, both families, one port published
others_site() { # ROOT
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n' > "$1/etc/vnet/br0.vnet"
        printf '[Namespace]\nPublishPort=8080:80\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' \
                > "$1/etc/vnet/net0.vnet"
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\nAddress=fd00:18::11/64\n' > "$1/etc/vnet/net1.vnet"
}

# Of the administrator's: what outside.sh has of up0, by networkd. An address that differs in its broadcast is refused, or added by
# networkd 252 again and again.
up0_by_networkd() { # ROOT
        mkdir -p "$1/etc/systemd/network"
        cat > "$1/etc/systemd/network/05-up0.network" <<'U'
[Match]
Name=up0
[Network]
Address=2001:db8::1/64
LinkLocalAddressing=no
IPv6AcceptRA=no
[Address]
Address=fe80::1/64
[Address]
Address=198.51.100.1/24
Broadcast=no
U
        # for networkctl, as "systemctl enable" would have it
        ln -sf /lib/systemd/system/systemd-networkd.service "$1/etc/systemd/system/dbus-org.freedesktop.network1.service"
}
# All is dropped that is not known, and RULE of what comes to the host is
nftables_that_drops() { # ROOT [RULE]
        cat > "$1/etc/nftables.conf" <<U
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
        chain input {
                type filter hook input priority filter; policy drop;
                ct state established,related accept
                iif lo accept
                ${2-}
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
        }
        chain forward {
                type filter hook forward priority filter; policy drop;
        }
}
U
}

# --- our flows ---

# in: from outside to the published port; own: to it from the host itself, and back: from a namespace; out: masqueraded;
# host: to the host itself; side: from one namespace to the other, over the bridge alone
FLOWS='in4 in6 own4 own6 back4 back6 out4 out6 host4 host6 side4 side6'
others_servers() {
        [ ! -e "$W/servers" ] || return 0
        serve net0 tcp 80
        serve net1 tcp 80
        serve outside tcp 90
        serve host tcp 91
        : > "$W/servers"
}
flow() { # FLOW: is the answer the right one?
        case $1 in
        in4) matches outside tcp 198.51.100.1 8080 'net0 198.51.100.2' ;;
        in6) matches outside tcp 2001:db8::1 8080 "net0 $(full6 2001:db8::2)" ;;
        own4) matches host tcp 198.51.100.1 8080 net0 ;;
        own6) matches host tcp 2001:db8::1 8080 net0 ;;
        back4) matches net1 tcp 198.51.100.1 8080 net0 ;;
        back6) matches net1 tcp 2001:db8::1 8080 net0 ;;
        out4) matches net0 tcp 198.51.100.2 90 'outside 198.51.100.1' ;;
        out6) matches net0 tcp 2001:db8::2 90 "outside $(full6 2001:db8::1)" ;;
        host4) matches net0 tcp 172.18.0.1 91 host ;;
        host6) matches net0 tcp fd00:18::1 91 host ;;
        side4) matches net0 tcp 172.18.0.11 80 net1 ;;
        side6) matches net0 tcp fd00:18::11 80 net1 ;;
        esac
}
# These flows work and no others. All are asked at once, since one that is dropped takes two seconds. What should work and did
# not answer is asked again: the first packet over a new bridge may be lost, and a loaded machine is slow.
only() { # FLOWS
        local f try pids got
        others_servers
        rm -f "$W"/flow-*
        for try in $(seq "${TRIES:-6}"); do
                pids=()
                for f in $([ "$try" = 1 ] && echo "$FLOWS" || echo "$1"); do
                        [ ! -e "$W/flow-$f" ] || continue
                        { if flow "$f"; then : > "$W/flow-$f"; fi; } &
                        pids+=($!)
                done
                [ ${#pids[@]} -gt 0 ] || break
                wait "${pids[@]}"
        done
        got=$(for f in $FLOWS; do [ ! -e "$W/flow-$f" ] || echo "$f"; done | xargs)
        echo "$got" > "$W/got"
        [ "$got" = "$1" ] || fail "what works: '$got', not '$1'"
}
works() { only "$FLOWS"; }

# What the journal says from here on
journal_mark() { echo "$EPOCHREALTIME" > "$W/mark"; }
start_ours() {
        journal_mark
        systemctl start vnet.target vnet@net0 vnet@net1
        active vnet@br0 vnet@net0 vnet@net1
        # the namespaces are new ones
        rm -f "$W/servers"
}
stop_ours() { kill_servers; stop_all; }
kill_servers() { pkill -x socat || true; }
restart_ours() { stop_ours; start_ours; }
has_table() { nft list table inet vnet 2> /dev/null | has 8080 || fail 'our table is not there'; }

# The journal of ours names who drops, with the command that helps.
warned() { # CURE
        journalctl -b --no-pager -q -o cat -u 'vnet@*' > "$W/journal"
        grep -F drops "$W/journal" | has -F -- "$1" || fail "no line of ours says 'drops' and '$1'"
}

# What others could change of ours: links, addresses, routes, switches on the host, but for what matches $NOT_COMPARED;
# everything inside.
ours_dump() {
        {
                dump | grep -E '^(br0|vn-)|"dev":"(br0|vn-[^"]*)"|conf/(br0|vn-[^/]*)/' | grep -vE "${NOT_COMPARED:-^\$}"
                at net0 bash -c '. /vt/lib/dump.sh; dump'
                at net1 bash -c '. /vt/lib/dump.sh; dump'
        } || true # as snapshot()
}
untouched() { # FILE, of ours_dump before
        local end=$((SECONDS + 15))
        while :; do
                ours_dump > "$W/ours"
                ! cmp -s "$1" "$W/ours" || return 0
                [ $SECONDS -lt $end ] || break
                sleep .2
        done
        diff -U0 "$1" "$W/ours" | cut -c1-300 | head -n 20 || true
        fail 'somebody changed what is ours'
}
# Rules of somebody else, without what packets change
rules_of() { nft list table "$@" | sed -E 's/packets [0-9]+ bytes [0-9]+//'; } # FAMILY TABLE

# --- containers of docker or podman, known by a process in them ---

# An image with nothing but busybox
busybox_image() { # PROGRAM
        local d=$W/image
        mkdir -p "$d"
        (cd / && ldd bin/busybox | grep -oE '/[^ )]+' | xargs cp --parents -L -t "$d" bin/busybox)
        tar -C "$d" -c . | "$1" import - busybox:1
}
# Its server answers with its process ID
container_serves() { # PID
        listening "$1" -tln 1 80 || serve "$1" tcp 80
        listening outside -tln 1 90 || serve outside tcp 90
}
# Published by the other program; out by its masquerade; and the two of us know each other by published ports alone.
container_works() { # PID PORT
        container_serves "$1"
        answers outside tcp 198.51.100.1 "$2" "$1"
        answers host tcp 198.51.100.1 "$2" "$1"
        answers "$1" tcp 198.51.100.2 90 'outside 198.51.100.1'
}
