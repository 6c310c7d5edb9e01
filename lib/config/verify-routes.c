/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holds routes, rules and gateways against the addresses and links of their namespace, as the
 * kernel will. What the kernel is bound to refuse is refused here, at its line and before anything
 * is touched. What depends on more than the file, such as router advertisements or a route made of
 * blackholes, is left to the kernel. */

#include <errno.h>
#include <sys/socket.h>

#include "util.h"
#include "value.h"
#include "verify-internal.h"
#include "verify.h"

enum { TABLE_MAIN = 254, METRIC_IPV6 = 1024 };

static struct prefix on_link_network(const struct ip_address *a) {
        struct prefix p = a->prefix;

        if (a->peer.family) /* the length belongs to the peer's network */
                p.address = a->peer;
        return prefix_network(&p);
}

static const struct link *link_named(const struct vnet *v, const char *name) {
        list_foreach (l, &v->ns.links)
                if (streq(l->name, name))
                        return l;
        return NULL;
}

static bool accepts_ra(const struct vnet *v) {
        list_foreach (l, &v->ns.links)
                if (l->accept_ra)
                        return true;
        return false;
}

/* With a link: where it is routed by the same table. */
static bool is_own(const struct vnet *v, const struct address *a, const struct link *of) {
        list_foreach (l, &v->ns.links)
                list_foreach (own, &l->addresses)
                        if (address_equal(&own->prefix.address, a) &&
                            (!of || link_table(v, l) == link_table(v, of)))
                                return true;
        return false;
}

/* --- gateways --- */

static uint32_t table_of_link(const struct vnet *v, const struct link *l) {
        return link_table(v, l) ?: TABLE_MAIN;
}

static uint32_t table_of(const struct vnet *v, const struct link *of, const struct route *r) {
        return r->table ?: table_of_link(v, of);
}

/* Does the route lead straight out of this link? */
static bool is_direct(const struct route *r, const struct link *of, const char *device) {
        const struct nexthop *hop = r->hops.items;

        if (r->type != ROUTE_UNICAST || r->hops.n > 1)
                return false;
        if (r->hops.n == 0)
                return streq(of->name, device);
        return !hop->via.family && streq(hop->device[0] ? hop->device : of->name, device);
}

/* By the addresses of the link, or by a route of the main table or the same one. */
static bool reaches(const struct vnet *v, const struct link *l, const struct address *gateway,
                    uint32_t table) {
        list_foreach (a, &l->addresses) {
                struct prefix network = on_link_network(a);

                if (prefix_contains(&network, gateway))
                        return true;
        }
        list_foreach (of, &v->ns.links)
                list_foreach (r, &of->routes)
                        if (is_direct(r, of, l->name) &&
                            (table_of(v, of, r) == TABLE_MAIN || table_of(v, of, r) == table) &&
                            prefix_contains(&r->destination, gateway))
                                return true;
        return is_link_local(gateway) || (gateway->family == AF_INET6 && l->accept_ra);
}

/* The last address of a network, but for those that have none. */
static bool is_broadcast(const struct link *l, const struct address *a) {
        list_foreach (own, &l->addresses) {
                struct prefix network = on_link_network(own), last = network;

                if (a->family != AF_INET || network.address.family != AF_INET ||
                    network.length > 30)
                        continue;
                for (unsigned bit = network.length; bit < 32; bit++)
                        last.address.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
                if (address_equal(&last.address, a))
                        return true;
        }
        return false;
}

static void check_gateway(struct check *c, const struct link *l, const struct origin *at,
                          const char *key, const struct address *gateway, uint32_t table) {
        char text[ADDRESS_MAX];

        address_print(gateway, text);
        if (!reaches(c->v, l, gateway, table))
                wrong(c, at, key, "%s is not in a subnet of link '%s'", text, l->name);
        else if (is_broadcast(l, gateway))
                wrong(c, at, key, "%s is the broadcast address of link '%s'", text, l->name);
        else if (gateway->family == AF_INET6 && is_own(c->v, gateway, l))
                wrong(c, at, key, "%s is an address of the namespace itself", text);
}

/* Another link of the same table has one before this. */
static bool has_gateway_before(const struct vnet *v, const struct link *l,
                               const struct ip_gateway *g) {
        list_foreach (b, &v->ns.links)
                list_foreach (other, &b->gateways) {
                        if (other == g)
                                return false;
                        if (other->address.family == g->address.family &&
                            table_of_link(v, b) == table_of_link(v, l))
                                return true;
                }
        return false;
}

void check_gateways(struct check *c, const struct link *l) {
        enum families there = families_of(&l->addresses);

        list_foreach (g, &l->gateways) {
                enum families family = family_bit(g->address.family);

                if (!(family & there) && !(family == FAMILY_IPV6 && l->accept_ra))
                        wrong(c, &g->origin, "Gateway", "link '%s' has no %s address", l->name,
                              family_name(family));
                else
                        check_gateway(c, l, &g->origin, "Gateway", &g->address,
                                      table_of_link(c->v, l));
                if (has_gateway_before(c->v, l, g))
                        wrong(c, &g->origin, "Gateway", "there is already one for %s",
                              family_name(family));
        }
}

void warn_lost_default(const struct link *l, const struct vnet *bridge, struct given_default *given,
                       struct diags *d) {
        const LIST(struct ip_address) *ways = (const void *)&l->host_addresses;

        if (bridge)
                ways = (const void *)&bridge->bridge.addresses;
        if (!given->origin || l->no_gateway || !link_faces_host(l) ||
            link_table(given->of, l) != given->table ||
            (bridge && bridge_lets_nothing_out(&bridge->bridge)))
                return;
        list_foreach (a, ways) {
                enum families family = family_bit(a->prefix.address.family);
                char text[ADDRESS_MAX];

                if (family & given->families || !link_has_on_link(l, &a->prefix.address) ||
                    (family == FAMILY_IPV6 && l->accept_ra))
                        continue;
                given->families |= family;
                address_print(&a->prefix.address, text);
                diag_warn(d, given->origin, given->key,
                          "switches off the automatic default route of %s by '%s' too; Gateway=%s "
                          "there gives it, Gateway=no there says that none is meant",
                          family_name(family), l->name, text);
        }
}

/* --- routes --- */

static void check_source(struct check *c, const struct route *r) {
        const struct address *a = &r->source;
        char text[ADDRESS_MAX];

        if (!a->family || is_own(c->v, a, NULL) || address_is_loopback(a) || is_link_local(a) ||
            (a->family == AF_INET6 && accepts_ra(c->v)))
                return;
        wrong(c, &r->origin, "Route", "the source %s is no address of the namespace",
              address_print(a, text));
}

static void check_route(struct check *c, const struct link *l, const struct route *r) {
        list_foreach (hop, &r->hops) {
                const char *device = hop->device[0] ? hop->device : l->name;
                const struct link *out = link_named(c->v, device);

                if (!out && !streq(device, "lo"))
                        wrong(c, &r->origin, "Route", "there is no link '%s'", device);
                else if (out && hop->via.family && !hop->onlink)
                        check_gateway(c, out, &r->origin, "Route", &hop->via, table_of(c->v, l, r));
        }
        check_source(c, r);
}

/* What the kernel takes for the same route, whoever makes it. */
struct same {
        struct prefix to;
        uint32_t table, metric;
        const char *key; /* NULL: the kernel's own, of an address */
        const struct origin *origin;
        size_t order;
};

static int compare_routes(const void *a, const void *b) {
        const struct same *x = a, *y = b;
        int r = memcmp(x->to.address.bytes, y->to.address.bytes, sizeof x->to.address.bytes);

        r = r ?: (int)x->to.address.family - (int)y->to.address.family;
        r = r ?: (int)x->to.length - (int)y->to.length;
        r = r ?: (x->table > y->table) - (x->table < y->table);
        return r ?: (x->metric > y->metric) - (x->metric < y->metric);
}

static int compare_same(const void *a, const void *b) {
        const struct same *x = a, *y = b;

        return compare_routes(x, y) ?: (x->order > y->order) - (x->order < y->order);
}

static void add_same(struct same *all, size_t *n, const struct same *new) {
        all[*n] = *new;
        all[*n].order = *n;
        if (new->to.address.family == AF_INET6 &&new->metric == 0)
                all[*n].metric = METRIC_IPV6;
        ++*n;
}

/* A network that an Address= of the same link has anyway gets no second route. */
static size_t collect_allowed(const struct vnet *v, const struct link *l,
                              const struct wireguard_peer *p, struct same *all, size_t n) {
        list_foreach (a, &p->allowed)
                if (peer_makes_route(v, l, p, a))
                        add_same(all, &n,
                                 &(struct same){ a->prefix, peer_table(v, l, p) ?: TABLE_MAIN, 0,
                                                 "AllowedIPs", &a->origin, 0 });
        return n;
}

static size_t collect_same(const struct vnet *v, struct same *all) {
        size_t n = 0;

        list_foreach (l, &v->ns.links)
                list_foreach (a, &l->addresses) {
                        struct prefix p = on_link_network(a);

                        /* that of IPv6 has a metric of its own */
                        if (p.address.family == AF_INET && (p.length < 32 || a->peer.family))
                                add_same(
                                        all, &n,
                                        &(struct same){ p, table_of_link(v, l), 0, NULL, NULL, 0 });
                }
        list_foreach (l, &v->ns.links)
                list_foreach (g, &l->gateways) {
                        struct prefix p = { { g->address.family, { 0 } }, 0 };

                        add_same(all, &n,
                                 &(struct same){ p, table_of_link(v, l), 0, "Gateway", &g->origin,
                                                 0 });
                }
        list_foreach (l, &v->ns.links)
                list_foreach (r, &l->routes)
                        add_same(all, &n,
                                 &(struct same){ prefix_network(&r->destination), table_of(v, l, r),
                                                 r->metric, "Route", &r->origin, 0 });
        list_foreach (l, &v->ns.links)
                list_foreach (p, &l->peers)
                        n = collect_allowed(v, l, p, all, n);
        return n;
}

static size_t count_allowed(const struct link *l) {
        size_t n = 0;

        list_foreach (p, &l->peers)
                n += p->allowed.n;
        return n;
}

static int check_same_routes(struct check *c) {
        struct same *all;
        size_t n = 0;

        list_foreach (l, &c->v->ns.links)
                n += l->addresses.n + l->gateways.n + l->routes.n + count_allowed(l);
        all = pool_alloc(&c->v->pool, n * sizeof *all + 1);
        if (!all)
                return -ENOMEM;
        n = collect_same(c->v, all);
        if (n)
                qsort(all, n, sizeof *all, compare_same);
        for (size_t i = 1; i < n; i++) {
                const struct same *first = &all[i - 1], *second = &all[i];

                if (!second->key || compare_routes(first, second) != 0 ||
                    (first->key && streq(first->key, "Gateway") && streq(second->key, "Gateway")))
                        continue; /* two gateways have been told */
                if (first->key)
                        wrong(c, second->origin, second->key,
                              "there is a route to the same destination at %s:%u; give one of them "
                              "a metric or a table",
                              first->origin->path, first->origin->line);
                else
                        wrong(c, second->origin, second->key,
                              "the route to the network of an Address= is there anyway");
        }
        return 0;
}

/* --- rules --- */

static void check_two_rules(struct check *c, const struct rule *new, const struct rule *old) {
        const struct routing_rule *a = &new->rule, *b = &old->rule;
        bool one = rule_finds(a, b), other = rule_finds(b, a);

        if (!a->has_priority || !b->has_priority || a->priority != b->priority)
                return;
        if (one && other && a->invert == b->invert)
                wrong(c, &new->origin, "Rule", "is the same as at %s:%u", old->origin.path,
                      old->origin.line);
        else if (one || other)
                wrong(c, &new->origin, "Rule",
                      "has the priority and the table of the rule at %s:%u, and the kernel does not "
                      "tell the two apart when it deletes one; give it another priority",
                      old->origin.path, old->origin.line);
}

/* Without a priority each gets one of its own. */
static void check_rules(struct check *c, const struct link *l) {
        list_foreach (rule, &l->rules)
                list_foreach (other, &c->v->ns.links) {
                        if (other > l)
                                continue;
                        list_foreach (b, &other->rules)
                                if (other < l || b < rule)
                                        check_two_rules(c, rule, b);
                }
}

int check_routes(struct check *c) {
        list_foreach (l, &c->v->ns.links) {
                list_foreach (r, &l->routes)
                        check_route(c, l, r);
                check_rules(c, l);
        }
        return check_same_routes(c);
}
