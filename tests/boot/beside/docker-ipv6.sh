# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# needs: others
# shellcheck source=tests/boot/beside/docker.sh
. "${BASH_SOURCE[0]%/*}/docker.sh"
ROW='docker with IPv6'

its_files() { # ROOT
        mkdir -p "$1/etc/docker"
        printf '{ "bip": "172.30.0.1/24", "dns": ["198.51.100.2"], "ipv6": true, "fixed-cidr-v6": "fd00:30::/64",
                "experimental": true, "ip6tables": true }\n' > "$1/etc/docker/daemon.json"
}
its_works() {
        docker_works
        answers outside tcp 2001:db8::1 9000 "$(c1)"
        answers "$(c1)" tcp 2001:db8::2 90 "outside $(full6 2001:db8::1)"
}
# Its container reaches ours by what is published alone.
its_extra() {
        c1_runs || return 0
        silent "$(c1)" tcp 172.18.0.10 80
        silent "$(c1)" tcp fd00:18::10 80
        answers "$(c1)" tcp 198.51.100.1 8080 net0
        answers "$(c1)" tcp 2001:db8::1 8080 net0
}
