/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The loopback interface, which is in each namespace from the beginning: Name=lo. */

#include "kind.h"

extern const struct link_kind_info link_loopback;
const struct link_kind_info link_loopback = { .what = "interface", .birth = BORN_BY_KERNEL };
