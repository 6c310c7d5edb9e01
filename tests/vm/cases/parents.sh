# shellcheck shell=bash
# boot: site
# SPDX-License-Identifier: GPL-2.0-or-later
# parents.sh: links that stand on an interface of the host, of the kinds that the development kernel lacks: vlan and ipvlan. This is
# their oracle too.

link_is() { # NAMESPACE LINK JQ
        at "$1" ip -d -j link show dev "$2" | jq -e ".[0] | $3" > /dev/null ||
                { at "$1" ip -d link show dev "$2"; fail "$2 in $1 is not: $3"; }
}
of_link() { at "$1" ip -j link show dev "$2" | jq -r ".[0] | $3"; } # NAMESPACE LINK JQ
vlan() { # PARENT ID ADDRESS4 ADDRESS6 [LINES]
        printf '[Namespace]\n[Link]\nKind=vlan\nParent=%s\nId=%s\nAddress=%s/24\nAddress=%s/64\n%s\n' "$@"
}
ipvlan() { # ADDRESS4 ADDRESS6 [LINES]
        printf '[Namespace]\n[Link]\nKind=ipvlan\nParent=up0\nAddress=%s/24\nAddress=%s/64\n%s\n' "$@"
}
neighbour_with_vlan() { # ID: outside has it too, until the case is over
        later at outside ip link del "v$1"
        at outside ip link add link eth0 name "v$1" type vlan id "$1"
        at outside ip addr add "10.$1.0.1/24" dev "v$1"
        at outside ip addr add "fd00:$1::1/64" dev "v$1" nodad
        at outside ip link set "v$1" up
}
restarts() { # NAME, 20 times, each works at once
        local i
        for ((i = 0; i < 20; i++)); do "$HELPER" down "$1" 2> "$W/err" && "$HELPER" up "$1"; done
}
HELPER=/usr/libexec/vnet/vnet-helper

case_vlan() {
        module 8021q
        neighbour_with_vlan 10
        vlan up0 10 10.10.0.2 fd00:10::2 'Gateway=10.10.0.1
Gateway=fd00:10::1' | file net0
        apply
        link_is net0 eth0 '.linkinfo.info_kind == "vlan" and .linkinfo.info_data.id == 10 and (.linkinfo.info_data.flags | index("LOOSE_BINDING"))'
        reaches net0 10.10.0.1 fd00:10::1
        vnetctl diff net0
        # the host's own is another network
        at outside ip link set v10 down
        cut_off net0 10.10.0.1
        at outside ip link set v10 up
        # a process that lives on does not keep the number
        background net0 sleep 300
        systemctl stop vnet@net0
        restarts net0
        "$HELPER" down net0 2> "$W/err"
        systemctl start vnet@net0
        reaches net0 10.10.0.1
}
# An administrator takes the parent down and up: addresses and routes stay, and nobody has to mend anything.
case_vlan_over_a_parent_that_is_down() {
        module 8021q
        ip link add trunk0 type veth peer name trunk1
        later ip link del trunk0
        vlan trunk0 20 10.20.0.2 fd00:20::2 Gateway=10.20.0.1 | file net0
        apply
        link_is net0 eth0 '.flags | index("UP")'
        ip link set trunk1 up
        ip link add link trunk1 name t20 type vlan id 20
        ip addr add 10.20.0.1/24 dev t20
        ip addr add fd00:20::1/64 dev t20 nodad
        ip link set t20 up
        ip link set trunk0 up
        eventually at net0 ping -c 1 -W 1 -q 10.20.0.1
        ip link set trunk0 down
        vnetctl diff net0
        ip link set trunk0 up
        eventually at net0 ping -c 1 -W 1 -q 10.20.0.1
        reaches net0 fd00:20::1
        at net0 ip route show default | has 'via 10.20.0.1'
        # somebody inside takes the flag off
        at net0 ip link set eth0 type vlan loose_binding off
        { vnetctl diff net0 || true; } | has 'not whole in the kernel'
        systemctl reload vnet@net0
        link_is net0 eth0 '.linkinfo.info_data.flags | index("LOOSE_BINDING")'
        # the parent goes, and the network with it; it comes back with the parent
        ip link del trunk0
        eventually inactive vnet@net0
        ip link add trunk0 type veth peer name trunk1
        eventually active vnet@net0
        link_is net0 eth0 '.linkinfo.info_data.id == 20'
}
case_vlan_taken() {
        module 8021q
        later ip link del x10
        ip link add link up0 name x10 type vlan id 10
        vlan up0 10 10.10.0.2 fd00:10::2 | file net0
        systemctl daemon-reload
        # shellcheck disable=SC2251 # it has to fail
        ! systemctl start vnet@net0 2> "$W/err"
        logged vnet@net0 "the parent has this VLAN already, by a link in some network namespace"
        vlan up0 11 10.10.0.2 fd00:10::2 MTUBytes=1501 | file net0
        systemctl daemon-reload
        # shellcheck disable=SC2251 # it has to fail
        ! systemctl start vnet@net0 2> "$W/err"
        logged vnet@net0 "MTUBytes=1501 is more than the 1500 of its parent 'up0'"
}
# A router: VLANs of one cable into it, as links on a link.
case_vlan_inside() {
        module 8021q
        neighbour_with_vlan 10
        printf '%s\n' '[Namespace]' '[Link]' Name=trunk Kind=macvlan Parent=up0 Mode=passthru \
                '[Link]' Name=v10 Kind=vlan Parent=trunk Id=10 Address=10.10.0.2/24 Address=fd00:10::2/64 \
                '[Link]' Name=v11 Kind=vlan Parent=trunk Id=11 | file net0
        apply
        link_is net0 v10 '.link == "trunk" and .linkinfo.info_data.id == 10'
        reaches net0 10.10.0.1 fd00:10::1
        vnetctl diff net0
        at net0 ip link del v10
        systemctl reload vnet@net0
        reaches net0 10.10.0.1 fd00:10::1
        systemctl restart vnet@net0
        reaches net0 10.10.0.1
}

case_ipvlan() {
        local index
        module ipvlan
        ipvlan 198.51.100.60 2001:db8::60 | file net0
        ipvlan 198.51.100.61 2001:db8::61 | file net1
        apply
        link_is net0 eth0 '.linkinfo.info_kind == "ipvlan" and .linkinfo.info_data.mode == "l2"'
        is "$(of_link net0 eth0 .address)" "$(of_link host up0 .address)" MAC
        reaches net0 198.51.100.2 2001:db8::2 198.51.100.61 2001:db8::61
        reaches outside 198.51.100.60 2001:db8::60
        cut_off net0 198.51.100.1
        vnetctl diff net0 net1
        # both change, and stay the same links
        index=$(of_link net0 eth0 .ifindex)
        ipvlan 198.51.100.60 2001:db8::60 'Mode=l3s
MTUBytes=1400' | file net0
        vnetctl check > "$W/out" 2>&1 || true
        has "Parent: 'up0' cannot carry this link beside the one at .*net0.vnet:4: all links of this kind on it have one mode" < "$W/out"
        ipvlan 198.51.100.61 2001:db8::61 Mode=l3s | file net1
        systemctl daemon-reload
        systemctl reload vnet@net0 vnet@net1
        link_is net0 eth0 '.linkinfo.info_data.mode == "l3s" and .mtu == 1400'
        is "$(of_link net0 eth0 .ifindex)" "$index" 'number of the link'
        reaches net0 198.51.100.61 2001:db8::61
        vnetctl diff net0 net1
        ipvlan 198.51.100.60 2001:db8::60 | file net0
        ipvlan 198.51.100.61 2001:db8::61 | file net1
        systemctl daemon-reload
        systemctl reload vnet@net0 vnet@net1
        link_is net1 eth0 '.linkinfo.info_data.mode == "l2"'
        link_is net0 eth0 '.mtu == 1500'
        reaches net0 198.51.100.2 2001:db8::2
        # somebody inside changes it for all
        at net1 ip link set eth0 type ipvlan mode l3
        { vnetctl diff net0 || true; } | has '^-ipvlan .*mode=l3'
        systemctl reload vnet@net0
        link_is net1 eth0 '.linkinfo.info_data.mode == "l2"'
        background net0 sleep 300
        systemctl stop vnet@net0
        restarts net0
        "$HELPER" down net0 2> "$W/err"
}
case_ipvlan_excluded() {
        module ipvlan
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=up0\n' | file mv1
        apply
        ipvlan 198.51.100.60 2001:db8::60 | file net0
        vnetctl check > "$W/out" 2>&1 || true
        has "Parent: 'up0' cannot carry this link beside the one at .*mv1.vnet:4: macvlan and ipvlan exclude each other" < "$W/out"
        # without the generator's word
        "$HELPER" up net0 2> "$W/err" && fail 'both are up'
        has 'its parent is in a bridge, or has links that exclude this kind' "$W/err"
        systemctl stop vnet@mv1
        rm /etc/vnet/mv1.vnet
        # an address that another one has
        ipvlan 198.51.100.60 2001:db8::61 | file net1
        "$HELPER" up net1
        "$HELPER" up net0 2> "$W/err" && fail 'one address twice'
        has 'another ipvlan link on the same parent has this address' "$W/err"
        gone ip netns pids net0
        "$HELPER" down net1
}

# What the helper did, and what "vnetctl plan --format=shell" does.
case_oracle_of_parents() {
        module ipvlan
        module 8021q
        printf '%s\n' '[Namespace]' '[Link]' Kind=ipvlan Parent=up0 Mode=l3 MTUBytes=1400 Address=198.51.100.60/24 \
                '[Link]' Name=t Kind=vlan Parent=up1 Id=10 MTUBytes=1450 Address=10.10.0.2/24 Address=fd00:10::2/64 \
                '[Link]' Kind=vlan Parent=t Id=11 Address=10.11.0.2/24 | file net0
        "$HELPER" up net0
        shown > "$W/helper"
        "$HELPER" down net0
        vnetctl plan --format=shell net0 > "$W/script"
        bash -e "$W/script"
        shown > "$W/shell"
        ip netns del net0
        has '"id":11' "$W/shell" || fail 'the script makes no such link'
        diff "$W/shell" "$W/helper" || fail 'the kernel shows two different networks'
        # what the kernel deletes by itself stays for a moment
        eventually no_vlan_on_up1
}
no_vlan_on_up1() { ! ip link show dev up1 | grep -q PROMISC; }
shown() {
        at net0 ip -j -d link show | jq -c '.[] | [.ifname, .link, .mtu, .flags, .address, .linkinfo.info_kind, .linkinfo.info_data]'
        at net0 ip -j addr show | jq -c '.[] | [.ifname, [.addr_info[] | select(.scope == "global") | [.local, .prefixlen]]]'
        at net0 ip route show
}

# --- Parent=up0.10, which is made ---

on_made() { # PARENT ADDRESS4 ADDRESS6
        printf '[Namespace]\n[Link]\nKind=macvlan\nParent=%s\nAddress=%s/24\nAddress=%s/64\nGateway=no\n' "$@"
}
made_is() { ip -d -j link show dev "$1" | jq -e ".[0] | $2" > /dev/null || { ip -d link show dev "$1"; fail "$1 is not: $2"; }; } # IF JQ
nothing_made() { # IF
        gone ip link show dev "$1"
        gone ls /run/vnet/users
}
two_on_made() {
        module 8021q
        neighbour_with_vlan 10
        on_made up0.10 10.10.0.2 fd00:10::2 | file net0
        on_made up0.10 10.10.0.3 fd00:10::3 | file net1
        systemctl daemon-reload
}
case_made_for_two() {
        two_on_made
        apply
        made_is up0.10 '.link == "up0" and .linkinfo.info_data.id == 10 and (.linkinfo.info_data.flags | index("LOOSE_BINDING"))
                and (.flags | index("UP")) and (.altnames | index("vnet==up0.10"))'
        reaches net0 10.10.0.1 fd00:10::1 10.10.0.3 fd00:10::3
        reaches net1 10.10.0.1 fd00:10::1
        # the host has no part in it
        is "$(ip -o addr show dev up0.10)" '' 'addresses of up0.10'
        is "$(cat /proc/sys/net/ipv6/conf/up0.10/accept_ra)" 0 accept_ra
        vnetctl diff net0 net1
        systemctl show -P BindsTo vnet@net0 | has -F 'sys-subsystem-net-devices-up0.device'
        # a .link file knows up0 by its hardware address, which up0.10 has too; it is not up0 for udev and thus for systemd
        udevadm settle
        is "$(systemctl show -P SysFSPath sys-subsystem-net-devices-up0.device)" "$(realpath /sys/class/net/up0)" 'what systemd takes for up0'
        is "$(udevadm info -q property /sys/class/net/up0.10 | grep -E '^(ID_NET_MANAGED_BY|SYSTEMD_ALIAS)=' | sort)" \
                $'ID_NET_MANAGED_BY=vnet\nSYSTEMD_ALIAS=/sys/subsystem/net/devices/up0.10' 'what udev knows of up0.10'
        # in either order
        systemctl stop vnet@net0
        reaches net1 10.10.0.1
        systemctl start vnet@net0
        systemctl stop vnet@net1
        reaches net0 fd00:10::1
        systemctl stop vnet@net0
        nothing_made up0.10
        restarts net0
        # one that is deleted by hand takes along what stands on it
        ip link del up0.10
        vnetctl diff net0 > "$W/diff" && fail 'no difference'
        has 'host-vlan .*dev=up0.10' "$W/diff" || fail "$(cat "$W/diff")"
        "$HELPER" reload net0
        reaches net0 10.10.0.1 fd00:10::1
        ip link set up0.10 down
        ip link property del dev up0.10 altname vnet==up0.10
        { vnetctl diff net0 || true; } | has 'not whole in the kernel'
        "$HELPER" reload net0
        made_is up0.10 '(.flags | index("UP")) and (.altnames | index("vnet==up0.10"))'
        # and one that somebody has renamed goes too
        ip link set up0.10 down
        ip link set up0.10 name strange0
        "$HELPER" down net0
        gone ip link show dev strange0
        nothing_made up0.10
}
case_made_and_killed() {
        local ms
        two_on_made
        for ms in 01 03 05 07 09 11 13 16 20 25 30 40 60; do
                timeout -s KILL "0.$ms" "$HELPER" up net0 > /dev/null 2>&1 || true
                "$HELPER" down net0 > "$W/err" 2>&1 || fail "$(cat "$W/err")"
                nothing_made up0.10
        done
        # before it had its mark, and before it was switched on
        "$HELPER" up net0
        sed -i '/^stage/d' /run/vnet/state/net0
        ip link property del dev up0.10 altname vnet==up0.10
        ip link set up0.10 down
        "$HELPER" up net1
        reaches net1 10.10.0.1
        "$HELPER" down net0
        made_is up0.10 '.altnames | index("vnet==up0.10")'
        reaches net1 10.10.0.1
        "$HELPER" down net1
        nothing_made up0.10
        # before it was made: what the host makes meanwhile is its own
        "$HELPER" up net0
        sed -i '/^stage/d' /run/vnet/state/net0
        ip link del up0.10
        ip link add link up0 name up0.10 type vlan id 10
        later ip link del up0.10
        "$HELPER" down net0
        made_is up0.10 '.linkinfo.info_data.id == 10 and .altnames == null'
        gone ls /run/vnet/users
}
case_made_by_somebody_else() {
        two_on_made
        ip link add link up0 name up0.10 type vlan id 10
        later ip link del up0.10
        ip addr add 10.10.0.77/24 dev up0.10
        ip link set up0.10 up
        apply
        reaches net0 10.10.0.1 fd00:10::1
        gone ls '/run/vnet/users/vlan=up0.10'
        vnetctl diff net0 net1
        stop_all
        made_is up0.10 '(.flags | index("UP")) and ([.altnames // [] | .[] | select(startswith("vnet"))] == [])'
        ip addr show dev up0.10 | has 10.10.0.77
        ip link del up0.10
        # what is ours, and is given an address, stays where that is
        apply
        made_is up0.10 '.altnames | index("vnet==up0.10")'
        ip addr add 10.10.0.77/24 dev up0.10
        "$HELPER" down net1
        "$HELPER" down net0 2> "$W/err"
        has 'somebody has given the address 10.10.0.77/24 of the host to up0.10' "$W/err" || fail "$(cat "$W/err")"
        made_is up0.10 '.altnames == null'
        gone ls /run/vnet/users
}
case_made_is_found_by_gc() {
        two_on_made
        "$HELPER" up net0
        vnetctl gc > "$W/out"
        ip link show dev up0.10 > /dev/null
        # without its record
        rm /run/vnet/state/net0
        vnetctl gc > "$W/out"
        nothing_made up0.10
        has 'up0.10' "$W/out" || fail "$(cat "$W/out")"
        # with nothing of /run/vnet
        "$HELPER" up net0
        ip netns del net0
        rm -r /run/vnet/state /run/vnet/users
        vnetctl gc > "$W/out"
        gone ip link show dev up0.10
}
case_made_over_a_cable_that_comes_and_goes() {
        module 8021q
        on_made trunk0.20 10.20.0.2 fd00:20::2 | file net0
        systemctl daemon-reload
        { vnetctl check 2>&1 || true; } | has "Parent: the host has no interface 'trunk0'"
        ! "$HELPER" up net0 2> "$W/err" || fail 'up over nothing'
        has "net0.vnet:4: Parent: there is no interface 'trunk0'" "$W/err" || fail "$(cat "$W/err")"
        gone ls /run/vnet/users
        ip link add trunk0 type veth peer name trunk1
        later ip link del trunk0
        eventually active vnet@net0
        ip link set trunk1 up
        ip link add link trunk1 name t20 type vlan id 20
        ip addr add 10.20.0.1/24 dev t20
        ip addr add fd00:20::1/64 dev t20 nodad
        ip link set t20 up
        # it is there and up, and waits for somebody to switch on what it stands on
        made_is trunk0.20 '.flags | index("UP")'
        cut_off net0 10.20.0.1
        made_is trunk0 '.flags | index("UP") | not'
        ip link set trunk0 up
        reaches net0 10.20.0.1 fd00:20::1
        ip link del trunk0
        eventually inactive vnet@net0
        nothing_made trunk0.20
        ip link add trunk0 type veth peer name trunk1
        eventually active vnet@net0
        made_is trunk0.20 '.linkinfo.info_data.id == 20'
}
case_made_without_the_module() {
        if [ -e /sys/module/8021q ]; then modprobe -r 8021q; fi
        mkdir -p /run/modprobe.d
        later rm -rf /run/modprobe.d
        echo 'install 8021q /bin/false' > /run/modprobe.d/no-vlans.conf
        on_made up0.10 10.10.0.2 fd00:10::2 | file net0
        ! "$HELPER" up net0 2> "$W/err" || fail 'without a module'
        has "net0.vnet:4: VLAN interface up0.10: the kernel has no VLANs (module 8021q)" "$W/err" || fail "$(cat "$W/err")"
        gone ls /run/vnet
}
# What the helper did, and what "vnetctl plan --format=shell" does.
case_oracle_of_made() {
        two_on_made
        "$HELPER" up net0
        shown_made > "$W/helper"
        "$HELPER" down net0
        vnetctl plan --format=shell net0 > "$W/script"
        bash -e "$W/script"
        shown_made > "$W/shell"
        ip netns del net0
        ip link del up0.10
        has '"id":10' "$W/shell" || fail 'the script makes no such interface'
        diff "$W/shell" "$W/helper" || fail 'the kernel shows two different interfaces'
}
shown_made() {
        ip -j -d link show dev up0.10 | jq -c '.[] | [.ifname, .link, .mtu, .flags, .address, .altnames, .inet6_addr_gen_mode, .linkinfo]'
        ip -o addr show dev up0.10
        cat /proc/sys/net/ipv6/conf/up0.10/accept_ra
        at net0 ip -j link show dev eth0 | jq -c '.[] | [.ifname, .flags, .link_index]' | sed 's/,[0-9]*]/]/'
}
