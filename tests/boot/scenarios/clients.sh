# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clients.sh: all that can join a namespace joins one of ours.

prepare() { # ROOT TOP
        cp "$2"/conf.d/examples/{br0,net0}.vnet "$1/etc/vnet/"
        # a socket that listens inside; it needs the namespace before basic.target is reached
        printf '[Unit]\nDefaultDependencies=no\nBindsTo=vnet@net0.service\nAfter=vnet@net0.service\nConflicts=shutdown.target\nBefore=shutdown.target\n[Socket]\nListenStream=80\nAccept=yes\nNetworkNamespacePath=/run/netns/net0\n' > "$1/etc/systemd/system/hello.socket"
        printf '[Service]\nExecStart=/bin/echo hello from the socket\nStandardOutput=socket\n' > "$1/etc/systemd/system/hello@.service"
        # and one as a user writes it: default dependencies, wanted by sockets.target
        printf '[Unit]\nBindsTo=vnet@net0.service\nAfter=vnet@net0.service\n[Socket]\nListenStream=81\nAccept=yes\nNetworkNamespacePath=/run/netns/net0\n' > "$1/etc/systemd/system/plain.socket"
        cp "$1/etc/systemd/system/hello@.service" "$1/etc/systemd/system/plain@.service"
        mkdir -p "$1/etc/systemd/system/vtest.target.wants" "$1/etc/systemd/system/sockets.target.wants"
        ln -s ../hello.socket "$1/etc/systemd/system/vtest.target.wants/"
        ln -s ../plain.socket "$1/etc/systemd/system/sockets.target.wants/"
}

scenario() {
        check ip-netns-exec netns_exec
        check nsenter by_nsenter
        check NetworkNamespacePath by_path
        check nspawn by_nspawn
        check socket by_socket
        check no-ordering-cycle no_cycle
}

shows_net0() { "$@" | has 172.18.0.10 || fail "no 172.18.0.10 by $*"; }
netns_exec() { shows_net0 ip netns exec net0 ip -o addr; ip netns exec net0 ping -c1 -W2 -q 172.18.0.1; }
by_nsenter() { shows_net0 nsenter --net=/run/netns/net0 ip -o addr; }
by_path() {
        shows_net0 systemd-run -q --wait --pipe -p NetworkNamespacePath=/run/netns/net0 ip -o addr
        shows_net0 systemd-run -q --wait --pipe -p NetworkNamespacePath=/run/netns/net0 -p DynamicUser=yes ip -o addr
        systemd-run -q --wait --pipe -p NetworkNamespacePath=/run/netns/net0 ping -c1 -W2 -q 172.18.0.1
        # a service with a file system of its own sees the namespace too
        shows_net0 systemd-run -q --wait --pipe -p NetworkNamespacePath=/run/netns/net0 -p PrivateTmp=yes -p ProtectSystem=strict ip -o addr
}
by_nspawn() {
        command -v systemd-nspawn > /dev/null || skip 'no systemd-nspawn in this root file system'
        shows_net0 systemd-run -q --wait --pipe -p Delegate=yes systemd-nspawn -q --register=no --keep-unit -D / --volatile=yes \
                --network-namespace-path=/run/netns/net0 --pipe ip -o addr
}
by_socket() {
        active hello.socket
        is "$(at net0 timeout 2 bash -c 'exec 3<>/dev/tcp/172.18.0.10/80; head -n 1 <&3')" 'hello from the socket'
        # published: from outside through the host's port to a socket unit inside
        is "$(at outside timeout 2 bash -c 'exec 3<>/dev/tcp/198.51.100.1/8080; head -n 1 <&3')" 'hello from the socket'
}
no_cycle() {
        active plain.socket
        if journalctl -b -q --no-pager -o cat | grep -i 'ordering cycle'; then fail 'an ordering cycle'; fi
}
