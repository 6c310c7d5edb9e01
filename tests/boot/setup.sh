#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# setup.sh ROOT: SETUP of vboot.sh: installs vnet and a scenario into ROOT.
# VNET_PLAIN  the build to install, unless VNET_PACKAGES says where packages are
# BOOT_ONLY   names of checks: no others are made
# SCENARIO    script with prepare() (runs here, gets ROOT and the top directory) and scenario() (runs inside as vtest.service)
#
# Inside, the machine has an uplink up0, 198.51.100.1 and 2001:db8::1, and a neighbour .2 outside at its other end.
set -eu
R=$1
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")

# A fresh machine: an id of its own at each boot, nothing of this machine's networks
: > "$R/etc/machine-id"
echo vtest > "$R/etc/hostname"
rm -rf "$R/etc/vnet" "$R/usr/sbin/policy-rc.d"
mkdir -p "$R/etc/vnet" "$R/etc/systemd/system" "$R/vt/lib" "$R/out" "$R/after"
[ -n "${VNET_PACKAGES:-}" ] || meson install -C "${VNET_PLAIN:-$top/build-plain}" --no-rebuild --quiet --destdir "$R"
cp "$top"/tests/lib/*.sh "$R/vt/lib/"
cp "$here/inside.sh" "$here/outside.sh" "$R/vt/"
mkdir "$R/vt/scenarios" # all of its kind: one may be another with a difference
cp "$(dirname "$SCENARIO")"/*.sh "$R/vt/scenarios/"
basename "$SCENARIO" > "$R/vt/scenario"
echo "${SCENARIO_NAME:-$(basename "$SCENARIO" .sh)}" > "$R/vt/name"
echo "${BOOT_ONLY:-}" > "$R/vt/only"

unit() { cat > "$R/etc/systemd/system/$1"; }
unit vtest.target <<'U'
[Unit]
Description=Test of vnet
Requires=basic.target
After=basic.target
Wants=outside.service vnet.target vtest.service
U
unit vtest.service <<'U'
[Unit]
Description=Scenario
After=basic.target outside.service vnet.target network.target
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'exec /bin/bash /vt/inside.sh > /out/vtest.log 2>&1'
ExecStopPost=/bin/sh -c 'journalctl -b -o short-monotonic --no-pager > /out/journal.txt; systemctl --no-pager list-units --all > /out/units.txt'
U
# As somebody's network manager: an uplink, before networks are needed
unit outside.service <<'U'
[Unit]
Description=Uplink and a neighbour
DefaultDependencies=no
After=local-fs.target systemd-sysctl.service
Wants=network-pre.target
Before=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/bash /vt/outside.sh
U
# A unit that the test wants up, as "systemctl enable" would have it
want() {
        mkdir -p "$R/etc/systemd/system/vtest.target.wants"
        ln -sf "../$1" "$R/etc/systemd/system/vtest.target.wants/"
}
# shellcheck source=tests/lib/others.sh
. "$top/tests/lib/others.sh"
# shellcheck source=tests/lib/beside.sh
. "$top/tests/lib/beside.sh"
# shellcheck disable=SC1090 # any scenario
. "$SCENARIO"
prepare "$R" "$top"
