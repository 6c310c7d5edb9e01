#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rates.sh: RateIn= and RateOut=: what of them is in the kernel, that root inside cannot lift them, what changes while the network is up, and
# that nothing stays. How exact they are is measured by tools/bench, as a loaded machine says nothing of that.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

site() { # LINES of the link
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\n' | file br0
        rated "$@"
}
rated() { printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n%s\n' "$1" | file net0; }
bucket() { # [NAMESPACE] IF: "RATE BURST" in bytes, or nothing
        local tc=(tc)
        [ $# -eq 1 ] || { tc=(at "$1" tc); shift; }
        "${tc[@]}" -j qdisc show dev "$1" root | jq -r '.[] | select(.kind == "tbf").options | "\(.rate) \(.burst)"'
}
# tc(8) reckons back from times, and loses some bytes.
bucket_is() { # RATE BURST [NAMESPACE] IF
        local rate burst
        read -r rate burst < <(bucket "${@:3}") || fail "no bucket on ${*: -1}"
        is "$rate" "$1" "rate of ${*: -1}"
        if [ "$burst" -gt "$2" ] || [ "$burst" -lt $(($2 * 99 / 100)) ]; then fail "burst of ${*: -1} is $burst and not $2"; fi
}
leads_to() { tc -j filter show dev "$1" ingress | jq -r '.[].options.actions[]?.to_dev'; } # IF
mark_of() { ip -j link show dev "$1" | jq -r '.[0].altnames | join(" ")'; }

case_both() {
        site $'RateIn=100M\nRateOut=8M burst 64K'
        ups br0 net0
        bucket_is 12500000 16384 vn-net0
        bucket_is 1000000 65536 vi-net0
        is "$(leads_to vn-net0)" vi-net0 'way of what comes in'
        is "$(mark_of vi-net0)" vnet=net0=eth0=out mark
        is "$(ip -6 addr show dev vi-net0)" '' 'addresses of vi-net0'
        reaches net0 172.18.0.1 fd00:18::1
        reaches host 172.18.0.10 fd00:18::10
        [ "$(ip -j -s link show dev vi-net0 | jq '.[0].stats64.tx.packets')" -gt 0 ] || fail 'nothing went through vi-net0'
        reload net0
        "$CTL" diff net0
        downs net0 br0
}

# No faster than it may: what is sent is more than a burst, so that the least time follows whatever the machine has to do. It is that of
# a rate a tenth higher, after a burst.
takes() { # MILLISECONDS FROM TO ADDRESS [BYTES]
        local start end
        background "$3" socat -u "TCP6-LISTEN:7000,ipv6only=0,reuseaddr" OPEN:/dev/null
        eventually listening "$3" -tln 1 7000
        start=${EPOCHREALTIME/./}
        at "$2" sh -c "head -c ${5:-300000} /dev/zero | timeout 60 socat -t 30 - TCP:$4:7000" || fail "$2 cannot send to $4"
        end=${EPOCHREALTIME/./}
        echo "$2 to $4: $(((end - start) / 1000)) ms"
        [ $(((end - start) / 1000)) -ge "$1" ] || fail "$2 sends to $4 in $(((end - start) / 1000)) ms"
}
case_slow() {
        site $'RateIn=1M\nRateOut=1M'
        ups br0 net0
        takes 2050 host net0 172.18.0.10
        takes 2050 host net0 '[fd00:18::10]'
        takes 2050 net0 host 172.18.0.1
        # whatever root does there
        gone at net0 tc qdisc del dev eth0 root
        gone at net0 tc qdisc del dev eth0 ingress
        at net0 tc qdisc add dev eth0 root pfifo
        takes 2050 net0 host '[fd00:18::1]'
        downs net0 br0
}
# What a second carries, in segments that the sender leaves to the interface to cut
case_within_a_tenth() {
        local rate bytes
        site ''
        ups br0 net0
        for rate in 10M:1250000 100M:12500000 1G:125000000; do
                bytes=${rate#*:} rate=${rate%:*}
                rated "RateIn=$rate"$'\n'"RateOut=$rate"
                reload net0
                takes 890 host net0 172.18.0.10 "$bytes"
                takes 890 net0 host 172.18.0.1 "$bytes"
        done
        takes 890 host net0 '[fd00:18::10]' "$bytes"
        takes 890 net0 host '[fd00:18::1]' "$bytes"
        downs net0 br0
}
# Bursts are bounded by the MTU from below, and whole packets pass.
case_whole_packets() {
        site $'MTUBytes=9000\nRateIn=1M burst 9014\nRateOut=1M burst 9014'
        printf '[Bridge]\nAddress=172.18.0.1/16\nMTUBytes=9000\n' | file br0
        ups br0 net0
        at net0 ping -c 1 -W 5 -M "do" -s 8972 172.18.0.1 || fail 'a packet of 9000 bytes'
        downs net0 br0
        site $'RateIn=1M burst 9013'
        printf '[Bridge]\nAddress=172.18.0.1/16\nMTUBytes=9000\n' | file br0
        refused up net0 'net0.vnet:6: RateIn: the burst of 9013 bytes holds no whole packet: with an MTU of 9000 it has to be 9014 or more'
        # somebody else's bridge, of which only the kernel knows the MTU
        ip link add lan0 mtu 4000 type bridge
        printf '[Namespace]\n[Link]\nBridge=lan0\nRateOut=1M burst 3K\n' | file net0
        refused up net0 'net0.vnet:4: RateOut: the burst of 3072 bytes .* MTU of 4000'
        printf '[Namespace]\n[Link]\nBridge=lan0\nRateIn=8M\nMTUBytes=65535\n' | file net0
        up net0
        bucket_is 1000000 65549 vn-net0
        down net0
        ip link del lan0
}
case_restarts() {
        local i
        site $'RateIn=100M\nRateOut=100M'
        ups br0 net0
        background net0 sleep 300
        for ((i = 0; i < 20; i++)); do
                down net0 2> "$W/err"
                up net0
        done
        reaches net0 172.18.0.1 fd00:18::1
        downs net0 br0
}
case_reload() {
        local before pid
        site ''
        ups br0 net0
        is "$(bucket vn-net0)" '' 'bucket without a rate'
        sleeper_in net0
        pid=$SLEEPER
        rated $'RateIn=10M\nRateOut=20M'
        "$CTL" diff net0 > "$W/out" || true
        if grep restart "$W/out"; then fail 'a restart is needed'; fi
        reload net0
        bucket_is 1250000 16384 vn-net0
        bucket_is 2500000 16384 vi-net0
        is "$(leads_to vn-net0)" vi-net0 'way of what comes in'
        reaches net0 172.18.0.1 fd00:18::1
        before=$(ip -j link show dev vi-net0 | jq '.[0].ifindex')$(tc -j qdisc show dev vn-net0 root | jq -r '.[0].handle')
        rated $'RateIn=2.5G\nRateOut=40G burst 2M'
        reload net0
        bucket_is 312500000 312500 vn-net0
        bucket_is 5000000000 2097152 vi-net0
        is "$(ip -j link show dev vi-net0 | jq '.[0].ifindex')$(tc -j qdisc show dev vn-net0 root | jq -r '.[0].handle')" "$before" \
                'interface and bucket that are changed in place'
        "$CTL" diff net0
        rated RateOut=20M
        reload net0
        is "$(bucket vn-net0)" '' 'bucket that was taken away'
        reaches net0 172.18.0.1
        rated ''
        reload net0
        gone ip link show dev vi-net0
        is "$(tc qdisc show dev vn-net0 ingress)" '' 'ingress that was taken away'
        reaches net0 172.18.0.1 fd00:18::1
        is_in "$pid" net0 || fail 'the namespace was made anew'
        kill "$pid"
        wait "$pid" || true
        downs net0 br0
}
# A part of it cannot be made: all of it is taken back.
case_reload_refused() {
        site ''
        ups br0 net0
        ip link add vi-net0 type bridge
        rated $'RateIn=10M\nRateOut=20M'
        refused reload net0 'net0.vnet:7: interface vi-net0: an interface of this name already exists'
        is "$(bucket vn-net0)" '' 'bucket after a failure'
        is "$(tc qdisc show dev vn-net0 ingress)" '' 'ingress after a failure'
        ip link del vi-net0
        reload net0
        bucket_is 2500000 16384 vi-net0
        downs net0 br0
}
mended() { # PATTERN COMMAND…
        echo "--- ${*:2}"
        "${@:2}"
        if "$CTL" diff net0 > "$W/out" 2>&1; then fail "diff sees nothing of: ${*:2}"; fi
        cat "$W/out"
        has "$1" "$W/out"
        reload net0
        "$CTL" diff net0 || fail "not mended: ${*:2}"
        reaches net0 172.18.0.1 fd00:18::1
}
case_repair() {
        site $'RateIn=10M\nRateOut=20M'
        ups br0 net0
        mended '^-qdisc .*rate=5000000 ' tc qdisc replace dev vn-net0 root tbf rate 5Mbit burst 16384 limit 78884
        mended '^-qdisc .*burst=8192 ' tc qdisc replace dev vi-net0 root tbf rate 20Mbit burst 8192 limit 141384
        mended '^\+qdisc .*dev=vn-net0 .*not whole' tc qdisc replace dev vn-net0 root tbf rate 10Mbit burst 16384 limit 78884 peakrate 20Mbit mtu 2000
        mended '^\+qdisc .*dev=vn-net0 .*lost in the kernel' tc qdisc replace dev vn-net0 root pfifo
        mended '^\+qdisc .*dev=vi-net0 .*lost in the kernel' tc qdisc del dev vi-net0 root
        mended '^\+redirect .*dev=vn-net0 to=vi-net0 .*lost in the kernel' tc qdisc del dev vn-net0 ingress
        mended '^\+redirect .*lost in the kernel' tc filter del dev vn-net0 ingress
        mended '^-redirect .*to=up0' tc filter replace dev vn-net0 parent ffff: protocol all prio 1 handle 800::800 u32 match u32 0 0 action mirred egress redirect dev up0
        mended '^\+up .*dev=vi-net0' ip link set vi-net0 down
        mended '^\+ifb .*name=vi-net0 .*lost in the kernel' ip link del vi-net0
        bucket_is 1250000 16384 vn-net0
        bucket_is 2500000 16384 vi-net0
        is "$(leads_to vn-net0)" vi-net0 'way of what comes in'
        downs net0 br0
}
# Neither the record nor the namespace is needed to find what is left.
case_lost() {
        site $'RateIn=10M\nRateOut=20M'
        ups br0 net0
        sleeper_in net0
        ip netns del net0
        down net0 2> "$W/err"
        gone ip link show dev vi-net0
        kill "$SLEEPER"
        wait "$SLEEPER" || true
        up net0
        rm /run/vnet/state/net0
        "$CTL" gc
        gone ip link show dev vi-net0
        gone ip link show dev vn-net0
        down br0
}
case_names() {
        local long=a-rather-long-name.of-a-namespace ifb
        printf '[Namespace]\n[Link]\nHostName=port0\nRateOut=1M\n[Link]\nRateOut=2M\n[Link]\nName=x\n' | file $long
        up $long
        is "$(ip -j -d link show type ifb | jq -r '[.[].altnames[]] | sort | join(" ")')" "vnet=$long=eth0=out vnet=$long=eth1=out" marks
        for ifb in $(ip -j link show type ifb | jq -r '.[].ifname'); do [ ${#ifb} -eq 15 ] || fail "name $ifb"; done
        "$CTL" diff $long
        down $long
}
# Without an outer end on the host: inside, and a reload sets it again.
case_inside() {
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.50/24\nRateOut=1M\n[Link]\nName=inner\nKind=bridge\nRateOut=3M\n' | file net0
        up net0
        bucket_is 125000 16384 net0 eth0
        bucket_is 375000 16384 net0 inner
        takes 2050 net0 outside 198.51.100.2
        at net0 tc qdisc del dev eth0 root
        if "$CTL" diff net0; then fail 'diff sees nothing'; fi
        reload net0
        bucket_is 125000 16384 net0 eth0
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nAddress=198.51.100.50/24\n[Link]\nName=inner\nKind=bridge\nRateOut=4M\n' | file net0
        reload net0
        is "$(bucket net0 eth0)" '' 'bucket that was taken away'
        bucket_is 500000 16384 net0 inner
        down net0
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\nRateIn=1M\n' | file net0
        refused up net0 'net0.vnet:5: RateIn: does not go with Kind=macvlan'
}

# A cable to another network's namespace is slowed down at both of its ends, each in the namespace that sends there.
cable() { # LINES: r1's file alone says it
        printf '%s\n' '[Namespace]' '[Link]' Name=to-r2 PeerNamespace=r2 PeerName=to-r1 Address=10.1.12.1/30 Address=fd12::1/64 \
                HostAddress=10.1.12.2/30 HostAddress=fd12::2/64 Gateway=no "$@" | file r1
}
case_cable() {
        local before i
        printf '[Namespace]\n' | file r2
        cable RateIn=1M RateOut=1M
        ups r1 r2
        bucket_is 125000 16384 r1 to-r2
        bucket_is 125000 16384 r2 to-r1
        is "$(ip -o link show type ifb)" '' 'interfaces of kind ifb'
        takes 2050 r1 r2 10.1.12.2
        takes 2050 r2 r1 '[fd12::1]'
        before=$(at r1 ip -j link show dev to-r2 | jq '.[0].ifindex')
        cable 'RateIn=10M burst 32K' RateOut=20M
        reload r1
        bucket_is 2500000 16384 r1 to-r2
        bucket_is 1250000 32768 r2 to-r1
        is "$(at r1 ip -j link show dev to-r2 | jq '.[0].ifindex')" "$before" 'cable that was made anew'
        cable RateOut=20M
        reload r1
        is "$(bucket r2 to-r1)" '' 'bucket that was taken away'
        cable RateIn=10M RateOut=20M
        reload r1
        for i in 'r1 to-r2' 'r2 to-r1'; do
                # shellcheck disable=SC2086 # two words
                set -- $i
                echo "--- $i"
                at "$1" tc qdisc del dev "$2" root
                if "$CTL" diff r1 > "$W/out" 2>&1; then fail "diff sees nothing of the loss in $1"; fi
                has "^+qdisc .*dev=$2 .*lost in the kernel" "$W/out" || fail "$(cat "$W/out")"
                reload r1
                "$CTL" diff r1 || fail "not mended: $(cat "$W/out")"
        done
        # whichever starts anew
        for i in r2 r1 r2; do
                down "$i"
                up "$i"
                bucket_is 2500000 16384 r1 to-r2
                bucket_is 1250000 16384 r2 to-r1
        done
        reaches r1 10.1.12.2 fd12::2
        downs r1 r2
}
# Where each file says its own end, each says what it sends.
case_cable_of_two() {
        printf '[Namespace]\n[Link]\nName=a\nPeerNamespace=r2\nPeerName=b\nAddress=10.1.12.1/30\nRateOut=1M\n' | file r1
        printf '[Namespace]\n[Link]\nName=b\nPeerNamespace=r1\nPeerName=a\nAddress=10.1.12.2/30\nRateOut=8M\n' | file r2
        ups r2 r1
        bucket_is 125000 16384 r1 a
        bucket_is 1000000 16384 r2 b
        takes 2050 r1 r2 10.1.12.2
        down r1
        up r1
        bucket_is 125000 16384 r1 a
        bucket_is 1000000 16384 r2 b
        downs r1 r2
        printf '[Namespace]\n[Link]\nName=a\nPeerNamespace=r2\nPeerName=b\nRateIn=1M\n' | file r1
        refused up r1 'r1.vnet:6: RateIn: belongs as RateOut= to the other end of the cable, the link at .*r2.vnet:2'
}

run_cases "$@"
