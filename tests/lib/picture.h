/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdio.h>

extern FILE *out;         /* lines, not yet sorted */
extern const char *where; /* in front of each: in which network namespace */

_Noreturn void die(const char *what); /* with the text of errno */

/* Of the network namespace that the caller is in */
void dump_network(void);
void dump_nft(void);

/* Left out, or looked into, or else than a value; in a list that ends with type 0 */
struct rule {
        unsigned type;
        enum { SKIP, INDEX, NESTED, NEXTHOPS } how;
        const struct rule *inside;
};

void print_attributes(const struct rule *rules, const void *data, size_t size);
/* One message, one line */
void begin_line(const char *what);
void end_line(const struct rule *rules, const struct nlmsghdr *h, size_t header);
/* A dump on a bus, NETLINK_ROUTE or NETLINK_NETFILTER: cb for each message */
void ask(int bus, const void *request, mnl_cb_t cb, void *user);
