# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# prepare.sh: what tools/check and tools/try share: the packages of a bare Debian, the build, and a sign of life.

# shellcheck disable=SC2034 # read by both
BUILD_PACKAGES=(meson ninja-build gcc libc6-dev pkg-config systemd udev libmnl-dev libnftnl-dev libinih-dev libsystemd-dev
        libjson-c-dev libcmocka-dev)
# shellcheck disable=SC2034
TRY_PACKAGES=(systemd-container dbus iproute2 nftables iputils-ping procps util-linux kmod jq socat busybox)
# shellcheck disable=SC2034
TEST_PACKAGES=("${TRY_PACKAGES[@]}" clang libclang-rt-dev shellcheck mandoc strace conntrack debootstrap python3
        qemu-system-x86 cpio zsh iptables)
# From Debian 13 on systemd.pc and udev.pc have a package of their own; clang-format 14 is in Debian 12 alone.
# shellcheck source=/dev/null
RELEASE=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
case $RELEASE in
bookworm) TEST_PACKAGES+=(clang-format-14) ;;
*)
        BUILD_PACKAGES+=(systemd-dev)
        TEST_PACKAGES+=(reuse git xz-utils)
        ;;
esac
INSTALL_LOG=$(mktemp)
BUILD_LOG=$(mktemp)

step() { echo "== $*"; }

# While nothing is said for 15 seconds, "doing" says what is done. What is said is seen by the files that grow. It is no child
# of ours, as "wait" would wait for it.
PULSE=
pulse_begins() { # FUNCTION FILE...
        local ours=$BASHPID file
        file=$(mktemp)
        (pulse "$ours" "$@" & echo $! > "$file")
        PULSE=$(< "$file")
        rm -f "$file"
}
pulse() { # PROCESS FUNCTION FILE...
        local process=$1 doing=$2 began=$SECONDS said=$SECONDS now before=''
        shift 2
        while sleep 1 > /dev/null && kill -0 "$process" 2> /dev/null; do
                now=$(stat -c '%Y %s' "$@" 2> /dev/null)
                if [ "$now" != "$before" ]; then before=$now said=$SECONDS; fi
                [ $((SECONDS - said)) -ge 15 ] || continue
                said=$SECONDS
                echo "   ... $((SECONDS - began)) s: $("$doing")"
        done
}
pulse_ends() { [ -z "$PULSE" ] || kill "$PULSE" 2> /dev/null; PULSE=; }
last_words() { # FILE...: the last line of the newest
        local f newest=
        for f; do
                if [ -f "$f" ] && { [ -z "$newest" ] || [ "$f" -nt "$newest" ]; }; then newest=$f; fi
        done
        tail -qc 400 "${newest:-/dev/null}" | tr -s '\r\n' '\n' | tail -n 1 | cut -c 1-100
}

# Packages of this list that are not installed, in one go; the mirror is asked only then.
install_missing() { # PACKAGE...
        local p missing=()
        command -v apt-get > /dev/null || { echo 'no apt-get: this needs Debian 12 or 13' > "$INSTALL_LOG"; return 1; }
        for p; do
                [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2> /dev/null)" = installed ] || missing+=("$p")
        done
        [ ${#missing[@]} -gt 0 ] || return 0
        step "installing ${missing[*]}"
        {
                apt-get update -q
                DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
        } > "$INSTALL_LOG" 2>&1
}

# Configure where it is new, compile; everything said goes to $BUILD_LOG.
build() { # DIRECTORY MESON-ARGUMENT...
        local dir=$1
        shift
        {
                if [ -e "$dir/build.ninja" ]; then meson configure "$dir" "$@"; else meson setup "$dir" "$@"; fi &&
                        ninja -C "$dir"
        } > "$BUILD_LOG" 2>&1
}
