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
# not a first boot, which would enable what is preset
tr -d - < /proc/sys/kernel/random/uuid > "$R/etc/machine-id"
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
Requires=sys-subsystem-net-devices-far0.device sys-subsystem-net-devices-far1.device
After=sys-subsystem-net-devices-far0.device sys-subsystem-net-devices-far1.device
Wants=network-pre.target
Before=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=infinity
ExecStart=/bin/bash /vt/outside.sh
U
# A machine that emulates beside others takes minutes for what systemd gives 90 seconds.
mkdir -p "$R/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultTimeoutStartSec=20min\nDefaultDeviceTimeoutSec=20min\n' > "$R/etc/systemd/system.conf.d/patient.conf"
mkdir -p "$R/etc/systemd/system"/{sysinit.target.wants,multi-user.target.wants}
ln -s ../outside.service "$R/etc/systemd/system/sysinit.target.wants/"
ln -s /lib/systemd/system/systemd-networkd.service "$R/etc/systemd/system/multi-user.target.wants/"
# What has nothing to do with networks takes half of an emulated boot and of each daemon-reload.
mkdir -p "$R"/etc/systemd/{system-generators,system/systemd-udev-trigger.service.d}
for g in bless-boot cryptsetup debug fstab getty gpt-auto hibernate-resume integritysetup rc-local run ssh system-update sysv tpm2 veritysetup; do
        ln -s /dev/null "$R/etc/systemd/system-generators/systemd-$g-generator"
done
for u in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer dev-hugepages.mount dev-mqueue.mount dpkg-db-backup.timer \
        kmod-static-nodes.service ldconfig.service proc-sys-fs-binfmt_misc.automount sys-fs-fuse-connections.mount sys-kernel-config.mount \
        sys-kernel-debug.mount sys-kernel-tracing.mount systemd-logind.service systemd-pstore.service systemd-random-seed.service \
        systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-user-sessions.service; do
        ln -s /dev/null "$R/etc/systemd/system/$u"
done
printf '[Service]\nExecStart=\nExecStart=-udevadm trigger --type=all --action=add --subsystem-match=net --subsystem-match=pci --subsystem-match=virtio --subsystem-match=module\n' \
        > "$R/etc/systemd/system/systemd-udev-trigger.service.d/less.conf"
# no console but ours
ln -s /dev/null "$R/etc/systemd/system/serial-getty@.service"
ln -s /dev/null "$R/etc/systemd/system/getty@.service"

# Both ends of the cables by the names of the other suites
n=0
for l in up0 far0 up1 far1; do
        n=$((n + 1))
        printf '[Match]\nMACAddress=52:54:00:00:00:0%s\n[Link]\nName=%s\n' $n $l > "$R/etc/systemd/network/10-$l.link"
done
uplink() { # NAME NET4 NET6
        printf '[Match]\nName=%s\n[Network]\nIPv6AcceptRA=no\nAddress=%s.1/24\nAddress=%s::1/64\n' "$@" > "$R/etc/systemd/network/20-$1.network"
}
uplink up0 198.51.100 2001:db8
uplink up1 203.0.113 2001:db8:1
