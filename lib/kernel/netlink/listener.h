/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Does a program of the host listen where p publishes? -EADDRINUSE for TCP, a warning for UDP, told at the
 * port's line. comes: only these operations of p count (NULL: all), and of them not what old publishes
 * already (NULL: nothing). Where the kernel has no socket diagnostics: 0. */
int listener_check(const struct plan *p, const bool *comes, const struct plan *old,
                   struct diags *d);
