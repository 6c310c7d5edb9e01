# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# many.sh: 100 namespaces at boot, while somebody uses ip netns.

N=100

prepare() { # ROOT TOP
        local i
        printf '[Bridge]\nAddress=172.18.0.1/16\nIPMasquerade=ipv4\n' > "$1/etc/vnet/br0.vnet"
        for ((i = 1; i <= N; i++)); do
                printf '[Namespace]\nPublishPort=%s:80\n[Link]\nBridge=br0\nAddress=172.18.1.%s/16\n' $((8000 + i)) $i > "$1/etc/vnet/n$i.vnet"
        done
        cat > "$1/etc/systemd/system/busy.service" <<'U'
[Unit]
DefaultDependencies=no
After=local-fs.target
[Service]
ExecStart=/bin/bash -c 'i=0; while [ $i -lt 300 ] && [ ! -e /run/enough ]; do i=$((i + 1)); ip netns add x$i && ip netns exec x$i true && ip netns del x$i || { echo $i >> /run/busy-failed; }; done; echo $i > /run/busy-rounds'
U
        mkdir -p "$1/etc/systemd/system/sysinit.target.wants"
        ln -s ../busy.service "$1/etc/systemd/system/sysinit.target.wants/"
}

scenario() {
        check all-up all_up
        check busy busy
        check all-down all_down
}

all_up() {
        local i
        is "$(systemctl list-units --plain --no-legend --state=active 'vnet@n*.service' | wc -l)" $N 'active units'
        is "$(systemctl list-units --failed --plain --no-legend 'vnet*' | wc -l)" 0 'failed units'
        for ((i = 1; i <= N; i++)); do
                is "$(stat -f -c %T "/run/netns/n$i")" nsfs "n$i"
        done
        reaches n1 172.18.1.2 172.18.1.100 198.51.100.2
        reaches n100 172.18.1.50
        serve n77 tcp 80
        answers outside tcp 198.51.100.1 8077 n77
        answers n1 tcp 198.51.100.1 8077 n77
}
busy() {
        : > /run/enough
        eventually test -e /run/busy-rounds
        [ ! -e /run/busy-failed ] || fail "ip netns failed in $(wc -l < /run/busy-failed) of $(cat /run/busy-rounds) rounds"
        echo "$(cat /run/busy-rounds) rounds"
}
all_down() {
        stop_all
        is "$(systemctl list-units --plain --no-legend --state=active 'vnet@*.service' | wc -l)" 0 'active units'
        is "$(systemctl list-units --failed --plain --no-legend 'vnet*' | wc -l)" 0 'failed units'
        is "$(find /run/netns -mindepth 1 | wc -l)" 0 'namespaces'
        is "$(ip -j link | jq -r '[.[] | select(.ifname | test("^(lo|up0)$") | not)] | length')" 0 interfaces
        is "$(nft list ruleset)" '' 'rules'
}
