/* SPDX-License-Identifier: GPL-2.0-or-later */

/* dummy: an interface that drops what is sent by it, for addresses that belong to no cable. */

#include "kind.h"

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
        DEVICE_FIELD("mtu", FIELD_U32, mtu),
};

extern const struct link_kind_info link_dummy;
const struct link_kind_info link_dummy = {
        .name = "dummy",
        .what = "interface",
        .lacking = "the kernel has no dummy interfaces (module dummy)",
        DEVICE_FIELDS(fields),
        .birth = BORN_INSIDE,
        .is_port = true,
};
