# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hooks.sh: what vnet@.service(8) says of hooks and of units that live inside: the examples of the manual, and what it warns of.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/br0.vnet "$1/etc/vnet/"
        printf '[Unit]\nWants=inside.service\n[Namespace]\nServices=inside.service\n[Link]\nBridge=br0\nAddress=172.18.0.10/16\n' > "$1/etc/vnet/net0.vnet"
        printf '[Service]\nExecStart=/bin/sleep infinity\n' > "$1/etc/systemd/system/inside.service"
        mkdir -p "$1/etc/systemd/system/vnet@net0.service.d"
        cat > "$1/etc/systemd/system/vnet@net0.service.d/hook.conf" <<'U'
[Service]
ExecStartPost=+/bin/sh -c 'ip link set dev vn-net0 alias "hooked %i"'
ExecStopPost=+/bin/sh -c 'echo gone > /run/hook-%i'
U
}

scenario() {
        check hook hook
        check hook-without-plus hook_without_plus
        check service-returns service_returns
        check joins-namespace-of joins_namespace_of
}
namespace_of() { nsenter -t "$(systemctl show -P MainPID "$1")" -n readlink /proc/self/ns/net; }

hook() {
        active vnet@net0
        holds '.[0].ifalias == "hooked net0"' ip -j link show dev vn-net0
        systemctl restart vnet@net0
        is "$(cat /run/hook-net0)" gone
        holds '.[0].ifalias == "hooked net0"' ip -j link show dev vn-net0
        is "$(stat -f -c %T /run/netns/net0)" nsfs
}
# Without the plus sign it has the rights of the unit: what they are enough for works, and what they are not takes the network down.
hook_without_plus() {
        local d=/etc/systemd/system/vnet@plain.service.d
        printf '[Namespace]\n' > /etc/vnet/plain.vnet
        mkdir -p $d
        printf "[Service]\nExecStartPost=/bin/sh -c 'grep -q \"^NoNewPrivs:.1\" /proc/self/status && nsenter --net=/run/netns/plain ip link set lo alias hooked'\n" > $d/hook.conf
        systemctl daemon-reload
        systemctl start vnet@plain
        holds '.[0].ifalias == "hooked"' at plain ip -j link show dev lo
        systemctl stop vnet@plain
        printf "[Service]\nExecStartPost=/bin/sh -c 'touch /run/of-another && chown nobody /run/of-another'\n" > $d/hook.conf
        systemctl daemon-reload
        if systemctl start vnet@plain 2> /dev/null; then fail 'a hook without a plus sign has all rights'; fi
        [ ! -e /run/netns/plain ] || fail 'the network is up although its start failed'
        rm -r /etc/vnet/plain.vnet $d
        systemctl daemon-reload
        systemctl reset-failed vnet@plain
}
# Wants= in [Unit]: it comes back with its network, not only goes with it.
service_returns() {
        active inside.service
        systemctl stop vnet@net0
        inactive inside.service
        systemctl start vnet@net0
        eventually active inside.service
        lives_in inside.service net0
}
joins_namespace_of() {
        printf '[Unit]\nJoinsNamespaceOf=vnet@net0.service\nAfter=vnet@net0.service\n[Service]\nPrivateNetwork=yes\nExecStart=/bin/sleep infinity\n' \
                > /etc/systemd/system/joins-network.service
        printf '[Unit]\nJoinsNamespaceOf=inside.service\nAfter=inside.service\n[Service]\nPrivateNetwork=yes\nExecStart=/bin/sleep infinity\n' \
                > /etc/systemd/system/joins-service.service
        systemctl daemon-reload
        systemctl start joins-network.service joins-service.service
        [ "$(namespace_of joins-network.service)" != "$(at net0 readlink /proc/self/ns/net)" ] || fail 'JoinsNamespaceOf=vnet@ works: say so in the manual'
        lives_in joins-service.service net0
        systemctl stop joins-network.service joins-service.service
}
