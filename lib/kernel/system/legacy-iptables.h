/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The tables "filter" of iptables-legacy and ip6tables-legacy, which nftables does not show. They
 * are only read, and only where they are there: the question alone would make them. */

#include <linux/netfilter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct legacy_table {
        int family;    /* AF_INET, AF_INET6 */
        char *entries; /* NULL: there is no such table, or it cannot be read */
        size_t size;
        uint32_t policies[NF_INET_NUMHOOKS]; /* where in entries the last rule of a chain stands */
};

struct legacy_tables {
        struct legacy_table v4, v6;
};

static const struct {
        uint32_t hook;
        const char *chain;
} legacy_hooks[] = { { NF_INET_FORWARD, "FORWARD" }, { NF_INET_LOCAL_IN, "INPUT" } };

/* What cannot be read is as if it was not there. */
void legacy_tables_read(struct legacy_tables *ret);
void legacy_tables_free(struct legacy_tables *l);

/* Is the policy of its chain at this hook to drop? */
bool legacy_table_drops(const struct legacy_table *t, uint32_t hook);
/* Does one of its rules match this interface? */
bool legacy_table_names(const struct legacy_table *t, const char *interface);
/* Has somebody made a chain of this name? */
bool legacy_table_has_chain(const struct legacy_table *t, const char *chain);
