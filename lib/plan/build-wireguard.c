/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The keys and peers of a WireGuard link as operations, and the routes to what is behind its peers. */

#include "build-parts.h"
#include "util.h"

static const char *copy(struct builder *b, const char *text) {
        const char *copied = text ? pool_strdup(&b->p->pool, text) : NULL;

        b->failed |= text && !copied;
        return copied;
}

static void build_peer(struct builder *b, const struct link *l, const struct wireguard_peer *p) {
        struct op *op = add(b, OP_WG_PEER, PLACE_OWN, &p->origin);

        set_ifname(op->wg_peer.device, l->name);
        op->wg_peer.public_key = copy(b, p->public_key);
        op->wg_peer.preshared_key_file = copy(b, p->preshared_key_file);
        op->wg_peer.endpoint = p->endpoint.address;
        op->wg_peer.endpoint_name = copy(b, p->endpoint.name);
        op->wg_peer.endpoint_port = p->endpoint.port;
        op->wg_peer.keepalive = p->keepalive;
        list_foreach (a, &p->allowed) {
                struct prefix *allowed = list_add(&b->p->pool, &op->wg_peer.allowed);

                if (allowed)
                        *allowed = a->prefix;
                else
                        b->failed = true;
        }
}

/* While the link is down: so it never sends with a key, or by a port, that is not its own. */
void build_wireguard(struct builder *b, const struct link *l) {
        struct op *op;

        if (!l->private_key_file)
                return;
        op = add(b, OP_WIREGUARD, PLACE_OWN, &l->origin);
        set_ifname(op->wireguard.device, l->name);
        op->wireguard.private_key_file = copy(b, l->private_key_file);
        op->wireguard.port = l->listen_port;
        op->wireguard.mark = l->firewall_mark;
        list_foreach (p, &l->peers)
                build_peer(b, l, p);
}

void build_allowed_routes(struct builder *b, const struct link *l) {
        list_foreach (p, &l->peers)
                list_foreach (a, &p->allowed) {
                        struct op *op;

                        if (!peer_makes_route(b->v, l, p, a))
                                continue;
                        op = add(b, OP_ROUTE, PLACE_OWN, &a->origin);
                        set_ifname(op->route.device, l->name);
                        op->route.destination = a->prefix;
                        op->route.table = peer_table(b->v, l, p);
                }
}
