/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Other people's firewalls. An accept of ours cannot overrule a drop in another table, and we never
 * touch the tables of others: so whoever starts a network is told which chain drops its packets and
 * what to type. firewall-cmd(1), ufw(8), iptables(8), nft(8). */

#include "pass/pass.h"
#include "system/legacy-iptables.h"

/* Warns in r->d, once for a table, of chains at the hook forward that drop or reject what they do
 * not know, where the plan of r forwards. Of those at the hook input it informs only, since a host
 * may well want that. A table with a rule that names our interface counts as cured. Where something
 * cannot be asked, nothing is told. */
void warn_of_other_firewalls(struct pass *r);

/* The same of the tables of iptables-legacy. They are read before the sandbox, which has no sockets
 * of IPv4 and IPv6. */
void warn_of_legacy_firewalls(const struct legacy_tables *l, const struct plan *p, struct diags *d);

/* Both of all networks that are up, after somebody's rules have been loaded. */
void warn_all_of_other_firewalls(const struct legacy_tables *l, struct diags *d);
