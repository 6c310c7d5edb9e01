# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
PACKAGE=docker.io
ROW=docker
SAME='s/02:42:(..:){3}../MAC/g; s/8000\.[0-9a-f:]*/MAC/; s/fe80::[0-9a-f:]+/LL/g; s/veth[0-9a-f]{7}/veth/g'
# and with forwarding on it sets no policy of dropping
KNOWN='"name":"FORWARD","policy":|'$FORWARDING
WHY=$FORWARDING_WHY

its_files() { # ROOT
        mkdir -p "$1/etc/docker"
        # no registry, no name server: nothing to look for outside
        echo '{ "bip": "172.30.0.1/24", "dns": ["198.51.100.2"] }' > "$1/etc/docker/daemon.json"
}

c1() { docker inspect -f '{{.State.Pid}}' c1 2> /dev/null || echo 0; }
c1_runs() { [ "$(c1)" -gt 0 ]; }
its_start() {
        systemctl reset-failed docker # a fourth start in a minute is refused
        systemctl start docker
        docker image inspect busybox:1 > /dev/null 2>&1 || busybox_image docker
        docker run -d --name c1 --stop-signal=KILL --restart=always -p 9000:80 busybox:1 /bin/busybox sleep 1000
}
docker_works() {
        eventually c1_runs
        container_works "$(c1)" 9000
}
its_works() { docker_works; }
its_restart() {
        systemctl reset-failed docker
        systemctl restart docker
}
its_reload() { systemctl reload docker; }
# It leaves its bridge, and forwarding switched on.
its_stop() {
        docker rm -f c1
        systemctl stop docker.socket docker containerd
        ip link del docker0
}
# Its container reaches ours by what is published alone.
its_extra() {
        c1_runs || return 0
        silent "$(c1)" tcp 172.18.0.10 80
        answers "$(c1)" tcp 198.51.100.1 8080 net0
}
