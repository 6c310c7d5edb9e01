/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns a [Link] into operations: the pair of interfaces, what is set on its outer end on the host,
 * and all that is set inside. */

#include <netinet/in.h>
#include <sys/socket.h>

#include "build-parts.h"
#include "util.h"

typedef LIST(struct ip_address) address_list;

/* The MAC addresses are given from the start: udev leaves such a link's alone, and neighbours keep
 * their caches over a restart. */
struct mac inner_mac(struct builder *b, const struct link *l) {
        char inner[IFNAMSIZ + 16];

        snprintf(inner, sizeof inner, "inner %s", l->name);
        return l->mac.set ? l->mac : derive_mac(b->facts->machine_id, b->v->name, inner);
}

/* Some have their parent's. */
static bool has_own_mac(const struct link *l) {
        return !link_kinds[l->kind]->lacks_mac && link_has_mac(l->kind, link_mode(l)) &&
               (l->mac.set || !link_kinds[l->kind]->keeps_mac);
}

/* With no owner at all the kernel lets everybody open it. */
static void set_owners(struct device *d, const struct link *l) {
        d->user = l->user.id;
        d->user_group = l->user_group.id;
        if (link_kinds[l->kind]->tun && !d->user.set && !d->user_group.set)
                d->user.set = true; /* root */
}

/* Both ends of a cable; it is there with its bridge, or with a file of its own for sysctl. */
static void build_pair(struct builder *b, const struct link *l, const struct mac *inner) {
        char name[IFNAMSIZ], outer[IFNAMSIZ + 16];
        struct op *op;

        outer_name(b, l, name);
        if (!l->bridge[0])
                add_sysctl_file(b, &l->origin, name, link_forwards(&b->v->ns, l));
        op = add_device(b, l->kind, PLACE_HOST, &l->origin, name);
        snprintf(outer, sizeof outer, "outer %s", l->name);
        op->device.mac = l->host_mac.set ? l->host_mac
                                         : derive_mac(b->facts->machine_id, b->v->name, outer);
        set_ifname(op->device.peer, l->name);
        op->device.peer_mac = *inner;
        set_ifname(op->device.master, l->bridge);
        op->device.mtu = mtu_of(b, l);
        build_ifb(b, l);
}

static void set_overlay(struct device *d, const struct link *l) {
        d->vni = l->vni;
        d->port = l->udp_port ?: link_kinds[l->kind]->port;
        d->local = l->local;
        d->group = l->group;
        if (!d->local.family && !d->group.family && link_underlay(l) == AF_INET6)
                d->local.family = AF_INET6; /* else it would be one of IPv4 */
}

/* Of an overlay: the kernel knows what the parent carries; without one it forgets what goes in front. */
static uint32_t mtu_without_parent(const struct device *d) {
        enum { ETHERNET = 1500 };
        uint32_t headers = link_headers(d);

        return headers && !d->parent[0] ? ETHERNET - headers : 0;
}

/* Where the message goes that makes it. */
static enum place birthplace(const struct link *l) {
        if (link_kinds[l->kind]->birth == BORN_INSIDE || l->parent_inside)
                return PLACE_OWN;
        return link_partner(l) ? PLACE_PEER : PLACE_HOST;
}

static void build_device(struct builder *b, const struct link *l) {
        struct mac mac = inner_mac(b, l);
        struct op *op;

        if (link_kinds[l->kind]->birth == BORN_AS_PAIR) {
                if (l->peer_network)
                        add_cable(b, l, &mac);
                else
                        build_pair(b, l, &mac);
                return;
        }
        op = add_device(b, l->kind, birthplace(l), &l->origin, l->name);
        if (link_partner(l))
                move_to_partner(b, l, op);
        if (has_own_mac(l))
                op->device.mac = mac;
        set_ifname(op->device.parent, l->parent);
        op->device.mode = link_mode(l);
        op->device.id = l->id;
        op->device.table = l->table;
        if (l->vni)
                set_overlay(&op->device, l);
        op->device.multi_queue = l->multi_queue;
        set_owners(&op->device, l);
        set_ifname(op->device.card.device, l->device.name);
        op->device.card.address = l->device.address;
        if (!link_kinds[l->kind]->mtu_follows)
                op->device.mtu = l->settings.mtu ?: mtu_without_parent(&op->device);
}

void build_devices(struct builder *b, enum place place) {
        list_foreach (l, &b->v->ns.links)
                if (link_kinds[l->kind]->birth != BORN_BY_KERNEL && birthplace(l) == place)
                        build_device(b, l);
}

/* When all are there: who is joined may stand behind. */
void build_memberships(struct builder *b) {
        list_foreach (l, &b->v->ns.links)
                if (l->master[0]) {
                        bool vrf = link_table(b->v, l);
                        struct op *op = add(b, vrf ? OP_MEMBER : OP_MASTER, PLACE_OWN,
                                            &l->master_origin);

                        set_ifname(op->master.device, l->name);
                        set_ifname(op->master.master, l->master);
                }
}

/* What older versions did not tell from unset: a plan that says "no" would differ from their records. */
static void drop_no(enum tristate *t) {
        if (*t == NO)
                *t = UNSET;
}

void build_outer_end(struct builder *b, const struct link *l) {
        const struct origin *at = &l->origin;
        bool bridged = l->bridge[0];
        char name[IFNAMSIZ];
        const char *full = outer_name(b, l, name);
        struct op *op;

        add_mark(b, PLACE_HOST, name, l->name, at);
        if (full) {
                op = add(b, OP_ALTNAME, PLACE_HOST, at);
                set_ifname(op->altname.device, name);
                op->altname.name = pool_strdup(&b->p->pool, full);
                if (!op->altname.name)
                        b->failed = true;
        }
        if (bridged) {
                op = add(b, OP_PORT, PLACE_HOST, at);
                set_ifname(op->port.device, name);
                op->port.settings = l->port;
                if (op->port.settings.hairpin == UNSET && b->v->ns.publish.n > 0)
                        op->port.settings.hairpin = YES;
                drop_no(&op->port.settings.hairpin);
                drop_no(&op->port.settings.isolated);
                drop_unset(b, op);
                build_vlans(b, l, name);
        } else
                add_outer_settings(b, at, name, 0);
        op = add(b, OP_INET6, PLACE_HOST, at);
        set_ifname(op->inet6.device, name);
        op->inet6.mode = lacks_inet6(mtu_of(b, l)) ? INET6_ABSENT
                         : bridged                 ? INET6_PORT
                                   : inet6_mode_of(families_of(&l->host_addresses), false, false);
        build_outer_rates(b, l, name);
        op = add(b, OP_UP, PLACE_HOST, at);
        set_ifname(op->up.device, name);
        build_addresses(b, PLACE_HOST, name, &l->host_addresses, false, 0);
}

void build_inner_mode(struct builder *b, const struct link *l) {
        struct op *op;

        if (link_kinds[l->kind]->birth == BORN_BY_KERNEL)
                return; /* lo has ::1 and no router */
        op = add(b, OP_INET6, PLACE_OWN, &l->origin);
        set_ifname(op->inet6.device, l->name);
        op->inet6.mode = lacks_inet6(mtu_of(b, l))
                                 ? INET6_ABSENT
                                 : inet6_mode_of(families_of(&l->addresses), l->accept_ra, l->dad);
}

static void build_neighbors(struct builder *b, const struct link *l) {
        list_foreach (n, &l->neighbors) {
                struct op *op = add(b, OP_NEIGHBOR, PLACE_OWN, &n->origin);

                set_ifname(op->neighbor.device, l->name);
                op->neighbor.address = n->address;
                op->neighbor.mac = n->mac;
        }
}

static struct op *add_route(struct builder *b, const struct link *l, const struct origin *at) {
        struct op *op = add(b, OP_ROUTE, PLACE_OWN, at);

        set_ifname(op->route.device, l->name);
        return op;
}

/* Into the table of its vrf, where it is in one. */
static void add_default_route(struct builder *b, const struct link *l, const struct origin *at,
                              const struct address *via) {
        struct op *op = add_route(b, l, at);
        struct nexthop *hop = list_add(&b->p->pool, &op->route.hops);

        op->route.table = link_table(b->v, l);
        op->route.destination.address.family = via->family;
        if (hop)
                hop->via = *via;
        else
                b->failed = true;
}

static const struct bridge_facts *bridge_of(const struct builder *b, const struct link *l) {
        return &b->facts->bridges[l - b->v->ns.links.items];
}

/* In the same VLAN, where the link is in one of its own? */
static bool meets_host(const struct builder *b, const struct link *l) {
        return l->vlan ? l->vlan == bridge_of(b, l)->pvid : !l->vlan_trunk.n;
}

static void build_gateways(struct builder *b, const struct link *l) {
        list_foreach (g, &l->gateways)
                add_default_route(b, l, &g->origin, &g->address);
}

static bool has_planned_default(const struct plan *p, uint32_t table, uint8_t family) {
        list_foreach (op, &p->ops)
                if (op->kind == OP_ROUTE && op->route.destination.length == 0 &&
                    op->route.destination.address.family == family && op->route.table == table)
                        return true;
        return false;
}

/* By the bridge's address, or where there is no bridge by that of the outer end. A vrf has ways of its own. */
static void build_automatic_gateways(struct builder *b, const struct link *l) {
        const address_list *candidates = l->bridge[0] ? (const void *)&bridge_of(b, l)->addresses
                                                      : (const void *)&l->host_addresses;
        uint32_t table = link_table(b->v, l);

        if (l->no_gateway || !link_kinds[l->kind]->faces_host || !meets_host(b, l) ||
            given_default(b->v, table).origin)
                return;
        list_foreach (a, candidates) {
                const struct address *via = &a->prefix.address;

                if (link_has_on_link(l, via) && !has_planned_default(b->p, table, via->family))
                        add_default_route(b, l, &l->origin, via);
        }
}

/* Each family once, on the first link that has a way out; a bridge that lets nothing out is one only where
 * there is no better. */
static void build_default_routes(struct builder *b) {
        const struct namespace *ns = &b->v->ns;

        list_foreach (l, &ns->links)
                build_gateways(b, l);
        list_foreach (l, &ns->links)
                if (!bridge_of(b, l)->lets_nothing_out)
                        build_automatic_gateways(b, l);
        list_foreach (l, &ns->links)
                if (bridge_of(b, l)->lets_nothing_out)
                        build_automatic_gateways(b, l);
}

static bool has_gateway(const struct route *r) {
        list_foreach (hop, &r->hops)
                if (hop->via.family)
                        return true;
        return false;
}

static void build_routes(struct builder *b, const struct link *l, bool with_gateway) {
        list_foreach (r, &l->routes) {
                struct op *op;

                if (has_gateway(r) != with_gateway)
                        continue;
                op = add_route(b, l, &r->origin);
                op->route.type = r->type;
                if (r->type != ROUTE_UNICAST)
                        op->route.device[0] = '\0';
                op->route.destination = prefix_network(&r->destination);
                op->route.source = r->source;
                op->route.metric = r->metric;
                op->route.table = r->table ?: link_table(b->v, l);
                op->route.mtu = r->mtu;
                list_foreach (h, &r->hops) {
                        struct nexthop *copy = list_add(&b->p->pool, &op->route.hops);

                        if (copy)
                                *copy = *h;
                        else
                                b->failed = true;
                }
        }
}

static void build_rules(struct builder *b, const struct link *l) {
        list_foreach (r, &l->rules)
                add(b, OP_RULE, PLACE_OWN, &r->origin)->rule = r->rule;
}

/* Before it comes up, so that nothing goes to some of the hosts alone. */
static void build_overlay(struct builder *b, const struct link *l) {
        struct op *op = add(b, OP_VXLAN_SET, PLACE_OWN, &l->origin);

        set_ifname(op->vxlan_set.device, l->name);
        op->vxlan_set.settings = l->vxlan;
        drop_unset(b, op);
        list_foreach (r, &l->remotes) {
                op = add(b, OP_FDB, PLACE_OWN, &r->origin);
                set_ifname(op->fdb.device, l->name);
                op->fdb.remote = r->address;
        }
}

void build_inner(struct builder *b, const struct link *l) {
        struct op *op;

        op = add(b, OP_LINK, PLACE_OWN, &l->origin);
        set_ifname(op->link.device, l->name);
        op->link.settings = l->settings;
        if (!link_kinds[l->kind]->mtu_follows && !partner_of(b, l)->has_other_end)
                op->link.settings.mtu = 0; /* with which it is made */
        drop_no(&op->link.settings.promiscuous);
        drop_no(&op->link.settings.all_multicast);
        drop_unset(b, op);
        build_overlay(b, l);
        build_wireguard(b, l);
        build_inner_rate(b, l);
        if (link_kinds[l->kind]->birth != BORN_BY_KERNEL) {
                op = add(b, OP_UP, PLACE_OWN, &l->origin);
                set_ifname(op->up.device, l->name);
        }
        build_addresses(b, PLACE_OWN, l->name, &l->addresses, l->dad, link_table(b->v, l));
        if (link_kinds[l->kind]->birth != BORN_BY_KERNEL && has_own_mac(l)) {
                op = add(b, OP_ANNOUNCE, PLACE_OWN, &l->origin);
                set_ifname(op->announce.device, l->name);
                op->announce.mac = inner_mac(b, l);
        }
        build_neighbors(b, l); /* after what makes the kernel forget all of them */
}

/* Once all links are up: a route may leave by another one's, and a gateway may be reached by a route that
 * is written below it. */
void build_ways(struct builder *b) {
        const struct namespace *ns = &b->v->ns;

        list_foreach (l, &ns->links) {
                build_routes(b, l, false);
                build_allowed_routes(b, l);
        }
        build_default_routes(b);
        list_foreach (l, &ns->links)
                build_routes(b, l, true);
        list_foreach (l, &ns->links)
                build_rules(b, l);
}
