/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vxlan: an Ethernet of several hosts, whose frames go by UDP. Its socket is the host's, as it is made there: so what it sends
 * takes the host's ways, while the interface is inside. The kernel's default port is not the one that RFC 7348 has, which is
 * why one is always sent. It is deleted inside before the namespace's name goes: until the kernel has done it by itself, its
 * network identifier is taken. */

#include "kind.h"

#include <linux/if_link.h>

enum { PORT = 4789, HEADERS = 50 /* Ethernet, IPv4, UDP, VXLAN */ };

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("vni", FIELD_U32, vni, .nest = NEST_INFO, .attribute = IFLA_VXLAN_ID,
                     .width = 4, .ip = "id"),
        DEVICE_FIELD("local", FIELD_ADDRESS, local, .nest = NEST_INFO,
                     .attribute = IFLA_VXLAN_LOCAL, .attribute6 = IFLA_VXLAN_LOCAL6, .ip = "local"),
        DEVICE_FIELD("group", FIELD_ADDRESS, group, .nest = NEST_INFO,
                     .attribute = IFLA_VXLAN_GROUP, .attribute6 = IFLA_VXLAN_GROUP6, .ip = "group"),
        DEVICE_FIELD("parent", FIELD_IFNAME, parent, .nest = NEST_INFO,
                     .attribute = IFLA_VXLAN_LINK, .width = 4, .ip = "dev"),
        DEVICE_FIELD("port", FIELD_U16, port, .nest = NEST_INFO, .attribute = IFLA_VXLAN_PORT,
                     .width = 2, .flags = FIELD_NETWORK_ORDER, .ip = "dstport"),
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_vxlan;
const struct link_kind_info link_vxlan = {
        .name = "vxlan",
        .what = "interface",
        .lacking = "the kernel has no vxlan (module vxlan)",
        DEVICE_FIELDS(fields),
        .birth = BORN_OVER,
        .key = "VNI",
        .taken = "another vxlan of this host has this VNI and UDP port",
        .port = PORT,
        .headers = HEADERS,
        .is_port = true,
        .dies_late = true,
};
