/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vlan: the packets with one IEEE 802.1Q number of what comes through an interface. The number is taken on the parent, in
 * whatever namespace the link is, until it is deleted. It is bound loosely: else it could not be up while its parent is
 * down, as it is early in a boot, and would lose its routes whenever somebody sets the parent down and up again. */

#include "kind.h"

#include <linux/if_link.h>
#include <linux/if_vlan.h>

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("parent", FIELD_IFNAME, parent),
        DEVICE_FIELD("id", FIELD_U16, id, .nest = NEST_INFO, .attribute = IFLA_VLAN_ID, .width = 2,
                     .ip = "id"),
        DEVICE_FIELD("mtu", FIELD_U32, mtu, .flags = FIELD_LIVE),
};

extern const struct link_kind_info link_vlan;
const struct link_kind_info link_vlan = {
        .name = "vlan",
        .what = "interface",
        .lacking = "the kernel has no VLANs (module 8021q)",
        .taken = "the parent has this VLAN already, by a link in some network namespace",
        .refusal = "its parent is no Ethernet interface",
        DEVICE_FIELDS(fields),
        .birth = BORN_OVER,
        .is_port = true,
        .needs_parent = true,
        .key = "Id",
        .flags = { IFLA_VLAN_FLAGS, VLAN_FLAG_LOOSE_BINDING, "loose_binding on" },
        .dies_late = true,
};
