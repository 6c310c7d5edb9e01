/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Warns of addresses by which the two sides of a link do not meet: those of a bridge and of a link on it, or of both ends of
 * a cable to the host. */

#include <sys/socket.h>

#include "util.h"
#include "verify-internal.h"
#include "verify.h"

static const uint8_t families[] = { AF_INET, AF_INET6 };

/* Which address of this family has the other side, a bridge or the outer end, and does the link reach it? */
struct meeting {
        const struct ip_address *own, *other;
        bool in_subnet,
                on_link; /* the link's in one of the other's; the other's in one of the link */
};

static struct meeting meet(const struct link *l, const void *others, uint8_t family) {
        const LIST(struct ip_address) *there = others;
        struct meeting m = { 0 };

        list_foreach (a, &l->addresses)
                list_foreach (other, there) {
                        const struct prefix *own = &a->prefix;

                        if (own->address.family != family || is_link_local(&own->address) ||
                            other->prefix.address.family != family)
                                continue;
                        m.own = m.own ?: a;
                        m.other = m.other ?: other;
                        m.in_subnet = m.in_subnet || other->peer.family ||
                                      prefix_contains(&other->prefix, &own->address);
                        m.on_link = m.on_link || a->peer.family ||
                                    prefix_contains(own, &other->prefix.address);
                }
        return m;
}

/* Such a link reaches neither the host nor, without a default route, the outside: mostly a slip of the
 * pen, but not always. */
void warn_pair(const struct link *l, const struct vnet *bridge, struct diags *d) {
        char own[CIDR_MAX], other[CIDR_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
                struct meeting m = meet(l, &bridge->bridge.addresses, families[i]);
                struct prefix network;

                if (!m.own || l->gateways.n > 0 || l->no_gateway || (m.in_subnet && m.on_link) ||
                    (m.in_subnet && l->routes.n > 0))
                        continue;
                network = prefix_network(&m.other->prefix);
                prefix_print(&m.own->prefix, own);
                if (m.in_subnet)
                        diag_warn(
                                d, &m.own->origin, "Address",
                                "the network of %s does not contain the bridge's address %s (%s:%u), "
                                "so there is no default route; is the prefix length right?",
                                own, address_print(&m.other->prefix.address, other),
                                m.other->origin.path, m.other->origin.line);
                else
                        diag_warn(
                                d, &m.own->origin, "Address",
                                "%s is outside the subnet %s of bridge '%s' (%s:%u), so it reaches "
                                "neither the host nor the outside",
                                own, prefix_print(&network, other), l->bridge, m.other->origin.path,
                                m.other->origin.line);
        }
}

/* Is a port published in this family whose way in is this link? */
static const struct publish *published_by(const struct vnet *v, const struct link *l,
                                          uint8_t family) {
        list_foreach (other, &v->ns.links)
                if (link_faces_host(other) && families_of(&other->addresses) & family_bit(family)) {
                        if (other != l)
                                return NULL;
                        break;
                }
        list_foreach (p, &v->ns.publish)
                if (!p->host.family || p->host.family == family)
                        return p;
        return NULL;
}

/* What the link is for may be known to who does the rest by hand, but a port leads nowhere. */
void warn_cable(const struct vnet *v, const struct link *l, struct diags *d) {
        char own[CIDR_MAX], other[CIDR_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
                struct meeting m = meet(l, &l->host_addresses, families[i]);
                const struct publish *p = published_by(v, l, families[i]);
                struct prefix network;

                if (m.in_subnet || m.on_link)
                        continue;
                if (m.own && l->gateways.n == 0 && !l->no_gateway && l->routes.n == 0) {
                        network = prefix_network(&m.other->prefix);
                        diag_warn(
                                d, &m.own->origin, "Address",
                                "%s is outside the subnet %s of HostAddress= (%s:%u), so it reaches neither "
                                "the host nor the outside",
                                prefix_print(&m.own->prefix, own), prefix_print(&network, other),
                                m.other->origin.path, m.other->origin.line);
                } else if (p && families_of(&l->addresses) & family_bit(families[i]))
                        diag_warn(
                                d, &p->origin, "PublishPort",
                                "the host reaches no %s address of the link at %s:%u, to which the port leads: "
                                "HostAddress= gives it one in that subnet",
                                family_name(family_bit(families[i])), l->origin.path,
                                l->origin.line);
        }
}
