# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: bench
# vm-kinds.sh: the job "kinds" of tools/bench on a kernel that has them all: a theme of tests/vm that tools/check does not run, as it
# measures and asserts nothing. tools/bench builds the programs; then "tests/vm/run.sh 6.12 bench" prints the table. The machine is
# emulated, so its ratios alone say something.

prepare() { # ROOT TOP
        mkdir -p "$1"/bench/{tools,tests/bench,build-plain/tools,work}
        cp "$2"/tools/{bench,prepare.sh} "$1/bench/tools/"
        cp "$2/tests/bench/jobs.sh" "$1/bench/tests/bench/"
        cp "$2"/build-bench/{floor,pair} "$1/bench/work/"
        ln -s /usr/libexec/vnet/vnet-helper "$1/bench/build-plain/tools/vnet-helper"
}
case_kinds() {
        local m
        for m in macvlan ipvlan 8021q wireguard; do module $m; done
        BENCH_WORK=/bench/work JOB=kinds BENCH_ROUNDS=25 COUNT=1 UNITS=1 FILES=1 SECONDS_EACH=1 CNI_PATH='' NETAVARK='' IPERF3='' \
                unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
                bash /bench/tools/bench --inside job_kinds > "$W/table"
        cat "$W/table" > /dev/ttyS1
}
