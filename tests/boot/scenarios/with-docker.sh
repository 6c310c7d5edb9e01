# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-docker.sh: docker beside us. If it finds forwarding switched off, it switches it on and drops what is not its own;
# DOCKER-USER is where the administrator says otherwise. With forwarding on already, ours or not, it drops nothing.

LEFT='in6 own4 own6 back6 out6 host4 host6 side6'
CURE='iptables -I DOCKER-USER -i br0 -j ACCEPT'

prepare() { # ROOT TOP
        others_site "$1"
        mkdir -p "$1/etc/docker"
        # no registry, no name server: nothing to look for outside
        echo '{ "bip": "172.30.0.1/24", "dns": ["198.51.100.2"] }' > "$1/etc/docker/daemon.json"
}

scenario() {
        check before works
        check docker-after-us docker_after_us
        check apart apart
        check our-restart our_restart
        check our-stop our_stop
        check docker-restart docker_restart
        check docker-stop docker_stop
        check docker-gone docker_gone
        check docker-before-us docker_before_us
        check warned warned_at_start
        check cure cure
        check cure-is-kept cure_is_kept
        check our-stop-again our_stop_again
}

c1() { docker inspect -f '{{.State.Pid}}' c1; }
docker_works() {
        eventually docker inspect c1 > /dev/null
        local pid
        pid=$(c1)
        [ "$pid" != 0 ] || fail 'its container is not running'
        container_works "$pid" 9000
}
switches() { sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs; }

docker_after_us() {
        ours_dump > "$W/before"
        systemctl start docker
        busybox_image docker
        docker run -d --name c1 --stop-signal=KILL --restart=always -p 9000:80 busybox:1 /bin/busybox sleep 1000
        untouched "$W/before"
        docker_works
        works
}
# It reaches ours by what is published alone. What reaches its own is its affair.
apart() {
        local pid
        pid=$(c1)
        silent "$pid" tcp 172.18.0.10 80
        answers "$pid" tcp 198.51.100.1 8080 net0
        answers net0 tcp 198.51.100.1 9000 "$pid"
}
its_rules() { rules_of ip filter; rules_of ip nat; }
our_restart() {
        its_rules > "$W/rules"
        restart_ours
        its_rules | diff "$W/rules" -
        docker_works
        works
}
# Our last stop must not take from it what it relies on: it found forwarding on.
our_stop() {
        stop_ours
        its_rules | diff "$W/rules" -
        docker_works
        is "$(switches)" '1 0' 'docker needs IPv4'
        # the host is a router for it alone
        nft list set inet vnet guarded4 | has up0
        nft flush ruleset
        systemctl restart vnet-restore
        nft list set inet vnet guarded4 | has up0
        systemctl restart docker
        docker_works
        start_ours
        docker_works
        works
}
docker_restart() {
        systemctl restart docker
        works
        docker_works
        works
}
docker_stop() {
        docker rm -f c1
        systemctl stop docker.socket docker containerd
        has_table
        works
}
# When it is really gone, all is given back.
docker_gone() {
        ip link del docker0
        stop_ours
        is "$(switches)" '0 0'
        gone nft list table inet vnet
        is "$(find /run/vnet -mindepth 1 2> /dev/null)" '' 'files of ours'
}
# As at a boot where docker is first
docker_before_us() {
        nft flush ruleset
        systemctl reset-failed docker # a fourth start in a minute is refused
        systemctl start docker
        is "$(switches)" '1 0'
        docker run -d --name c1 --stop-signal=KILL --restart=always -p 9000:80 busybox:1 /bin/busybox sleep 1000
        docker_works
        its_rules > "$W/rules"
        start_ours
        its_rules | diff "$W/rules" -
        docker_works
        only "$LEFT"
}
warned_at_start() { warned "$CURE"; }
cure() {
        $CURE
        iptables -I DOCKER-USER -o br0 -j ACCEPT
        works
}
cure_is_kept() {
        systemctl restart docker
        works
        docker_works
        restart_ours
        works
        docker_works
}
# Docker's forwarding stays, ours goes.
our_stop_again() {
        stop_ours
        is "$(switches)" '1 0'
        docker_works
}
