/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/replace.h"

/* Makes a change, or takes back what of it was made before something failed. Settled: all is there as
 * the plan says, that of to where 0 is returned and else that of from. */
int reload_take_steps(struct change *c, bool *ret_settled, struct diags *d);
