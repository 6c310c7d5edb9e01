/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Goes from old, which is up or of which something is left, to new. What else of old was lost is
 * mended on the way. The caller holds NAME's lock; for errors see apply_reload() in
 * verb/verbs.h. */
int apply_difference(struct plan *old, struct plan *new, struct diags *d);

/* Can this operation be added to what is up, without a restart? */
bool reload_can_bring(const struct op *op);
/* Can it be taken away from what is up? new is the plan that shall be up then, since some may go
 * only where another one of the same key comes. */
bool reload_can_take(const struct op *op, const struct plan *new);
