#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fail.sh: a start that cannot be: one line that says what, which and why, and the host as before. "refused" compares.
LEAKS=1
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"

# br0 and net1 are up, net0 has one thing more that cannot be
with_neighbour() { site4 "$@"; ups br0 net1; }
# lines for net0's [Link] and what the refusal says
link_line() { with_neighbour; printf '%s\n' "$1" >> /etc/vnet/net0.vnet; refused up net0 "$2"; }

case_no_such_file() { refused up nobody 'nobody'; }
case_bad_name() { refused up '../etc' 'etc'; }

case_namespace_name_taken() {
        with_neighbour
        ip netns add net0
        refused up net0 'net0.*(network namespace|exists)'
        at net0 true
        ip netns del net0
}

# What a killed "ip netns add" leaves behind is not a namespace: it is replaced.
case_leftover_of_ip_netns() {
        with_neighbour
        : > /run/netns/net0
        up net0
        reaches net0 172.18.0.1
}

case_interface_name_taken() {
        with_neighbour
        ip link add vn-net0 type bridge
        refused up net0 'vn-net0: an interface of this name already exists and was not made by vnet'
        ip link del vn-net0
}

case_alternative_name_taken() {
        local long=a-rather-long-name-of-a-namespace
        with_neighbour
        printf '[Namespace]\n[Link]\nBridge=br0\nAddress=172.18.0.20/16\n' | file $long
        ip link property add dev up0 altname vn-$long
        refused up $long "vn-$long on vn-a-[a-z0-9]*: another interface has this name"
        ip link property del dev up0 altname vn-$long
}

case_bridge_name_taken() {
        site4
        ip link add br0 type bridge
        ip link set br0 addrgenmode none
        refused up br0 'br0: an interface of this name already exists and was not made by vnet'
        ip link del br0
}

case_bridge_name_is_no_bridge() {
        printf '[Namespace]\n[Link]\nBridge=up0\nAddress=172.18.0.10/16\n' | file net0
        refused up net0 'up0'
}

# Bounded waiting, then a sentence.
case_missing_bridge() {
        printf '[Namespace]\n[Link]\nBridge=lan9\nAddress=172.18.0.10/16\n' | file net0
        refused up net0 'lan9'
}

case_bridge_not_started() {
        site4
        refused up net0 'br0' 2
}

# The message names the owner.
case_port_taken() {
        with_neighbour IPMasquerade=ipv4 PublishPort=8080:80
        up net0
        printf '[Namespace]\nPublishPort=8080:80\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        refused up net3 '8080.*net0'
        # the very same element is no excuse either
        down net0
        up net0
        serve net0 tcp 80
        answers outside tcp 198.51.100.1 8080 net0
}

case_port_taken_in_a_range() {
        with_neighbour IPMasquerade=ipv4 PublishPort=8000-8100:8000-8100
        up net0
        printf '[Namespace]\nPublishPort=8050:80\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        refused up net3 '8050.*net0'
        printf '[Namespace]\nPublishPort=8090-8110:8090-8110\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        refused up net3 '8090.*net0'
}

case_range_over_a_taken_port() {
        with_neighbour IPMasquerade=ipv4 PublishPort=8050:80
        up net0
        printf '[Namespace]\nPublishPort=8000-8100:8000-8100\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        refused up net3 '80[05]0.*net0'
}

case_overlapping_route() {
        printf '[Bridge]\nAddress=198.51.100.129/25\n' | file br0
        refused up br0 '198.51.100.*up0'
        printf '[Bridge]\nAddress=2001:db8::8:1/112\n' | file br0
        refused up br0 '2001:db8.*up0'
        # the other way round: our subnet is the larger one
        printf '[Bridge]\nAddress=198.51.0.1/16\n' | file br0
        refused up br0 '198.51.*up0'
        # the default route overlaps nothing
        ip route add default via 198.51.100.2
        printf '[Bridge]\nAddress=172.18.0.1/16\n' | file br0
        up br0
        down br0
        ip route del default
}

case_overlapping_host_address() {
        printf '[Namespace]\n[Link]\nAddress=198.51.100.10/24\nHostAddress=198.51.100.9/24\n' | file net0
        refused up net0 '198.51.100.*up0'
}

case_unknown_sysctl() {
        with_neighbour IPMasquerade=ipv4 Sysctl=net.ipv4.no_such_thing=1
        refused up net0 'no_such_thing: there is no such sysctl in a network namespace'
}

case_sysctl_value() {
        with_neighbour IPMasquerade=ipv4 Sysctl=net.ipv4.ip_default_ttl=99999
        refused up net0 'ip_default_ttl: the kernel refuses this value'
}

case_sysctl_not_of_the_net() {
        with_neighbour IPMasquerade=ipv4 Sysctl=kernel.hostname=x
        refused up net0 'net0.vnet:[0-9]+.*kernel.hostname'
}

case_route_without_a_way() { link_line 'Route=10.1.0.0/16 via 203.0.113.99' '203.0.113.99 is not in a subnet'; }
# what the kernel alone sees, when all else is there
case_route_with_a_source_of_nobody() { link_line 'Route=fd01::/64 src fe80::99' 'route to fd01::/64.*: .* \(.*source'; }
case_route_with_foreign_source() { link_line 'Route=10.1.0.0/16 via 172.18.0.99 src 203.0.113.7' 'source 203.0.113.7 is no address'; }
case_route_to_unknown_device() { link_line 'Route=10.1.0.0/16 dev nowhere' 'nowhere'; }
case_gateway_off_the_link() { link_line 'Gateway=203.0.113.99' '203.0.113.99'; }
case_gateway_out_of_reach() {
        with_neighbour
        up net0
        # what files cannot tell
        ip -n net0 rule add pref 1 unreachable
        echo 'Route=10.1.0.0/16 via 172.18.0.99' >> /etc/vnet/net0.vnet
        refused reload net0 'route to 10.1.0.0/16.*: gateway 172.18.0.99 is not reachable from an address of the link$'
}
case_mtu_too_small() { link_line MTUBytes=20 '20|MTU'; }
case_mtu_too_big() { link_line MTUBytes=70000 '70000'; }
case_group_mac() { link_line MACAddress=01:00:5e:00:00:01 '01:00:5e:00:00:01'; }
case_same_route_twice() { link_line "$(printf 'Route=10.1.0.0/16 via 172.18.0.98\nRoute=10.1.0.0/16 via 172.18.0.99')" ':7: Route: there is a route to the same destination at'; }

case_same_inner_name_twice() {
        with_neighbour
        printf '[Link]\nName=eth0\nBridge=br0\nAddress=172.18.0.40/16\n' >> /etc/vnet/net0.vnet
        refused up net0 'eth0'
}

# What the specification knows and this version does not: said by name, never ignored.
case_not_supported_yet() {
        local section line
        while read -r section line; do
                case $section in
                Namespace) printf '[Namespace]\n%s\n' "$line" | file odd ;;
                Link) printf '[Namespace]\n[Link]\n%s\n' "$line" | file odd ;;
                Bridge) printf '[Bridge]\n%s\n' "$line" | file odd ;;
                esac
                refused up odd "odd.vnet:[0-9]+.*(${line%%=*}|${line#*=}).*not supported yet"
        done <<'L'
Namespace DNS=9.9.9.9
Namespace Domains=example.org
Namespace NetworkAlias=www
Link DHCP=yes
Link Address=pool
Bridge DNSServer=yes
Bridge VNI=5
L
}

case_run_is_read_only() {
        site4
        mkdir -p /run/netns /run/vnet
        snapshot "$W/start"
        mount -o remount,ro /run
        refused up br0 'Read-only|read-only'
        mount -o remount,rw /run
}

case_no_room_in_run() {
        with_neighbour
        mount -t tmpfs -o size=4k,nr_inodes=2 tmpfs /run/vnet/state
        : > /run/vnet/state/full
        refused up net0 'No space|no space'
        umount /run/vnet/state
}

case_proc_sys_is_read_only() {
        site
        mount --bind /proc/sys /proc/sys
        mount -o remount,bind,ro /proc/sys
        refused up br0 'forward|Read-only|read-only'
        umount /proc/sys
}

case_needs_root() {
        site4
        local rc=0
        setpriv --reuid 65534 --regid 65534 --clear-groups "$PLAIN/tools/vnet-helper" up br0 2> "$W/err" || rc=$?
        is $rc 3 "exit status without root: $(cat "$W/err")"
        is "$(wc -l < "$W/err")" 1 'lines'
}

# As a unit in a private mount namespace: the bind mount would stay there. Refuse, and name the setting that makes one.
case_private_mount_namespace() {
        printf '[Namespace]\n' | file net0
        local rc=0
        snapshot "$W/before"
        unshare --mount --propagation private bash -c 'SYSTEMD_EXEC_PID=$$ exec "$1" up net0' unit "$HELPER" 2> "$W/err" || rc=$?
        cat "$W/err"
        [ $rc -ne 0 ] || fail 'it started in a private mount namespace'
        grep -qiE 'mount namespace.*(Private|Protect|setting)|(Private|Protect).*mount namespace' "$W/err" || fail "no likely setting named: $(cat "$W/err")"
        same "$W/before" 'the machine'
}

case_usage() {
        local rc=0
        "$HELPER" 2> /dev/null || rc=$?
        is $rc 2 'without arguments'
        rc=0
        "$HELPER" fly net0 2> /dev/null || rc=$?
        is $rc 2 'an unknown verb'
}

# Ports at its edges, and those of another protocol, are in nobody's way.
case_range_beside_taken_ports() {
        with_neighbour IPMasquerade=ipv4 "$(printf 'PublishPort=%s\n' 8000:80 8101:81 8050:53/udp)"
        up net0
        printf '[Namespace]\nPublishPort=8001-8100:8001-8100\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        up net3
        down net3
        printf '[Namespace]\nPublishPort=8001-8101:8001-8101\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        refused up net3 '8001-8101/tcp.*net0'
        down net0
        up net3
}
case_range_over_a_port_at_an_address() {
        with_neighbour IPMasquerade=ipv4 PublishPort=198.51.100.1:8050:80
        up net0
        printf '[Namespace]\nPublishPort=8000-8100:8000-8100\n[Link]\nBridge=br0\nAddress=172.18.0.30/16\n' | file net3
        refused up net3 '80[05]0.*net0'
}

# What fails behind the first failure follows from it: one line.
case_two_failures() {
        link_line "$(printf 'Route=fd01::/64 src fe80::99\nRoute=fd02::/64 src fe80::99')" 'net0.vnet:[0-9]+.*route to fd01::/64'
}

run_cases "$@"
