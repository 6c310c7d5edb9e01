/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Cables to networks that were not up when their other end was. */

#include "plan.h"

/* The network of this plan is up: lays the cables that others have to it, and those of its own that
 * waited. It holds no lock. What cannot be done is told in d as a warning: neither network is less
 * up for it. */
void cables_lay(const struct plan *p, struct diags *d);
