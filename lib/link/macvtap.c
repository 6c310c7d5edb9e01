/* SPDX-License-Identifier: GPL-2.0-or-later */

/* macvtap: a macvlan whose packets a program reads from /dev/tapINDEX instead of the kernel's own network, a virtual machine
 * mostly. Where a program opens it, what the interface has of addresses is idle. */

#include "macvlan.h"

static const char *const modes[] = MACVLAN_MODES;
static const struct field fields[] = MACVLAN_FIELDS(modes);

extern const struct link_kind_info link_macvtap;
const struct link_kind_info link_macvtap = {
        .name = "macvtap",
        .what = "interface",
        .lacking = "the kernel has no macvtap (module macvtap)",
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
