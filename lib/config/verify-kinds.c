/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what depends on the kind of a link: which keys go with it, and what its parent carries beside it. Of links of other
 * files verify-site.c asks the same. */

#include <errno.h>

#include "schema.h"
#include "util.h"
#include "verify-internal.h"

static void check_keys_of_kind(struct check *c, const struct link *l) {
        const struct link_kind_info *kind = link_kinds[l->kind];

        list_foreach (g, &l->given)
                if (!(g->key->kinds & 1U << l->kind))
                        wrong(c, &g->origin, g->key->name, "does not go with Kind=%s", kind->name);
        if (kind->needs_parent && !l->parent[0])
                wrong(c, &l->origin, "Parent",
                      "is missing: a link of Kind=%s stands on another interface, mostly one of the host",
                      kind->name);
        if (l->parent[0])
                check_not_loopback(c, &l->parent_origin, "Parent", l->parent);
        if (l->parent_network && !l->parent[0])
                wrong(c, &l->parent_network_origin, "ParentNamespace", "needs Parent=");
        if (kind->lacks_mac && l->mac.set)
                wrong(c, &l->mac_origin, "MACAddress", "a link of Kind=%s has no hardware address",
                      kind->name);
        if (kind->tun && kind->is_port && l->dad)
                wrong(c, &l->origin, "DuplicateAddressDetection",
                      "does not end on a link of Kind=%s before a program has it open", kind->name);
        if (kind->key && link_place(l, kind->key) == &l->origin)
                wrong(c, &l->origin, kind->key, "is missing: a link of Kind=%s needs it",
                      kind->name);
}

static void check_mode(struct check *c, const struct link *l) {
        const struct field *f = link_mode_of(l->kind);
        char words[64] = "";

        if (!f || link_mode(l))
                return;
        for (uint8_t i = 1; i < field_count_words(f); i++)
                snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s",
                         i > 1 ? ", " : "", f->words[i]);
        wrong(c, link_place(l, "Mode"), "Mode", "'%s' does not go with Kind=%s, which has %s",
              l->mode, link_kinds[l->kind]->name, words);
}

/* The kernel would ignore it. */
static void check_mac(struct check *c, const struct link *l) {
        if (l->mac.set && !link_has_mac(l->kind, link_mode(l)))
                wrong(c, &l->mac_origin, "MACAddress",
                      "does not go with Kind=%s%s, which has its parent's",
                      link_kinds[l->kind]->name,
                      link_has_mac(l->kind, MODE_UNSET) ? " and Mode=passthru" : "");
}

static bool link_same_parent(const struct link *a, const struct link *b) {
        return streq(a->parent, b->parent) && a->parent_inside == b->parent_inside &&
               streq(a->parent_network ?: "", b->parent_network ?: "");
}

static void check_neighbours(struct check *c, const struct link *l) {
        const struct link_use own = { l->kind, link_mode(l) };

        for (const struct link *o = c->v->ns.links.items; o < l; o++) {
                const char *why = link_clash(own, (struct link_use){ o->kind, link_mode(o) });

                if (!l->parent[0] || !link_same_parent(l, o))
                        continue;
                if (why)
                        wrong(c, &l->parent_origin, "Parent",
                              "'%s' cannot carry this link beside the one at %s:%u: %s", l->parent,
                              o->parent_origin.path, o->parent_origin.line, why);
                if (l->id && l->id == o->id)
                        wrong(c, link_place(l, "Id"), "Id", "is the same as at %s:%u",
                              link_place(o, "Id")->path, link_place(o, "Id")->line);
        }
}

/* It would be gone from where the other looks for it. */
static void check_device(struct check *c, const struct link *l) {
        if (!l->device.name[0] && !l->device.address.set)
                return;
        check_not_loopback(c, link_place(l, "Device"), "Device", l->device.name);
        list_foreach (other, &c->v->ns.links)
                if ((other < l &&
                     ((l->device.name[0] && streq(l->device.name, other->device.name)) ||
                      mac_equal(&l->device.address, &other->device.address))) ||
                    (l->device.name[0] && streq(l->device.name, other->parent)))
                        wrong(c, link_place(l, "Device"), "Device",
                              "is also that of the link at %s:%u", other->origin.path,
                              other->origin.line);
}

void check_kind(struct check *c, const struct link *l) {
        check_keys_of_kind(c, l);
        check_mode(c, l);
        check_mac(c, l);
        check_neighbours(c, l);
        check_device(c, l);
        check_overlay(c, l);
        if (l->master[0])
                check_master(c, l);
}
