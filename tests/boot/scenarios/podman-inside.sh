# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# podman-inside.sh: what vnet@.service(8) says of containers and of a user's manager inside a network.

QUADLET=/usr/lib/systemd/system-generators/podman-system-generator

prepare() { # ROOT TOP
        others_site "$1"
        sed -i '/^\[Namespace\]/a Services=user@1000.service' "$1/etc/vnet/net1.vnet"
        echo 'walter:x:1000:1000::/tmp:/bin/sh' >> "$1/etc/passwd"
        echo 'walter:x:1000:' >> "$1/etc/group"
        echo 'walter:*:20000:0:99999:7:::' >> "$1/etc/shadow"
        mkdir -p "$1/etc/containers"
        printf '[engine]\ncgroup_manager = "cgroupfs"\n' > "$1/etc/containers/containers.conf"
}

scenario() {
        check podman podman_joins
        check quadlet quadlet_joins
        check user-manager user_manager
        check unit-of-a-user unit_of_a_user
}
inode_of() { stat -L -c %i "$1"; }

podman_joins() {
        active vnet@net0
        busybox_image podman
        podman run --rm --cgroups=disabled --network ns:/run/netns/net0 busybox:1 /bin/busybox ip -4 addr show dev eth0 > "$W/address"
        has 172.18.0.10/16 "$W/address"
}

# The lines of the manual
quadlet_joins() {
        [ -x $QUADLET ] || skip 'this podman has no quadlet'
        mkdir -p /etc/containers/systemd
        cat > /etc/containers/systemd/web.container <<'U'
[Unit]
BindsTo=vnet@net0.service
After=vnet@net0.service
[Container]
Image=localhost/busybox:1
Network=ns:/run/netns/net0
Exec=/bin/busybox sleep 1000
PodmanArgs=--cgroups=disabled
U
        systemctl daemon-reload
        systemctl cat web.service > "$W/unit"
        has -- '--network.ns:/run/netns/net0' "$W/unit"
        has '^BindsTo=vnet@net0.service' "$W/unit"
        # in a container there are no control groups for it
        sed -i 's/--cgroups=split//' /run/systemd/generator/web.service
        systemctl daemon-reexec # reads the units again without their generators
        systemctl start web.service || { journalctl -b -u web.service --no-pager -o cat | tail; skip 'podman starts no unit in this container'; }
        is "$(inode_of "/proc/$(podman inspect -f '{{.State.Pid}}' systemd-web)/ns/net")" "$(inode_of /run/netns/net0)"
        systemctl stop vnet@net0
        # failed, where the program in it knows no SIGTERM
        if [ "$(systemctl is-active web.service)" = active ]; then fail 'it runs on after the stop of its network'; fi
        systemctl start vnet@net0
}

# The manager of a user and all that he starts by it are inside.
user_manager() {
        active vnet@net1
        systemctl start user@1000.service || { journalctl -b -u user@1000 --no-pager -o cat | tail; fail 'no manager of a user'; }
        lives_in user@1000.service net1
        systemctl restart vnet@net1
        eventually active user@1000.service
        lives_in user@1000.service net1
        systemctl stop vnet@net1
        inactive user@1000.service
}

# In a unit of his the setting does nothing: it runs where the manager does.
unit_of_a_user() {
        mkdir -p /run/systemd/user
        printf '[Service]\nNetworkNamespacePath=/run/netns/net0\nExecStart=/bin/sleep 1000\n' > /run/systemd/user/inside.service
        rm /etc/vnet/net1.vnet
        systemctl daemon-reload
        systemctl start user@1000.service
        setpriv --reuid 1000 --regid 1000 --clear-groups env XDG_RUNTIME_DIR=/run/user/1000 systemctl --user start inside.service || true
        pgrep -x sleep -U 1000 > "$W/pid" || skip 'this systemd refuses such a unit'
        [ "$(inode_of "/proc/$(cat "$W/pid")/ns/net")" != "$(inode_of /run/netns/net0)" ] ||
                fail 'NetworkNamespacePath= of a user works: say so in the manual'
}
