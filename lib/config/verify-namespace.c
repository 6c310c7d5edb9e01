/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a namespace's file may not say as a whole. The gateways are checked as the kernel will check
 * them, against the addresses and routes that the file gives their link. */

#include <errno.h>
#include <sys/socket.h>

#include "util.h"
#include "verify-internal.h"

/* --- addresses --- */

/* Link-local addresses may be the same on different links, all others are one host's. */
static void check_same_address(struct check *c, const struct link *l, const struct ip_address *a,
                               const char *key) {
        const struct address *address = &a->prefix.address;

        list_foreach (other, &c->v->ns.links) {
                bool before = other < l || (other == l && !streq(key, "Address"));

                if (other > l || (other != l && is_link_local(address)))
                        continue;
                list_foreach (b, &other->addresses)
                        if ((before || b < a) && b != a &&
                            address_equal(address, &b->prefix.address))
                                wrong(c, &a->origin, key, "is the same as at %s:%u", b->origin.path,
                                      b->origin.line);
        }
        if (streq(key, "HostAddress"))
                for (const struct ip_address *b = l->host_addresses.items; b < a; b++)
                        if (address_equal(address, &b->prefix.address))
                                wrong(c, &a->origin, key, "is the same as at %s:%u", b->origin.path,
                                      b->origin.line);
}

/* --- gateways --- */

static struct prefix on_link_network(const struct ip_address *a) {
        struct prefix p = a->prefix;

        if (a->peer.family)
                p.address = a->peer;
        return prefix_network(&p);
}

static bool reaches(const struct link *l, const struct address *gateway) {
        list_foreach (a, &l->addresses) {
                struct prefix network = on_link_network(a);

                if (prefix_contains(&network, gateway))
                        return true;
        }
        list_foreach (r, &l->routes) { /* straight out of the link counts as well */
                bool direct = r->hops.n == 0 || (r->hops.n == 1 && !r->hops.items[0].via.family &&
                                                 (!r->hops.items[0].device[0] ||
                                                  streq(r->hops.items[0].device, l->name)));

                if (r->type == ROUTE_UNICAST && direct && prefix_contains(&r->destination, gateway))
                        return true;
        }
        return is_link_local(gateway);
}

static void check_gateways(struct check *c, const struct link *l, unsigned *seen) {
        enum families there = families_of(&l->addresses);

        list_foreach (g, &l->gateways) {
                enum families family = family_bit(g->address.family);
                char text[ADDRESS_MAX];

                if (!(family & there))
                        wrong(c, &g->origin, "Gateway", "link '%s' has no %s address", l->name,
                              family_name(family));
                else if (!reaches(l, &g->address))
                        wrong(c, &g->origin, "Gateway", "%s is not in a subnet of link '%s'",
                              address_print(&g->address, text), l->name);
                if (family & *seen)
                        wrong(c, &g->origin, "Gateway", "there is already one for %s",
                              family_name(family));
                *seen |= family;
        }
}

/* --- the outer end --- */

static void check_bridge_port(struct check *c, const struct link *l) {
        if (l->bridge[0]) {
                check_not_loopback(c, &l->bridge_origin, "Bridge", l->bridge);
                if (l->host_addresses.n)
                        wrong(c, &l->host_addresses.items[0].origin, "HostAddress",
                              "is only for a link without Bridge=");
                if (l->masquerade)
                        wrong(c, &l->origin, "IPMasquerade",
                              "is only for a link without Bridge=; set it in the [Bridge] file instead");
                return;
        }
        if (l->hairpin)
                wrong(c, &l->origin, "HairPin", "is only for a link with Bridge=");
        if (l->isolated)
                wrong(c, &l->origin, "Isolated", "is only for a link with Bridge=");
        check_masquerade(c, &l->origin, l->masquerade, families_of(&l->addresses));
}

static const struct origin *host_name_place(const struct link *l) {
        return l->host_name_origin.line ? &l->host_name_origin : &l->origin;
}

static int check_host_names(struct check *c) {
        struct {
                char text[IFNAMSIZ];
        } * names;
        size_t n = c->v->ns.links.n;
        int r = 0;

        names = pool_alloc(&c->v->pool, n * sizeof *names + 1);
        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const struct link *l = &c->v->ns.links.items[i];
                const char *full;

                if (l->kind != KIND_VETH)
                        continue;
                r = link_host_name(c->v, l, names[i].text, &full);
                if (r < 0)
                        return r;
                check_not_loopback(c, host_name_place(l), "HostName", names[i].text);
                if (streq(names[i].text, l->bridge))
                        wrong(c, host_name_place(l), "HostName", "'%s' is the bridge", l->bridge);
                for (size_t k = 0; k < i; k++)
                        if (streq(names[k].text, names[i].text))
                                wrong(c, host_name_place(l), "HostName",
                                      "'%s' is also the outer end of link '%s'", names[i].text,
                                      c->v->ns.links.items[k].name);
        }
        return 0;
}

/* --- published ports --- */

static bool hosts_overlap(const struct publish *a, const struct publish *b) {
        static const uint8_t zero[16];
        bool a_all = memcmp(a->host.bytes, zero, sizeof zero) == 0;
        bool b_all = memcmp(b->host.bytes, zero, sizeof zero) == 0;

        /* Without an address it is both families; one address goes before all of them. */
        if (a_all && b_all)
                return !a->host.family || !b->host.family || a->host.family == b->host.family;
        return address_equal(&a->host, &b->host);
}

static void check_publish(struct check *c) {
        enum families there = FAMILY_NONE;

        list_foreach (l, &c->v->ns.links)
                if (l->kind == KIND_VETH)
                        there |= families_of(&l->addresses);
        list_foreach (p, &c->v->ns.publish) {
                enum families family = p->host.family ? family_bit(p->host.family) : FAMILY_BOTH;

                if (!(family & there))
                        wrong(c, &p->origin, "PublishPort", "no link to the host has an %s address",
                              family_name(family));
                for (const struct publish *b = c->v->ns.publish.items; b < p; b++)
                        if (p->protocol == b->protocol && hosts_overlap(p, b) &&
                            p->host_port < b->host_port + b->count &&
                            b->host_port < p->host_port + p->count)
                                wrong(c, &p->origin, "PublishPort",
                                      "host port %u is also published at %s:%u",
                                      p->host_port > b->host_port ? p->host_port : b->host_port,
                                      b->origin.path, b->origin.line);
        }
}

int check_namespace(struct check *c) {
        unsigned gateways = FAMILY_NONE;

        list_foreach (l, &c->v->ns.links) {
                enum families families = families_of(&l->addresses);

                list_foreach (a, &l->addresses)
                        check_same_address(c, l, a, "Address");
                list_foreach (a, &l->host_addresses)
                        check_same_address(c, l, a, "HostAddress");
                check_mtu(c, &l->origin, l->mtu,
                          families | families_of(&l->host_addresses) |
                                  (l->accept_ra ? FAMILY_IPV6 : FAMILY_NONE));
                check_gateways(c, l, &gateways);
                if (l->kind == KIND_VETH)
                        check_bridge_port(c, l);
        }
        check_publish(c);
        return check_host_names(c);
}
