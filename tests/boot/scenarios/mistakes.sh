# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mistakes.sh: what systemctl, the journal and vnetctl say to somebody who is new to it.

prepare() { # ROOT TOP
        cp "$2/conf.d/examples/br0.vnet" "$1/etc/vnet/"
        printf '[Namespace]\n[Link]\nBridge=br0\nAdress=172.18.0.20/16\nGateway=172.18.0.1\n' > "$1/etc/vnet/slip.vnet"
        printf '[Namespace]\nServices=ngnix.service\n[Link]\nBridge=br0\nAddress=172.19.0.21/16\n' > "$1/etc/vnet/outside.vnet"
        printf '[Namespace]\n' > "$1/etc/vnet/net9.conf"
}

scenario() {
        check at-boot at_boot
        check refused-by-hand refused_by_hand
        check without-daemon-reload without_daemon_reload
        check bridge-failed bridge_failed
}

log_has() { eventually journal_says "$2" "$1" || fail "no /$2/ in the journal ($1)"; } # MATCH PATTERN
why() { "$@" > /run/why 2>&1 || true; cat /run/why; }
# The journal may get a unit's last words after systemd has told that it failed.
status_says() { # UNIT PATTERN...
        eventually status_has "$@" || fail "status of $1: $(cat /run/why)"
}
status_has() { # UNIT PATTERN...
        local p
        systemctl status "$1" > /run/why 2>&1 || true
        for p in "${@:2}"; do grep -e "$p" /run/why > /dev/null || return 1; done
}

# Boot goes on, and the journal has it: the generator's lines by the kernel log, the helper's by the unit.
at_boot() {
        vnetctl check > /run/check 2>&1 || true
        cat /run/check
        has 'net9.conf: ignored, since its name does not end in .vnet' /run/check
        has 'slip.vnet:4: Adress: .*did you mean Address=' /run/check
        has "outside.vnet:2: Services: there is no unit 'ngnix.service'" /run/check
        has 'outside.vnet:5: Address: 172.19.0.21/16 is outside the subnet 172.18.0.0/16' /run/check
        eventually active vnet@outside
        log_has _SYSTEMD_UNIT=vnet@outside.service '172.19.0.21/16 is outside the subnet'
        log_has _SYSTEMD_UNIT=vnet@outside.service "there is no unit 'ngnix.service'"
}

refused_by_hand() {
        if systemctl start vnet@slip; then fail 'slip started'; fi
        status_says vnet@slip 'Adress: unknown key in \[Link\], ignored; did you mean Address=' "Gateway: link 'eth0' has no IPv4 address" \
                'refused at the last daemon-reload; fix the file'
}

without_daemon_reload() {
        printf '[Bridge]\nAddress=172.20.0.1/16\n' > /etc/vnet/br2.vnet
        printf '[Namespace]\n[Link]\nBridge=br2\nAddress=172.20.0.10/16\n' > /etc/vnet/new.vnet
        if systemctl start vnet@new; then fail 'new started'; fi
        status_says vnet@new 'new.vnet is not yet known to systemd' "there is no bridge 'br2'" 'br2.vnet is not yet known to systemd'
        systemctl daemon-reload
        systemctl start vnet@new
        systemctl stop vnet@br2
        rm /etc/vnet/{br2,new}.vnet
        systemctl daemon-reload
}

# systemd knows no more than "dependency": vnetctl names the bridge.
bridge_failed() {
        systemctl stop vnet@br0
        ip link add br0 type bridge
        if systemctl start vnet@outside; then fail 'outside started'; fi
        status_says vnet@outside Dependency
        why vnetctl list
        has 'outside is down, as its bridge br0 has failed' /run/why
        has "journalctl -u vnet@br0' says why" /run/why
        ip link del br0
        systemctl start vnet@outside
}
