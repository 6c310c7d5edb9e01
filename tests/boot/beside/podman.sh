# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
PACKAGE=podman
ROW='podman (netavark)'
SAME='s/(.. ?:){5}../MAC/g; s/8000\.[0-9a-f:]*/MAC/; s/fe80::[0-9a-f:]+/LL/g; s/veth[0-9a-f]+/veth/g'
KNOWN=$FORWARDING
WHY=$FORWARDING_WHY

its_files() { # ROOT
        mkdir -p "$1/etc/containers"
        printf '[network]\nnetwork_backend = "netavark"\n[engine]\ncgroup_manager = "cgroupfs"\n' > "$1/etc/containers/containers.conf"
}

c1() { podman inspect -f '{{.State.Pid}}' c1 2> /dev/null || echo 0; }
its_start() {
        podman image exists busybox:1 || busybox_image podman
        podman run -d --name c1 --cgroups=disabled --stop-signal=KILL -p 9000:80 busybox:1 /bin/busybox sleep 1000
}
its_works() { container_works "$(c1)" 9000; }
its_restart() { podman restart c1; }
its_reload() { podman network reload c1; }
its_stop() { podman rm -f c1; }
# Its container reaches ours by what is published alone.
its_extra() {
        [ "$(c1)" -gt 0 ] || return 0
        silent "$(c1)" tcp 172.18.0.10 80
        answers "$(c1)" tcp 198.51.100.1 8080 net0
}
