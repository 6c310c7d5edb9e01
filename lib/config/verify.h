/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The rules that no single value can break, but only several of them together. There is no other
 * place that checks them: generator, helper and vnetctl share this one. */

#include "load.h"

/* One file by itself: keys that exclude each other, families that do not fit, duplicate names. */
int verify_vnet(struct vnet *v, struct diags *d);

/* Between a namespace and the bridge of one of its links, as both files say it. */
int verify_pair(struct vnet *ns, const struct link *l, const struct vnet *bridge, struct diags *d);

/* The same of the other network that has a part of a link; peer: NULL if there is no such file. */
int verify_partner(struct vnet *v, const struct link *l, const struct vnet *peer, struct diags *d);

/* RateIn= and RateOut= of a link with this MTU: does a burst that is given hold a packet? Tells where not. */
bool verify_bursts(const struct link *l, uint32_t mtu, struct diags *d);

/* For two that are good: warns of what will work, but hardly as it was meant. */
void warn_pair(const struct link *l, const struct vnet *bridge, struct diags *d);
/* The same of a link whose outer end is on no bridge. */
void warn_cable(const struct vnet *v, const struct link *l, struct diags *d);
/* Of a good namespace and the file of the link's bridge, or NULL: warns of a family that has no default
 * route because the file gives one for the other. Adds to given what it has told. */
void warn_lost_default(const struct link *l, const struct vnet *bridge, struct given_default *given,
                       struct diags *d);

/* All files against each other: one address, host port, interface or namespace name used twice,
 * subnets of different bridges that overlap, AllowFrom= and Bridge= that name what is refused or
 * no bridge. Says file:line of both sides; the later file by name is refused. */
int verify_site(struct site *s, struct diags *d);
