/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Undoes a record that was read; removes it if nothing went wrong. */
int undo_record(struct plan *p, struct diags *d);

/* Is the namespace of a record still there? 1 or 0. Who cannot tell must not take a living one for dead: it
 * would be made anew. */
int apply_is_alive(const struct plan *p, struct diags *d);

/* Does what is wanted (NULL: all) once more, where what is there counts as done. The record of p is complete. */
int apply_repair(struct plan *p, const bool *wanted, struct diags *d);
