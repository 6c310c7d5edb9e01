/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What macvlan and macvtap have in common, which is all but their names (linux/if_link.h, MACVLAN_MODE_*). */

#include "kind.h"

#include <linux/if_link.h>

static const char *const macvlan_modes[] = {
        NULL,
        [MODE_PRIVATE] = "private",
        [MODE_VEPA] = "vepa",
        [MODE_BRIDGE] = "bridge",
        [MODE_PASSTHRU] = "passthru",
        NULL,
};

static const struct field macvlan_fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("parent", FIELD_IFNAME, parent),
        DEVICE_FIELD("mode", FIELD_WORD8, mode, .words = macvlan_modes, .nest = NEST_INFO,
                     .attribute = IFLA_MACVLAN_MODE, .width = 4, .flags = FIELD_BIT | FIELD_LIVE,
                     .ip = "mode"),
        DEVICE_FIELD("mtu", FIELD_U32, mtu, .flags = FIELD_LIVE),
};

#define MACVLAN_ROW(kind)                                                                        \
        .name = kind, .what = "interface",                                                       \
        .lacking = "the kernel has no " kind " (module " kind ")",                               \
        .refusal = "its parent is no Ethernet interface, or mode passthru wants it alone",       \
        DEVICE_FIELDS(macvlan_fields), .birth = BORN_OVER, .mode = MODE_BRIDGE,                  \
        .use = USE_MACVLAN, .is_port = true, .needs_parent = true, .alone = 1U << MODE_PASSTHRU, \
        .shares_mac = 1U << MODE_PASSTHRU, .dies_late = true
