# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# try.sh: the scenario of tools/try: not a test of fixed files but a walk through any site.
# shellcheck disable=SC2154,SC2034 # version and bad are those of inside.sh

prepare() { # ROOT TOP
        local f
        cp -r "$VNET_DIR"/*.vnet* "$1/etc/vnet/"
        for f in "$VNET_DIR"/*.service "$VNET_DIR"/*.socket; do
                [ -e "$f" ] || continue
                cp "$f" "$1/etc/systemd/system/"
                # what has an [Install] section is meant to be enabled
                ! grep -q '^\[Install\]' "$f" || want "${f##*/}"
        done
        if [ "$VNET_DIR" = "$VNET_EXAMPLES" ]; then
                cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
                want nginx.service
                # a pair that does not reach each other is a fault here, and perhaps meant in somebody's own files
                : > "$1/vt/examples"
        fi
        mkdir -p "$1/vt/www"
        sed -i 's/^SuccessAction=.*/&\nTimeoutStartSec=100/' "$1/etc/systemd/system/vtest.service"
}

PATIENT=5 # for each pair that may not be meant to reach each other
step() { echo "== $*"; }
wrong() { echo "   WRONG: $*"; bad=1; }
missing() { if [ -e /vt/examples ]; then wrong "$@"; else echo "   no answer: $*"; fi; }

# NAME ADDRESS of the namespaces that are up, an address a line
addresses() {
        vnetctl list --json=short |
                jq -r '.[] | select(.kind == "namespace" and .state == "up") | .name as $n | .addresses[] | [$n, sub("/.*"; "")] | @tsv'
}
namespaces() { addresses | cut -f1 | sort -u; }
netns_of() { vnetctl cat "$1" | sed -n 's/^ *Name=//p;/^\[Link/q' | head -n 1 | grep . || echo "$1"; }

scenario() {
        step "systemd $version is up, with $(systemctl list-units --plain --no-legend --state=active 'vnet@*' | wc -l) of $(systemctl list-units --all --plain --no-legend 'vnet@*' | wc -l) units of vnet"
        systemctl list-units --failed --plain --no-legend 'vnet@*' | sed 's/^/   failed: /'
        [ -z "$(systemctl list-units --failed --plain --no-legend 'vnet@*')" ] || bad=1
        step 'vnetctl list'
        vnetctl list || bad=1
        vnetctl graph 2> /dev/null
        pings
        outside
        ports
        stopped
}

pings() {
        local from name address
        step 'every pair'
        for from in $(namespaces); do
                while read -r name address; do
                        [ "$name" != "$from" ] || continue
                        if eventually at "$(netns_of "$from")" ping -c1 -W1 -q "$address" > /dev/null 2>&1; then echo "   $from -> $name $address"
                        else missing "$from -> $name $address"; fi
                done < <(addresses)
        done
}

outside() {
        local from got
        step 'from each namespace to a host outside'
        serve outside tcp 90
        for from in $(namespaces); do
                eventually at "$(netns_of "$from")" ping -c1 -W1 -q 198.51.100.2 > /dev/null 2>&1
                if got=$(ask "$(netns_of "$from")" tcp 198.51.100.2 90); then echo "   $from -> 198.51.100.2, who sees ${got#* }"
                else missing "$from -> 198.51.100.2"; fi
        done
}

http() { # WHERE ADDR PORT: the last line of the answer
        at "$1" timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"; printf "GET / HTTP/1.0\r\n\r\n" >&3; tail -n 1 <&3 | grep .' http "$2" "$3" 2> /dev/null
}

# The first port of each PublishPort= for TCP, with a web server inside where nothing answers yet
ports() {
        local n line host port ns got
        step 'published ports'
        for n in $(namespaces); do
                ns=$(netns_of "$n")
                while read -r line; do
                        case $line in */udp | */sctp | '['*) continue ;; esac
                        line=${line%/tcp}
                        port=${line##*:} host=${line%:*}
                        case $host in *:*) got=${host%:*} host=${host##*:} ;; *) got=198.51.100.1 ;; esac
                        port=${port%-*} host=${host%-*}
                        if ! listening "$ns" -tln 1 "$port"; then
                                mkdir -p "/vt/www/$n-$port"
                                echo "this is port $port in $n" > "/vt/www/$n-$port/index.html"
                                background "$ns" busybox httpd -f -p "$port" -h "/vt/www/$n-$port"
                                eventually listening "$ns" -tln 1 "$port"
                        fi
                        line="http://$got:$host/"
                        if eventually http outside "$got" "$host" > "$W/page"; then echo "   outside -> $line: $(cat "$W/page")"
                        else missing "outside -> $line"; fi
                done < <(vnetctl cat "$n" | sed -n 's/^ *PublishPort=//p')
        done
}

stopped() {
        local left line
        step 'systemctl stop vnet.target'
        stop_all || bad=1
        step 'what is left'
        left=$(
                ip -br link | grep -vE '^(lo|up0)[@ ]'
                ip netns list
                nft list ruleset
                find /run/vnet /run/sysctl.d -type f ! -name lock 2> /dev/null
                sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding | grep -v '= 0$'
        )
        if [ -z "$left" ]; then echo '   nothing: no interface, no namespace, no rule, no file, no forwarding'
        else
                while read -r line; do echo "   $line"; done <<< "$left"
                wrong 'this was not here before'
        fi
}
