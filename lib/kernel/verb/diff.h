/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Compares what a record says with what the kernel has. Nothing is changed, and no lock is taken:
 * somebody may be changing it meanwhile. */

#include "plan.h"

enum diff_state {
        DIFF_RIGHT,
        DIFF_MISSING,
        DIFF_DIFFERS, /* have is what is there; if that is equal to what was asked for, something of it has no field */
        DIFF_IMPLIED, /* it is missing because the interface or the namespace is missing that it is on */
        DIFF_UNSEEN, /* who asks has no right to see it */
};

/* Calls back for each operation of the plan, with its number i in it. have is NULL but for
 * DIFF_DIFFERS, and lives as long as the call. What cannot be looked at for another reason than
 * rights is told in d, and the first such error, a negative errno, is returned; else 0. */
int diff_plan(struct plan *p,
              void (*found)(void *user, size_t i, enum diff_state state, const struct op *have),
              void *user, struct diags *d);
