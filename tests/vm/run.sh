#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh KERNEL BOOT [THEME[/CASE]...]: boots a virtual machine with KERNEL (6.1, 6.12) of Debian and prints the checks that ran in
# it. It runs the themes (scripts of cases/) that say "# boot: BOOT", or those given. VNET_KEEP is a directory that keeps console,
# results and journal. Bounded by VM_TIMEOUT (seconds, default 3000: a machine that emulates is slow where it is shared).
#
# The machine has no disk and no way out: an image made once (image.sh) and a second archive with what is under test. Its network
# cards are two pairs, each on a cable of its own: uplink and neighbour, as up0 and outside of the other suites; a second one.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(realpath "$here/../..")
kernel=$1 boot=$2
shift 2
image=${VM_IMAGES:-/var/cache/vnet-test}/vm-$kernel
name=vm-$kernel
command -v qemu-system-x86_64 > /dev/null || { echo "skip $name/$boot: no qemu-system-x86_64 (package qemu-system-x86)"; exit 0; }
[ -e "$image/.complete" ] || { echo "skip $name/$boot: no $image here: tools/check vm makes it"; exit 0; }

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mapfile -t themes < <(grep -lx "# boot: $boot" "$here"/cases/*.sh "$top"/tests/bench/vm-*.sh)

stage() { # ROOT: everything that is not in the image
        local f
        mkdir -p "$1"
        bash "$here/setup.sh" "$1" || return
        printf '%s\n' "$@" | tail -n +2 > "$1/vt/wanted"
        echo "$name/$boot" > "$1/vt/name"
        for f in "${themes[@]}"; do
                cp "$f" "$1/vt/cases/"
                # shellcheck disable=SC1090 # any theme
                ( . "$f"; ! declare -F prepare > /dev/null || prepare "$1" "$top" ) || return
        done
        (cd "$1" && find . | cpio --create --format=newc --quiet --owner=0:0) > "$out/test.cpio"
}

# no_timer_check: where others keep the processors busy the kernel finds its timer too slow, and panics.
# qemu64: what later processors have (SMAP, page tables of five levels, wide registers) takes an emulator some 6 percent more time.
# -nodefaults, restricted cables: nothing of it can be seen outside. romfile=: nobody boots from these cards.
machine() {
        local card=() n
        for n in 1 2 3 4; do
                card+=(-netdev "hubport,id=n$n,hubid=$(((n - 1) / 2))")
                card+=(-device "virtio-net-pci,id=card$n,netdev=n$n,mac=52:54:00:00:00:0$n,romfile=")
        done
        timeout -k 5 "${VM_TIMEOUT:-3000}" qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64,+rdrand -m 1024 -nodefaults -no-reboot \
                -display none -kernel "$image/vmlinuz" -initrd "$out/initrd" "${card[@]}" \
                -append "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off systemd.unit=vtest.target $(sed -n 's/^# append: //p' "${themes[@]}" | xargs)" \
                -serial "file:$out/console" -serial "file:$out/results" -serial "file:$out/journal" < /dev/null > "$out/qemu.log" 2>&1
}

tell() { # FILE, its end
        tail -n 40 "$out/$1" 2> /dev/null | tr -d '\r' | sed 's/^/    | /'
}

rc=0
[ ${#themes[@]} -gt 0 ] || { echo "FAIL $name/$boot: no theme says '# boot: $boot'"; exit 1; }
if ! stage "$out/root" "$@" > "$out/stage" 2>&1; then
        echo "FAIL $name/$boot: cannot be prepared: $(tail -n 1 "$out/stage")"
        tell stage
        exit 1
fi
cat "$image/root.cpio" "$out/test.cpio" > "$out/initrd"
: > "$out/results"
machine || rc=$?
rm -f "$out/initrd"
grep -v '^end ' "$out/results"
if grep -q '^FAIL ' "$out/results"; then rc=1
elif ! grep -qx 'end 0' "$out/results"; then
        case $rc in
        124 | 137) echo "FAIL $name/$boot: no end in sight: killed" ;;
        *) echo "FAIL $name/$boot: the machine ended early (status $rc)" ;;
        esac
        tell qemu.log
        tell console
        tell journal
        rc=1
fi
if [ -n "${VNET_KEEP:-}" ]; then
        mkdir -p "$VNET_KEEP/$name-$boot"
        cp "$out"/{console,results,journal,qemu.log} "$VNET_KEEP/$name-$boot/"
fi
exit $rc
