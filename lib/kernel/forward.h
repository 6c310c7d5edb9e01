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

/* Some family's forwarding is still to be given back. */
bool forward_is_ours(void);

/* --- guard.c --- */

/* Writes a line "guard INDEX" for each interface that is to be guarded, and "bridge INDEX" for a bridge. */
int guard_save(FILE *f, struct run *r);

/* --- relied.c --- */

typedef bool forward_guards(void *user, uint32_t index);

/* Does somebody else rely on the forwarding of this address family? 1 and the name of an interface
 * of his, 0, or a negative errno. */
int forward_relied_on(struct run *r, uint8_t family, forward_guards *guards, void *user,
                      char ret_name[static IFNAMSIZ]);
