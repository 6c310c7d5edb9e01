/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <net/if.h>

#include "run.h"

/* Adds the guard's elements to the transaction that nft_begin() has begun and that makes the table:
 * after a flush. *n grows by their number. */
int forward_restore_guard(struct nft *nft, size_t *n);

/* Adds the table to the transaction that nft_begin() has begun, and the guard where forwarding is ours:
 * it must not wait for a restore. */
int forward_add_table(struct nft *nft);

/* Forwarding of one of these families is still to be given back. */
bool forward_is_ours(enum families which);

/* Some of these families is switched off, or what keeps it on is missing: do_forwarding() of a run that is
 * repairing mends it. */
bool forward_needs_repair(enum families wanted);

/* In SYSCTL_D, before "4.conf" and "6.conf": one that sorts after everybody's. The first line is a mark. */
#define FORWARD_FILE "zz-vnet-forwarding"

/* --- guard.c --- */

/* Writes a line "guard INDEX" for each interface that is to be guarded, and "bridge INDEX" for a bridge. */
int guard_save(FILE *f, struct run *r);

/* --- relied.c --- */

typedef bool forward_guards(void *user, uint32_t index);

/* Does somebody else rely on the forwarding of this address family? 1 and the name of an interface
 * of his, 0, or a negative errno. */
int forward_relied_on(struct run *r, uint8_t family, forward_guards *guards, void *user,
                      char ret_name[static IFNAMSIZ]);
