#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# diff.sh: what the kernel and the file have otherwise than what is up (vnetctl diff). The site is that of the suite faults, which
# has every kind of operation: nothing is told of it while it is healthy, and one drift of each kind made by hand is.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/faults/site.sh
. "$TOP/tests/faults/site.sh"

# Whatever is up; nothing may be told of it.
healthy() {
        local rc=0
        "$CTL" diff > "$W/out" 2>&1 || rc=$?
        cat "$W/out"
        is "$rc:$(wc -c < "$W/out")" 0:0 "status and output of diff after $*"
}
# What diff says of NAME goes to $W/out, and must be as many lines with "+" and "-" that match as are given.
differs() { # NAME PATTERN…
        local rc=0 name=$1 pattern
        shift
        "$CTL" diff "$name" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/out" "$W/err"
        is $rc 1 "status of diff $name"
        is "$(grep -c '^[-+][a-z]' "$W/out")" $# 'differences'
        for pattern; do grep -qE -- "$pattern" "$W/out" || fail "diff $name does not say /$pattern/"; done
        [ ! -s "$W/err" ] || fail 'something on standard error'
}

# Right after a start, a start again, and reloads to and fro.
all_is_well() { # TARGET
        local name=${NAME_OF[$1]}
        site_before "$1"
        up "$name"
        healthy "up $1"
        up "$name"
        healthy "up $1 again"
        other_file_of "$1"
        reload "$name"
        healthy "reload $1"
        file_of "$1"
        reload "$name"
        healthy "reload $1 back"
        down "$name"
}
case_healthy_namespace() { all_is_well namespace; host_after; }
case_healthy_bridge() { all_is_well bridge; host_after; }
case_healthy_second() { all_is_well second; host_after; }

# One drift: the command, then what is said of it; a reload mends it.
drift() { # COMMAND WORD… -- PATTERN…
        local command=()
        while [ "$1" != -- ]; do command+=("$1") && shift; done
        shift
        echo "--- ${command[*]}"
        "${command[@]}"
        differs "$N" "$@"
        reload "$N"
        healthy "reload after ${command[*]}"
}
start() { # TARGET
        N=${NAME_OF[$1]}
        site_before "$1"
        up "$N"
        healthy "up $1"
}
start_namespace() {
        start namespace
        OUTER=$("$CTL" plan --json=short "$N" | jq -r '.[] | select(.op == "veth" and .peer == "eth0").name')
}
end_namespace() { down "$N"; host_after; }
within() { at "$N" "$@"; }
# A shell line inside, where one command is not enough
within_sh() { at "$N" sh -ec "$1"; }

case_interfaces() {
        start_namespace
        drift ip link set "$OUTER" nomaster -- "^-veth .* peer=eth0 " '^\+veth .* peer=eth0 .*master=lan0.*# .*vnet:[0-9]+: differs in the kernel$' '^\+port .*lost in the kernel'
        drift ip link set "$OUTER" name elsewhere -- '^-veth .*name=elsewhere' "^\+veth .*name=$OUTER"
        drift ip link set "$OUTER" down -- "^\+up .*dev=$OUTER "
        drift within ip link set port0 nomaster -- '^\+master .*dev=port0 .*master=inner.*lost in the kernel'
        drift within ip link del eth3 -- '^\+macvlan .*name=eth3 .*lost in the kernel'
        drift bridge link set dev "$OUTER" hairpin off -- '^-port .*hairpin=no isolated=yes' '^\+port .*hairpin=yes isolated=yes'
        drift ip link property del dev "$OUTER" altname "vnet=$N=eth0" -- "^\+altname .*name=vnet=$N=eth0"
        drift within ip link set eth0 txqueuelen 600 allmulticast off -- '^-link .*queue-length=600 .*all-multicast=no' '^\+link .*queue-length=500 .*all-multicast=yes'
        drift within ip link set lo down -- '^\+up .*dev=lo'
        drift tc qdisc del dev ptp0 root -- '^\+qdisc .*dev=ptp0 rate=10000000 .*lost in the kernel'
        drift tc qdisc del dev ptp0 ingress -- '^\+redirect .*dev=ptp0 to=vi-.*lost in the kernel'
        drift within sysctl -qw net.ipv6.conf.eth0.accept_ra=1 -- '^-inet6 .*dev=eth0 mode=' '^\+inet6 .*dev=eth0 mode=static'
        drift within sysctl -qw net.ipv4.conf.eth0.arp_notify=0 -- '^-inet6 .*not whole in the kernel' '^\+inet6 .*not whole in the kernel'
        # what was on it goes without saying
        drift ip link del "$OUTER" -- '^\+veth .*peer=eth0 .*lost in the kernel'
        end_namespace
}
# No reload mends what somebody changes of the inner end itself: it is told all the same.
case_inner_ends() {
        start_namespace
        within ip link set eth1 mtu 1300
        differs "$N" '^-veth .*mtu=1300' '^\+veth .*peer=eth1 .*mtu=1400'
        within ip link set eth1 mtu 1400
        healthy 'the old MTU'
        within ip link set eth1 address 02:00:00:00:00:77
        differs "$N" '^-veth .*peer-mac=02:00:00:00:00:77' '^\+veth .*peer=eth1'
        reload "$N"
        end_namespace
}
case_addresses_and_routes() {
        start_namespace
        drift within ip addr del 10.9.0.2/30 dev eth1 -- '^\+address .*address=10.9.0.2/30 dev=eth1  # .*: lost in the kernel$'
        drift within ip addr del fd00:9::2/64 dev eth1 -- '^\+address .*address=fd00:9::2/64'
        drift within_sh 'ip addr del fd00:9::2/64 dev eth1; ip addr add fd00:9::2/80 dev eth1 nodad' -- '^-address .*fd00:9::2/80' '^\+address .*fd00:9::2/64'
        drift within_sh 'ip addr del 10.10.0.2 peer 10.10.0.1/32 dev eth2; ip addr add 10.10.0.2/32 dev eth2' -- '^\+address .*10.10.0.2/32 peer=10.10.0.1'
        drift within ip route del 10.9.0.0/30 -- '^-address .*10.9.0.2/30' '^\+address .*10.9.0.2/30.*not whole'
        drift ip addr del 10.9.0.1/30 dev "$("$CTL" plan --json=short "$N" | jq -r '.[] | select(.op == "veth" and .peer == "eth1").name')" -- '^\+address .*10.9.0.1/30'
        drift within ip neigh del 172.18.0.99 dev eth0 -- '^\+neighbor .*172.18.0.99'
        drift within ip neigh replace fd00:18::99 lladdr 02:00:00:00:00:77 dev eth0 -- '^-neighbor .*lladdr=02:00:00:00:00:77' '^\+neighbor .*lladdr=02:00:00:00:00:99'
        drift within ip route replace 10.1.0.0/16 via 172.18.0.98 metric 5 mtu 1300 -- '^-route .*via 172.18.0.98 .*mtu=1300' '^\+route .*via 172.18.0.99 .*mtu=1400'
        drift within ip route replace 10.2.0.0/16 via 172.18.0.98 -- '^-route .*10.2.0.0/16 via 172.18.0.98 ' '^\+route .*10.2.0.0/16 nexthop via'
        drift within ip route replace 10.2.0.0/16 nexthop via 172.18.0.98 weight 3 nexthop via 172.18.0.99 -- '^-route .*weight 3' '^\+route .*weight 2'
        drift within ip route replace throw 10.3.0.0/16 -- '^-route .*to=10.3.0.0/16' '^\+route .*type=blackhole to=10.3.0.0/16'
        drift within ip route del blackhole 10.3.0.0/16 -- '^\+route .*type=blackhole to=10.3.0.0/16'
        drift within ip route del default -- '^\+route .*to=default via 172.18.0.1'
        drift within ip -6 route del default -- '^\+route .*to=default via fd00:18::1'
        drift within ip -6 route del fd00:aa::/64 table 100 -- '^\+route .*to=fd00:aa::/64'
        drift within ip route replace 10.6.0.0/16 via 172.18.0.99 dev eth0 -- '^-route .*to=10.6.0.0/16' '^\+route .*to=10.6.0.0/16.*src=172.18.0.10'
        drift within ip rule del from 172.18.0.10 table 100 -- '^\+rule .*from=172.18.0.10'
        drift within ip rule del priority 501 -- '^\+rule .*not=yes .*ipproto=tcp sport=1000 sport-last=2000 dport=443 dport-last=444 uid=1000 uid-last=2000 table=100'
        local other
        for other in 's/^not //' 's/ oif eth0//' s/tcp/udp/ s/-2000/-2001/ 's/sport 1000/sport 999/' 's/ dport 443//' s/443/443-444/ 's/uidrange 1000/uidrange 0/' \
                's/ uidrange [^ ]*//' s/prefixlength.1/prefixlength\ 0/ 's/ suppress.*//'; do
                drift other_rule "$other" -- '^\+rule .*not=yes .*ipproto=tcp'
        done
        drift within ip -6 rule del priority 500 -- '^\+rule .*fwmark=0x1'
        end_namespace
}
# One with the same priority that is another one in one word
other_rule() { # SED
        local rule='not to 10.5.0.0/16 oif eth0 ipproto tcp sport 1000-2000 dport 443 uidrange 1000-2000 table 100 suppress_prefixlength 1'
        while within ip rule del priority 501 2> /dev/null; do :; done # what was mended stands beside the other one
        # shellcheck disable=SC2046 # words
        within ip rule add $(sed "$1" <<< "$rule") priority 501
}
file_is_gone() { rm /run/sysctl.d/10-vnet-ptp0.conf; }
file_is_changed() { sed -i 's/rp_filter=.*/rp_filter=1/' "/run/sysctl.d/10-vnet-$1.conf"; }
renew_element() { nft "delete element inet vnet publish4 { tcp . 8080 }; add element inet vnet publish4 { tcp . 8080 comment \"$N\" : 172.18.0.10 . 81 }"; }
case_the_rest() {
        start_namespace
        drift within sysctl -qw net.ipv4.ip_default_ttl=64 -- '^-sysctl .*value=64' '^\+sysctl .*value=77'
        drift file_is_gone -- '^\+sysctl-file .*dev=ptp0'
        drift nft delete element inet vnet publish4 '{ tcp . 8080 }' -- '^\+element .*set=publish4 .*port=8080'
        drift renew_element -- '^-element .*port=8080 .*to-port=81' '^\+element .*port=8080 .*to-port=80'
        drift sysctl -qw net.ipv4.ip_forward=0 -- '^-forwarding .*families=ipv6' '^\+forwarding .*families=both'
        drift sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 -- '^\+forwarding .*families=both'
        nft delete table inet vnet
        "$CTL" diff "$N" > "$W/out" && fail 'the table is gone'
        grep -q '^+table' "$W/out"
        reload "$N"
        healthy 'the table is back'
        # the namespace's name, and with it all that is inside
        umount "/run/netns/$N"
        eventually gone ip link show "$OUTER"
        differs "$N" '^\+netns .*name=' '^\+veth .*eth0' '^\+veth .*eth1' '^\+veth .*eth2' '^\+veth .*port0'
        has "'systemctl restart vnet@$N' makes it so" "$W/out"
        up "$N"
        healthy 'made again'
        end_namespace
}
case_bridge() {
        local bridge
        start bridge
        bridge=$(sed -n 's/^op bridge name=\([^ ]*\).*/\1/p' "/run/vnet/state/$N")
        drift ip link set "$bridge" type bridge ageing_time 7000 -- '^-bridge-set .*ageing-time=7000' '^\+bridge-set .*ageing-time=6000'
        drift ip link set "$bridge" mtu 1400 -- '^-link .*mtu=1400' '^\+link .*mtu=1450'
        drift ip addr del 172.20.0.1/16 dev "$bridge" -- '^\+address .*172.20.0.1/16'
        drift ip link set upl0 nomaster -- '^\+uplink .*dev=upl0'
        drift sysctl -qw net.ipv6.conf.up0.proxy_ndp=0 -- '^\+proxy-ndp .*dev=up0'
        ip link del "$bridge"
        differs "$N" "^\+bridge .*name=$bridge "
        up "$N"
        healthy 'made again'
        down "$N"
        ip link del upl0
        ip link del upl1
}
case_proxies() {
        start second
        drift ip -6 neigh del proxy fd00:21::10 dev up0 -- '^\+proxy .*fd00:21::10'
        down "$N"
        host_after
}

start_site() {
        site IPMasquerade=both PublishPort=8080:80
        ups br0 net0
        healthy 'up br0 and net0' # and net1, which is not up, is no difference
        N=net0
}
says() { # STATUS PATTERN ARG…
        local rc=0 status=$1 pattern=$2
        shift 2
        "$CTL" diff "$@" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/out" "$W/err"
        is $rc "$status" "status of diff $*"
        has -E -e "$pattern" "$W/err"
}

# The kernel writes what it was told in its own way, and Sysctl= has the last word where an interface has a mode.
case_sysctls() {
        site IPMasquerade=both "$(printf 'Sysctl=%s\n' 'net.ipv4.ping_group_range=0 100' net.ipv4.ip_local_reserved_ports=8082,8080,8081,9000-9002,9003 \
                net.ipv4.ip_default_ttl=0x40 net.ipv4.neigh.eth0.base_reachable_time_ms=30001 net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.eth0.ndisc_notify=0 \
                net.ipv4.conf.eth0.arp_notify=0 net.ipv4.route.flush=1)"
        ups br0 net0
        healthy 'up with sysctls'
        reload net0
        healthy 'reload with sysctls'
        N=net0
        drift at net0 sysctl -qw net.ipv4.ip_local_reserved_ports=8080-8082,9000-9002 -- '^-sysctl .*value=8080-8082,9000-9002' '^\+sysctl .*value=8082,'
        drift at net0 sysctl -qw 'net.ipv4.ping_group_range=0 101' -- '^-sysctl .*value=0.*101' '^\+sysctl .*100'
        drift at net0 sysctl -qw net.ipv4.neigh.eth0.base_reachable_time_ms=31000 -- '^-sysctl .*31000' '^\+sysctl .*30001'
        drift at net0 sysctl -qw net.ipv6.conf.eth0.accept_ra=1 -- '^-sysctl .*value=1' '^\+sysctl .*value=2'
}

# What the file wants otherwise: "+" is what a reload would put, "-" what it would take.
case_files() {
        start_site
        sed -i 's/8080:80/8081:80/' /etc/vnet/net0.vnet
        differs net0 '^\+element .*set=publish4 .*port=8081 .*: file changed$' '^-element .*set=publish4 .*port=8080 .*  # file changed$' \
                '^\+element .*set=publish6 .*port=8081' '^-element .*set=publish6 .*port=8080'
        has "'systemctl reload vnet@net0' makes it so" "$W/out"
        # what is to go and has gone is no difference
        nft delete element inet vnet publish4 '{ tcp . 8080 }'
        differs net0 '^\+element .*set=publish4 .*port=8081' '^\+element .*set=publish6 .*port=8081' '^-element .*set=publish6 .*port=8080'
        reload net0
        healthy 'reload of the port'
        # one overwrites the other: both stand together
        printf 'Neighbor=172.18.0.99 lladdr 02:00:00:00:00:99\n' >> /etc/vnet/net0.vnet
        reload net0
        sed -i 's/:99$/:98/' /etc/vnet/net0.vnet
        differs net0 '^-neighbor .*:99 .*  # file changed' '^\+neighbor .*:98 .*: file changed$'
        holds 'length == 1 and .[0].what == "differs" and .[0].cause == "file" and (.[0].have | test(":99 ")) and (.[0].want | test(":98 "))' json net0
        reload net0
        # not every change can be made while it is up
        sed -i 's/^Bridge=br0/&\nHostName=other/' /etc/vnet/net0.vnet
        "$CTL" diff net0 > "$W/out" || true
        has "'systemctl restart vnet@net0' makes it so" "$W/out"
        sed -i '/^HostName/d' /etc/vnet/net0.vnet
        healthy 'the file as it was'
        # a file with an error, and none: what was made is looked at all the same
        sed -i 's/^Bridge=br0/&\nAddress=x/' /etc/vnet/net0.vnet
        ip link set vn-net0 nomaster
        says 1 "net0.vnet:[0-9]+: Address: 'x'" net0
        is "$(grep -c '^[-+]veth' "$W/out")" 2
        rm /etc/vnet/net0.vnet
        says 1 'net0 is up, but has no file any more' net0
        is "$(grep -c '^[-+]veth' "$W/out")" 2
}

json() { "$CTL" diff --json=short "$@" || [ $? = 1 ]; }
case_json() {
        start_site
        holds '. == []' json
        ip link set vn-net0 nomaster
        at net0 ip addr del 172.18.0.10/16 dev eth0
        ip addr del 172.18.0.1/16 dev br0
        json net0 br0 > "$W/all"
        jq . "$W/all"
        jq -e 'map(keys) | unique == [["cause", "file", "have", "line", "network", "object", "want", "what"]]' "$W/all"
        jq -e '[.[] | select(.object == "address 172.18.0.10/16 on eth0")] == [{"network": "net0", "object": "address 172.18.0.10/16 on eth0",
                "what": "missing", "cause": "kernel", "have": null, "want": "address in net0 address=172.18.0.10/16 dev=eth0", "file": "/etc/vnet/net0.vnet", "line": 5}]' "$W/all"
        jq -e '.[] | select(.network == "net0" and .what == "differs") | (.have | test("^veth name=vn-net0")) and (.want | test("master=br0"))' "$W/all"
        jq -e 'map(.network) | unique == ["br0", "net0"]' "$W/all"
        jq -e 'map(select(.network == "br0")) | map(.object) == ["address 172.18.0.1/16 on br0"]' "$W/all"
}

# Others may add what they like, to an interface of ours too.
case_additions() {
        start_site
        at net0 ip addr add 172.18.0.77/16 dev eth0
        at net0 ip route add 10.77.0.0/16 via 172.18.0.1
        at net0 ip rule add from 172.18.0.77 table 77
        at net0 ip link add dummy0 type bridge
        ip link property add dev vn-net0 altname another
        ip addr add 172.18.0.78/16 dev br0
        nft add table inet other
        nft add element inet vnet leave '{ "whoever" : accept }'
        healthy 'what others added'
        nft delete element inet vnet leave '{ "whoever" }'
        nft delete table inet other
}

# The exit status alone, for those who watch
quiet() { # STATUS ARGUMENT…
        local rc=0 wanted=$1
        shift
        "${AS[@]}" "$CTL" diff "$@" > "$W/out" 2> "$W/err" || rc=$?
        cat "$W/out" "$W/err"
        is "$rc $(cat "$W/out" "$W/err" | wc -c)" "$wanted 0" "status and output of diff $*"
}
case_quiet() {
        local AS=()
        start_site
        quiet 0 -q net0
        quiet 0 --quiet
        quiet 0 -q --all
        AS=(setpriv --reuid 65534 --regid 65534 --clear-groups)
        quiet 3 -q net0
        AS=()
        ip link set vn-net0 nomaster
        quiet 1 -q net0
        quiet 1 net0 br0 -q
        quiet 1 -q --all
        quiet 0 -q br0
        AS=(setpriv --reuid 65534 --regid 65534 --clear-groups)
        quiet 1 -q net0
        AS=()
        quiet 4 -q nosuch
        quiet 4 -q net0 nosuch
        quiet 1 -q net1
        "$CTL" diff --all > "$W/all" || true
        "$CTL" diff > "$W/out" || true
        has '^+master\|^-veth\|^+veth' "$W/all"
        diff "$W/all" "$W/out"
        # what does not go together is said all the same
        says 2 '--all and names cannot be used together' --all net0
        says 2 '--json and --quiet cannot be used together' -q --json=short net0
        reload net0
        quiet 0 -q --all
        # the file changed
        echo 'Route=10.9.0.0/16 via 172.18.0.99' >> /etc/vnet/net0.vnet
        quiet 1 -q --all
        rm /etc/vnet/net0.vnet
        quiet 1 -q net0
        # check
        printf '[Namespace]\nNmae=x\n' > /etc/vnet/odd.vnet
        local rc=0
        "$CTL" check -q > "$W/out" 2>&1 || rc=$?
        is "$rc $(wc -c < "$W/out")" '0 0'
        printf '[Namespace]\nName=a/b\n' > /etc/vnet/odd.vnet
        "$CTL" check -q > "$W/out" 2>&1 || rc=$?
        is "$rc $(wc -c < "$W/out")" '1 0'
        rc=0
        "$CTL" list -q > "$W/out" 2>&1 || rc=$?
        is "$rc $(cat "$W/out")" "2 vnetctl: --quiet is not for 'list'"
        "$CTL" -h | has -- '-q, --quiet'
}

case_who_asks() {
        start_site
        as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$CTL" diff 2> "$W/err"; }
        as_nobody > "$W/out" || fail "$(cat "$W/out" "$W/err")"
        grep -qx 'vnetctl: not looked into (needs root): namespaces, nftables' "$W/err"
        ip link set vn-net0 nomaster
        at net0 ip addr del 172.18.0.10/16 dev eth0
        as_nobody > "$W/out" && fail 'the port has left its bridge'
        cat "$W/out"
        has '^-veth' "$W/out"
        gone grep address "$W/out"
        # names
        says 4 'nosuch' nosuch
        says 4 'nosuch' net0 nosuch br0
        says 1 "net1 is not up" net1
        says 2 "'../x' is not a valid name" ../x
        says 2 '--root is not for' --root=/
        sed -i '/^stage/d' /run/vnet/state/net0
        says 1 "net0 is being changed, or was interrupted" net0
        echo 'stage complete' >> /run/vnet/state/net0
        reload net0
        # nothing is written
        find /run/vnet /run/sysctl.d -type f -exec sha256sum {} + | sort > "$W/files"
        ip link set vn-net0 nomaster
        "$CTL" diff > /dev/null || true
        find /run/vnet /run/sysctl.d -type f -exec sha256sum {} + | sort | diff "$W/files" -
}

run_cases "$@"
