#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# matrix.sh: each kind of link that this kernel has (the virtual machines have all), started, restarted, reloaded, killed, deleted by hand, mended (tests/lib/matrix.sh).
# shellcheck source=tests/lib/lib.sh
. "$(dirname "$0")/../lib/lib.sh"
# shellcheck source=tests/lib/matrix.sh
. "$TOP/tests/lib/matrix.sh"

matrix_known() { :; }
starts() { up net0; }
stops() { down net0; }
reloads() { reload net0; }
row() { [ -z "${MATRIX_ROWS:-}" ] || echo "row $*" >> "$MATRIX_ROWS"; }
# by the module of its name, or without one
has_kind() {
        case $1 in
        tun | tap) [ -c /dev/net/tun ] ;;
        veth | physical) : ;;
        vlan) ip link add vtest0 link up0 type vlan id 99 2> /dev/null && ip link del vtest0 ;;
        macvlan | macvtap | ipvlan) ip link add vtest0 link up0 type "$1" 2> /dev/null && ip link del vtest0 ;;
        vxlan) ip link add vtest0 type vxlan id 99 dstport 99 2> /dev/null && ip link del vtest0 ;;
        vrf) ip link add vtest0 type vrf table 99 2> /dev/null && ip link del vtest0 ;;
        *) ip link add vtest0 type "$1" 2> /dev/null && ip link del vtest0 ;;
        esac
}

case_all() {
        local k
        for k in $MATRIX_KINDS; do
                if has_kind "$k"; then
                        echo "$k"
                        matrix "$k"
                fi
        done
}

run_cases "$@"
