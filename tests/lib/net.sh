# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# net.sh: packets. Servers answer with one line, "NAME CLIENT'S-ADDRESS", so that a test sees who was reached and
# which address the other side saw. Everything is bounded: what does not answer within a second (or SLOW) does not answer.

# A server in WHERE, for both families. socat's child gets the client's address in SOCAT_PEERADDR.
serve() { # WHERE PROTO PORT
        local answer="SYSTEM:read x; echo $1 \$SOCAT_PEERADDR"
        case $2 in
        tcp)
                answer="SYSTEM:echo $1 \$SOCAT_PEERADDR"
                background "$1" socat "TCP4-LISTEN:$3,reuseaddr,fork" "$answer"
                background "$1" socat "TCP6-LISTEN:$3,reuseaddr,fork,ipv6only=1" "$answer"
                eventually listening "$1" -tln 2 "$3"
                ;;
        udp)
                background "$1" socat "UDP4-RECVFROM:$3,reuseaddr,fork" "$answer"
                background "$1" socat "UDP6-RECVFROM:$3,reuseaddr,fork,ipv6only=1" "$answer"
                eventually listening "$1" -uln 2 "$3"
                ;;
        sctp)
                answer="SYSTEM:echo $1 \$SOCAT_PEERADDR"
                background "$1" socat "SCTP4-LISTEN:$3,reuseaddr,fork" "$answer"
                sleep .3
                ;;
        esac
}
# SLEEPER is a process in namespace $1 that does nothing
sleeper_in() {
        nsenter --net="/run/netns/$1" sleep 3600 > /dev/null 2>&1 < /dev/null &
        SLEEPER=$!
        eventually is_in "$SLEEPER" "$1"
}
is_in() { [ "$(stat -L -c '%d %i' "/proc/$1/ns/net")" = "$(stat -L -c '%d %i' "/run/netns/$2")" ]; }
background() { { trap - ERR; at "$@"; } > /dev/null 2>&1 < /dev/null & } # what is killed later is no failure
listening() { [ "$(at "$1" ss -H "$2" "sport = :$4" | wc -l)" -ge "$3" ]; }

# What the server at ADDR says to WHERE; nothing and status 1 where none answers. head, because read(1) of bash takes
# a byte at a time and so loses the rest of a datagram.
ask() { # WHERE PROTO ADDR PORT
        # shellcheck disable=SC2016 # expanded by the inner shell
        at "$1" timeout $((2 * ${SLOW:-1})) bash -c '
                exec 3<>"/dev/$1/$2/$3" || exit 1
                [ "$1" = tcp ] || echo question >&3
                timeout "$4" head -n 1 <&3 | grep .' ask "$2" "$3" "$4" "${SLOW:-1}" 2>/dev/null
}

# The answer must come and be this one.
answers() { # WHERE PROTO ADDR PORT "NAME [CLIENT]"
        eventually matches "$@" || fail "$1 asks $2 $3 $4: '$(ask "$1" "$2" "$3" "$4")' is not '$5'"
}
matches() {
        local got
        got=$(ask "$1" "$2" "$3" "$4") || return 1
        case $got in "$5" | "$5 "*) ;; *) return 1 ;; esac
}
# Nobody may answer. One try is enough: the callers have seen the server answer somebody else.
silent() { # WHERE PROTO ADDR PORT
        local got
        if got=$(ask "$@"); then fail "$1 reaches $2 $3 $4: '$got'"; fi
}

reaches() { # WHERE ADDR…
        local where=$1 a
        shift
        for a; do
                eventually at "$where" ping -c1 -W"${SLOW:-1}" -q "$a" > /dev/null || {
                        at "$where" ip -s addr
                        at "$where" ip neigh
                        ip -s -d link show "vn-$where" || true
                        cat /proc/net/softnet_stat
                        fail "$where does not reach $a"
                }
        done
}
cut_off() { # WHERE ADDR…
        local where=$1 a
        shift
        for a; do
                if at "$where" ping -c1 -W"${SLOW:-1}" -q "$a" > /dev/null 2>&1; then fail "$where reaches $a"; fi
        done
}

# socat writes IPv6 addresses of peers in full, in brackets
full6() { # ADDR, at most one "::"
        local head=${1%%::*} tail='' h t out='' g
        case $1 in *::*) tail=${1#*::} ;; esac
        IFS=: read -ra h <<< "$head"
        IFS=: read -ra t <<< "$tail"
        while [ $((${#h[@]} + ${#t[@]})) -lt 8 ]; do h+=(0); done
        for g in "${h[@]}" "${t[@]}"; do out+=$(printf '%04x:' "0x$g"); done
        echo "[${out%:}]"
}

# Bridged frames pass the rules of ip and inet too, or do not.
br_netfilter() { # 0 or 1
        [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || { [ "$1" = 0 ] || skip 'this kernel has no br_netfilter'; return 0; }
        sysctl -qw net.bridge.bridge-nf-call-iptables="$1" net.bridge.bridge-nf-call-ip6tables="$1"
        snapshot "$W/start"
}

# A connection that says nothing; its process is HOLDER. "let_go" ends it: a FIN is sent.
hold() { # WHERE ADDR PORT
        # shellcheck disable=SC2016 # expanded by the inner shell
        background "$1" bash -c 'echo $$ > "$1"; exec socat "TCP:$2:$3,retry=50,interval=.1" EXEC:"sleep 60"' hold "$W/holder" "${2/*:*/[$2]}" "$3"
        eventually at "$1" bash -c "ss -Htn state established 'dport = :$3' | grep . > /dev/null"
        HOLDER=$(cat "$W/holder")
}
let_go() { kill "$HOLDER"; while kill -0 "$HOLDER" 2> /dev/null; do sleep .01; done; }
# What arrives at WHERE and is EXPRESSION, a rule of nft(8): "counted" is how many packets
count_at() { # WHERE EXPRESSION
        at "$1" nft -f - <<N
table inet watch {
        chain prerouting {
                type filter hook prerouting priority -400;
                $2 counter
                counter
        }
}
N
}
counted() { at "$1" nft -j list table inet watch | jq '[.nftables[].rule.expr | arrays | .[] | .counter.packets | numbers]'"[${2:-0}]"; }
counted_is() { [ "$(counted "$1")" = "$2" ]; }

# A flow of UDP that goes on and on from one port, as a tunnel's or a resolver's does. "hears" waits until a datagram of it
# arrives at WHERE:PORT from ADDRESS.
stream() { # WHERE SOURCE-PORT ADDR PORT
        local kind=UDP4-DATAGRAM
        case $3 in *:*) kind=UDP6-DATAGRAM ;; esac
        # not connected, so that "port unreachable" does not end it
        background "$1" socat -u 'SYSTEM:while sleep .05; do echo x; done' "$kind:${3/*:*/[$3]}:$4,bind=:$2"
}
hears() { # WHERE PORT ADDRESS
        local a=$3 heard
        heard=$(mktemp -p "$W") # whoever listened before may write on
        # shellcheck disable=SC2086 # four numbers
        case $a in *:*) a=$(full6 "$a") ;; *) a="[0000:0000:0000:0000:0000:ffff:$(printf '%02x%02x:%02x%02x' ${a//./ })]" ;; esac
        background "$1" timeout 5 socat -u "UDP6-RECVFROM:$2,ipv6only=0,reuseaddr,fork" "SYSTEM:read x; echo \$SOCAT_PEERADDR >> $heard"
        PATIENT=4 eventually has -F "$a" "$heard" || { sort "$heard" | uniq -c; fail "$1 hears nothing from $3 at port $2"; }
}
# Conversations of flows.py pause until STATE.hold is taken away, and no answer is on its way: one that were could begin a
# connection of its own, whatever is cut.
quiet() { # STATE…
        local f
        for f; do : > "$f.hold"; done
        eventually still "$@"
}
still() {
        local before
        before=$(cat "$@")
        sleep .15 # an answer of TCP is acknowledged by then
        [ "$(cat "$@")" = "$before" ]
}
# The kernel's numbers of the connections that match, to see that they are the same ones
flow_ids() { # CONNTRACK'S ARGUMENTS
        conntrack -L -o id "$@" 2> /dev/null | grep -oE 'id=[0-9]+' | sort
}
flows_are() { [ "$(flow_ids "${@:2}" | wc -l)" = "$1" ]; } # NUMBER CONNTRACK'S ARGUMENTS

# The kernel makes a link-local address when it has seen the carrier, some time after a start: a picture that later ones are
# compared with waits for them, wherever there are other addresses.
settled() {
        local n
        eventually has_link_locals host
        for n in /run/netns/*; do
                [ ! -e "$n" ] || eventually has_link_locals "${n##*/}"
        done
}
has_link_locals() { # WHERE
        at "$1" ip -6 -o addr | awk '/ scope global/ && $2 != "lo" { want[$2] = 1 } / scope link/ && !/tentative/ { has[$2] = 1 }
                END { for (i in want) if (!(i in has)) exit 1 }'
}

# --- the site of most cases ---

# br0 with net0 and net1, one family or both; extra lines for each from the arguments
site4() { # [BRIDGE-LINES [NET0-LINES]]
        printf '[Bridge]\nAddress=172.18.0.1/16\n%s\n' "${1-IPMasquerade=ipv4}" | file br0
        printf '[Namespace]\n%s\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' "${2-}" | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\n' | file net1
}
site6() {
        printf '[Bridge]\nAddress=fd00:18::1/64\n%s\n' "${1-IPMasquerade=ipv6}" | file br0
        printf '[Namespace]\n%s\n[Link]\nBridge=br0\nAddress=fd00:18::10/64\n' "${2-}" | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=fd00:18::11/64\n' | file net1
}
site() { # dual
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\n%s\n' "${1-IPMasquerade=both}" | file br0
        printf '[Namespace]\n%s\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\n' "${2-}" | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\nAddress=fd00:18::11/64\n' | file net1
}
# br1 with net2 beside it
site_b() { # [BRIDGE-LINES]
        printf '[Bridge]\nAddress=172.19.0.1/16\nAddress=fd00:19::1/64\n%s\n' "${1-IPMasquerade=both}" | file br1
        printf '[Namespace]\n[Link]\nBridge=br1\nAddress=172.19.0.10/16\nAddress=fd00:19::10/64\n' | file net2
}
# outside is a neighbour who knows the way to the subnets behind the host
outside_knows() {
        at outside ip route add 172.18.0.0/15 via 198.51.100.1
        at outside ip -6 route add fd00:18::/31 via 2001:db8:0::1
}
