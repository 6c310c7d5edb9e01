/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a pass has seen of the kernel's objects: each question is asked once, however many
 * operations want to know. A dump is kept as the messages that the kernel sent, found by what names
 * an object. */

#include "netlink/socket.h"
#include "pool.h"

enum seen_what { SEEN_ADDRESSES, SEEN_NEIGHBORS, SEEN_FDB, SEEN_ROUTES, SEEN_RULES, SEEN_WHATS };

struct seen;

/* One of so many places, that has seen nothing in any yet; NULL without memory. */
struct seen *seen_new(size_t n_places);
struct seen *seen_free(struct seen *s); /* NULL is fine; returns NULL */
/* Forgets all answers, as something has changed: the next question is asked again. s may be
 * NULL. */
void seen_forget(struct seen *s);
/* A pool for what is made of the answers; it lives as long as s. */
struct pool *seen_pool(struct seen *s);

/* Would this question be answered without asking the kernel? family is AF_INET or AF_INET6. */
bool seen_has(const struct seen *s, size_t place, enum seen_what what, uint8_t family);
bool seen_has_link(const struct seen *s, size_t place, const char *name);

/* Calls back for each object of this family in this place, whose socket is nl, that is named by
 * these bytes: the address of an address or a neighbour, the destination of a route (none:
 * everywhere), the table of a rule. A negative return ends it and is returned. */
int seen_each(struct seen *s, struct nl *nl, size_t place, enum seen_what what, uint8_t family,
              const void *name, size_t size, nl_object *object, void *user);
/* The RTM_NEWLINK of an interface, which lives until the next seen_forget(). -ENODEV: there is
 * none. */
int seen_link(struct seen *s, struct nl *nl, size_t place, const char *name,
              const struct nlmsghdr **ret);
