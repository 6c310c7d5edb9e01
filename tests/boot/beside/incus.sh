# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
# only: trixie
PACKAGE=incus
ROW=incus
KNOWN=$FORWARDING
WHY=$FORWARDING_WHY

its_files() { :; } # ROOT

its_start() {
        systemctl start incus
        incus network show incusbr0 > /dev/null 2>&1 || incus network create incusbr0 ipv4.address=10.77.0.1/24 ipv4.nat=true \
                ipv6.address=fd42:77::1/64 ipv6.nat=true
        guest incusbr0
        guest_asks
}
its_works() { guest_works 10.77.0.1; }
its_restart() {
        systemctl restart incus
        eventually incus network show incusbr0
}
its_stop() {
        no_guest
        incus network delete incusbr0
        systemctl stop incus.socket incus-user.socket incus-startup incus || true
}
its_extra() { [ ! -e "$W/guest" ] || guest_apart; }
