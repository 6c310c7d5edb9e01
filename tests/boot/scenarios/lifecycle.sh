# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lifecycle.sh: the package of packaging/debian, with 31 networks up: installed, upgraded, downgraded, removed in the ways there are,
# and purged. On Debian 13 the older version is the package of Debian 12, where that was built too; else it is the same with another
# number.
# package: tested

N=29

prepare() { # ROOT TOP
        local i new=$VNET_PACKAGES older
        new=$(echo "$new"/vnet_*.deb)
        older=$(echo "${VNET_PACKAGES%-*}-bookworm"/vnet_*.deb)
        [ -e "$older" ] || older=$new
        mkdir "$1/vt/deb"
        cp "$new" "$1/vt/deb/new.deb"
        dpkg-deb -R "$older" "$1/vt/deb/older"
        sed -i 's/^Version: .*/Version: 0.0.1-1/' "$1/vt/deb/older/DEBIAN/control"
        dpkg-deb --root-owner-group -b "$1/vt/deb/older" "$1/vt/deb/older.deb"
        rm -r "$1/vt/deb/older"

        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n' > "$1/etc/vnet/br0.vnet"
        for ((i = 1; i <= N; i++)); do
                printf '[Namespace]\nPublishPort=%s:7000\n[Link]\nBridge=br0\nAddress=172.18.1.%s/16\nAddress=fd00:18::1:%s/64\n' \
                        $((7000 + i)) $i $i > "$1/etc/vnet/n$i.vnet"
        done
        printf '[Namespace]\nServices=nginx.service\n[Link]\nBridge=br0\nAddress=172.18.0.80/16\n' > "$1/etc/vnet/web.vnet"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
}

scenario() {
        check install install
        check upgrade upgrade
        check downgrade downgrade
        check upgrade-again upgrade
        check removal removal
        check upgrade-of-none upgrade_of_none
        check removal-with-policy removal_with_policy
        check removal-by-hand removal_by_hand
        check purge purge
}

package() { dpkg --force-confdef "$@" > "$W/dpkg" 2>&1 || { cat "$W/dpkg"; fail "dpkg $*"; }; }
start_all() {
        systemctl start vnet.target nginx.service
        is "$(up | wc -l)" $((N + 2)) networks
        active nginx.service
        lives_in nginx.service web
}
up() { systemctl list-units --plain --no-legend --state=active 'vnet@*.service'; }
no_failed_unit() { is "$(systemctl list-units --plain --no-legend --state=failed)" '' 'failed units'; }

# Files that are there already are read; nothing starts by itself.
install() {
        find /etc/vnet -type f -exec sha256sum {} + | sort > "$W/admins"
        snapshot "$W/before"
        package -i /vt/deb/older.deb
        inactive vnet.target vnet-begin.target vnet@br0 vnet@n1
        same "$W/before" 'the machine before and after an installation'
        is "$(systemctl show -P WantedBy vnet@n1)" vnet.target 'the generator has run'
        vnetctl check
        start_all
        no_failed_unit
}

# What an upgrade must not touch
picture() {
        stat -L -c '%n %d %i' /run/netns/*
        systemctl show -p MainPID -p ExecMainStartTimestamp nginx.service
        systemctl show -p Id -p ActiveState -p ActiveEnterTimestamp vnet.target vnet-begin.target vnet@{br0,web}.service $(seq -f vnet@n%g.service $N)
}

# Connections through NAT and through a published port, of both families: the servers answer with what they hear.
STREAMS='out4 out6 in4 in6'
streams() {
        local s
        [ ! -e "$W/out4" ] || return 0
        for s in outside n1; do
                background $s socat TCP4-LISTEN:7000,reuseaddr,fork EXEC:cat
                background $s socat TCP6-LISTEN:7000,reuseaddr,fork,ipv6only=1 EXEC:cat
                eventually listening $s -tln 2 7000
        done
        client out4 n1 TCP4:198.51.100.2:7000
        client out6 n1 'TCP6:[2001:db8::2]:7000'
        client in4 outside TCP4:198.51.100.1:7001
        client in6 outside 'TCP6:[2001:db8::1]:7001'
        go_on
}
client() { # STREAM WHERE TO
        mkfifo "$W/$1"
        sleep infinity > "$W/$1" 2> /dev/null &
        { trap - ERR; at "$2" socat - "$3" < "$W/$1" > "$W/$1.heard" 2>&1; } &
}
go_on() {
        local s word
        for s in $STREAMS; do
                word=$s-$RANDOM$RANDOM
                timeout 5 bash -c "echo $word > $W/$s" || fail "$s: its client has ended: $(cat "$W/$s.heard")"
                eventually has -x "$word" "$W/$s.heard" || fail "$s does not go on"
        done
}

replace() { # DEB VERSION
        streams
        systemctl stop vnet@n5
        picture > "$W/picture"
        package -i "/vt/deb/$1.deb"
        is "$(dpkg-query -W -f '${Version}' vnet)" "$2" version
        picture | diff "$W/picture" - || fail 'the upgrade touched something'
        go_on
        no_failed_unit
        # systemd is replaced by its packages in the same go
        systemctl daemon-reexec
        picture | diff "$W/picture" - || fail 'systemd, executed anew, touched something'
        # what the other version has recorded is what this one reloads and stops
        systemctl reload vnet@n1 vnet@br0
        go_on
        systemctl restart vnet@n3
        systemctl stop vnet@n4
        gone ip netns exec n4 true
        systemctl start vnet@n4 vnet@n5
        is "$(systemctl show -P NeedDaemonReload vnet@n4)" no NeedDaemonReload
        reaches n5 172.18.1.4 172.18.1.3 fd00:18::1:1
        go_on
}
upgrade() { replace new "$(dpkg-deb -f /vt/deb/new.deb Version)"; }
downgrade() { replace older 0.0.1-1; }

nothing_left() {
        same "$W/before" 'the machine before the first installation and after the removal'
        is "$(up)" '' 'units that are up'
        no_failed_unit
        inactive nginx.service
        admins_files
}
admins_files() { find /etc/vnet -type f -exec sha256sum {} + | sort | diff "$W/admins" - || fail 'files of the administrator'; }
told() { # before it is so: in front of what stops
        has 'nginx.service (was to run in web)' "$W/dpkg" || fail "it is not said that nginx.service will be on the host's network: $(cat "$W/dpkg")"
}

removal() {
        kill_clients
        package -r vnet
        told
        nothing_left
        # as it was said
        systemctl start nginx.service
        is "$(readlink "/proc/$(systemctl show -P MainPID nginx.service)/ns/net")" "$(readlink /proc/1/ns/net)" 'where nginx.service is'
        systemctl stop nginx.service
}
kill_clients() { pkill -x socat || true; rm -f "$W"/{out,in}[46]*; }

# Nothing is up: an upgrade starts nothing.
upgrade_of_none() {
        package -i /vt/deb/older.deb
        package -i /vt/deb/new.deb
        nothing_left
}

# policy-rc.d forbids to stop units: the networks go, what runs inside lives on, and nothing comes to a bad end later.
removal_with_policy() {
        local in
        start_all
        in=$(readlink "/proc/$(systemctl show -P MainPID nginx.service)/ns/net")
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        package -r vnet
        rm /usr/sbin/policy-rc.d
        told
        has 'web: 1 process still runs in the network namespace web' "$W/dpkg" || fail "who lives on is not said: $(cat "$W/dpkg")"
        is "$(readlink "/proc/$(systemctl show -P MainPID nginx.service)/ns/net")" "$in" 'where nginx.service is'
        same "$W/before" 'the machine before the first installation and after the removal'
        no_failed_unit
        systemctl stop nginx.service 'vnet@*.service' vnet.target vnet-begin.target
        nothing_left
}

# What was started without systemd, and what systemd starts no more
removal_by_hand() {
        package -i /vt/deb/new.deb
        /usr/libexec/vnet/vnet-helper up br0
        /usr/libexec/vnet/vnet-helper up n1
        systemctl start vnet@n2
        rm /etc/vnet/n2.vnet
        systemctl daemon-reload
        sed -i '/n2.vnet/d' "$W/admins"
        package -r vnet
        nothing_left
}

purge() {
        package -i /vt/deb/new.deb
        start_all_but_one
        mkdir -p /var/lib/vnet
        : > /var/lib/vnet/pool
        package -P vnet
        nothing_left
        [ ! -e /var/lib/vnet ] || fail '/var/lib/vnet is still there'
        is "$(find /etc /lib /usr /var/lib /run -xdev -name '*vnet*' -newer "$W/before" ! -path '/etc/vnet*' ! -path '/run/systemd/*')" '' 'what is left of files'
        # a directory of ours that nobody used goes too
        package -i /vt/deb/new.deb
        rm /etc/vnet/*
        package -P vnet
        [ ! -e /etc/vnet ] || fail '/etc/vnet is empty and still there'
}
start_all_but_one() {
        systemctl start vnet.target nginx.service
        is "$(up | wc -l)" $((N + 1)) networks
}
