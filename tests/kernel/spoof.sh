#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# spoof.sh: AntiSpoof=. Frames are forged by hand (tests/lib/forge.py) and a neighbour on the same bridge listens. Behind each frame
# comes one that may pass: once that has arrived, what was sent before has arrived too or never will.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
FORGE=$TOP/tests/lib/forge.py

# net0 is held, its neighbour net1 is not
held_site() { # [LINES-OF-THE-LINK]
        site IPMasquerade=both PublishPort=8080:80
        printf '%s\n' AntiSpoof=yes "${1-}" >> /etc/vnet/net0.vnet
}
listen() { # WHERE IFNAME: what arrives there is in $W/heard
        rm -f "$W/heard"
        background "$1" "$FORGE" hear "$2" "$W/heard"
        eventually has ready "$W/heard"
}
# Sends from eth0 of WHERE, whose addresses end in .10, in the name of .11; of each kind "KIND NUMBER" is in $W/sent
forge() { # WHERE [KIND...]
        at "$1" "$FORGE" send eth0 172.18.0.10 fd00:18::10 172.18.0.11 fd00:18::11 "${@:2}" own-ipv4 > "$W/sent"
        eventually has "$(tail -n 1 "$W/sent" | cut -d' ' -f2)" "$W/heard"
}
passed() { while read -r kind number; do if has "$number" "$W/heard"; then echo "$kind"; fi; done < "$W/sent" | sort -u; }
GOOD=(own-ipv4 own-ipv6 own-local own-arp own-arp-answer own-arp-probe own-advertisement own-local-advertisement own-question own-dad own-report)
BAD=(mac mac-ipv6 mac-arp ipv4 ipv4-none ipv6 ipv6-none local arp arp-answer arp-mac arp-probe advertisement local-advertisement
        hidden-advertisement foreign-advertisement dad router tag forged-tag two-tags other-protocol)
good_alone() { # WHERE
        forge "$1" "${GOOD[@]}" "${BAD[@]}"
        is "$(passed | xargs)" "$(printf '%s\n' "${GOOD[@]}" | sort | xargs)" "what passes from $1"
}
all_of_it() { # WHERE
        forge "$1" "${GOOD[@]}" "${BAD[@]}"
        is "$(passed | xargs)" "$(printf '%s\n' "${GOOD[@]}" "${BAD[@]}" | sort | xargs)" "what passes from $1"
}

case_forged() {
        held_site
        ups br0 net0 net1
        listen net1 eth0
        good_alone net0
        # the caches of the neighbours know nothing of it
        is "$(at net1 ip neigh show lladdr 02:00:00:00:ee:01)$(ip neigh show lladdr 02:00:00:00:ee:01)" '' 'neighbours with a forged address'
        # and all of it passes where nobody asked
        sed -i /AntiSpoof/d /etc/vnet/net0.vnet
        reload net0
        gone nft list table bridge vnet
        all_of_it net0
}

case_traffic() {
        held_site
        ups br0 net0 net1
        outside_knows
        serve net0 tcp 80
        serve net1 tcp 80
        serve outside udp 80
        reaches net0 172.18.0.1 172.18.0.11 fd00:18::1 fd00:18::11 198.51.100.2 2001:db8::2
        reaches net1 172.18.0.10 fd00:18::10
        reaches net1 "$(at net0 ip -6 -o addr show dev eth0 scope link | awk '{ sub("/.*", "", $4); print $4 "%eth0" }')"
        answers outside tcp 198.51.100.1 8080 net0
        answers outside tcp 2001:db8::1 8080 net0
        answers net0 tcp 198.51.100.1 8080 net0
        answers net0 tcp 172.18.0.11 80 net1
        answers net0 udp 198.51.100.2 80 outside
}

# What the kernel asks at the start, with duplicate address detection, and a link with addresses of its own choice
case_dad() {
        held_site "$(printf 'DuplicateAddressDetection=yes\nMACAddress=02:00:00:00:bb:01\nAddress=fe80::b/64\nAddress=10.77.0.1/32')"
        ups br0 net0 net1
        reaches net0 fd00:18::11 172.18.0.11
        listen net1 eth0
        forge net0 own-dad ipv6 own-local
        is "$(passed | xargs)" 'own-dad own-ipv4 own-local'
        at net1 ip route add 10.77.0.1 via 172.18.0.10
        at net1 ping -c1 -q 10.77.0.1 > /dev/null
        has '"vn-net0" . 02:00:00:00:bb:01' < <(nft list set bridge vnet port_mac)
}

# One family: no link-local address of the other
case_one_family() {
        site4
        echo AntiSpoof=yes >> /etc/vnet/net0.vnet
        ups br0 net0 net1
        gone grep vn-net0 < <(nft list set bridge vnet port6)
        reaches net0 172.18.0.11
        listen net1 eth0
        forge net0 own-local own-ipv6 own-report own-arp
        is "$(passed | xargs)" 'own-arp own-ipv4 own-report'
}

# Somebody else's bridge, with ports of theirs: which are left alone, whatever they send.
case_foreign_bridge() {
        ip link add lan0 type bridge
        ip link set lan0 addrgenmode none
        ip addr add 172.18.0.1/16 dev lan0
        ip addr add fd00:18::1/64 dev lan0 nodad
        ip link set lan0 up
        ip netns add theirs
        ip link add their0 type veth peer name eth0 netns theirs
        ip link set their0 master lan0 addrgenmode none up
        at theirs ip link set eth0 addrgenmode none up
        snapshot "$W/start"
        printf '%s\n' '[Namespace]' '[Link]' Bridge=lan0 Address=172.18.0.10/16 Address=fd00:18::10/64 AntiSpoof=yes | file net0
        printf '%s\n' '[Namespace]' '[Link]' Bridge=lan0 Address=172.18.0.11/16 Address=fd00:18::11/64 | file net1
        ups net0 net1
        reaches net0 172.18.0.1 fd00:18::11
        listen net1 eth0
        good_alone net0
        all_of_it theirs
        # of the host's own tables only this one
        is "$(nft list tables)" 'table bridge vnet'
        downs net0
        is "$(nft list tables)" ''
        downs net1
        ip link del their0 # the kernel takes its time for a namespace
        ip netns del theirs
        ip link del lan0
        snapshot "$W/start"
}

# Others' chains decide after it, and their verdict holds.
case_foreign_chain() {
        held_site
        ups br0 net0 net1
        nft -f - <<'N'
table bridge theirs {
        chain forward {
                type filter hook forward priority 0;
                ether type ip ip saddr 172.18.0.10 drop
        }
}
N
        cut_off net0 172.18.0.11
        nft delete table bridge theirs
        reaches net0 172.18.0.11
}

case_br_netfilter() {
        br_netfilter 1
        held_site
        ups br0 net0 net1
        listen net1 eth0
        good_alone net0
        reaches net0 172.18.0.11 198.51.100.2
}

# Made by the first, removed by the last, and each has its own
case_shared() {
        local n
        site
        for n in net0 net1; do echo AntiSpoof=yes >> /etc/vnet/$n.vnet; done
        ups br0 net0 net1
        has vn-net0 < <(nft list set bridge vnet held)
        has vn-net1 < <(nft list set bridge vnet held)
        has '"vn-net1" . 172.18.0.11 comment "net1"' < <(nft list set bridge vnet port4)
        listen net1 eth0
        good_alone net0
        downs net0
        gone grep net0 < <(nft list table bridge vnet)
        has vn-net1 < <(nft list set bridge vnet held)
        up net0
        listen net1 eth0
        good_alone net0
        downs net0 net1
        gone nft list table bridge vnet
        nft list table inet vnet > /dev/null
}

# Live, with a conversation that goes on
case_reload() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0 net1
        serve net1 tcp 80
        answers net0 tcp 172.18.0.11 80 net1
        sleeper_in net0
        echo AntiSpoof=yes >> /etc/vnet/net0.vnet
        reload net0
        listen net1 eth0
        good_alone net0
        sed -i 's/172.18.0.10/172.18.0.12/; s/18::10/18::12/' /etc/vnet/net0.vnet
        reload net0
        at net0 "$FORGE" send eth0 172.18.0.12 fd00:18::12 172.18.0.10 fd00:18::10 ipv4 ipv6 advertisement own-ipv4 > "$W/sent"
        eventually has "$(tail -n 1 "$W/sent" | cut -d' ' -f2)" "$W/heard"
        is "$(passed | xargs)" own-ipv4
        sed -i /AntiSpoof/d /etc/vnet/net0.vnet
        reload net0
        gone nft list table bridge vnet
        kill -0 "$SLEEPER"
        is_in "$SLEEPER" net0
}

# --- what others do to the table ---

flushed() { # COMMAND…
        held_site
        ups br0 net0 net1
        nft -s list ruleset > "$W/rules"
        "$@"
        gone nft list table bridge vnet
        "$HELPER" restore
        nft -s list ruleset | diff "$W/rules" -
        listen net1 eth0
        good_alone net0
}
case_flush_and_restore() { flushed nft flush ruleset; }
case_delete_and_restore() { flushed nft delete table bridge vnet; }
case_flush_and_stop() {
        held_site
        ups br0 net0 net1
        nft flush ruleset
        downs net0
        gone nft list table bridge vnet
        up net0
        listen net1 eth0
        good_alone net0
}
# Other elements are added where the table of ports went alone
case_flush_and_start() {
        held_site
        printf '%s\n' AntiSpoof=yes >> /etc/vnet/net1.vnet
        ups br0 net0
        nft delete table bridge vnet
        up net1
        has vn-net1 < <(nft list set bridge vnet held)
        has 172.18.0.10 < <(nft list map inet vnet publish4)
        "$HELPER" restore
        listen net1 eth0
        good_alone net0
}
case_saved_and_loaded() {
        held_site
        ups br0 net0 net1
        nft list ruleset > "$W/saved"
        nft flush ruleset
        nft -f "$W/saved"
        nft list ruleset | diff "$W/saved" -
        listen net1 eth0
        good_alone net0
        downs net0
        gone nft list table bridge vnet
}
# A table that another version made is made anew for the next one.
case_older_table() {
        held_site
        printf '%s\n' AntiSpoof=yes >> /etc/vnet/net1.vnet
        ups br0 net0
        nft -s list table bridge vnet | sed 's/shape_[0-9a-f]*/shape_0/; /8021/d' > "$W/table"
        nft delete table bridge vnet
        nft -f "$W/table"
        up net1
        has '8021q' < <(nft list table bridge vnet)
        has vn-net0 < <(nft list set bridge vnet held)
        has vn-net1 < <(nft list set bridge vnet held)
}
case_drift() {
        held_site
        ups br0 net0 net1
        "$CTL" diff net0
        nft delete element bridge vnet port4 '{ "vn-net0" . 172.18.0.10 }'
        "$CTL" diff net0 > "$W/diff" && fail 'no difference'
        has '^\+element .*set=port4 .*host=172.18.0.10' "$W/diff"
        cut_off net0 172.18.0.11
        up net0
        reaches net0 172.18.0.11
        nft delete table bridge vnet
        "$CTL" diff net0 > "$W/diff" && fail 'no difference'
        has '^\+table ' "$W/diff"
        up net0
        "$CTL" diff net0
        listen net1 eth0
        good_alone net0
}
# Records that are lost, and what is left over
case_gc() {
        held_site
        ups br0 net0 net1
        rm /run/vnet/state/net0
        "$CTL" gc > "$W/out"
        gone nft list table bridge vnet
        up net0
        listen net1 eth0
        good_alone net0
}
# Killed at whatever moment: tests/faults does that. Here what is left is found again.
case_process_inside() {
        held_site
        ups br0 net0 net1
        sleeper_in net0
        down net0 2> "$W/err" || true
        gone nft list table bridge vnet
        kill "$SLEEPER"
}

case_plan() {
        held_site
        "$CTL" plan net0 > "$W/plan"
        has '^table *family=bridge' "$W/plan"
        has '^element *set=held iif=vn-net0' "$W/plan"
        "$CTL" plan --format=shell net0 > "$W/shell"
        sh -n "$W/shell"
        has 'add rule bridge vnet spoof drop' "$W/shell"
}

run_cases "$@"
