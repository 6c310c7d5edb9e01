#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# outside.sh: moves the far ends of the cables into namespaces without a name: the neighbours outside (.2 on up0) and outside2 (on up1).
set -eu
neighbour() { # CARD NET4 NET6
        local pid
        unshare --net sleep infinity > /dev/null 2>&1 &
        pid=$!
        until [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ]; do sleep .05; done
        ip link set "$1" name eth0 netns $pid
        nsenter -t $pid -n ip -batch - <<B
link set lo up
addr add $2.2/24 dev eth0
addr add $3::2/64 dev eth0 nodad
link set eth0 up
B
        echo $pid
}
neighbour far0 198.51.100 2001:db8 > /run/outside.pid
neighbour far1 203.0.113 2001:db8:1 > /run/outside2.pid
