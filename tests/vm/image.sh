#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# image.sh ROOT KERNEL-DEB DIR: makes DIR/vmlinuz, DIR/root.cpio and DIR/release: a root file system of debootstrap and a kernel of
# Debian, neither of them installed or changed, as one initramfs. It is made once and kept: what is under test comes as a
# second archive behind it (run.sh). A virtual machine without a disk is up sooner, and takes nothing back.
set -eu
root=$(realpath "$1") deb=$(realpath "$2") dir=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dpkg -x "$deb" "$work/kernel"
[ -d "$work/kernel/lib" ] || ln -s usr/lib "$work/kernel/lib" # from Debian 13 on
release=$(ls "$work/kernel/lib/modules")
modules=$work/modules/lib/modules/$release
mkdir -p "$modules" "$dir"
# What a network could ask for; the rest would only lie in memory.
(
        cd "$work/kernel/lib/modules/$release"
        cp -a modules.builtin modules.builtin.modinfo modules.order "$modules/"
        find kernel/{net,crypto,lib,arch,drivers/{net,virtio,char}} fs/{autofs,fuse,overlayfs} -type f 2> /dev/null |
                grep -vE '/(can|wireless|bluetooth|sunrpc|ceph|9p|rxrpc|tipc|ethernet|wwan|usb|kvm|infiniband|rds|smc|dccp)/' |
                xargs cp -a --parents -t "$modules"
)
depmod -b "$work/modules" "$release"
cp "$work/kernel/boot/vmlinuz-$release" "$dir/vmlinuz"
echo "$release" > "$dir/release"

archive() { cpio --create --format=newc --quiet --owner=0:0; }
{
        # Below /run nothing may be from somebody's container: systemd would take the machine for one.
        (cd "$root" && find . -xdev \( -path ./run -o -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./boot \
                -o -path ./var/cache -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./usr/share/doc -o -path ./usr/share/man \
                -o -path ./usr/share/locale -o -path ./usr/share/i18n -o -path ./usr/share/zoneinfo -o -path ./usr/share/perl5 \
                -o -path './usr/lib/*/perl*' -o -path './usr/lib/*/gconv' -o -path ./usr/lib/udev/hwdb.d -o -path ./lib/udev/hwdb.d \
                -o -name .complete \) -prune -o -print | archive)
        cd "$work/modules"
        mkdir run proc sys dev tmp var var/cache boot
        ln -s sbin/init init
        # the trees are of releases where /lib is a link
        mkdir usr
        mv lib usr/lib
        find . | archive
} > "$dir/root.cpio"
