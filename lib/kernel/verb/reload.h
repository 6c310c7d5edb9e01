/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Goes from old, which is up or of which something is left, to new. What else of old was lost is
 * mended on the way. The caller holds NAME's lock; for errors see apply_reload() in
 * verb/verbs.h. */
int apply_difference(struct plan *old, struct plan *new, struct diags *d);

/* Can operation i come into what is up, or leave it, without a restart? With it come or go those that are marked; old:
 * what is up; new: what is to be up then. */
bool reload_can_bring(const struct plan *new, const bool *come, size_t i, const struct plan *old);
bool reload_can_take(const struct plan *old, const bool *gone, size_t i, const struct plan *new);
