/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The two ways through a plan. Between the files of the verbs; nobody else includes this. */

#include "run.h"

/* Does the operations of which wanted[i] is set (NULL: all), and settles them. */
int pass_forward(struct run *r, const bool *wanted);

/* Undoes, last first, the operations that are OP_DONE. With whole, objects take their settings
 * along; else each operation is undone by itself. Goes on after errors; returns the first. */
int pass_backward(struct run *r, bool whole);

/* Undoes a record that was read; removes it if nothing went wrong. */
int undo_record(struct plan *p, struct diags *d);

/* Makes a change, or takes back what of it was made before something failed. Settled: all is there as
 * the plan says, that of to where 0 is returned and else that of from. */
int change_make(struct change *c, bool *ret_settled, struct diags *d);

/* match.c: who makes way for whom, by what goes and comes. 0 or -ENOMEM; change_finish() in any case. */
int change_match(struct change *c);
void change_finish(struct change *c);

/* Is the namespace of a record still there? 1 or 0. Who cannot tell must not take a living one for dead: it
 * would be made anew. */
int apply_is_alive(const struct plan *p, struct diags *d);

/* Does what is wanted (NULL: all) once more, where what is there counts as done. */
int apply_repair(struct plan *p, const bool *wanted, struct diags *d);

/* From what is up, or what of it is left, to what shall be; see apply_reload(). */
int apply_difference(struct plan *old, struct plan *new, struct diags *d);
