/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "object/forwarding-saved.h"
#include "pass/pass.h"

/* Writes a line "guard INDEX" for each interface that is to be guarded, and "bridge INDEX" for a bridge. */
int guard_save(FILE *f, struct pass *r);

/* Of the elements that a saved file stands for: all, or those that are in the table, or are not. */
enum guard_which { GUARD_ALL, GUARD_THERE, GUARD_MISSING };

struct guard {
        struct pool pool;
        LIST(struct op_element) elements;
        struct nft *nft;
        const struct forward_family *family;
        enum guard_which which;
};

/* -ENOENT: forwarding of this family is not ours. */
int guard_read(struct guard *g);
/* Of a guard that was read; user is it. */
bool guard_has(void *user, uint32_t index);

/* Removes those that are there, or adds the others. Asks first and begins the transaction then: a
 * question between would break it. */
int guard_change(struct nft *nft, const struct forward_family *family, enum guard_which which);
/* Somebody flushed the table a moment ago; what else was in it comes back as after any flush. */
int guard_anew(struct nft *nft);

/* Adds the guard's elements to the transaction that nft_begin() has begun and that makes the table:
 * after a flush. *n grows by their number. */
int forward_restore_guard(struct nft *nft, size_t *n);

/* Adds the table to the transaction that nft_begin() has begun, and the guard where forwarding is ours:
 * it must not wait for a restore. */
int forward_add_table(struct nft *nft);
