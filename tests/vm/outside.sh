#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# outside.sh: moves every second network card into a namespace without a name: the neighbours outside (.2 on the uplink) and outside2.
# Their addresses are as in the other suites.
set -eu
# Its name, once udev has done with it: until then it may get another one.
card() { # NUMBER
        local f
        until f=$(grep -l "^52:54:00:00:00:0$1" /sys/class/net/*/address 2> /dev/null) && f=${f%/address} &&
                [ -e "/run/udev/data/n$(cat "$f/ifindex")" ]; do sleep .1; done
        echo "${f##*/}"
}
neighbour() { # CARD NET4 NET6
        local pid
        unshare --net sleep infinity > /dev/null 2>&1 &
        pid=$!
        until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ]; do sleep .05; done
        ip link set "$1" down
        ip link set "$1" name eth0 netns $pid
        nsenter -t $pid -n ip -batch - <<B
link set lo up
addr add $2.2/24 dev eth0
addr add $3::2/64 dev eth0 nodad
link set eth0 up
B
        echo $pid
}
neighbour "$(card 2)" 198.51.100 2001:db8 > /run/outside.pid
neighbour "$(card 4)" 203.0.113 2001:db8:1 > /run/outside2.pid
card 1 > /run/up0
card 3 > /run/up1
