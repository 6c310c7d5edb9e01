/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the kernel has of what a record says. Nothing is changed, and no lock is taken. */

#include "plan.h"

enum diff_state {
        DIFF_RIGHT,
        DIFF_MISSING,
        DIFF_DIFFERS, /* have is what is there; where it is equal, something is wrong that has no field */
        DIFF_IMPLIED, /* missing, as the interface or the namespace is that it is on */
        DIFF_UNSEEN,  /* who asks has not the right to see it */
};

/* Calls back for each operation of the plan, with its number. have is NULL but for DIFF_DIFFERS. What cannot be looked at
 * for another reason than rights is told in d, and the first such error returned. */
int diff_plan(struct plan *p,
              void (*found)(void *user, size_t i, enum diff_state state, const struct op *have),
              void *user, struct diags *d);
