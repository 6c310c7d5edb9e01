/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The two ways through a plan. */

#include "pass/pass.h"

/* What has to be known before anything is done. *ret_new: something was learned that the record does not say. */
int pass_learn(struct pass *r, const bool *wanted, bool *ret_new);

/* Does the operations of which wanted[i] is set (NULL: all), and settles them. */
int pass_forward(struct pass *r, const bool *wanted);

/* Undoes, last first, the operations that are OP_DONE. With whole, objects take their settings
 * along; else each operation is undone by itself. Goes on after errors; returns the first. */
int pass_backward(struct pass *r, bool whole);
