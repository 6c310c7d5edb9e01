/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <net/if.h>

#include "pass/pass.h"

/* Did we switch on forwarding of one of these families, so that it is still to be given back? Where
 * that cannot be seen: yes. */
bool forward_is_ours(enum families which);

/* Is forwarding of one of these families off, or is the file in /run/sysctl.d gone that keeps it
 * on? Then do_forwarding() of a pass that is repairing mends it. */
bool forward_needs_repair(enum families wanted);

/* --- forwarding-dependents.c --- */

/* Does the guard hold the interface of this index on the host? */
typedef bool forward_guards(void *user, uint32_t index);

/* Does somebody else rely on the forwarding of this family (AF_INET, AF_INET6)? It looks for
 * interfaces that have an address of global scope, are no hardware, do not carry our mark and are
 * not held by the guard. 1 with the name of one of them, 0, or a negative errno. */
int forward_relied_on(struct pass *r, uint8_t family, forward_guards *guards, void *user,
                      char ret_name[static IFNAMSIZ]);
