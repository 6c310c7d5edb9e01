/* SPDX-License-Identifier: GPL-2.0-or-later */

/* macvtap: a macvlan whose packets a program reads from /dev/tapINDEX instead of the kernel's own network, a virtual machine
 * mostly. Where a program opens it, what the interface has of addresses is idle. */

#include "macvlan.h"

extern const struct link_kind_info link_macvtap;
const struct link_kind_info link_macvtap = { MACVLAN_ROW("macvtap") };
