/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an error number of the kernel means for a kind of object. They are in the rows of op_infos[]. */

#include "plan.h"

extern const struct meaning bridge_meanings[], bridge_set_meanings[], veth_meanings[],
        altname_meanings[], port_meanings[], sysctl_meanings[], address_meanings[],
        route_meanings[];

op_explain veth_explain, route_explain;
