/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is ours by its marks and belongs to no record, because a record was lost, torn or deleted.
 *
 * Marks are alternative names of interfaces (OWNER_MARK), comments of nftables elements, the first
 * line of a file in /run/sysctl.d, and names of files below /run/vnet/users. What carries none of
 * these is not ours. */

#include "plan.h"

/* One plan for each NAME that has something left: its operations are what has to be undone. They
 * are in no order. */
struct orphans {
        struct plan **items; /* owned, as the plans are */
        size_t n;
        int left; /* the first negative errno by which something could not be looked at; 0: all was */
};

/* Looks through the host and through every named network namespace, for which it needs
 * CAP_SYS_ADMIN. 0, or a negative errno with the reason in d. The caller frees with gc_free(),
 * after a failure too. */
int gc_find(struct orphans *ret, struct diags *d);
void gc_free(struct orphans *o);

/* Takes NAME's lock, looks once more, and undoes what is there then. *ret is the plan that was
 * undone, which the caller frees; NULL where NAME has a record by now, or where nothing is left. 0,
 * or a negative errno with the reason in d.
 *
 * Elements of the table stay: apply_restore(), which the caller runs after the last NAME, makes the
 * table anew without those that are nobody's. */
int gc_remove(const char *name, struct plan **ret, struct diags *d);
