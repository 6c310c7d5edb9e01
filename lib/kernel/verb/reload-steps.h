/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/replace.h"

/* Makes a change: from, to, goes and comes are set by the caller, who owns them. What else is in
 * the change is freed.
 *
 * 0 where all that comes is there and all that goes is gone; else a negative errno with the reason
 * in d, and what had been made before the failure is taken back. *ret_settled says whether the host
 * now is as one of the plans has it: as to where 0 is returned, as from elsewhere. Where it is
 * false, some of both may be there. */
int reload_take_steps(struct change *c, bool *ret_settled, struct diags *d);
