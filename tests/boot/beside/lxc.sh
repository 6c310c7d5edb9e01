# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=lxc
ROW='lxc, with lxc-net'
KNOWN=$FORWARDING
WHY=$FORWARDING_WHY

its_files() { # ROOT
        printf 'USE_LXC_BRIDGE="true"\n' > "$1/etc/default/lxc-net"
}

its_start() {
        systemctl start lxc-net
        guest lxcbr0
        guest_asks
}
its_works() { guest_works 10.0.3.1; }
# Its bridge is a new one then, and what was plugged into it is not.
its_restart() {
        no_guest
        systemctl restart lxc-net
        guest lxcbr0
        guest_asks
}
its_stop() {
        no_guest
        systemctl stop lxc-net
}
its_extra() { [ ! -e "$W/guest" ] || guest_apart; }
