/* SPDX-License-Identifier: GPL-2.0-or-later */

/* ifb: an interface of the host through which RateOut= leads what comes in by an outer end. What arrives on an interface
 * cannot be queued there, and what root of the namespace could see of it he could take away. Nobody asks for one by
 * Kind=. It comes and goes by reload, as nothing in the namespace knows of it. */

#include "kind.h"

static const struct field fields[] = {
        DEVICE_NAME,
        DEVICE_FIELD("mac", FIELD_MAC, mac),
};

extern const struct link_kind_info link_ifb;
const struct link_kind_info link_ifb = {
        .name = "ifb",
        .what = "interface",
        .lacking = "the kernel has no ifb, which RateOut= needs (module ifb)",
        DEVICE_FIELDS(fields),
        .birth = BORN_INSIDE,
        .implied = true,
};
