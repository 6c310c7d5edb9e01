/* SPDX-License-Identifier: GPL-2.0-or-later */

/* macvlan: a second MAC on an interface of the host. It is deleted inside before the namespace's name goes: what the kernel
 * deletes by itself stays for a moment, and the next start would find its own MAC taken. With mode passthru it has the MAC
 * of its parent. */

#include "macvlan.h"

extern const struct link_kind_info link_macvlan;
const struct link_kind_info link_macvlan = { MACVLAN_ROW("macvlan") };
