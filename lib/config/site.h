/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model.h"
#include "search.h"

/* All of them, checked by themselves and against each other (verify_site). */
struct site {
        struct sources sources;
        struct vnet **items; /* sorted by name; refused ones stay in, with ->refused set */
        size_t n;
        struct vnet **bridges; /* those of the items that are bridges, by interface name */
        size_t n_bridges;
        struct vnet **partners; /* those of the items that have one, by name */
        size_t n_partners;
        bool has_devices; /* interfaces have units here: for the generator, which knows it */
};

void site_free(struct site *s);
struct vnet *site_find(const struct site *s, const char *name);
/* The file that defines the bridge with this interface name: a good one before one that is refused
 * (which includes NAME.vnet of that name if nobody can tell what it is); NULL: none does. */
struct vnet *site_find_bridge(const struct site *s, const char *interface);
