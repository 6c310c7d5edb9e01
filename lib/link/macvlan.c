/* SPDX-License-Identifier: GPL-2.0-or-later */

/* macvlan: a second MAC on an interface of the host. It is deleted inside before the namespace's name goes: what the kernel
 * deletes by itself stays for a moment, and the next start would find its own MAC taken. With mode passthru it has the MAC
 * of its parent (linux/if_link.h, MACVLAN_MODE_*). */

#include "kind.h"

#include <linux/if_link.h>

static const char *const modes[] = {
        NULL,
        [MODE_PRIVATE] = "private",
        [MODE_VEPA] = "vepa",
        [MODE_BRIDGE] = "bridge",
        [MODE_PASSTHRU] = "passthru",
        NULL,
};

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("parent", FIELD_IFNAME, parent),
        DEVICE_FIELD("mode", FIELD_WORD8, mode, .words = modes, .nest = NEST_INFO,
                     .attribute = IFLA_MACVLAN_MODE, .width = 4, .flags = FIELD_BIT, .ip = "mode"),
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_macvlan;
const struct link_kind_info link_macvlan = {
        .name = "macvlan",
        .what = "interface",
        .lacking = "the kernel has no macvlan (module macvlan)",
        .refusal =
                "its parent is no Ethernet interface, or mode passthru wants it alone, or MTUBytes= is more than "
                "the parent's",
        DEVICE_FIELDS(fields),
        .birth = BORN_OVER,
        .mode = MODE_BRIDGE,
        .is_port = true,
        .needs_parent = true,
        .takes_parent = true,
        .dies_late = true,
};
