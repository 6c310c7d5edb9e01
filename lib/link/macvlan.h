/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What macvlan and macvtap are made with. */

#include "kind.h"

#include <linux/if_link.h>

#define MACVLAN_MODES                                                                             \
        {                                                                                         \
                NULL, [MODE_PRIVATE] = "private", [MODE_VEPA] = "vepa", [MODE_BRIDGE] = "bridge", \
                      [MODE_PASSTHRU] = "passthru", NULL,                                         \
        }
#define MACVLAN_FIELDS(modes)                                                                      \
        {                                                                                          \
                DEVICE_NAME, DEVICE_FIELD("mac", FIELD_MAC, mac),                                  \
                        DEVICE_FIELD("parent", FIELD_IFNAME, parent),                              \
                        DEVICE_FIELD("mode", FIELD_WORD8, mode, .words = modes, .nest = NEST_INFO, \
                                     .attribute = IFLA_MACVLAN_MODE, .width = 4,                   \
                                     .flags = FIELD_BIT | FIELD_LIVE, .ip = "mode"),               \
                        DEVICE_FIELD("mtu", FIELD_U32, mtu, .flags = FIELD_LIVE),                  \
        }
