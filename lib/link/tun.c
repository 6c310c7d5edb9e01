/* SPDX-License-Identifier: GPL-2.0-or-later */

/* tun: an interface whose cable is a program, as of a VPN, which reads and writes IP packets at /dev/net/tun. The kernel makes
 * it there alone, and not by netlink; and it is of the namespace in which that file was opened. */

#include "kind.h"

#include <linux/if_link.h>
#include <linux/if_tun.h>

static const struct field fields[] = {
        DEVICE_NAME,
        TUN_FIELDS,
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_tun;
const struct link_kind_info link_tun = {
        .name = "tun",
        .what = "interface",
        .lacking = "the kernel has no tun interfaces (module tun)",
        DEVICE_FIELDS(fields),
        .birth = BORN_INSIDE,
        .tun = IFF_TUN,
        .lacks_mac = true,
};
