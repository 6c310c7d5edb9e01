# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sites.sh: networks as people build them (tests/sites): a DMZ, a lab of routers, routed IPv6, a reverse proxy, a build farm. Each
# is booted by its files alone, and its packets go where its owner wants them, and nowhere else.

prepare() { # ROOT TOP
        mkdir "$1/sites"
        cp -r "$2"/tests/sites/* "$1/sites/"
        local unit
        for unit in nginx caddy app app1 app2 squid postgresql@ frr@ buildworker@; do
                printf '[Service]\nExecStart=/bin/sleep infinity\n' > "$1/etc/systemd/system/$unit.service"
        done
}

scenario() {
        for site in dmz router_lab ipv6_routed reverse_proxy build_farm; do
                bring "${site//_/-}"
                check "$site" "site_$site"
                check "$site-again" restarted
                check "$site-gone" gone_again
        done
}
bring() { # SITE
        cp /sites/"$1"/*.vnet /etc/vnet/
        if [ "$1" = build-farm ]; then for i in 1 2; do ln -s build@.vnet /etc/vnet/build@$i.vnet; done; fi
        systemctl daemon-reload
        systemctl start vnet.target
        serve outside tcp 90
}
# Each network of it once more, one after the other
restarted() {
        local u
        for u in $(units_of_files); do systemctl restart "$u"; done
        eventually all_active
        "site_$site"
}
# shellcheck disable=SC2046 # words
all_active() { active $(units_of_files); }
gone_again() {
        stop_all
        is "$(find /run/netns /run/vnet -mindepth 1 2> /dev/null | tr "\n" " ")" '' left
        is "$(ip -o link | grep -cE 'vn-|vbr|dmz|inner')" 0 interfaces
        if nft list tables | has vnet; then fail 'a table is left'; fi
        pkill -x socat || true
        rm -f /etc/vnet/*
        systemctl daemon-reload
}
serving() { # NAMESPACE PORT, once for each life of the namespace
        [ -n "$(at "$1" ss -Htln "sport = :$2")" ] || serve "$1" tcp "$2"
}

site_dmz() {
        eventually all_active
        systemctl start nginx postgresql@15-main
        lives_in nginx www
        lives_in postgresql@15-main db
        serving www 80
        serving www 443
        serving db 5432
        answers outside tcp 198.51.100.1 80 www
        answers outside tcp 198.51.100.1 443 www
        answers www tcp 10.41.0.10 5432 db
        silent host tcp 10.40.0.1 5432
        # the databases open nothing: to the DMZ, to the host
        silent db tcp 10.40.0.10 80
        serving host 99
        silent db tcp 10.41.0.1 99
        silent www tcp 10.40.0.1 99
        at outside ip route replace 10.41.0.0/24 via 198.51.100.1
        silent outside tcp 10.41.0.10 5432
        at outside ip route del 10.41.0.0/24
}
site_router_lab() {
        eventually all_active
        systemctl start frr@r1 frr@r2 frr@r3
        lives_in frr@r2 r2
        # what the routing daemon would do on the bare ends of the cables
        eventually has_cables
        at r2 ip addr replace 10.1.12.2/30 dev to-r1
        at r3 ip addr replace 10.1.13.2/30 dev to-r1
        at r3 ip addr replace 10.1.23.2/30 dev to-r2
        at r1 ip route replace 10.255.0.3 via 10.1.13.2
        at r2 ip route replace 10.1.1.0/24 via 10.1.12.1
        at r3 ip route replace 10.1.1.0/24 via 10.1.13.1
        reaches r1 10.1.12.2 10.1.13.2
        reaches pc1 10.1.1.254 10.255.0.1 10.255.0.3
        reaches r2 10.1.23.2 10.1.1.1
}
has_cables() {
        local end
        for end in r1:to-r2 r1:to-r3 r2:to-r1 r2:to-r3 r3:to-r1 r3:to-r2; do
                at "${end%:*}" ip -o link show dev "${end#*:}" up | has UP || return 1
        done
}
site_ipv6_routed() {
        eventually all_active
        serving app 80
        at outside ip -6 route replace 2001:db8:77:100::/64 via 2001:db8::1
        reaches app 2001:db8::2
        answers outside tcp 2001:db8:77:100::80 80 app
        answers app tcp 2001:db8::2 90 "outside $(full6 2001:db8:77:100::80)"
}
site_reverse_proxy() {
        eventually all_active
        serving proxy 80
        serving app1 8000
        serving app2 8000
        answers outside tcp 198.51.100.1 80 proxy
        answers proxy tcp 10.51.0.11 8000 app1
        answers proxy tcp 10.51.0.12 8000 app2
        reaches proxy 198.51.100.2
        cut_off app1 198.51.100.2
        at outside ip route replace 10.51.0.0/24 via 198.51.100.1
        silent outside tcp 10.51.0.11 8000
        at outside ip route del 10.51.0.0/24
}
site_build_farm() {
        eventually all_active
        serving cache 3128
        serving build@1 9
        answers build@1 tcp 10.70.0.2 3128 cache
        answers build@2 tcp 10.70.0.2 3128 cache
        silent build@2 tcp 10.70.0.101 9
        cut_off build@1 198.51.100.2 198.51.100.1 10.70.0.1
        reaches cache 198.51.100.2
}
