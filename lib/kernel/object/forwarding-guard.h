/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "object/forwarding-saved.h"
#include "pass/pass.h"

/* Writes to f, for each interface that the host has now and that is none of ours, a line "guard
 * INDEX", and of a bridge a line "bridge INDEX" too. 0 or a negative errno. */
int guard_save(FILE *f, struct pass *r);

/* Of the elements that a saved file stands for: all, or those that are in the table, or are not. */
enum guard_which { GUARD_ALL, GUARD_THERE, GUARD_MISSING };

struct guard {
        struct pool pool; /* which has the elements; the caller frees it with pool_free() */
        LIST(struct op_element) elements;
        struct nft *nft; /* borrowed, as family is; only GUARD_ALL does without */
        const struct forward_family *family;
        enum guard_which which;
};

/* Fills elements from the saved file of the family, after the caller has set the rest. 0; -ENOENT
 * where forwarding of this family is not ours; or another negative errno. */
int guard_read(struct guard *g);
/* A forward_guards for a guard that was read with GUARD_ALL, which user points to. */
bool guard_has(void *user, uint32_t index);

/* With GUARD_THERE, removes from the table the elements that are in it; with GUARD_MISSING, adds
 * those that are not. It is a transaction of its own, which begins after all questions: one in
 * between would break it. 0 or a negative errno; -ENOENT as of guard_read(). */
int guard_change(struct nft *nft, const struct forward_family *family, enum guard_which which);
/* Makes the table with nothing in it but the guard, where somebody has flushed it a moment ago.
 * What else was in it comes back by a restore, as after any flush. 0 or a negative errno. */
int guard_anew(struct nft *nft);

/* Adds the guard's elements to the transaction that nft_begin() has begun and that makes the table.
 * nft may be NULL: then they are only counted. *n grows by their number. 0 or a negative errno. */
int forward_restore_guard(struct nft *nft, size_t *n);

/* Adds the table to the transaction that nft_begin() has begun, and where forwarding is ours the
 * guard with it, since that must not wait for a restore. 0 or a negative errno. */
int forward_add_table(struct nft *nft);
