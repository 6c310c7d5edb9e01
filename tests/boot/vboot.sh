#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vboot.sh OUTDIR LOWER SETUP [ARG...]: boots a throwaway systemd in systemd-nspawn; its exit status is that of the test in it.
#
# OUTDIR  becomes /out inside. The journal is in OUTDIR/journal; what is written to /after while the system shuts down, when
#         /out is already unmounted, ends in OUTDIR/after.
# LOWER   a root file system: a debootstrap directory, or / for this machine's own. Nothing is written to it: a tmpfs lies
#         over it and vanishes with it.
# SETUP   bash script that gets the new root as $1 and installs there what is under test. It must bring vtest.target.
# ARG     for systemd as PID 1; default systemd.unit=vtest.target
#
# Environment: VB_TIMEOUT (seconds, then exit status 124; default 400), NSPAWN_ARGS.
# Exit status 125: this machine cannot do it, and standard error says why.
# No argument may lie below /run or /mnt: both are replaced.
set -eu

cannot() { echo "this machine cannot boot a throwaway system: $*" >&2; exit 125; }

# Where processes are put into groups: one pure cgroup2 tree, or beside the v1 controllers (hybrid) "unified" and "systemd".
cg=/sys/fs/cgroup
trees=$cg
if [ -d $cg/unified ]; then trees=$cg/unified; fi
if [ -d $cg/systemd ]; then trees="$trees $cg/systemd"; fi

outer() {
        local p t rc=0 group=''
        [ "$(id -u)" = 0 ] || cannot 'needs root'
        command -v systemd-nspawn > /dev/null || cannot 'no systemd-nspawn (package systemd-container)'
        grep -qw overlay /proc/filesystems || modprobe -q overlay || cannot 'no overlayfs in this kernel'
        for p in "$1" "$2" "$3"; do
                case $(realpath -m "$p") in /mnt | /mnt/* | /run | /run/*) cannot "$p lies below /mnt or /run" ;; esac
        done
        # A group of its own: nspawn would use one below that in which it was started, and two containers started from
        # the same one would see each other's services. Not named by $$: tools/check --release counts processes anew.
        for t in $trees; do
                group=${group:-$(basename "$(mktemp -u -d vnet-test.XXXXXX)")}
                mkdir "$t/$group" 2> /dev/null || cannot "no cgroup can be made in $t"
        done
        # shellcheck disable=SC2064 # these values, now
        trap "remove_group $group" EXIT
        trap 'exit 130' INT TERM
        (
                for t in $trees; do echo "$BASHPID" > "$t/$group/cgroup.procs"; done
                VB_INNER=1 exec timeout -k 5 "${VB_TIMEOUT:-400}" unshare --mount --propagation private bash "$0" "$@"
        ) &
        wait $! || rc=$?
        exit $rc
}

# cgroup.kill is the only sure end of a container that hangs.
remove_group() {
        local t
        set +e
        for t in $trees; do
                [ ! -e "$t/$1/cgroup.kill" ] || echo 1 > "$t/$1/cgroup.kill"
        done
        for t in $trees; do
                for _ in $(seq 20); do
                        find "$t/$1" -depth -type d -exec rmdir {} + 2> /dev/null
                        [ -d "$t/$1" ] || break
                        sleep .1
                done
        done
}

inner() {
        local out lower setup rc=0
        mkdir -p "$1/journal"
        out=$(realpath "$1") lower=$(realpath "$2") setup=$(realpath "$3")
        shift 3
        [ $# -gt 0 ] || set -- systemd.unit=vtest.target
        mount -t tmpfs tmpfs /mnt
        mkdir /mnt/up /mnt/wk /mnt/root
        mount -t overlay overlay -o "lowerdir=$lower,upperdir=/mnt/up,workdir=/mnt/wk" /mnt/root ||
                cannot 'no overlay over the root file system'
        # nspawn keeps its locks and mounts here, not on this machine's /run
        mount -t tmpfs tmpfs /run
        bash "$setup" /mnt/root
        # A pure cgroup2 tree inside whatever the machine has: systemd 258 and later know no other.
        # bpf: as on a real machine, so that filters of units (IPAddressDeny= …) do what they say.
        # shellcheck disable=SC2086 # several words
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q -D /mnt/root -M "vnet$$" --boot --private-network --register=no \
                --keep-unit --link-journal=no --timezone=off --console=pipe --system-call-filter=bpf \
                --bind="$out":/out --bind="$out/journal":/var/log/journal ${NSPAWN_ARGS:-} "$@" < /dev/null || rc=$?
        [ ! -d /mnt/root/after ] || cp -a /mnt/root/after "$out"/
        exit $rc
}

if [ -n "${VB_INNER:-}" ]; then
        unset VB_INNER
        inner "$@"
fi
[ $# -ge 3 ] || { sed -n '3,16s/^# \{0,1\}//p' "$0" >&2; exit 2; }
outer "$@"
