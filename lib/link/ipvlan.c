/* SPDX-License-Identifier: GPL-2.0-or-later */

/* ipvlan: more addresses on an interface of the host, under the hardware address that it has: for switches and clouds that
 * let no second one through. The mode is the parent's: a link with another one changes all that are there, without an
 * error (ipvlan_link_new() of the kernel). Its addresses are the parent's until it is deleted (linux/if_link.h,
 * IPVLAN_MODE_*). */

#include "kind.h"

#include <linux/if_link.h>

static const char *const modes[] = {
        NULL, [MODE_L2] = "l2", [MODE_L3] = "l3", [MODE_L3S] = "l3s", NULL,
};

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("parent", FIELD_IFNAME, parent),
        DEVICE_FIELD("mode", FIELD_WORD8, mode, .words = modes, .nest = NEST_INFO,
                     .attribute = IFLA_IPVLAN_MODE, .width = 2, .flags = FIELD_FROM_0 | FIELD_LIVE,
                     .ip = "mode"),
        DEVICE_FIELD("mtu", FIELD_U32, mtu, .flags = FIELD_LIVE),
};

extern const struct link_kind_info link_ipvlan;
const struct link_kind_info link_ipvlan = {
        .name = "ipvlan",
        .what = "interface",
        .lacking = "the kernel has no ipvlan (module ipvlan)",
        .refusal = "its parent is no Ethernet interface",
        DEVICE_FIELDS(fields),
        .birth = BORN_OVER,
        .mode = MODE_L2,
        .use = USE_IPVLAN,
        .needs_parent = true,
        .one_mode = true,
        .shares_mac = UINT16_MAX,
        .dies_late = true,
};
