# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=ifupdown
ROW=ifupdown

its_files() { # ROOT
        cat > "$1/etc/network/interfaces" <<'U'
auto lo
iface lo inet loopback
auto lan0
iface lan0 inet static
        address 192.0.2.1/24
iface lan0 inet6 static
        address 2001:db8:2::1/64
U
}

its_start() {
        lan
        systemctl start networking
}
its_works() { lan_works; }
its_extra() { if ip link show lan0 > /dev/null 2>&1; then reaches net0 192.0.2.2 2001:db8:2::2; fi; }
its_restart() { systemctl restart networking; }
its_reload() { ifdown lan0; ifup lan0; }
its_stop() {
        systemctl stop networking
        ip link del lan0
}
