/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "plan.h"

/* Does a program of the host listen where p publishes a port (sock_diag(7))? Of TCP that is
 * -EADDRINUSE, of UDP a warning; both are told in d at the line of the port, with the address and
 * port of the program's socket. 0 elsewhere, and also where the kernel has no socket diagnostics.
 *
 * Only those operations of p are looked at of which comes[i] is set (NULL: all), and none that
 * publishes a port which old publishes too (NULL: there is no old one). */
int listener_check(const struct plan *p, const bool *comes, const struct plan *old,
                   struct diags *d);
