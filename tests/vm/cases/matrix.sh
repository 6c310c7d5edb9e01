# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot: matrix
# matrix.sh: each kind of link, started, restarted, reloaded, killed, deleted by hand, mended (tests/lib/matrix.sh), as units of systemd.
prepare() { [ -z "${MATRIX_THOROUGH:-}" ] || : > "$1/vt/thorough"; } # ROOT TOP

# shellcheck source=tests/lib/matrix.sh
if [ -e /vt/lib/matrix.sh ]; then . /vt/lib/matrix.sh; fi
[ -e /vt/thorough ] || { MATRIX_RESTARTS=3 MATRIX_KILLS='010 050'; } # tools/kind-table has all of them

HELPER=$(systemctl cat vnet@.service | sed -n 's/^ExecStart=\([^ ]*\) up.*/\1/p')
# what is written before the first start
matrix_known() { systemctl daemon-reload; }
starts() { systemctl reset-failed && systemctl start vnet@net0; }
stops() { systemctl stop vnet@net0; }
reloads() { systemctl daemon-reload && systemctl reload vnet@net0; }
row() { echo "row $*" > /dev/ttyS1; }

case_veth() { matrix veth; }
case_bridge() { matrix bridge; }
case_dummy() { module dummy; matrix dummy; }
case_macvlan() { matrix macvlan; }
case_macvtap() { matrix macvtap; }
case_ipvlan() { matrix ipvlan; }
case_vlan() { matrix vlan; }
case_vxlan() { matrix vxlan; }
case_vrf() { matrix vrf; }
case_tun() { module tun; matrix tun; }
case_tap() { module tun; matrix tap; }
case_physical() { matrix physical; }
case_wireguard() { matrix wireguard; }
