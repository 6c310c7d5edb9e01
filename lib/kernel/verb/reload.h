/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* From what is up, or what of it is left, to what shall be; see apply_reload(). */
int apply_difference(struct plan *old, struct plan *new, struct diags *d);
