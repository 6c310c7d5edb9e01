#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# setup.sh ROOT: what a virtual machine gets beside its image: vnet as installed (VNET_PLAIN), the libraries of the tests, an uplink
# by systemd-networkd, and units that run the cases once the machine is up as it would be for its user.
set -eu
R=$1
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
plain=${VNET_PLAIN:-$top/build-plain}

mkdir -p "$R"/etc/{vnet,systemd/system,systemd/network} "$R"/vt/{lib,cases}
: > "$R/etc/machine-id"
echo vtest > "$R/etc/hostname"
# the trees are of releases where /lib is a link, and a directory here would take its place
meson install -C "$plain" --no-rebuild --quiet --destdir "$R"
if [ -d "$R/lib" ]; then
        cp -a "$R/lib" "$R/usr/"
        rm -r "${R:?}/lib"
fi
rm -rf "${R:?}/usr/share"
mkdir -p "$R/usr/share/doc" # the web server of the examples shows it
cp "$top"/tests/lib/*.sh "$R/vt/lib/"
cp "$plain/tests/lib/picture" "$here/inside.sh" "$here/outside.sh" "$R/vt/"

unit() { cat > "$R/etc/systemd/system/$1"; }
unit vtest.target <<'U'
[Unit]
Description=Test of vnet
Requires=multi-user.target
After=multi-user.target
Wants=vtest.service
U
unit vtest.service <<'U'
[Unit]
Description=Cases
After=multi-user.target
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/bash /vt/inside.sh
U
# Who is at the other ends of the cables, before anybody brings the near ends up
unit outside.service <<'U'
[Unit]
Description=Neighbours
DefaultDependencies=no
After=systemd-udev-trigger.service
Wants=network-pre.target
Before=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/bash /vt/outside.sh
U
mkdir -p "$R/etc/systemd/system"/{sysinit.target.wants,multi-user.target.wants}
ln -s ../outside.service "$R/etc/systemd/system/sysinit.target.wants/"
ln -s /lib/systemd/system/systemd-networkd.service "$R/etc/systemd/system/multi-user.target.wants/"
# no console but ours
ln -s /dev/null "$R/etc/systemd/system/serial-getty@.service"
ln -s /dev/null "$R/etc/systemd/system/getty@.service"

cat > "$R/etc/systemd/network/20-uplink.network" <<'U'
[Match]
MACAddress=52:54:00:00:00:01
[Network]
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
DHCP=no
Address=198.51.100.1/24
Address=2001:db8::1/64
U
