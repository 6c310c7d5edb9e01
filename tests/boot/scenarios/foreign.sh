# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# foreign.sh: the packages of packaging/rpm and packaging/arch, installed, upgraded and removed with networks up by rpm and pacman, as they
# are on Debian 13. The hooks of other distributions' systemd are not there: where theirs reloads systemd, this does.
# package: foreign

prepare() { # ROOT TOP
        local i
        mkdir "$1/vt/packages"
        cp "$VNET_PACKAGES"/rpm/vnet-0*.x86_64.rpm "$1/vt/packages/vnet.rpm"
        cp "$VNET_PACKAGES"/arch/vnet-0*.pkg.tar.zst "$1/vt/packages/vnet.pkg.tar.zst"
        printf '[options]\nArchitecture = auto\nSigLevel = Never\nLocalFileSigLevel = Never\n' > "$1/vt/pacman.conf"
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' > "$1/etc/vnet/br0.vnet"
        for i in 1 2 3; do
                printf '[Namespace]\nPublishPort=%s:7000\n[Link]\nBridge=br0\nAddress=172.18.1.%s/16\n' $((7000 + i)) $i > "$1/etc/vnet/n$i.vnet"
        done
        printf '[Namespace]\nServices=nginx.service\n[Link]\nBridge=br0\nAddress=172.18.0.80/16\n' > "$1/etc/vnet/web.vnet"
        cp "$2/tests/boot/nginx.service" "$1/etc/systemd/system/"
}

scenario() {
        local by
        find /etc/vnet -type f -exec sha256sum {} + | sort > "$W/admins"
        snapshot "$W/before"
        for by in rpm pacman; do
                check $by-install install
                check $by-upgrade upgrade
                check $by-removal removal
                check $by-removal-by-hand removal_by_hand
        done
}

package() { # COMMAND...
        "$@" > "$W/package" 2>&1 || { cat "$W/package"; fail "$*"; }
}
put() {
        case $by in
        rpm) package rpm -U --force --nodeps /vt/packages/vnet.rpm ;;
        pacman)
                package pacman --config /vt/pacman.conf --noconfirm -U -dd --overwrite '*' /vt/packages/vnet.pkg.tar.zst
                systemctl daemon-reload
                ;;
        esac
}
take() {
        case $by in
        rpm) package rpm -e vnet ;;
        pacman)
                package pacman --config /vt/pacman.conf --noconfirm -R vnet
                systemctl daemon-reload
                ;;
        esac
}
helper() { case $by in rpm) echo /usr/libexec/vnet/vnet-helper ;; pacman) echo /usr/lib/vnet/vnet-helper ;; esac; }
up() { systemctl list-units --plain --no-legend --state=active 'vnet@*.service'; }
no_failed_unit() { is "$(systemctl list-units --plain --no-legend --state=failed)" '' 'failed units'; }
picture() {
        stat -L -c '%n %d %i' /run/netns/*
        systemctl show -p MainPID -p ExecMainStartTimestamp nginx.service
        systemctl show -p Id -p ActiveState -p ActiveEnterTimestamp vnet.target vnet-begin.target vnet@{br0,n1,n2,n3,web}.service
}

install() {
        put
        inactive vnet.target vnet-begin.target vnet@br0 vnet@n1
        same "$W/before" 'the machine before and after an installation'
        is "$(systemctl show -P WantedBy vnet@n1)" vnet.target 'the generator has run'
        vnetctl check
        systemctl start vnet.target nginx.service
        is "$(up | wc -l)" 5 networks
        lives_in nginx.service web
        no_failed_unit
}

upgrade() {
        systemctl stop vnet@n3
        picture > "$W/picture"
        put
        picture | diff "$W/picture" - || fail 'the upgrade touched something'
        no_failed_unit
        systemctl start vnet@n3
        systemctl restart vnet@n2
        reaches n2 172.18.1.3 172.18.1.1
}

nothing_left() {
        same "$W/before" 'the machine before the installation and after the removal'
        is "$(up)" '' 'units that are up'
        no_failed_unit
        inactive nginx.service
        find /etc/vnet -type f -exec sha256sum {} + | sort | diff "$W/admins" - || fail 'files of the administrator'
        is "$(find /lib /usr /run -xdev -name '*vnet*' -newer "$W/before" ! -path '/run/systemd/*' ! -path '/usr/share/doc/vnet*')" '' 'what is left of files'
}

removal() {
        take
        has 'nginx.service (was to run in web)' "$W/package" || fail "it is not said that nginx.service will be on the host's network: $(cat "$W/package")"
        nothing_left
}

removal_by_hand() {
        put
        "$(helper)" up br0
        "$(helper)" up n1
        systemctl start vnet@n2
        take
        nothing_left
}
