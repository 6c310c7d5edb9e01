/* SPDX-License-Identifier: GPL-2.0-or-later */

/* macvlan: a second MAC on an interface of the host. It is deleted inside before the namespace's name goes: what the kernel
 * deletes by itself stays for a moment, and the next start would find its own MAC taken. With mode passthru it has the MAC
 * of its parent (linux/if_link.h, MACVLAN_MODE_*). */

#include "macvlan.h"

static const char *const modes[] = MACVLAN_MODES;
static const struct field fields[] = MACVLAN_FIELDS(modes);

extern const struct link_kind_info link_macvlan;
const struct link_kind_info link_macvlan = {
        .name = "macvlan",
        .what = "interface",
        .lacking = "the kernel has no macvlan (module macvlan)",
        .refusal = "its parent is no Ethernet interface, or mode passthru wants it alone",
        DEVICE_FIELDS(fields),
        .birth = BORN_OVER,
        .mode = MODE_BRIDGE,
        .use = USE_MACVLAN,
        .is_port = true,
        .needs_parent = true,
        .alone = 1U << MODE_PASSTHRU,
        .shares_mac = 1U << MODE_PASSTHRU,
        .dies_late = true,
};
