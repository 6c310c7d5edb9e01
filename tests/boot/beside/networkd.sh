# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: neighbours
PACKAGE=netplan.io
ROW="systemd-networkd with netplan's catch-all"
# it keeps up0 its own way, without "nodad" and from 257 on with another protocol
NOT_ITS='^"up0 addr_info|"dev":"up0"'

its_files() { # ROOT
        mkdir -p "$1/etc/netplan"
        cat > "$1/etc/netplan/50-all.yaml" <<'U'
network:
  version: 2
  renderer: networkd
  ethernets:
    b-lan0:
      match: {name: lan0}
      addresses: [192.0.2.1/24, "2001:db8:2::1/64"]
      accept-ra: false
    zz-all:
      match: {name: "*"}
      dhcp4: true
      dhcp6: true
      optional: true
U
        chmod 600 "$1/etc/netplan/50-all.yaml"
        up0_by_networkd "$1"
}

setup_of() { networkctl list --no-legend "$1" | awk '{ print $5 }'; }
is_configured() { is "$(setup_of "$1")" configured "$1"; }
its_start() {
        lan
        systemctl start systemd-networkd
        eventually is_configured lan0
        eventually is_configured up0
}
its_works() { is_configured lan0; lan_works; }
its_extra() {
        ip link show lan0 > /dev/null 2>&1 || return 0
        local l
        for l in br0 vn-net0 vn-net1; do
                [ "$(systemctl is-active systemd-networkd)" != active ] || is "$(setup_of "$l")" unmanaged "$l"
        done
        reaches net0 192.0.2.2 2001:db8:2::2
}
its_restart() {
        systemctl restart systemd-networkd
        eventually is_configured lan0
}
its_reload() {
        netplan generate
        networkctl reload
        networkctl reconfigure up0 lan0
        eventually is_configured lan0
        eventually is_configured up0
}
its_stop() {
        systemctl stop systemd-networkd.socket systemd-networkd
        ip link del lan0
}
