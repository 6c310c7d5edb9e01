/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Undoes the plan of a record, and removes the record if nothing went wrong. Errors are told in d,
 * and the first of them is returned. */
int undo_record(struct plan *p, struct diags *d);

/* Is the namespace of a record still there? 1, 0 where it is gone or another one has its name, or a
 * negative errno with the reason in d. Who cannot tell must not take a living namespace for a dead
 * one: it would be made anew. A plan without a namespace is alive. */
int apply_is_alive(const struct plan *p, struct diags *d);

/* Does the operations of which wanted[i] is set (NULL: all) once more. What is there already counts
 * as done, and what is there otherwise is made right. The record of p has to be complete. 0 or a
 * negative errno with the reason in d. */
int apply_repair(struct plan *p, const bool *wanted, struct diags *d);
