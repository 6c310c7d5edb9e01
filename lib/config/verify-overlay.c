/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks links of kind vxlan, and vrfs with the links that join them. What the kernel takes and does not mean, as two vrfs with
 * one table, is refused here. */

#include <errno.h>
#include <sys/socket.h>

#include "util.h"
#include "verify-internal.h"

static const char *version(uint8_t family) {
        return family == AF_INET6 ? "IPv6" : "IPv4";
}

static void check_underlay(struct check *c, const struct link *l, const char *key,
                           const struct origin *at, const struct address *a) {
        uint8_t family = link_underlay(l);
        char text[ADDRESS_MAX];

        if (a->family && a->family != family)
                wrong(c, at, key, "%s is not %s, by which this link sends", address_print(a, text),
                      version(family));
}

static void check_remotes(struct check *c, const struct link *l) {
        list_foreach (r, &l->remotes) {
                check_underlay(c, l, "Remote", &r->origin, &r->address);
                if (address_equal(&r->address, &l->local))
                        wrong(c, &r->origin, "Remote", "is also Local=, the address of this host");
                for (const struct ip_gateway *b = l->remotes.items; b < r; b++)
                        if (address_equal(&r->address, &b->address))
                                wrong(c, &r->origin, "Remote", "is the same as at %s:%u",
                                      b->origin.path, b->origin.line);
        }
}

static bool same_vni(const struct link *a, const struct link *b) {
        return a->vni && a->vni == b->vni && link_underlay(a) == link_underlay(b) &&
               (a->udp_port ?: link_kinds[a->kind]->port) ==
                       (b->udp_port ?: link_kinds[b->kind]->port);
}

static void check_vni(struct check *c, const struct link *l) {
        for (const struct link *b = c->v->ns.links.items; b < l; b++)
                if (same_vni(l, b))
                        wrong(c, link_place(l, "VNI"), "VNI",
                              "%u with the same UDP port is also that of the link at %s:%u", l->vni,
                              link_place(b, "VNI")->path, link_place(b, "VNI")->line);
}

static void check_table(struct check *c, const struct link *l) {
        for (const struct link *b = c->v->ns.links.items; b < l; b++)
                if (b->table == l->table)
                        wrong(c, link_place(l, "Table"), "Table",
                              "%u is also that of the vrf at %s:%u", l->table,
                              link_place(b, "Table")->path, link_place(b, "Table")->line);
}

void check_overlay(struct check *c, const struct link *l) {
        check_underlay(c, l, "Group", link_place(l, "Group"), &l->group);
        check_remotes(c, l);
        check_vni(c, l);
        if (l->group.family && !l->parent[0])
                wrong(c, link_place(l, "Group"), "Group",
                      "needs Parent=, the interface of the host that joins it");
        if (l->table)
                check_table(c, l);
}

static const struct link *link_named(const struct vnet *v, const char *name) {
        list_foreach (l, &v->ns.links)
                if (streq(l->name, name))
                        return l;
        return NULL;
}

void check_master(struct check *c, const struct link *l) {
        const struct link *other = link_named(c->v, l->master);
        const struct link_kind_info *kind = link_kinds[l->kind],
                                    *master = other ? link_kinds[other->kind] : NULL;

        if (!master || !(master->is_master || master->is_vrf))
                wrong(c, &l->master_origin, "Master",
                      "there is no link '%s' of Kind=bridge or Kind=vrf in this namespace",
                      l->master);
        else if (master->is_vrf ? kind->is_vrf : !kind->is_port)
                wrong(c, &l->master_origin, "Master", "a link of Kind=%s cannot join %s",
                      kind->name, master->is_vrf ? "a vrf" : "another");
        else if (master->is_master)
                list_foreach (a, &l->addresses)
                        wrong(c, &a->origin, "Address",
                              "belongs on '%s', which this link joins by Master=", l->master);
}
