/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns what a [Link] has in another network's namespace into operations: PeerNamespace=, which is a cable between the
 * two, and ParentNamespace=. Where the other file has a link that is the other end of the cable, that end is the other
 * network's business: only its MAC has to be the same, whoever makes the cable. */

#include "build-parts.h"
#include "util.h"

const struct partner_facts *partner_of(const struct builder *b, const struct link *l) {
        return &b->facts->partners[l - b->v->ns.links.items];
}

void move_to_partner(struct builder *b, const struct link *l, struct op *op) {
        op->place = PLACE_PEER;
        list_foreach (other, &b->p->ops)
                if (other->kind == OP_PEER && streq(other->peer.network, link_partner(l)))
                        op->peer_netns = other->peer.name;
}

static bool has_peer(const struct builder *b, const char *network) {
        list_foreach (op, &b->p->ops)
                if (op->kind == OP_PEER && streq(op->peer.network, network))
                        return true;
        return false;
}

void build_peers(struct builder *b) {
        list_foreach (l, &b->v->ns.links) {
                const char *network = link_partner(l);
                struct op *op;

                if (!network || has_peer(b, network))
                        continue;
                op = add(b, OP_PEER, PLACE_HOST,
                         l->peer_network ? &l->peer_network_origin : &l->parent_network_origin);
                op->peer.name = pool_strdup(&b->p->pool, partner_of(b, l)->netns);
                op->peer.network = pool_strdup(&b->p->pool, network);
                if (!op->peer.name || !op->peer.network)
                        b->failed = true;
        }
}

/* The MAC that the other end has, in the words of inner_mac() for its own network. */
static struct mac far_mac(const struct builder *b, const struct link *l) {
        const struct partner_facts *partner = partner_of(b, l);
        const struct mac *given = partner->has_other_end ? &partner->mac : &l->host_mac;
        char what[IFNAMSIZ + 16];

        if (given->set)
                return *given;
        snprintf(what, sizeof what, "%s %s", partner->has_other_end ? "inner" : "outer",
                 partner->has_other_end ? l->peer_name : l->name);
        return derive_mac(b->facts->machine_id,
                          partner->has_other_end ? l->peer_network : b->v->name, what);
}

void add_cable(struct builder *b, const struct link *l, const struct mac *inner) {
        struct op *op = add_device(b, l->kind, PLACE_HOST, &l->origin, l->peer_name);

        move_to_partner(b, l, op);
        op->device.mac = far_mac(b, l);
        set_ifname(op->device.peer, l->name);
        op->device.peer_mac = *inner;
        if (!partner_of(b, l)->has_other_end)
                op->device.mtu = l->settings.mtu;
}

void build_far_end(struct builder *b, const struct link *l) {
        const char *name = l->peer_name;
        size_t first = b->p->ops.n;
        struct op *op;

        if (partner_of(b, l)->has_other_end)
                return;
        add_mark(b, PLACE_HOST, name, l->name, &l->origin);
        op = add(b, OP_INET6, PLACE_HOST, &l->origin);
        set_ifname(op->inet6.device, name);
        op->inet6.mode = lacks_inet6(l->settings.mtu)
                                 ? INET6_ABSENT
                                 : inet6_mode_of(families_of(&l->host_addresses), false, false);
        build_far_rate(b, l);
        op = add(b, OP_UP, PLACE_HOST, &l->origin);
        set_ifname(op->up.device, name);
        build_addresses(b, PLACE_HOST, name, &l->host_addresses, false, 0);
        for (size_t i = first; i < b->p->ops.n; i++)
                move_to_partner(b, l, &b->p->ops.items[i]);
}
