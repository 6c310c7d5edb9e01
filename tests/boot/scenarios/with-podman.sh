# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# with-podman.sh: podman with netavark: rules of its own beside ours, forwarding on when it needs it, nothing dropped.

prepare() { # ROOT TOP
        others_site "$1"
        mkdir -p "$1/etc/containers"
        printf '[network]\nnetwork_backend = "netavark"\n[engine]\ncgroup_manager = "cgroupfs"\n' \
                > "$1/etc/containers/containers.conf"
}

scenario() {
        check podman-after-us podman_after_us
        check our-restart our_restart
        check our-stop our_stop
        check podman-restart podman_restart
        check podman-stop podman_stop
        check podman-before-us podman_before_us
        check flush flushed
        podman rm -f c1 > /dev/null 2>&1 || true # its PID 1 knows no SIGTERM, and systemd waits a minute and a half for it
}

run() { podman run -d --name c1 --cgroups=disabled --stop-signal=KILL -p 9000:80 busybox:1 /bin/busybox sleep 1000; }
podman_works() { container_works "$(podman inspect -f '{{.State.Pid}}' c1)" 9000; }
switches() { sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs; }
# All but ours: netavark before 1.11 has chains in "ip filter" and "ip nat", later ones a table of their own
its_rules() {
        local family name
        while read -r _ family name; do
                [ "$name" = vnet ] || rules_of "$family" "$name"
        done < <(nft list tables)
}

podman_after_us() {
        works
        ours_dump > "$W/before"
        busybox_image podman
        run
        untouched "$W/before"
        podman_works
        works
        local pid
        pid=$(podman inspect -f '{{.State.Pid}}' c1)
        silent "$pid" tcp 172.18.0.10 80
        answers "$pid" tcp 198.51.100.1 8080 net0
        answers net0 tcp 198.51.100.1 9000 "$pid"
}
our_restart() {
        its_rules > "$W/rules"
        has 9000 "$W/rules"
        restart_ours
        its_rules | diff "$W/rules" -
        podman_works
        works
}
our_stop() {
        stop_ours
        its_rules | diff "$W/rules" -
        podman_works
        start_ours
        podman_works
        works
}
podman_restart() {
        podman restart c1
        podman_works
        works
}
# Its bridge goes with its last container; then our stop gives back what was ours.
podman_stop() {
        podman rm -f c1
        works
        stop_ours
        is "$(switches)" '0 0'
}
podman_before_us() {
        run
        is "$(switches)" '1 0'
        podman_works
        its_rules > "$W/rules"
        start_ours
        its_rules | diff "$W/rules" -
        podman_works
        works
        restart_ours
        podman_works
        works
        stop_ours
        is "$(switches)" '1 0' 'it was on before us'
        podman_works
        start_ours
}
# Somebody flushes all rules: each has a command that brings its own back.
flushed() {
        nft flush ruleset
        systemctl restart vnet-restore
        podman network reload c1
        podman_works
        works
}
