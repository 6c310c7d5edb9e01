/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what WireGuard links and their peers may not say together. The kernel gives what two peers may send to the last one
 * without a word, and is silent of much else. */

#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "verify-internal.h"

static const struct origin *place_of(const struct wireguard_peer *p) {
        return p->public_key_origin.line ? &p->public_key_origin : &p->origin;
}

static bool prefix_equal(const struct prefix *a, const struct prefix *b) {
        return a->length == b->length && address_equal(&a->address, &b->address);
}

/* Is it there before, at this peer or another one? */
static void check_allowed(struct check *c, const struct link *l, const struct wireguard_peer *p,
                          const struct allowed_ip *a) {
        char text[CIDR_MAX];

        for (const struct wireguard_peer *other = l->peers.items; other <= p; other++)
                list_foreach (b, &other->allowed) {
                        if ((other == p && b >= a) || !prefix_equal(&a->prefix, &b->prefix))
                                continue;
                        wrong(c, &a->origin, "AllowedIPs", "%s is also allowed at %s:%u",
                              prefix_print(&a->prefix, text), b->origin.path, b->origin.line);
                        return;
                }
}

static void check_peer(struct check *c, const struct link *l, const struct wireguard_peer *p) {
        if (!p->public_key)
                wrong(c, &p->origin, "PublicKey", "is missing: a peer is known by it");
        for (const struct wireguard_peer *other = l->peers.items; other < p; other++)
                if (p->public_key && other->public_key && streq(p->public_key, other->public_key))
                        wrong(c, place_of(p), "PublicKey", "is the same as at %s:%u",
                              place_of(other)->path, place_of(other)->line);
        list_foreach (a, &p->allowed)
                check_allowed(c, l, p, a);
}

/* The socket is the host's, where each port is there once. */
static void check_listen_port(struct check *c, const struct link *l) {
        for (const struct link *other = c->v->ns.links.items; other < l; other++)
                if (other->listen_port == l->listen_port)
                        wrong(c, &l->listen_port_origin, "ListenPort", "is the same as at %s:%u",
                              other->listen_port_origin.path, other->listen_port_origin.line);
        list_foreach (p, &c->v->ns.publish)
                if (p->protocol == IPPROTO_UDP && l->listen_port >= p->host_port &&
                    l->listen_port < p->host_port + p->count)
                        wrong(c, &l->listen_port_origin, "ListenPort",
                              "host port %u is also published at %s:%u", l->listen_port,
                              p->origin.path, p->origin.line);
}

void check_wireguard(struct check *c, const struct link *l) {
        bool wireguard = l->kind == KIND_WIREGUARD;

        if (!wireguard && l->peers.n)
                wrong(c, &l->peers.items[0].origin, NULL,
                      "[WireGuardPeer] goes with a link of Kind=wireguard, which '%s' is not",
                      l->name);
        if (!wireguard)
                return;
        if (l->listen_port)
                check_listen_port(c, l);
        list_foreach (p, &l->peers)
                check_peer(c, l, p);
}
