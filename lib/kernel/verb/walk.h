/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The two ways through a plan. Both go on the sockets that the pass has open, and settle all that
 * they have queued. */

#include "pass/pass.h"

/* Finds out what the operations of which wanted[i] is set (NULL: all) have to know before anything
 * is done. *ret_new says whether something was learned that the record does not say yet. 0 or a
 * negative errno, told in r->d. */
int pass_learn(struct pass *r, const bool *wanted, bool *ret_new);

/* Does, in the order of the plan, the operations of which wanted[i] is set; all of them where
 * wanted is NULL. It ends at the first failure. 0, or that error, which is told in r->d at the line
 * of its operation. */
int pass_forward(struct pass *r, const bool *wanted);

/* Undoes, the last one first, the operations whose state is OP_DONE. With whole, what is on an
 * object (its settings, addresses, routes) goes with the object and is not undone by itself. It
 * goes on after errors. 0, or the first of them; each is told in r->d. */
int pass_backward(struct pass *r, bool whole);
