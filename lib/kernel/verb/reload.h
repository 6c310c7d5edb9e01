/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* From what is up, or what of it is left, to what shall be; see apply_reload(). */
int apply_difference(struct plan *old, struct plan *new, struct diags *d);

/* Can this operation come into what is up, or leave it, without a restart? new: what is to be up then. */
bool reload_can_bring(const struct op *op);
bool reload_can_take(const struct op *op, const struct plan *new);
