/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the verbs of the helper do. Each takes the lock of its NAME, runs as one process, and tells
 * in d what went wrong. They return 0 or a negative errno. */

#include "plan.h"

/* All or nothing: after a failure the host is as it was. Where NAME is up already, what is right is
 * adopted, what is missing made again, and what the file says differently is applied. */
int apply_up(struct plan *p, struct diags *d);

/* Undoes what the record says was done, whatever the files say now; goes on after errors, and keeps
 * the record then. Nothing to undo is success. */
int apply_down(const char *name, struct diags *d);

/* The same for all that has a record, namespaces before bridges. told() gets what there is to say of each of them; in d is
 * only what concerns none. 0, or the first error: the others go down all the same. */
int apply_down_all(void (*told)(const char *name, const struct diags *d), struct diags *d);

/* Applies the difference between the record and this plan. -EBUSY: it needs a restart, told for
 * each object before anything was touched. -ENOENT: NAME is not up. */
int apply_reload(struct plan *p, struct diags *d);

/* Takes interfaces that have appeared into the bridge NAME, whose uplinks they are. Not to be up is
 * success. */
int apply_join(const char *name, struct diags *d);

/* Makes the table inet vnet anew from all records of what is up: after somebody's flush. A record
 * that cannot be read is an error; where the table is gone, the others' elements are back
 * nevertheless. */
int apply_restore(struct diags *d);
