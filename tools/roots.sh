# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# roots.sh: root file systems for the boot and vm suites, each made once by debootstrap and kept in $ROOTS.

# shellcheck disable=SC2034,SC2154 # read by tools/check; log, quick and RELEASE are its own
OTHER=trixie
ROOTS=/var/cache/vnet-test

# What a system must have to boot a scenario of tests/boot
BOOT_PACKAGES=systemd,systemd-sysv,dbus,iproute2,nftables,iputils-ping,procps,kmod,libinih1,libmnl0,libnftnl11,libjson-c5
BOOT_PACKAGES+=,libsystemd0,socat,jq,busybox

# $ROOTS/NAME, unless it is there; status 1, and a reason, where it cannot be made.
make_root() { # NAME RELEASE PACKAGES WHAT
        local root=$ROOTS/$1
        [ "$(cat "$root/.complete" 2> /dev/null)" != "$3" ] || return 0
        [ -z "$quick" ] || { skip "$4: not made yet, and --quick does not wait for it"; return 1; }
        mkdir -p "$ROOTS"
        rm -rf "$root"
        if debootstrap --variant=minbase --include="$3" "$2" "$root" > "$log/debootstrap-$1" 2>&1; then
                rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
                # nothing starts that a scenario did not ask for
                rm -f "$root"/etc/systemd/system/{default,multi-user,network-online,sockets,timers}.target.wants/*
                echo "$3" > "$root/.complete"
                return 0
        fi
        rm -rf "$root"
        skip "$4: debootstrap failed: $(tail -n 1 "$log/debootstrap-$1")"
        return 1
}

# A root file system of the other release
other_release() {
        local name="boot on Debian $OTHER"
        # what is built with a newer C library does not run with an older one
        if [ "$RELEASE" = "$OTHER" ]; then
                skip "boot on Debian bookworm: tools/check --release bookworm boot does that"
                return 1
        fi
        [ -n "$quick" ] || [ -e "$ROOTS/$OTHER/.complete" ] || step "debootstrap $OTHER, kept in $ROOTS (about a minute)"
        make_root "$OTHER" "$OTHER" "$BOOT_PACKAGES" "$name"
}

# A release, by default this one, with the other programs that make networks or firewalls. debootstrap knows no virtual packages:
# libpam-systemd is polkitd's "logind".
others_on_the_host() { # [RELEASE]
        local of=${1:-$RELEASE} packages=$BOOT_PACKAGES,libpam-systemd,netbase,iptables,firewalld,ufw,network-manager,docker.io,podman,crun
        packages+=,netavark,aardvark-dns
        # its client is a package of its own from Debian 13 on
        [ "$of" = bookworm ] || packages+=,docker-cli
        [ -n "$quick" ] || [ -e "$ROOTS/others-$of/.complete" ] || step "debootstrap $of with docker and others, kept in $ROOTS (2 minutes)"
        make_root "others-$of" "$of" "$packages" 'boot with others on the host'
}

# What tests/boot/beside needs besides those; iptables-persistent and ufw are not installed together. apt chooses what they depend on.
# Their scripts get a network of their own, since some of them read or set rules.
neighbours_on_the_host() { # [RELEASE]
        local of=${1:-$RELEASE} root packages install="apt-get -q -y --no-install-recommends"
        root=$ROOTS/neighbours-$of
        packages='iptables iptables-persistent libvirt-daemon-system libvirt-clients libvirt-daemon-config-network dnsmasq-base lxc'
        packages+=' fail2ban python3-systemd wireguard-tools wireguard-go keepalived ifupdown systemd-resolved netplan.io'
        [ "$of" = bookworm ] || packages+=' libvirt-daemon-driver-network incus'
        [ "$(cat "$root/.neighbours" 2> /dev/null)" != "$packages" ] || return 0
        [ -z "$quick" ] || { skip "beside: no $root yet, and --quick does not wait for it"; return 1; }
        step "debootstrap $of with libvirt and others, kept in $ROOTS (3 minutes)"
        rm -rf "$root"
        make_root "neighbours-$of" "$of" "$BOOT_PACKAGES,netbase" beside || return 1
        printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
        chmod 755 "$root/usr/sbin/policy-rc.d"
        if {
                chroot "$root" apt-get -q update &&
                        chroot "$root" sh -c "$install --download-only install $packages" &&
                        unshare --mount --net --pid --fork chroot "$root" sh -c "mount -t proc proc /proc
                                export DEBIAN_FRONTEND=noninteractive
                                echo 'iptables-persistent iptables-persistent/autosave_v4 boolean false
                                iptables-persistent iptables-persistent/autosave_v6 boolean false' | debconf-set-selections
                                $install install $packages"
        } > "$log/neighbours-$of" 2>&1; then
                rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root/usr/sbin/policy-rc.d"
                rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/network/interfaces.d/*
                echo "$packages" > "$root/.neighbours"
                return 0
        fi
        skip "beside: $root: $(grep -m 1 -E '^E:|rror' "$log/neighbours-$of")"
        return 1
}

# --- virtual machines: a kernel of Debian and a root file system with udev, as one initramfs ---

# The kernel is of Debian 12 (6.1) or 13 (6.12); what runs on it is of the same release, unless our build is too new for that.
vm_release() { case $1 in 6.1) echo bookworm ;; 6.12) echo trixie ;; esac; }
vm_userland() { if [ "$RELEASE" = bookworm ]; then vm_release "$1"; else echo "$RELEASE"; fi; }

# Everything for a virtual machine with KERNEL; status 1, and a reason, where it cannot be made.
vm_image() { # KERNEL
        local dir=$ROOTS/vm-$1 packages=$BOOT_PACKAGES,udev,conntrack,wireguard-tools of root maker
        of=$(vm_release "$1")
        root=vm-root-$(vm_userland "$1")
        maker="$root $packages $(sha256sum < tests/vm/image.sh)"
        [ "$(cat "$dir/.complete" 2> /dev/null)" != "$maker" ] || return 0
        [ -n "$quick" ] || [ -e "$ROOTS/$root/.complete" ] || step "debootstrap ${root##*-} with udev, kept in $ROOTS (about a minute)"
        make_root "$root" "$(vm_userland "$1")" "$packages" "vm-$1" || return 1
        rm -rf "$dir" "$dir.new"
        if ! fetch_kernel "$of" > "$log/vm-$1" 2>&1 ||
                ! tests/vm/image.sh "$ROOTS/$root" "$ROOTS/kernel-$of/linux.deb" "$dir.new" >> "$log/vm-$1" 2>&1; then
                skip "vm-$1: no kernel of Debian $of: $(tail -n 1 "$log/vm-$1")"
                return 1
        fi
        echo "$maker" > "$dir.new/.complete"
        mv "$dir.new" "$dir"
}

# The package with the kernel of a release, by lists of its own: this machine's know only its own release.
fetch_kernel() { # RELEASE
        local dir=$ROOTS/kernel-$1 package apt
        [ ! -e "$dir/linux.deb" ] || return 0
        rm -rf "$dir"
        mkdir -p "$dir"/{lists,archives}/partial
        : > "$dir/status"
        echo "deb http://deb.debian.org/debian $1 main" > "$dir/sources.list"
        apt=(-q -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$dir/lists"
                -o "Dir::State::Status=$dir/status" -o "Dir::Cache=$dir" -o APT::Sandbox::User=root -o Acquire::Languages=none)
        apt-get "${apt[@]}" update || return
        package=$(apt-cache "${apt[@]}" depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
        [ -n "$package" ] || { echo "$1 has no linux-image-cloud-amd64"; return 1; }
        (cd "$dir" && apt-get "${apt[@]}" download "$package") || return
        rm -rf "$dir"/{lists,archives,*.bin}
        mv "$dir/$package"_*.deb "$dir/linux.deb"
}
