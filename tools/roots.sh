# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# roots.sh: root file systems for the boot suite, each made once by debootstrap and kept in $ROOTS.

# shellcheck disable=SC2034,SC2154 # read by tools/check; log, quick and RELEASE are its own
OTHER=trixie
ROOTS=/var/cache/vnet-test

# What a system must have to boot a scenario of tests/boot
BOOT_PACKAGES=systemd,systemd-sysv,dbus,iproute2,nftables,iputils-ping,procps,kmod,libinih1,libmnl0,libnftnl11,libjson-c5
BOOT_PACKAGES+=,libsystemd0,socat,jq,busybox

# $ROOTS/NAME, unless it is there; status 1, and a reason, where it cannot be made.
make_root() { # NAME RELEASE PACKAGES WHAT
        local root=$ROOTS/$1
        [ ! -e "$root/.complete" ] || return 0
        [ -z "$quick" ] || { skip "$4: not made yet, and --quick does not wait for it"; return 1; }
        mkdir -p "$ROOTS"
        rm -rf "$root"
        if debootstrap --variant=minbase --include="$3" "$2" "$root" > "$log/debootstrap-$1" 2>&1; then
                rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
                # nothing starts that a scenario did not ask for
                rm -f "$root"/etc/systemd/system/{default,multi-user,network-online,sockets,timers}.target.wants/*
                : > "$root/.complete"
                return 0
        fi
        rm -rf "$root"
        skip "$4: debootstrap failed: $(tail -n 1 "$log/debootstrap-$1")"
        return 1
}

# A root file system of the other release
other_release() {
        local name="boot on Debian $OTHER"
        if [ "$RELEASE" = "$OTHER" ]; then
                skip "$name: this is Debian $OTHER"
                return 1
        fi
        [ -n "$quick" ] || [ -e "$ROOTS/$OTHER/.complete" ] || step "debootstrap $OTHER, kept in $ROOTS (about a minute)"
        make_root "$OTHER" "$OTHER" "$BOOT_PACKAGES" "$name"
}

# This release with the other programs that make networks or firewalls. debootstrap knows no virtual packages: libpam-systemd is
# polkitd's "logind".
others_on_the_host() {
        local packages=$BOOT_PACKAGES,libpam-systemd,netbase,iptables,firewalld,ufw,network-manager,docker.io,podman,crun
        packages+=,netavark,aardvark-dns
        # its client is a package of its own from Debian 13 on
        [ "$RELEASE" = bookworm ] || packages+=,docker-cli
        [ -n "$quick" ] || [ -e "$ROOTS/others/.complete" ] || step "debootstrap $RELEASE with docker and others, kept in $ROOTS (2 minutes)"
        make_root others "$RELEASE" "$packages" 'boot with others on the host'
}
