/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an error number of the kernel means for a kind of object. They are in the rows of op_infos[]. */

#include "plan.h"

extern const struct meaning device_meanings[], bridge_set_meanings[], up_meanings[],
        altname_meanings[], port_meanings[], port_vlan_meanings[], uplink_meanings[],
        host_vlan_meanings[], sysctl_meanings[], address_meanings[], route_meanings[];

op_explain device_explain, route_explain, up_explain, wireguard_explain;
op_explain device_explain, qdisc_explain, redirect_explain, route_explain, up_explain;
