/* SPDX-License-Identifier: GPL-2.0-or-later */

/* veth: a virtual cable between the namespace and the host. One message makes both ends; the inner one never exists on
 * the host, and the outer one goes with the namespace. */

#include "kind.h"

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("peer", FIELD_IFNAME, peer),
        DEVICE_FIELD("peer-mac", FIELD_MAC, peer_mac),
        DEVICE_FIELD("master", FIELD_IFNAME, master),
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_veth;
const struct link_kind_info link_veth = {
        .name = "veth",
        .what = "interface",
        .lacking = "the kernel has no veth (module veth)",
        DEVICE_FIELDS(fields),
        .birth = BORN_AS_PAIR,
        .faces_host = true,
        .is_port = true,
};
