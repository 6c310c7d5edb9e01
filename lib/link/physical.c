/* SPDX-License-Identifier: GPL-2.0-or-later */

/* physical: an interface of the host, as a network card, that is moved in for as long as the network is up. What it was like
 * before is learned as the network starts, and stands in the record by which it is given back. */

#include "kind.h"

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("device", FIELD_IFNAME, card.device),
        DEVICE_FIELD("device-mac", FIELD_MAC, card.address),
        DEVICE_FIELD("index", FIELD_U32, card.index, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-index", FIELD_U32, card.host_index, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-name", FIELD_IFNAME, card.host_name, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-names", FIELD_TEXT, card.host_names, .flags = FIELD_LEARNED),
        DEVICE_FIELD("permanent", FIELD_MAC, card.permanent, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-mac", FIELD_MAC, card.host_mac, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-mtu", FIELD_U32, card.host_mtu, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-queue", FIELD_U32, card.host_queue, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-addrgen", FIELD_U32, card.host_addrgen, .flags = FIELD_LEARNED),
        DEVICE_FIELD("host-up", FIELD_BOOL, card.host_up, .flags = FIELD_LEARNED),
};

extern const struct link_kind_info link_physical;
const struct link_kind_info link_physical = {
        .name = "physical",
        .what = "interface",
        .lacking = "the kernel moves no such interface",
        .refusal = "the kernel does not move this kind of interface, such as a wireless one",
        DEVICE_FIELDS(fields),
        .birth = BORN_ON_HOST,
        .key = "Device",
        .is_port = true,
        .mtu_follows = true,
        .keeps_mac = true,
};
