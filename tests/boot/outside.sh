#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# outside.sh: in the booted system: the uplink up0 and who is at its other end, a process in a namespace without a name.
set -e
unshare --net sleep infinity > /dev/null 2>&1 &
pid=$!
until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ]; do sleep .01; done
echo $pid > /run/outside.pid
ip link add up0 type veth peer name eth0 netns $pid
# at once, without DAD; a router asks for its IPv6 neighbours with its link-local address
ip link set up0 addrgenmode none
ip addr add fe80::1/64 dev up0 nodad
ip addr add 198.51.100.1/24 dev up0
ip addr add 2001:db8::1/64 dev up0 nodad
ip link set up0 up
out() { nsenter -t $pid -n "$@"; }
out ip link set lo up
out ip addr add 198.51.100.2/24 dev eth0
out ip addr add 2001:db8::2/64 dev eth0 nodad
out ip link set eth0 up
