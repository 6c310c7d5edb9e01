/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what a file says of another network's namespace against the file of that one. */

#include "util.h"
#include "verify-internal.h"
#include "verify.h"

static const struct link *find_link(const struct vnet *v, const char *name) {
        list_foreach (l, &v->ns.links)
                if (streq(l->name, name))
                        return l;
        return NULL;
}

static void check_end(struct check *c, const struct link *l, const struct vnet *peer) {
        const struct link *there = find_link(peer, l->peer_name);

        if (there && !link_other_end(c->v, l, peer))
                wrong(c, &l->peer_name_origin, "PeerName",
                      "the link '%s' at %s:%u does not name this one by its PeerNamespace= and "
                      "PeerName=",
                      there->name, there->origin.path, there->origin.line);
        else if (there && l->host_addresses.n > 0)
                wrong(c, &l->host_addresses.items[0].origin, "HostAddress",
                      "belongs as Address= to the other end of the cable, the link at %s:%u",
                      there->origin.path, there->origin.line);
        else if (there && l->rate_in.bits)
                wrong(c, &l->rate_in_origin, "RateIn",
                      "belongs as RateOut= to the other end of the cable, the link at %s:%u",
                      there->origin.path, there->origin.line);
        else if (there && l->host_mac.set)
                wrong(c, &l->origin, "HostMACAddress",
                      "belongs as MACAddress= to the other end of the cable, the link at %s:%u",
                      there->origin.path, there->origin.line);
}

void check_partner(struct check *c, const struct link *l, const struct vnet *peer) {
        const struct origin *at = l->peer_network ? &l->peer_network_origin
                                                  : &l->parent_network_origin;
        const char *key = l->peer_network ? "PeerNamespace" : "ParentNamespace";

        if (!peer)
                wrong(c, at, key, "there is no %s.vnet", link_partner(l));
        else if (peer->subject == SUBJECT_BRIDGE)
                wrong(c, at, key, "'%s' is a bridge, not a namespace, at %s:%u", peer->name,
                      peer->origin.path, peer->origin.line);
        else if (peer->refused)
                wrong(c, at, key, "the network '%s' of %s is refused", peer->name, peer->path);
        else if (l->peer_network)
                check_end(c, l, peer);
}

int verify_partner(struct vnet *v, const struct link *l, const struct vnet *peer, struct diags *d) {
        struct check c = { .v = v, .d = d };

        check_partner(&c, l, peer);
        return c.failed ? -EINVAL : 0;
}
