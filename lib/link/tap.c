/* SPDX-License-Identifier: GPL-2.0-or-later */

/* tap: the same as tun with Ethernet frames, as of a virtual machine: it has a hardware address, and a bridge takes it as a
 * port. Without a program that has it open it has no carrier. */

#include "kind.h"

#include <linux/if_link.h>
#include <linux/if_tun.h>

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        TUN_FIELDS,
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_tap;
const struct link_kind_info link_tap = {
        .name = "tap",
        .what = "interface",
        .lacking = "the kernel has no tap interfaces (module tun)",
        DEVICE_FIELDS(fields),
        .birth = BORN_INSIDE,
        .tun = IFF_TAP,
        .is_port = true,
};
