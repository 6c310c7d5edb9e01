# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=systemd-resolved
ROW=systemd-resolved

its_files() { # ROOT
        mkdir -p "$1/etc/systemd/resolved.conf.d"
        printf '[Resolve]\nDNS=198.51.100.2\nDNSSEC=no\nMulticastDNS=yes\nLLMNR=yes\n' > "$1/etc/systemd/resolved.conf.d/dns.conf"
        ln -sf ../run/systemd/resolve/stub-resolv.conf "$1/etc/resolv.conf"
        ln -sf /lib/systemd/system/systemd-resolved.service "$1/etc/systemd/system/dbus-org.freedesktop.resolve1.service"
}

name_server() {
        listening outside -uln 1 53 ||
                background outside dnsmasq -k -u root --conf-file=/dev/null --pid-file= --no-resolv --no-hosts --address=/www.example/192.0.2.99
        eventually listening outside -uln 1 53
}
its_start() {
        name_server
        systemctl start systemd-resolved
}
its_works() { eventually looked_up 127.0.0.53; }
looked_up() { busybox nslookup -type=a www.example "$1" 2> /dev/null | has 192.0.2.99; }
# The namespaces ask the name server themselves.
its_extra() {
        if listening outside -uln 1 53; then eventually at net0 busybox nslookup -type=a www.example 198.51.100.2 | has 192.0.2.99; fi
}
its_restart() { systemctl restart systemd-resolved; }
its_reload() { if ! systemctl reload systemd-resolved; then resolvectl flush-caches; fi; }
its_stop() { systemctl stop systemd-resolved; }
