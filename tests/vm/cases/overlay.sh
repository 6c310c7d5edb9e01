# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: site
# overlay.sh: links of kind vrf, which the development kernel lacks, and of kind vxlan on kernels that distributions have.

link_is() { # NAMESPACE LINK JQ
        at "$1" ip -d -j link show dev "$2" | jq -e ".[0] | $3" > /dev/null ||
                { at "$1" ip -d link show dev "$2"; fail "$2 in $1 is not: $3"; }
}
# Two tenants with the same addresses on both sides, each with the host's end as its gateway; "red" has a link without a gateway too
tenants() { # LINE… of the vrf red
        printf '%s\n' '[Namespace]' IPv4Forwarding=yes IPv6Forwarding=yes \
                '[Link]' Name=red Kind=vrf Table=101 "$@" '[Link]' Name=blue Kind=vrf Table=102 MACAddress=02:00:00:00:00:0b \
                '[Link]' Name=red0 HostName=hred0 Master=red Address=10.5.0.2/24 Address=fd00:5::2/64 HostAddress=10.5.0.1/24 HostAddress=fd00:5::1/64 \
                '[Link]' Name=red1 HostName=hred1 Master=red Address=10.6.0.2/24 Address=fd00:6::2/64 \
                Route='10.9.0.0/16 via 10.6.0.9' Route='fd00:9::/64 via fd00:6::9' Route='10.10.0.0/16 via 10.6.0.9 table 7' \
                '[Link]' Name=blue0 HostName=hblue0 Master=blue Address=10.5.0.2/24 Address=fd00:5::2/64 Gateway=10.5.0.9 Gateway=fd00:5::9 \
                '[Link]' Name=out0 HostName=hout0 Address=10.7.0.2/24 Address=fd00:7::2/64 HostAddress=10.7.0.1/24 HostAddress=fd00:7::1/64 | file net0
}
# Stopped and started at once, without the time that systemd takes for it in an emulated machine; tools/kind-table does it twenty times
again() { # TIMES
        local i
        for ((i = 0; i < $1; i++)); do
                /usr/libexec/vnet/vnet-helper down net0 2> /dev/null
                /usr/libexec/vnet/vnet-helper up net0
        done
}
pings() { eventually at net0 ping -c1 -W5 -q -I "$1" "$2" > /dev/null || { at net0 ip addr; at net0 ip route show table all; fail "$1 does not reach $2"; }; }
table() { at net0 ip -j "$1" route show table "$2" | jq -r '.[] | select(.type == null or .type == "unicast") | select(.protocol != "kernel") | "\(.dst) \(.gateway // "-") \(.dev)"' | sort | xargs; }

case_vrf() {
        tenants
        apply
        link_is net0 red '.linkinfo.info_data.table == 101 and (.flags | index("UP"))'
        link_is net0 red0 '.master == "red"'
        is "$(table -4 101)" '10.9.0.0/16 10.6.0.9 red1 default 10.5.0.1 red0' 'table 101'
        is "$(table -6 101)" 'default fd00:5::1 red0 fd00:9::/64 fd00:6::9 red1' 'table 101, IPv6'
        is "$(table -4 102)" 'default 10.5.0.9 blue0' 'table 102'
        is "$(table -6 102)" 'default fd00:5::9 blue0' 'table 102, IPv6'
        is "$(table -4 7)" '10.10.0.0/16 10.6.0.9 red1' 'table 7'
        is "$(table -4 main)" 'default 10.7.0.1 out0' 'table main'
        is "$(table -6 main)" 'default fd00:7::1 out0' 'table main, IPv6'
        pings red 10.5.0.1
        pings red fd00:5::1
        pings out0 10.7.0.1
        # by the default route of red, and by none of blue
        pings red 198.51.100.1
        pings red 2001:db8::1
        if at net0 ping -c1 -W2 -q -I blue 198.51.100.1; then fail 'blue goes by the way of red'; fi
        vnetctl diff net0 || fail 'something differs'
        again 4
        pings red fd00:5::1
        vnetctl diff net0 || fail 'something differs after restarts'
}
# Somebody inside takes a link off: with that the kernel throws away addresses and routes
case_vrf_repair() {
        tenants
        apply
        at net0 ip link set red0 nomaster
        vnetctl diff net0 > "$W/out" && fail 'no difference'
        has '^+member .*dev=red0 .*master=red .*lost in the kernel' "$W/out" || { cat "$W/out"; fail 'diff does not say so'; }
        systemctl reload vnet@net0
        vnetctl diff net0 || { at net0 ip route show table all; fail 'something differs after the reload'; }
        link_is net0 red0 '.master == "red"'
        is "$(table -4 101)" '10.9.0.0/16 10.6.0.9 red1 default 10.5.0.1 red0' 'table 101'
        is "$(table -6 101)" 'default fd00:5::1 red0 fd00:9::/64 fd00:6::9 red1' 'table 101, IPv6'
        is "$(at net0 ip route show table main dev red0)" '' 'routes of red0 in table main'
        pings red fd00:5::1
        at net0 ip link del red
        systemctl reload vnet@net0
        vnetctl diff net0 || fail 'something differs after red was made again'
        pings red 10.5.0.1
        pings red fd00:5::1
        at net0 ip route del 10.5.0.0/24 table 101
        vnetctl diff net0 && fail 'no difference without the route to the subnet'
        systemctl reload vnet@net0
        vnetctl diff net0 || fail 'something differs after the route was mended'
}
# What a reload changes, and what it refuses at the key's line
case_vrf_reload() {
        tenants
        apply
        tenants Address=10.99.0.1/32 'Route=unreachable default metric 1000'
        systemctl reload vnet@net0
        is "$(at net0 ip -j route show table 101 type unreachable | jq -r '.[].dst')" default 'unreachable route in table 101'
        pings red 10.99.0.1
        tenants
        systemctl reload vnet@net0
        sed -i 's/^Table=102/Table=103/' /etc/vnet/net0.vnet
        systemctl reload vnet@net0 && fail 'a reload changes the table'
        logged vnet@net0 'net0.vnet:[0-9]*: Table: .*cannot be created or changed'
        tenants
        sed -i '/^Name=red1/,/^Address/s/^Master=red/Master=blue/' /etc/vnet/net0.vnet
        systemctl reload vnet@net0 && fail 'a reload changes the vrf of a link'
        logged vnet@net0 'net0.vnet:[0-9]*: Master: .*cannot be created or changed'
        systemctl restart vnet@net0
        link_is net0 red1 '.master == "blue"'
}
# The script that says the same
case_vrf_oracle() {
        tenants Address=10.99.0.1/32
        systemctl daemon-reload
        systemctl start vnet@net0
        shown > "$W/helper"
        systemctl stop vnet@net0
        vnetctl plan --format=shell net0 > "$W/script"
        unshare --net --mount bash -eEc 'mount -t tmpfs run /run/netns; mount -t sysfs sysfs /sys; ip link set lo up; . "$W/script" > "$W/log" 2>&1; shown' > "$W/shell" ||
                { cat "$W/log"; fail 'the script fails'; }
        rm -f /run/sysctl.d/10-vnet-*
        diff "$W/shell" "$W/helper" || fail 'the kernel shows two different namespaces'
        [ "$(wc -l < "$W/helper")" -gt 20 ] || fail 'little was shown'
}
shown() {
        ip -n net0 -j -d link show | jq -r '.[] | select(.ifname != "lo") | [.ifname, .master, .mtu, .linkinfo.info_kind, .linkinfo.info_data.table] | join(" ")'
        ip -n net0 -br addr show | sed 's/@[^ ]*//' | awk '{ for (i = 3; i <= NF; i++) if ($i !~ /^fe80/) print $1, $i }' | sort
        ip -n net0 -4 route show table all | sort
        ip -n net0 -6 route show table all | grep -v fe80 | sed 's/ expires [^ ]*//' | sort
}
export -f shown
export W

case_vxlan() {
        at outside ip link add vx0 type vxlan id 7 dstport 4789 local 198.51.100.2 remote 198.51.100.1
        at outside ip addr add 10.7.0.2/24 dev vx0
        at outside ip addr add fd00:7::2/64 dev vx0 nodad
        at outside ip link set vx0 up
        at outside ip link add vx1 type vxlan id 8 dstport 4789 local 2001:db8::2 remote 2001:db8::1
        at outside ip addr add 10.8.0.2/24 dev vx1
        at outside ip link set vx1 up
        printf '%s\n' '[Namespace]' '[Link]' Kind=vxlan VNI=7 Local=198.51.100.1 Remote=198.51.100.2 Address=10.7.0.10/24 Address=fd00:7::10/64 \
                '[Link]' Kind=vxlan VNI=8 Remote=2001:db8::2 Parent=up0 Address=10.8.0.10/24 | file net0
        apply
        link_is net0 eth0 '.mtu == 1450'
        link_is net0 eth1 '.mtu == 1430'
        reaches net0 10.7.0.2 fd00:7::2 10.8.0.2
        vnetctl diff net0 || fail 'something differs'
        background net0 sleep 300
        again 4
        reaches net0 10.7.0.2 fd00:7::2 10.8.0.2
        # others come, and learning goes
        sed -i 's/^Remote=198.*/&\nRemote=198.51.100.3\nLearning=no/' /etc/vnet/net0.vnet
        systemctl reload vnet@net0
        link_is net0 eth0 '.linkinfo.info_data.learning | not'
        is "$(at net0 bridge -j fdb show dev eth0 | jq '[.[] | select(.mac == "00:00:00:00:00:00")] | length')" 2 remotes
        reaches net0 10.7.0.2
        vnetctl diff net0 || fail 'something differs after the reload'
        systemctl stop vnet@net0
        [ -z "$(ss -Hlun sport = :4789)" ] || fail 'the host has a socket still'
        at outside ip link del vx0
        at outside ip link del vx1
}
