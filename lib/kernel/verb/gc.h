/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is ours by its marks and belongs to no record, because a record was lost, torn or deleted.
 * Marks are alternative names (OWNER_MARK), comments of nftables elements, the first line of a file
 * in /run/sysctl.d, and names in /run/vnet/users. What carries none of these is not ours. */

#include "plan.h"

struct orphans {
        struct plan **items; /* one for each NAME: operations to undo; sorted by nothing */
        size_t n;
        int left; /* the first error in looking, where not everything could be looked at */
};

/* Looks through the host and every named network namespace; needs CAP_SYS_ADMIN. 0 or a negative
 * errno with the reason in d; the caller frees with gc_free() in any case. */
int gc_find(struct orphans *ret, struct diags *d);
void gc_free(struct orphans *o);

/* Takes NAME's lock, looks once more, and undoes what is there then; *ret is what was undone, or NULL
 * where NAME has a record by now or nothing is left. The caller frees it. Elements of the table stay:
 * apply_restore() makes it anew without those of nobody, after the last NAME. */
int gc_remove(const char *name, struct plan **ret, struct diags *d);
