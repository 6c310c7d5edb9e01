/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The tables inet vnet and bridge vnet by libnftnl (nf_tables.h of the kernel's uapi). One
 * nfnetlink batch is one transaction: all of it is done or nothing. The caller holds the lock of
 * shared objects around everything here that changes something. Nothing here opens files. */

#include "netlink/socket.h"
#include "plan.h"

struct nft;

/* A socket in the network namespace that the caller is in now. */
int nft_open(struct nft **ret, struct diags *d);
int nft_fd(const struct nft *n);      /* its descriptor, which stays the socket's */
struct nft *nft_close(struct nft *n); /* NULL is fine; after a deletion this takes 5-15 ms */

/* --- one transaction: begin, any number of the calls below, commit --- */

int nft_begin(struct nft *n);
/* The table with all sets, chains and rules; -EEXIST at commit where a table of the name exists. */
int nft_add_table(struct nft *n, enum nft_table table);
/* -ENOENT at commit where there is no table, or one that another version of vnet made, with other
 * rules. */
int nft_expect_shape(struct nft *n, enum nft_table table);
/* From now on the table is taken for one without rules that need one more thing, or another one:
 * after -ENOENT, which is what the kernel says of an expression that it does not have. False where
 * all have been tried; the next time it is the whole table again. */
bool nft_do_without(struct nft *n);
unsigned nft_lacking(const struct nft *n); /* NFT_NEEDS_… */
int nft_delete_table(struct nft *n,
                     enum nft_table table); /* -ENOENT at commit where there is none */
int nft_clear_table(struct nft *n, enum nft_table table); /* the same, whether it is there or not */
/* Exclusively: -EEXIST at commit also where an identical element is there, or an interval that
 * overlaps. But a range of ports that encloses another passes the kernel: nft_port_taken() sees it.
 * The owner becomes the element's comment. tag is handed back by nft_commit() when this message was
 * refused. */
int nft_add_element(struct nft *n, const struct op_element *e, const char *owner, size_t tag);
/* The same for one that no connection can have used before: its count is from the beginning, and so
 * of use when it leaves. */
int nft_add_fresh(struct nft *n, const struct op_element *e, const char *owner, size_t tag);
int nft_delete_element(struct nft *n, const struct op_element *e, size_t tag);
/* Sends all. 0, or the first error with the tag of its message (SIZE_MAX: none of ours) and the
 * kernel's extended-ack text if there was one ("" otherwise). Nothing was changed then. */
int nft_commit(struct nft *n, size_t *ret_tag, char ret_why[static 160]);

/* Until the next nft_begin(): is it known that no connection ever used this published port, which
 * the transaction has withdrawn? The very element that nft_delete_element() was told of. */
bool nft_was_unused(const struct nft *n, const struct op_element *e);

/* --- questions --- */

/* Is the element there, with this very data? 0 and its owner's comment ("" without); -ENOENT: no
 * such element or table; -EEXIST: its key is there with other data (owner is filled too). */
int nft_get_element(struct nft *n, const struct op_element *e, char ret_owner[static 128]);
/* What its key has: e with the data that are there, and its owner. -ENOENT: there is no such
 * key. */
int nft_look_element(struct nft *n, const struct op_element *e, struct op_element *ret,
                     char ret_owner[static 128]);
/* For PublishPort=: is some port of protocol [first, last] already published by a range element or
 * a single one, in a map that nft_add_element() would not collide with? 0: free (or no table),
 * 1: taken, with the owner's comment. A range counts against itself: ask before it is added. */
int nft_port_taken(struct nft *n, const struct op_element *e, char ret_owner[static 128]);
/* Calls back with the owner of each element, "" where it has none; a return other than 0 ends it
 * and is returned. Nothing where there is no table. */
typedef int nft_owner_cb(void *user, enum nft_table table, const char *name);
int nft_each_owner(struct nft *n, nft_owner_cb *owner, void *user);
/* 1 if there is such a table of ours, 0 if not, or a negative errno. */
int nft_table_exists(struct nft *n, enum nft_table table);
/* 1 if it has nothing of ours, but something: somebody else has called his so. */
int nft_table_is_foreign(struct nft *n, enum nft_table table);

/* --- conntrack (nfnetlink_conntrack.h) --- */

/* Forgets connections that were translated by these publish elements, so that a withdrawn port is
 * withdrawn for running connections too (CTA_FILTER, kernel 5.8); but for those whose port another
 * element of still publishes at the same place. Best effort: 0 or -errno. */
int nft_forget_published(struct nft *n, const struct op_element *const *elements, size_t count,
                         const struct plan *still);
/* Is this an address of the host? */
typedef bool nft_is_local(void *user, const struct address *a);
/* Forgets flows to these host ports that began before they were published: they would go on to the
 * host. It is UDP that has such. */
int nft_forget_stale(struct nft *n, const struct op_element *const *elements, size_t count,
                     nft_is_local *is_local, void *user);
/* Forgets those that were translated to somewhere else than these elements lead to now: a port at
 * one address takes the place of the same port at all addresses. */
int nft_forget_displaced(struct nft *n, const struct op_element *const *elements, size_t count);

/* One connection: whom it came from and went to, who answers, and to where. */
struct nft_flow {
        struct address source, host, target, back;
        uint32_t status; /* IPS_… */
        uint8_t protocol;
        uint16_t source_port, port; /* of the source, of the target; 0: none */
};
/* Ends it at the side that answers, if that is a socket of the namespace in which diag was opened, and the connection is one of
 * TCP. Best effort. */
void nft_end_flow(struct nl *diag, const struct nft_flow *flow);
/* Forgets all connections of a family that are concerned. No question on the same socket
 * meanwhile. */
int nft_forget_flows(struct nft *n, uint8_t family,
                     bool (*concerned)(void *user, const struct nft_flow *flow), void *user);
