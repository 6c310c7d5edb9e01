/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vrf: a router of its own inside the namespace. Links join it by Master=, and what comes and goes by them is routed by its
 * table alone. They join before they get addresses: the kernel throws away those of IPv6, and routes of both families, of an
 * interface that joins or leaves. */

#include "kind.h"

#include <linux/if_link.h>

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("table", FIELD_U32, table, .nest = NEST_INFO, .attribute = IFLA_VRF_TABLE,
                     .width = 4, .ip = "table"),
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_vrf;
const struct link_kind_info link_vrf = {
        .name = "vrf",
        .what = "interface",
        .lacking = "the kernel has no vrf (module vrf)",
        DEVICE_FIELDS(fields),
        .birth = BORN_INSIDE,
        .key = "Table",
        .is_vrf = true,
};
