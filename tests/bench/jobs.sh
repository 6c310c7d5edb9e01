# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# jobs.sh: what tools/bench measures. host() and job_…() run in a machine of their own, but for job_boot(), job_traffic() and job_slope().
# Each contender makes the network of floor.c: a namespace with eth0 in a bridge br0, which is vnet's and stays.

# shellcheck disable=SC2154 # TOP, COUNT and the like are those of tools/bench
B=$BENCH_WORK
HELPER=$TOP/build-plain/tools/vnet-helper
PEERS=$TOP/tests/bench/peers

# What is written to /run, /etc/vnet and the network goes with this machine.
host() {
        mkdir -p "$B/etc"
        mount -t tmpfs tmpfs "$B/etc"
        mkdir "$B/etc/up" "$B/etc/wk"
        # which the images of tests/vm lack
        mount -t overlay overlay -o "lowerdir=/etc,upperdir=$B/etc/up,workdir=$B/etc/wk" /etc 2> /dev/null ||
                { cp -a /etc "$B/etc/copy" && mount --bind "$B/etc/copy" /etc; }
        rm -rf /etc/vnet /etc/netns
        mkdir /etc/vnet
        mount -t tmpfs tmpfs /etc/vnet
        mount -t tmpfs -o mode=755 tmpfs /run
        mount -t sysfs sysfs /sys
        mount --make-rshared /
        ip link set lo up
        # Outer ends are quiet: otherwise each new one floods all others. vnet sees to that itself, floor.c does not.
        sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' > /etc/vnet/br0.vnet
        networks 1
        # the table of floor and ip-batch
        nft -f - <<'N'
table ip fl {
        set src { type ipv4_addr; }
        map dn { type inet_service : ipv4_addr . inet_service; }
        chain pre { type nat hook prerouting priority dstnat; fib daddr type local dnat ip to tcp dport map @dn; }
        chain out { type nat hook output priority -100; fib daddr type local dnat ip to tcp dport map @dn; }
        chain post { type nat hook postrouting priority srcnat; ip saddr 172.18.0.0/16 oifname != "br0" masquerade; }
}
N
        "$HELPER" up br0
        # whoever is first makes /run/netns
        "$HELPER" up n1
        "$HELPER" down n1
}

networks() { # COUNT [port]; LINK_LINES are more lines of each link
        local i
        for ((i = 1; i <= $1; i++)); do
                printf '[Namespace]\n%s\n[Link]\nBridge=br0\nAddress=172.18.%s.%s/16\n%s\n' "${2:+PublishPort=$((20000 + i)):80}" \
                        $((1 + i / 256)) $((i % 256)) "${LINK_LINES-}" > "/etc/vnet/n$i.vnet"
        done
}

# The array "list": contenders for pair.c
floor() { list+=(floor 'veth{}' "$B/floor ${1-} add {}" "$B/floor ${1-} del {}"); } # [OPTION]
floor_wait() { list+=("${2-floor-wait}" 'veth{}' "$B/floor ${1-} add {}" "$B/floor -w ${1-} del {}"); } # [OPTION [NAME]]
vnet() { list+=(vnet 'vn-n{}' "$HELPER up n{}" "$HELPER down n{}"); }
ip_batch() { list+=("$1" 'veth{}' "$PEERS/ip-batch add {} ${2-}" "$PEERS/ip-batch del {} ${2-}"); } # NAME [SET]
# Each has a namespace that stays and keeps its bridge, so that nobody is charged for making that.
engines() { # [port]
        [ -z "$CNI_PATH" ] || engine cni 90 "$@"
        [ -z "$NETAVARK" ] || engine netavark 91 "$@"
}
engine() { # NAME I [port|KIND]
        "$PEERS/$1" add "$2" "${@:3}" > /dev/null || { echo "not measured: $1" >&2; return 0; }
        list+=("$1" - "$PEERS/$1 add {} ${3-}" "$PEERS/$1 del {} ${3-}")
}

job_start() {
        list=()
        floor
        floor_wait
        vnet
        ip_batch ip-batch
        ip_batch ip-batch+nft src
        engines
        table ms 'Start of one namespace' 'Stop of one namespace' -b floor-wait -c vnet "${list[@]}"
}

job_port() {
        list=()
        networks 1 port
        floor -p
        floor_wait -p
        vnet
        ip_batch ip-batch+nft dn
        engines port
        table ms 'Start with a published port' 'Stop with a published port' -b floor,floor-wait -c vnet "${list[@]}"
}

job_back-to-back() {
        local n=20
        list=()
        networks $n
        floor
        floor_wait
        vnet
        table 'ms each' '' "$n stops, one after the other" -k $n -s 500 -b floor,floor-wait "${list[@]}"
}

job_thousand() {
        list=()
        networks "$COUNT"
        floor_wait '' floor
        vnet
        table 'ms each' "$COUNT starts, two at a time" "$COUNT stops, 32 at a time" -k "$COUNT" -u 2 -d 32 -s 2000 "${list[@]}"
}

job_boot() {
        local boot=$TOP/tests/bench/boot.sh COUNT=$UNITS
        export COUNT
        table ms "$COUNT units at boot" "$COUNT units stopped together" -r -s 2000 \
                bare - "$boot start bare" "$boot stop bare" floor - "$boot start floor" "$boot stop floor" vnet - "$boot start vnet" "$boot stop vnet"
}

# --- links that are no veth ---

# A parent that is as good as a card, and what is only there where the kernel has it
job_kinds() {
        local kind why
        ip link add up0 type veth peer name up0-end
        ip link set up0 up
        ip link set up0-end up
        (umask 077 && head -c 32 /dev/urandom | base64 > /etc/vnet/n1.key)
        for kind in macvlan ipvlan vlan wireguard; do
                if ! why=$(try_kind $kind); then
                        printf '\nStart of one namespace with a link of kind %s: skipped: this kernel has no %s (%s)\n' $kind $kind "$why"
                        continue
                fi
                kind_network $kind > /etc/vnet/n1.vnet
                list=(floor - "$B/floor -k $kind add {}" "$B/floor -k $kind del {}")
                list+=(vnet - "$HELPER up n{}" "$HELPER down n{}")
                [ -z "$CNI_PATH" ] || [ ! -x "$CNI_PATH/$kind" ] || engine cni 90 $kind
                [ -z "$NETAVARK" ] || [ $kind != macvlan ] || engine netavark 91 $kind
                table ms "Start of one namespace with a link of kind $kind" '' -c vnet "${list[@]}" || return
        done
}
# Whether it can be made, with the namespace that it was made in
try_kind() {
        local rc=0
        "$B/floor" -k "$1" add 99 2>&1 || rc=$?
        "$B/floor" -k "$1" del 99 2> /dev/null
        return $rc
}
kind_network() { # KIND: what floor.c makes
        printf '[Namespace]\n[Link]\nKind=%s\nAddress=172.18.1.1/16\n' "$1"
        case $1 in
        macvlan | ipvlan) printf 'Parent=up0\nGateway=172.18.0.1\n' ;;
        vlan) printf 'Parent=up0\nId=10\nGateway=172.18.0.1\n' ;;
        wireguard)
                printf 'PrivateKeyFile=/etc/vnet/n1.key\n[WireGuardPeer]\nPublicKey=%s\n' "$(head -c 32 /dev/urandom | base64)"
                printf 'Endpoint=172.18.255.254:51820\nAllowedIPs=0.0.0.0/0\nRouteTable=main\n'
                ;;
        esac
}

# --- rates: how much of it a stream gets; of RateIn= stands where others have a start, of RateOut= where they have a stop ---

job_rate() {
        local rate i=0 bits in=() out=()
        "$HELPER" down br0 # that of the others has no IPv6
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\n' > /etc/vnet/br0.vnet
        "$HELPER" up br0
        serve_rates host 172.18.0.1 fd00:18::1
        for rate in 1M 10M 100M 1G; do
                i=$((i + 1))
                printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.1.%s/16\nAddress=fd00:18::1:%s/64\nRateIn=%s\nRateOut=%s\n' \
                        $i $i $rate $rate > "/etc/vnet/n$i.vnet"
                "$HELPER" up n$i
                serve_rates n$i 172.18.1.$i fd00:18::1:$i
        done
        sleep 3 # addresses of IPv6
        rate_table pull 'by rate.c'
        [ -z "$IPERF3" ] || rate_table iperf3 'by iperf3'
}
where() { [ "$1" = host ] || printf 'nsenter --net=/run/netns/%s ' "$1"; } # HOST or NAMESPACE: what brings a command there
serve_rates() { # WHERE ADDRESS...
        local a at
        read -ra at <<< "$(where "$1")"
        for a in "${@:2}"; do
                "${at[@]}" "$B/rate" pour "$a" 5200 &
                [ -z "$IPERF3" ] || "${at[@]}" "$IPERF3" -s -B "$a" -p 5201 > /dev/null &
        done
}
rate_table() { # PROGRAM HOW
        local i=0 rate bits=100000
        list=(setting - 'echo 100' 'echo 100')
        for rate in 1M 10M 100M 1G; do
                i=$((i + 1)) bits=$((bits * 10))
                rated "$1" $rate n$i 172.18.0.1 172.18.1.$i $bits
        done
        rated "$1" $rate-ipv6 n$i fd00:18::1 fd00:18::1:$i $bits
        table percent "What RateIn= lets through, $2" "What RateOut= lets through, $2" -r -s 10 "${list[@]}"
}
rated() { # PROGRAM NAME NAMESPACE HOST'S-ADDRESS ITS-ADDRESS BITS
        list+=("$2" - "$(where "$3")$(puller "$1" "$4" "$6")" "$(puller "$1" "$5" "$6")")
}
puller() { # PROGRAM ADDRESS BITS; iperf3 takes whole seconds, and a slow stream needs some of them
        local seconds=${SECONDS_EACH%%.*}
        seconds=$((${seconds:-0} > 0 ? seconds * 3 : 1))
        case $1 in
        pull) echo "$B/rate pull $2 5200 $seconds $3" ;;
        iperf3) echo "$PEERS/iperf3 $2 5201 $seconds $3" ;;
        esac
}

# --- traffic: two machines side by side, with one namespace and with many; the last one is asked ---

MACHINES=()
job_traffic() {
        local rc=0
        traffic_machine 1 && traffic_machine "$COUNT" && traffic_tables || rc=$?
        stop_machines
        return $rc
}
# The same where each packet passes all that a link can have in its way
job_slope() {
        export LINK_LINES=$'AntiSpoof=yes\nIsolated=yes\nRateIn=40G\nRateOut=40G'
        job_traffic
}
# KILL, since unshare(1) holds anything else back; its child dies with it, and with that the machine.
stop_machines() {
        [ ${#MACHINES[@]} = 0 ] || kill -KILL "${MACHINES[@]}"
        wait
        MACHINES=()
} 2> /dev/null

traffic_machine() { # COUNT
        local i pid
        rm -f "$B/ready"
        "${INSIDE[@]}" traffic_host "$1" "$B/ready" &
        pid=$!
        MACHINES+=("$pid")
        for ((i = 0; i < 1200; i++)); do
                [ ! -e "$B/ready" ] || return 0
                kill -0 "$pid" 2> /dev/null || return
                sleep .1
        done
        return 1
}

traffic_host() { # COUNT FILE
        local outside
        networks "$1" port
        # isolated ports warn where bridged frames pass the rules of ip too
        sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2> /dev/null || true
        unshare --net sleep infinity &
        outside=$!
        until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$outside/ns/net")" ]; do sleep .01; done
        ip link add up0 type veth peer name eth0 netns $outside
        ip addr add 198.51.100.1/24 dev up0
        ip link set up0 up
        : > /run/netns/outside
        mount --bind "/proc/$outside/ns/net" /run/netns/outside
        nsenter --net=/run/netns/outside ip addr add 198.51.100.2/24 dev eth0
        nsenter --net=/run/netns/outside ip link set eth0 up
        seq -f n%g "$1" | xargs -P 2 -n 1 "$HELPER" up
        nsenter --net="/run/netns/n$1" "$B/rate" serve 0.0.0.0 80 &
        nsenter --net=/run/netns/outside "$B/rate" serve 0.0.0.0 80 &
        sleep 3 # the bridge and its ports are done with what they have to tell each other
        : > "$2"
        wait
}

traffic_tables() {
        local in=() out=() which n r from to
        for which in one many; do
                case $which in
                one) n=1 r=/proc/${MACHINES[0]}/root/run/netns ;;
                many) n=$COUNT r=/proc/${MACHINES[1]}/root/run/netns ;;
                esac
                from="nsenter --net=$r/outside $B/rate" to="198.51.100.1 $((20000 + n)) $SECONDS_EACH"
                in+=("$which" - "$from connect $to" "$from ask $to")
                from="nsenter --net=$r/n$n $B/rate" to="198.51.100.2 80 $SECONDS_EACH"
                out+=("$which" - "$from connect $to" "$from ask $to")
        done
        n="with 1 and with $COUNT namespaces${LINK_LINES:+ with AntiSpoof=, Isolated= and rates}"
        table 'per second' "Connections to a published port $n" "Requests to a published port $n" -r -s 10 "${in[@]}" &&
                table 'per second' "Connections to the outside $n" "Requests to the outside $n" -r -s 10 "${out[@]}"
}

# --- the rest ---

job_generator() {
        networks "$FILES" port
        local clear='find /run/out -mindepth 1 -delete'
        mkdir /run/out
        table ms "Generator, $FILES files" '' gen-floor - "$B/gen-floor /etc/vnet /run/out" "$clear" \
                vnet-generator - "$TOP/build-plain/generator/vnet-generator /run/out" "$clear"
}

job_memory() {
        local before after
        networks 1
        printf '[Namespace]\nPublishPort=20002:80\n[Link]\nBridge=br0\nAddress=172.18.1.2/16\n' > /etc/vnet/n2.vnet
        printf '[Bridge]\nAddress=172.21.0.1/16\nIPMasquerade=ipv4\n' > /etc/vnet/br1.vnet
        table ms 'Memory at start' 'Memory at stop' floor veth1 "$B/floor add 1" "$B/floor -w del 1" \
                vnet-namespace vn-n1 "$HELPER up n1" "$HELPER down n1" vnet-port vn-n2 "$HELPER up n2" "$HELPER down n2" \
                vnet-bridge br1 "$HELPER up br1" "$HELPER down br1"
        before=$(processes)
        "$HELPER" up n2
        table ms 'Memory at reload' '' vnet-reload - "$HELPER reload n2" -
        after=$(processes)
        echo
        if [ "$after" = "$before" ]; then echo 'No process runs on after a start: reached'
        else echo "Processes that run on after a start: $((after - before)), not 0" | tee -a "$B/missed"; fi
}
# In this machine, which has process identifiers of its own
processes() { local p=(/proc/[0-9]*); echo ${#p[@]}; }
