/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <net/if.h>

#include "pass/pass.h"

/* Forwarding of one of these families is still to be given back. */
bool forward_is_ours(enum families which);

/* Some of these families is switched off, or what keeps it on is missing: do_forwarding() of a run that is
 * repairing mends it. */
bool forward_needs_repair(enum families wanted);

/* --- forwarding-dependents.c --- */

typedef bool forward_guards(void *user, uint32_t index);

/* Does somebody else rely on the forwarding of this address family? 1 and the name of an interface
 * of his, 0, or a negative errno. */
int forward_relied_on(struct pass *r, uint8_t family, forward_guards *guards, void *user,
                      char ret_name[static IFNAMSIZ]);
