/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns what a file says about NAT, published ports and filters into elements of the table inet
 * vnet. A bridge has the elements of its subnets and of its policy. A namespace on such a bridge
 * has one only for each published port, so that it is cheap to stop one that publishes none. A link
 * that stands alone, or on a bridge of somebody else, brings elements of its own. */

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "build-parts.h"
#include "util.h"

typedef LIST(struct ip_address) address_list;

/* The set of a pair that serves this family. */
static uint8_t set_of(enum nft_set set4, uint8_t family) {
        return family == AF_INET6 ? set4 + 1 : set4; /* pairs stand side by side in enum nft_set */
}

static struct op_element *add_element(struct builder *b, uint8_t set, const struct origin *at) {
        struct op *op = add(b, OP_ELEMENT, PLACE_HOST, at);

        op->element.set = set;
        return &op->element;
}

static void add_verdict(struct builder *b, uint8_t set, const struct origin *at, const char *iif,
                        const char *oif, enum nft_verdict verdict) {
        struct op_element *e = add_element(b, set, at);

        set_ifname(e->iif, iif);
        set_ifname(e->oif, oif);
        e->verdict = verdict;
}

/* Is there a wider one of the list, or an equal one before it? Its element covers this one. */
static bool covered(const address_list *list, size_t i) {
        const struct prefix *p = &list->items[i].prefix;

        for (size_t k = 0; k < list->n; k++) {
                const struct prefix *other = &list->items[k].prefix;

                if (k != i && prefix_overlap(p, other) &&
                    (other->length < p->length || (other->length == p->length && k < i)))
                        return true;
        }
        return false;
}

static const struct ip_gateway *snat_of(const struct bridge *br, uint8_t family) {
        list_foreach (s, &br->snat)
                if (s->address.family == family)
                        return s;
        return NULL;
}

/* What the subnets of an interface need: their way out, and the way back to themselves. */
static void add_subnets(struct builder *b, const char *device, const void *addresses,
                        enum families masquerade, const struct bridge *br) {
        const address_list *list = addresses;

        for (size_t i = 0; i < list->n; i++) {
                const struct ip_address *a = &list->items[i];
                uint8_t family = a->prefix.address.family;
                const struct ip_gateway *snat = br ? snat_of(br, family) : NULL;
                struct op_element *e;

                if (covered(list, i))
                        continue;
                e = add_element(b, set_of(SET_HOME4, family), &a->origin);
                e->subnet = prefix_network(&a->prefix);
                set_ifname(e->oif, device);
                if (snat) {
                        e = add_element(b, set_of(SET_SNAT4, family), &snat->origin);
                        e->subnet = prefix_network(&a->prefix);
                        e->to = snat->address;
                }
                if (snat || masquerade & family_bit(family)) {
                        e = add_element(b, set_of(SET_MASQ4, family), &a->origin);
                        e->subnet = prefix_network(&a->prefix);
                }
        }
}

static void add_interface(struct builder *b, const char *device, const struct origin *at,
                          enum nft_verdict enter) {
        struct op_element *e = add_element(b, SET_TO_NAMESPACES, at);

        set_ifname(e->iif, device);
        add_verdict(b, SET_CROSS, at, device, device, VERDICT_ACCEPT);
        add_verdict(b, SET_ENTER, at, "", device, enter);
}

static void add_forwarding(struct builder *b, const struct origin *at, enum families families) {
        if (families)
                add(b, OP_FORWARDING, PLACE_HOST, at)->forwarding.families = families;
}

enum families bridge_forwards(const struct bridge *br) {
        enum families own = families_of(&br->addresses), forward = br->masquerade;

        list_foreach (s, &br->snat)
                forward |= family_bit(s->address.family);
        if (br->inbound_any || br->allow_from.n)
                forward |= own;
        if (br->proxy_ndp[0]) /* the kernel answers for others as a router alone */
                forward |= FAMILY_IPV6;
        return forward & own;
}

static bool is_repeated(const struct bridge *br, size_t i) {
        for (size_t k = 0; k < i; k++)
                if (streq(br->outbound.items[k].text, br->outbound.items[i].text))
                        return true;
        return false;
}

void build_bridge_nft(struct builder *b) {
        const struct bridge *br = &b->v->bridge;
        const struct origin *at = &b->v->origin;

        add(b, OP_TABLE, PLACE_HOST, at);
        add_interface(b, br->name, at, br->inbound_any ? VERDICT_ROUTED : VERDICT_DROP);
        if (br->internal) {
                add_verdict(b, SET_LEAVE, at, br->name, "", VERDICT_DROP);
                add_verdict(b, SET_SEALED, at, br->name, "", VERDICT_NONE);
                add_verdict(b, SET_WITHIN, at, br->name, br->name, VERDICT_NONE);
        }
        if (br->no_outbound)
                add_verdict(b, SET_LEAVE, at, br->name, "", VERDICT_DROP);
        else if (br->outbound.n)
                add_verdict(b, SET_LEAVE, &br->outbound.items[0].origin, br->name, "",
                            VERDICT_CONFINED);
        for (size_t i = 0; i < br->outbound.n; i++)
                if (!is_repeated(br, i))
                        add_verdict(b, SET_OUTBOUND, &br->outbound.items[i].origin, br->name,
                                    br->outbound.items[i].text, VERDICT_NONE);
        if (br->no_host_access)
                set_ifname(add_element(b, SET_CLOSED, at)->iif, br->name);
        list_foreach (from, &br->allow_from)
                add_verdict(b, SET_CROSS, &from->origin, from->text, br->name, VERDICT_ACCEPT);
        add_subnets(b, br->name, &br->addresses, br->masquerade, br);
        add_forwarding(b, at, bridge_forwards(br));
}

/* By which the namespace answers whom it has no nearer route to. NULL: none, or several ways at once. */
static struct op_route *default_route(const struct builder *b, uint8_t family) {
        struct op_route *best = NULL;

        list_foreach (op, &b->p->ops) {
                struct op_route *r = &op->route;

                if (op->kind == OP_ROUTE && op->place == PLACE_OWN && r->type == ROUTE_UNICAST &&
                    r->destination.address.family == family && r->destination.length == 0 &&
                    (r->table == 0 || r->table == RT_TABLE_MAIN) &&
                    (!best || r->metric < best->metric))
                        best = r;
        }
        return best && best->hops.n <= 1 ? best : NULL;
}

static const struct link *link_of(const struct namespace *ns, const struct op_route *r) {
        const char *device = r->hops.n && r->hops.items[0].device[0] ? r->hops.items[0].device
                                                                     : r->device;

        list_foreach (l, &ns->links)
                if (link_faces_host(l) && streq(l->name, device))
                        return l;
        return NULL;
}

/* As the kernel chooses: of IPv4 an address in the gateway's subnet, of IPv6, for whom is far away, a
 * global one before a unique local one. */
static bool is_preferred(const struct ip_address *a, const struct op_route *r) {
        const struct address *own = &a->prefix.address;
        const struct address *via = r->hops.n ? &r->hops.items[0].via : NULL;

        if (r->source.family)
                return address_equal(own, &r->source);
        if (own->family == AF_INET6)
                return (own->bytes[0] & 0xfe) != 0xfc &&
                       !(own->bytes[0] == 0xfe && (own->bytes[1] & 0xc0) == 0x80);
        return via && via->family &&
               (a->peer.family ? address_equal(&a->peer, via) : prefix_contains(&a->prefix, via));
}

/* Where a port leads to: the address from which a server answers that does not say from which, as one of
 * UDP on a socket for all addresses. */
static const struct ip_address *target_of(const struct builder *b, uint8_t family) {
        const struct namespace *ns = &b->v->ns;
        const struct op_route *r = default_route(b, family);
        const struct link *l = r ? link_of(ns, r) : NULL;
        const struct ip_address *first = NULL;

        if (!l)
                return first_of(ns, family);
        list_foreach (a, &l->addresses) {
                if (a->prefix.address.family != family)
                        continue;
                if (is_preferred(a, r))
                        return a;
                first = first ?: a;
        }
        return first ?: first_of(ns, family);
}

static bool publishes_udp6(const struct namespace *ns) {
        list_foreach (p, &ns->publish)
                if (p->protocol == IPPROTO_UDP && p->host.family != AF_INET)
                        return true;
        return false;
}

/* Whom it answers in its own subnet, by the kernel's route to that: from the address that came last. */
static void pin_in_subnet(struct builder *b, const struct link *l,
                          const struct ip_address *target) {
        enum { BEFORE_THE_KERNELS = 255 }; /* whose metric is 256 (linux/ipv6_route.h) */
        bool others = false;
        struct op *op;

        list_foreach (a, &l->addresses)
                others |= a != target && a->prefix.address.family == AF_INET6 &&
                          prefix_contains(&target->prefix, &a->prefix.address);
        if (!others || target->peer.family)
                return;
        op = add(b, OP_ROUTE, PLACE_OWN, &target->origin);
        set_ifname(op->route.device, l->name);
        op->route.type = ROUTE_UNICAST;
        op->route.destination = prefix_network(&target->prefix);
        op->route.metric = BEFORE_THE_KERNELS;
        op->route.source = target->prefix.address;
}

/* Among several addresses of IPv6 the kernel chooses one by whom it answers, unless the route says which.
 * Before the end of duplicate address detection a route cannot. */
static void pin_source(struct builder *b) {
        struct op_route *r = default_route(b, AF_INET6);
        const struct ip_address *target = target_of(b, AF_INET6);

        if (!publishes_udp6(&b->v->ns) || !target)
                return;
        list_foreach (l, &b->v->ns.links) {
                bool here = false;
                size_t n = 0;

                list_foreach (a, &l->addresses) {
                        here |= a == target;
                        n += a->prefix.address.family == AF_INET6;
                }
                if (!here || n < 2 || l->dad)
                        continue;
                if (r && !r->source.family && l == link_of(&b->v->ns, r))
                        r->source = target->prefix.address;
                pin_in_subnet(b, l, target); /* which may move r */
                return;
        }
}

static void add_published(struct builder *b, const struct publish *p, uint8_t family) {
        static const struct address wildcard = { 0 };
        const struct ip_address *target = target_of(b, family);
        bool at = p->host.family &&
                  memcmp(p->host.bytes, wildcard.bytes, sizeof wildcard.bytes) != 0;
        bool whole = !at && p->count > 1 && p->host_port == p->port;

        if (!target || (p->host.family && p->host.family != family))
                return;
        for (uint16_t i = 0; i < (whole ? 1 : p->count); i++) {
                struct op_element *e = add_element(b,
                                                   set_of(whole ? SET_PUBLISH4_RANGE
                                                          : at  ? SET_PUBLISH4_AT
                                                                : SET_PUBLISH4,
                                                          family),
                                                   &p->origin);

                if (at)
                        e->host = p->host;
                e->protocol = p->protocol;
                e->port = p->host_port + i;
                e->to = target->prefix.address;
                if (whole)
                        e->last = p->host_port + p->count - 1;
                else
                        e->to_port = p->port + i;
        }
}

/* Links whose elements no bridge of ours keeps. */
static bool alone(const struct builder *b, const struct link *l) {
        return link_faces_host(l) && !b->facts->bridges[l - b->v->ns.links.items].ours;
}

static bool uses_table(const struct builder *b) {
        if (b->v->ns.publish.n)
                return true;
        list_foreach (l, &b->v->ns.links)
                if (l->masquerade)
                        return true;
        return false;
}

/* A bridge of somebody else: only this namespace's own way back to itself. */
static void add_foreign_bridge(struct builder *b, const struct link *l) {
        LIST(struct ip_address) hosts = { NULL, 0 };

        list_foreach (a, &l->addresses) {
                struct ip_address *host = list_add(&b->p->pool, &hosts);

                if (!host) {
                        b->failed = true;
                        return;
                }
                *host = *a;
                host->prefix.length = address_bytes(a->prefix.address.family) * 8;
        }
        add_subnets(b, l->bridge, &hosts, FAMILY_NONE, NULL);
}

static void add_alone(struct builder *b, const struct link *l) {
        char name[IFNAMSIZ];

        if (l->bridge[0]) {
                add_foreign_bridge(b, l);
                return;
        }
        outer_name(b, l, name);
        add_interface(b, name, &l->origin, VERDICT_DROP);
        add_subnets(b, name, &l->addresses, l->masquerade, NULL);
}

void build_namespace_nft(struct builder *b) {
        struct namespace *ns = &b->v->ns;
        enum families published = published_families(ns), forward = published;

        if (!uses_table(b))
                return;
        pin_source(b);
        add(b, OP_TABLE, PLACE_HOST, &b->v->origin);
        list_foreach (l, &ns->links) {
                if (alone(b, l) && (l->masquerade || published))
                        add_alone(b, l);
                forward |= l->masquerade;
        }
        list_foreach (p, &ns->publish) {
                add_published(b, p, AF_INET);
                add_published(b, p, AF_INET6);
        }
        add_forwarding(b, &b->v->origin, forward);
}
