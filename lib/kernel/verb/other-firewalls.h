/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Other people's firewalls. An accept of ours cannot overrule a drop in another table, and we never
 * touch the tables of others: so whoever starts a network is told which chain drops its packets and
 * what to type. firewall-cmd(1), ufw(8), iptables(8), nft(8). */

#include "pass/pass.h"

/* Warnings in r->d, one a table: chains of hook forward that drop or reject what they do not know
 * where this plan forwards; one of hook input is told as information, for a host may well want that.
 * A table with a rule that names our interface counts as cured. Best effort: a failure tells nothing. */
void warn_of_other_firewalls(struct pass *r);
