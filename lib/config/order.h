/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which networks of a site come up after vnet.target, and whether the order of all of them has
 * cycles. */

#include "site.h"

/* Sets ->late of each, and refuses what closes a cycle. 0 or -ENOMEM. */
int order_site(struct site *s, struct diags *d);

/* No file defines the bridge or the parent of the link: it is somebody else's. */
bool base_is_foreign(const struct site *s, const struct link *l);
