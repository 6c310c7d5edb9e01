#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mistakes.sh: what somebody writes who is new to it: vnetctl check and the helper say what is wrong and what to write instead.
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

GENERATOR=$(dirname "$HELPER")/../generator/vnet-generator

said() { # FILE LINES PATTERN…
        local file=$1 lines=$2 pattern
        shift 2
        cat "$file"
        [ "$(wc -l < "$file")" = "$lines" ] || fail "$(wc -l < "$file") lines, not $lines"
        for pattern; do grep -qE -- "$pattern" "$file" || fail "no /$pattern/"; done
}
# What vnetctl check says, summary aside; status 0 is for warnings.
checks() { # STATUS LINES PATTERN…
        local rc=0
        "$CTL" check > "$W/out" 2> "$W/err" || rc=$?
        is $rc "$1" 'status of check'
        shift
        said "$W/err" "$@"
}
ups_with() { # NAME LINES PATTERN…
        "$HELPER" up "$1" 2> "$W/err" || fail "up $1: $(cat "$W/err")"
        shift
        said "$W/err" "$@"
}
fails_with() { # NAME LINES PATTERN…
        gone "$HELPER" up "$1"
        "$HELPER" up "$1" 2> "$W/err" || true
        shift
        said "$W/err" "$@"
}
generate() {
        rm -rf /run/systemd/generator
        mkdir -p /run/systemd/generator
        "$GENERATOR" /run/systemd/generator 2> "$W/generator" || true
}
forget() { rm -r /run/systemd; }

case_unknown_names() {
        printf '[Namespace]\nAddress=172.18.0.10/16\n[link]\nBridge=br0\n[Link]\nAdress=172.18.0.10/16\n' | file net0
        local all=('net0.vnet:2: Address: unknown key in \[Namespace\], ignored; it belongs in \[Link\]$'
                'net0.vnet:3: unknown section \[link\], ignored; did you mean \[Link\]\?$'
                'net0.vnet:6: Adress: unknown key in \[Link\], ignored; did you mean Address=\?$')
        checks 0 3 "${all[@]}"
        ups_with net0 3 "${all[@]}"
        down net0
}

# The warning of a refused file is often the cause of its error.
case_refused_with_warnings() {
        site4
        printf '[Namespace]\n[Link]\nBridge=br0\nAdress=172.18.0.10/16\nGateway=172.18.0.1\n' | file net0
        generate
        fails_with net0 3 '^net0: /etc/vnet/net0.vnet:4: Adress: .*did you mean Address=' \
                "^net0: /etc/vnet/net0.vnet:5: Gateway: link 'eth0' has no IPv4 address$" \
                "^net0: refused at the last daemon-reload; fix the file, then run 'systemctl daemon-reload'$"
        forget
}

case_name_of_the_file() {
        printf '[Namespace]\n' > /etc/vnet/net0.conf
        printf 'see the wiki\n' | tee /etc/vnet/README > /etc/vnet/net0.vnet~
        checks 0 1 '^/etc/vnet/net0.conf: ignored, since its name does not end in .vnet$'
        fails_with net0 1 '^net0: no net0.vnet in /etc/vnet; /etc/vnet/net0.conf is not read, as its name does not end in .vnet$'
        fails_with net9 1 '^net9: no net9.vnet in /etc/vnet, /run/vnet, /usr/local/lib/vnet or /usr/lib/vnet$'
}

case_outside_the_subnet() {
        site
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.19.0.10/16\nAddress=fd00:19::10/64\n' | file net0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/32\nAddress=fd00:18::11/128\n' | file net1
        local net0=("net0.vnet:4: Address: 172.19.0.10/16 is outside the subnet 172.18.0.0/16 of bridge 'br0' \(/etc/vnet/br0.vnet:2\)"
                "net0.vnet:5: Address: fd00:19::10/64 is outside the subnet fd00:18::/64 of bridge 'br0' \(/etc/vnet/br0.vnet:3\)")
        local net1=("net1.vnet:4: Address: the network of 172.18.0.11/32 does not contain the bridge's address 172.18.0.1 \(/etc/vnet/br0.vnet:2\)"
                "net1.vnet:5: Address: the network of fd00:18::11/128 does not contain the bridge's address fd00:18::1 ")
        checks 0 4 "${net0[@]}" "${net1[@]}"
        up br0
        ups_with net0 2 "${net0[@]}"
        ups_with net1 2 "${net1[@]}"
        is "$(at net0 ip route show default)" ""
        down_all
        # Gateway=no says that it is meant
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.19.0.10/16\nGateway=no\n' | file net0
        site4_net1
        checks 0 0
}

# A default route of one family leaves the other without, which is said where it is given.
case_lost_default_route() {
        site4_net1
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPMasquerade=both\n' | file br0
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\nAddress=fd00:18::10/64\nRoute=default via 172.18.0.1\n' | file net0
        local lost="net0.vnet:6: Route: switches off the automatic default route of IPv6 by 'eth0' too; Gateway=fd00:18::1 there gives it, Gateway=no there says that none is meant$"
        checks 0 1 "$lost"
        up br0
        ups_with net0 1 "$lost"
        is "$(at net0 ip -6 route show default)" ""
        down_all
        # the cures that it names
        printf 'Gateway=fd00:18::1\n' >> /etc/vnet/net0.vnet
        checks 0 0
        sed -i 's/^Gateway=.*/Gateway=no/' /etc/vnet/net0.vnet
        checks 0 0
}
site4_net1() { printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.11/16\n' | file net1; }

# What only a restart can do: the line of the key that changed.
case_reload_that_needs_a_restart() {
        site4
        printf '[Bridge]\nAddress=172.19.0.1/16\n' | file br1
        ups br0 br1 net0
        cp /etc/vnet/net0.vnet "$W/net0"
        printf 'MTUBytes=1400\nMACAddress = 02:00:00:00:00:01\n' >> /etc/vnet/net0.vnet
        refused reload net0 "^net0: /etc/vnet/net0.vnet:7: MACAddress: interface vn-net0.*: cannot be created or changed while net0 is up; 'systemctl restart vnet@net0' does it$"
        { cat "$W/net0"; printf 'Name=wan0\n'; } > /etc/vnet/net0.vnet
        refused reload net0 '^net0: /etc/vnet/net0.vnet:6: Name: interface vn-net0'
        { cat "$W/net0"; printf 'HostName=x0\n'; } > /etc/vnet/net0.vnet
        refused reload net0 '^net0: /etc/vnet/net0.vnet:6: HostName: interface x0'
        sed s/br0/br1/ "$W/net0" > /etc/vnet/net0.vnet
        refused reload net0 '^net0: /etc/vnet/net0.vnet:4: Bridge: interface vn-net0' 2
        sed 's/^\[Namespace\]/&\nName=other/' "$W/net0" > /etc/vnet/net0.vnet
        refused reload net0 '^net0: /etc/vnet/net0.vnet:2: Name: network namespace other'
        { cat "$W/net0"; printf '[Link]\nAddress=10.7.0.1/24\n'; } > /etc/vnet/net0.vnet
        refused reload net0 '^net0: /etc/vnet/net0.vnet:6: interface vn-net0-eth1'
        printf 'MACAddress=02:00:00:00:00:02\n' >> /etc/vnet/br0.vnet
        refused reload br0 '^br0: /etc/vnet/br0.vnet:4: MACAddress: bridge br0'
}

# A bridge that nobody has: a slip in Bridge=, or one that comes later.
# The same of a cable to the host, and ports that would lead nowhere
case_ends_that_do_not_meet() {
        printf '[Namespace]\n[Link]\nAddress=10.1.0.2/24\nHostAddress=10.2.0.1/24\nAddress=fd00:1::2/64\nHostAddress=fd00:1::1/64\n' | file net0
        printf '[Namespace]\nPublishPort=80:80\n[Link]\nAddress=10.3.0.2/24\nAddress=fd00:3::2/64\nHostAddress=10.3.0.1/24\n' | file net1
        printf '[Namespace]\n[Link]\nAddress=10.4.0.2/32\nHostAddress=10.4.0.1/32 peer 10.4.0.2\n[Link]\nAddress=10.5.0.2/24\n' | file net2
        local ends="net0.vnet:3: Address: 10.1.0.2/24 is outside the subnet 10.2.0.0/24 of HostAddress= \(/etc/vnet/net0.vnet:4\), so it"
        local port="net1.vnet:2: PublishPort: the host reaches no IPv6 address of the link at /etc/vnet/net1.vnet:3, to which the port leads: HostAddress="
        checks 0 2 "$ends" "$port"
        ups_with net0 1 "$ends"
        ups_with net1 1 "$port"
}
case_device_of_nobody() {
        printf '[Namespace]\n[Link]\nKind=physical\nDevice=wan9\n' | file net0
        checks 0 1 "net0.vnet:2: Device: the host has no interface 'wan9'"
        ip link add wan9 type veth peer name wan8
        checks 0 0
        up net0
        checks 0 0
        down net0
        ip link del wan9
}
case_bridge_of_nobody() {
        site4
        sed -i s/br0/br00/ /etc/vnet/net0.vnet
        checks 0 1 "^/etc/vnet/net0.vnet:4: Bridge: no .vnet file defines a bridge 'br00' and the host has none; did you mean 'br0'\?$"
        sed -i s/br00/docker0/ /etc/vnet/net0.vnet
        checks 0 1 "defines a bridge 'docker0' and the host has none$"
        ip link add docker0 type bridge
        checks 0 0
        ip link del docker0
        sed -i s/docker0/up0/ /etc/vnet/net0.vnet
        checks 0 1 "net0.vnet:4: Bridge: the interface 'up0' of the host is no bridge; Kind=macvlan"
        # of another system is known what its files say
        mkdir -p "$W/r/etc"
        cp -r /etc/vnet "$W/r/etc/vnet"
        "$CTL" --root="$W/r" check 2> "$W/err"
        is "$(cat "$W/err")" ''
        rm -r "$W/r"
}

# What is there and was not made by vnet: the bridge of another program, an outer end.
case_interface_of_another() {
        site4
        ups br0 net0
        checks 0 0
        down_all
        ip link add br0 type bridge
        ip link add vn-net0 type bridge
        checks 0 2 "br0.vnet:1: Name: the host has an interface 'br0' already; unless it goes, the start fails$" \
                "net0.vnet:3: HostName: the host has an interface 'vn-net0' already"
        ip link del br0
        ip link del vn-net0
}

# ip(8) shows them below each card. The kernel knows them; rules and /proc/sys do not.
case_alternative_names() {
        ip link add lan0 type bridge
        ip link property add dev lan0 altname mylan
        ip link set lan0 up
        ip link property add dev up0 altname enp9s0
        printf '[Namespace]\n[Link]\nBridge=mylan\nAddress=172.18.0.10/16\n' | file net0
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=enp9s0\nAddress=198.51.100.9/24\n' | file net1
        checks 0 2 "net0.vnet:3: Bridge: 'mylan' is an alternative name of the interface 'lan0', and .*; write Bridge=lan0" \
                "net1.vnet:4: Parent: 'enp9s0' is an alternative name of the interface 'up0'"
        ups net0 net1
        "$CTL" diff net0 || fail 'another bridge'
        "$CTL" diff net1 || fail 'another parent'
        reload net0
        reload net1
        reaches net1 198.51.100.2
        down_all
        rm /etc/vnet/*
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nOutbound=enp9s0\n' | file br0
        refused up br0 "br0.vnet:4: Outbound: 'enp9s0' is an alternative name of the interface 'up0', .*; write Outbound=up0"
        checks 1 1 'br0.vnet:4: Outbound: .enp9s0. is an alternative name'
        printf '[Bridge]\nAddress=172.18.0.1/16\nAddress=fd00:18::1/64\nIPv6ProxyNDP=enp9s0\n' | file br0
        refused up br0 'br0.vnet:4: IPv6ProxyNDP: .*write IPv6ProxyNDP=up0'
        printf '[Bridge]\nUplink=enp9s0\n' | file br0
        checks 0 1 "br0.vnet:2: Uplink: 'enp9s0' is an alternative name of the interface 'up0'"
        ip link property del dev up0 altname enp9s0
        ip link del lan0
}

case_service_that_is_not_there() {
        mkdir -p /run/systemd/system
        printf '[Service]\nExecStart=/bin/true\n' | tee /run/systemd/system/web.service > /run/systemd/system/box@.service
        printf '[Namespace]\nServices=web.service wbe.service box@1.service box@.service bxo@1.service\n' | file net0
        local two=("net0.vnet:2: Services: there is no unit 'wbe.service'; is its name right\?$" "there is no unit 'bxo@1.service'")
        checks 0 2 "${two[@]}"
        generate
        INVOCATION_ID=x ups_with net0 2 "${two[@]}"
        down net0
        forget
}

# Started before systemd has read the new files.
case_without_daemon_reload() {
        site4
        mkdir -p /run/systemd/generator
        INVOCATION_ID=x fails_with net0 3 "^net0: net0.vnet is not yet known to systemd: run 'systemctl daemon-reload', then 'systemctl restart vnet@net0'$" \
                "^net0: /etc/vnet/net0.vnet:3: interface vn-net0: there is no bridge 'br0'$" \
                "^net0: /etc/vnet/br0.vnet:1: br0.vnet is not yet known to systemd: run 'systemctl daemon-reload', then start again$"
        generate
        INVOCATION_ID=x fails_with net0 2 "there is no bridge 'br0'" \
                "the bridge 'br0' is not up; if Bridge= is new, run 'systemctl daemon-reload', else see 'systemctl status vnet@br0'$"
        up br0
        INVOCATION_ID=x ups_with net0 0
        forget
}

run_cases "$@"
