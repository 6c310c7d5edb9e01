/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All networks of a host at once, and how one of them is found. The generator needs the whole site
 * at boot, since only then can files be held against each other. */

#include "site.h"

#include "util.h"

void site_free(struct site *s) {
        for (size_t i = 0; i < s->n; i++)
                vnet_free(s->items[i]);
        free(s->items);
        free(s->bridges);
        free(s->partners);
        sources_free(&s->sources);
        *s = (struct site){ 0 };
}

static int compare_name(const void *key, const void *item) {
        return strcmp(key, (*(struct vnet *const *)item)->name);
}

struct vnet *site_find(const struct site *s, const char *name) {
        struct vnet **found = s->n ? bsearch(name, s->items, s->n, sizeof *s->items, compare_name)
                                   : NULL;

        return found ? *found : NULL;
}

struct vnet *site_find_bridge(const struct site *s, const char *interface) {
        struct vnet *named, *refused = NULL;
        size_t low = 0, high = s->n_bridges;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (strcmp(s->bridges[middle]->bridge.name, interface) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < s->n_bridges && streq(s->bridges[low]->bridge.name, interface); low++) {
                if (!s->bridges[low]->refused)
                        return s->bridges[low];
                refused = refused ?: s->bridges[low];
        }
        if (refused)
                return refused;
        named = site_find(s, interface);
        return named && named->refused && named->subject == SUBJECT_NONE ? named : NULL;
}
