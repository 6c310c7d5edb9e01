/* SPDX-License-Identifier: GPL-2.0-or-later */

/* bridge: of a [Bridge] file it is on the host, as a link it is inside, where other links join it by Master=. Its MAC is
 * given from the start: otherwise it follows the lowest port's as ports come and go, and udev would choose one. */

#include "kind.h"

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
};

extern const struct link_kind_info link_bridge;
const struct link_kind_info link_bridge = {
        .name = "bridge",
        .what = "bridge",
        .lacking = "the kernel has no bridge (module bridge)",
        DEVICE_FIELDS(fields),
        .birth = BORN_INSIDE,
        .is_master = true,
        .mtu_follows = true,
};
