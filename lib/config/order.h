/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which networks of a site come up after vnet.target, and whether the order of all of them has
 * cycles. */

#include "site.h"

/* Sets ->late of each, and refuses what closes a cycle. 0 or -ENOMEM. */
int order_site(struct site *s, struct diags *d);

/* Of two networks that have a cable the one that is later by name comes up later: an order by name has no cycle. Calls
 * back for each that v comes up after, perhaps twice. A negative return ends it and is returned. */
int each_earlier_partner(const struct site *s, const struct vnet *v,
                         int (*user)(void *data, struct vnet *earlier), void *data);

/* The interface by which the network comes and goes: what link_base() says, but one that is made where it is not there,
 * "eno1.10", comes after eno1. Returns ret; "": none. */
const char *link_ground(const struct site *s, const struct link *l, char ret[static IFNAMSIZ]);
/* No file defines the bridge or the parent of the link: it is somebody else's. */
bool base_is_foreign(const struct site *s, const struct link *l);
