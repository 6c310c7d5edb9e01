/* SPDX-License-Identifier: GPL-2.0-or-later */

/* wireguard: a tunnel to peers that are known by their keys (linux/wireguard.h). Its UDP socket stays where the message came
 * from that made it: on the host. So a namespace that has such a link alone reaches its peers, and nothing but by them. It is
 * made down: keys and port are set before it comes up, by operations of their own. */

#include "kind.h"

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_wireguard;
const struct link_kind_info link_wireguard = {
        .name = "wireguard",
        .what = "interface",
        .lacking = "the kernel has no WireGuard (module wireguard)",
        DEVICE_FIELDS(fields),
        .birth = BORN_OVER,
        .key = "PrivateKeyFile",
        .lacks_mac = true,
        .dies_late = true,
};
