/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holds all files against each other. They are walked through once, in the order of their names:
 * each file claims what only one can have, and a file that finds the claim of an earlier one in its
 * way is refused and claims nothing. Before and after this walk, whatever hangs on a refused bridge
 * is refused with it. */

#include <errno.h>
#include <netinet/in.h>

#include "claims.h"
#include "order.h"
#include "util.h"
#include "verify-internal.h"
#include "verify.h"
#include "vlan-set.h"

struct walk {
        struct site *site;
        struct claims claims;
        struct diags *d;
        struct check check; /* of the file that is being looked at */
};

/* What is done with each claim of a file: told to claims, looked up, or made. */
typedef int claim_action(struct walk *w, const struct claim_key *key, const struct origin *at,
                         const char *name);
static claim_action look;

/* --- what a file claims --- */

static int claim_as(struct walk *w, claim_action *act, enum claim_kind kind, const char *name,
                    const struct origin *at, const char *setting) {
        struct claim_key k = { .kind = kind };

        memcpy(k.value, name, strlen(name));
        return act(w, &k, at, setting);
}

/* What we make is nobody's uplink. */
static int claim_name(struct walk *w, claim_action *act, const char *name, const struct origin *at,
                      const char *setting) {
        int r = claim_as(w, act, CLAIM_INTERFACE, name, at, setting);

        return r < 0 || act != look ? r : claim_as(w, act, CLAIM_UPLINK, name, at, setting);
}

/* One that is moved away is there for nobody else. */
static int claim_device(struct walk *w, claim_action *act, const struct link *l) {
        const struct origin *at = link_place(l, "Device");
        struct claim_key k = { .kind = CLAIM_DEVICE };
        int r;

        if (l->device.address.set) {
                memcpy(k.scope, l->device.address.bytes, sizeof l->device.address.bytes);
                return act(w, &k, at, "Device");
        }
        r = claim_as(w, act, CLAIM_DEVICE, l->device.name, at, "Device");
        if (r >= 0 && act == look)
                r = claim_as(w, act, CLAIM_USED, l->device.name, at, "Device");
        if (r >= 0 && act == look)
                r = claim_as(w, act, CLAIM_INTERFACE, l->device.name, at, "Device");
        return r;
}

static int claim_used(struct walk *w, claim_action *act, const char *name, const struct origin *at,
                      const char *setting) {
        return claim_as(w, act, act == look ? CLAIM_DEVICE : CLAIM_USED, name, at, setting);
}

/* Of "eno1.10", which is made where it is not there, VLAN 10 of eno1. */
static int claim_made(struct walk *w, claim_action *act, const char *name, const struct origin *at,
                      const char *setting) {
        struct claim_key k = { .kind = act == look ? CLAIM_VLAN : CLAIM_MADE };
        char parent[IFNAMSIZ];
        uint16_t id;
        int r;

        if (!vlan_of_name(name, parent, &id))
                return 0;
        k.value[0] = (uint8_t)(id >> 8);
        k.value[1] = (uint8_t)id;
        memcpy(k.scope, parent, strlen(parent));
        r = act(w, &k, at, setting);
        return r < 0 ? r : claim_used(w, act, parent, at, setting);
}

/* The kernel gives what comes in on an interface to one taker alone: a bridge, or the macvlan and the like that
 * stand on it (netdev_rx_handler_register() of the kernel). Of the latter there may be many. */
static int claim_uplink(struct walk *w, claim_action *act, const struct text *u) {
        int r = claim_as(w, act, CLAIM_UPLINK, u->text, &u->origin, "Uplink");

        if (r >= 0)
                r = claim_used(w, act, u->text, &u->origin, "Uplink");
        if (r >= 0)
                r = claim_made(w, act, u->text, &u->origin, "Uplink");
        if (r >= 0 && act == look)
                r = claim_as(w, act, CLAIM_PARENT, u->text, &u->origin, "Uplink");
        return r < 0 || act != look
                       ? r
                       : claim_as(w, act, CLAIM_INTERFACE, u->text, &u->origin, "Uplink");
}

static int claim_parent(struct walk *w, claim_action *act, const struct link *l) {
        return claim_as(w, act, act == look ? CLAIM_UPLINK : CLAIM_PARENT, l->parent,
                        &l->parent_origin, "Parent");
}

/* The address among those on the bridge; the network among those of the host. */
static int claim_address(struct walk *w, claim_action *act, const struct ip_address *a,
                         const char *bridge) {
        struct claim_key k = { .kind = CLAIM_ADDRESS, .family = a->prefix.address.family };

        memcpy(k.scope, bridge, strlen(bridge));
        memcpy(k.value, a->prefix.address.bytes, sizeof k.value);
        return act(w, &k, &a->origin, "Address");
}

static int claim_subnet(struct walk *w, claim_action *act, const struct ip_address *a,
                        const char *setting) {
        struct prefix p = a->prefix;
        struct claim_key k = { .kind = CLAIM_SUBNET,
                               .family = p.address.family,
                               .length = p.length };

        if (is_link_local(&p.address))
                return 0; /* each link has them all */
        if (a->peer.family)
                p.address = a->peer;
        p = prefix_network(&p);
        memcpy(k.value, p.address.bytes, sizeof k.value);
        return act(w, &k, &a->origin, setting);
}

/* The bridge would take one for the other. */
static int claim_mac(struct walk *w, claim_action *act, const struct mac *mac, const char *bridge,
                     const struct origin *at, const char *setting) {
        struct claim_key k = { .kind = CLAIM_MAC };

        if (!mac->set || !*bridge)
                return 0;
        memcpy(k.scope, bridge, strlen(bridge));
        memcpy(k.value, mac->bytes, sizeof mac->bytes);
        return act(w, &k, at, setting);
}

/* A run of ports as prefixes of 16 bits: each the largest that begins there and fits. */
static int claim_ports(struct walk *w, claim_action *act, const struct publish *p, uint8_t family,
                       const char *setting) {
        struct claim_key k = { .kind = CLAIM_PORT, .family = family, .protocol = p->protocol };
        uint32_t first = p->host_port, end = first + p->count;
        int r = 0;

        memcpy(k.scope, p->host.bytes, sizeof k.scope);
        while (first < end && r >= 0) {
                uint32_t size = 1;

                k.length = 16;
                while (!(first & size) && first + size * 2 <= end) {
                        size *= 2;
                        k.length--;
                }
                k.value[0] = (uint8_t)(first >> 8);
                k.value[1] = (uint8_t)first;
                r = act(w, &k, &p->origin, setting);
                first += size;
        }
        return r;
}

/* The kernel knows by these what a packet is for. */
static int claim_vni(struct walk *w, claim_action *act, const struct link *l) {
        uint16_t port = htons(l->udp_port ?: link_kinds[l->kind]->port);
        struct claim_key k = { .kind = CLAIM_VNI, .family = link_underlay(l) };
        uint32_t vni = htonl(l->vni);

        memcpy(k.value, &vni, sizeof vni);
        memcpy(k.value + sizeof vni, &port, sizeof port);
        return act(w, &k, link_place(l, "VNI"), "VNI");
}

/* Two networks may each want an end of that name in a third. */
static int claim_cable(struct walk *w, claim_action *act, const struct vnet *v,
                       const struct link *l) {
        const struct vnet *peer = site_find(w->site, l->peer_network);
        struct claim_key k = { .kind = CLAIM_CABLE, .text = l->peer_network };

        if (peer && link_other_end(v, l, peer))
                return 0;
        memcpy(k.value, l->peer_name, strlen(l->peer_name));
        return act(w, &k, &l->peer_name_origin, "PeerName");
}

/* A socket of the host, of both families: what is published there would take its packets away. */
static int claim_listen_port(struct walk *w, claim_action *act, const struct link *l) {
        const struct publish p = { .origin = l->listen_port_origin,
                                   .host_port = l->listen_port,
                                   .port = l->listen_port,
                                   .count = 1,
                                   .protocol = IPPROTO_UDP };
        bool failed = w->check.failed;
        int r = claim_ports(w, act, &p, AF_INET, "ListenPort");

        if (r < 0 || w->check.failed != failed) /* that has been told */
                return r;
        return claim_ports(w, act, &p, AF_INET6, "ListenPort");
}

/* On its parent, of the host or in a namespace, which is that of the network in text. */
static struct claim_key place_key(const struct vnet *v, const struct link *l, uint8_t kind,
                                  uint8_t first, uint8_t second) {
        struct claim_key k = { .kind = kind, .value = { first, second } };

        memcpy(k.scope, l->parent, strlen(l->parent));
        k.text = l->parent_inside ? v->name : l->parent_network;
        return k;
}

/* Who stands on the same parent and cannot stand beside this one. */
static const struct claim *find_beside(struct walk *w, const struct vnet *v, const struct link *l,
                                       const char **ret_why) {
        const struct link_use own = { l->kind, link_mode(l) };
        struct link_use use;

        for (use.kind = 0; use.kind < LINK_KINDS; use.kind++) {
                const struct field *f = link_mode_of(use.kind);

                for (use.mode = 1; f && use.mode < field_count_words(f); use.mode++) {
                        struct claim_key k = place_key(v, l, CLAIM_USE, (uint8_t)use.kind,
                                                       use.mode);
                        const struct claim *other;

                        *ret_why = link_clash(own, use);
                        other = *ret_why ? claims_find(&w->claims, &k) : NULL;
                        if (other)
                                return other;
                }
        }
        return NULL;
}

static void look_beside(struct walk *w, const struct vnet *v, const struct link *l) {
        const char *why;
        const struct claim *other = find_beside(w, v, l, &why);

        if (other)
                wrong(&w->check, &l->parent_origin, "Parent",
                      "'%s' cannot carry this link beside the one at %s:%u: %s", l->parent,
                      other->origin.path, other->origin.line, why);
}

/* What the kernel has once on a parent, and what is on one cable with it. */
static int claim_place(struct walk *w, claim_action *act, const struct vnet *v,
                       const struct link *l) {
        struct claim_key use = place_key(v, l, CLAIM_USE, (uint8_t)l->kind, link_mode(l));
        struct claim_key id = place_key(v, l, CLAIM_VLAN, (uint8_t)(l->id >> 8), (uint8_t)l->id);
        int r = l->id ? act(w, &id, link_place(l, "Id"), "Id") : 0;

        id.kind = CLAIM_MADE;
        if (r >= 0 && l->id && act == look)
                r = act(w, &id, link_place(l, "Id"), "Id");
        if (r < 0 || !link_kinds[l->kind]->use)
                return r;
        if (act == look)
                look_beside(w, v, l);
        else
                r = act(w, &use, &l->parent_origin, "Parent");
        if (r < 0 || use.text)
                return r;
        r = claim_parent(w, act, l);
        list_foreach (a, &l->addresses)
                if (r >= 0)
                        r = claim_address(w, act, a, l->parent);
        return r < 0 ? r : claim_mac(w, act, &l->mac, l->parent, &l->mac_origin, "MACAddress");
}

static int claim_link(struct walk *w, claim_action *act, struct vnet *v, const struct link *l) {
        char host[IFNAMSIZ];
        const char *full;
        int r = 0;

        if (l->parent[0] && !l->parent_network)
                r = claim_used(w, act, l->parent, &l->parent_origin, "Parent");
        if (r >= 0 && *link_base(l) && !l->bridge[0])
                r = claim_made(w, act, l->parent, &l->parent_origin, "Parent");
        if (r >= 0 && l->bridge[0])
                r = claim_used(w, act, l->bridge, &l->bridge_origin, "Bridge");
        if (r >= 0 && (l->device.name[0] || l->device.address.set))
                r = claim_device(w, act, l);
        if (r < 0)
                return r;
        if (l->vni)
                return claim_vni(w, act, l);
        if (l->listen_port)
                return claim_listen_port(w, act, l);
        if (l->peer_network)
                return claim_cable(w, act, v, l);
        if (l->parent[0])
                return claim_place(w, act, v, l);
        if (!link_faces_host(l))
                return 0;
        r = link_host_name(v, l, host, &full);
        if (r >= 0)
                r = claim_name(w, act, host,
                               l->host_name_origin.line ? &l->host_name_origin : &l->origin,
                               "HostName");
        if (r >= 0 && link_needs_ifb(l)) {
                char ifb[IFNAMSIZ] = "";

                link_ifb_name(v, l, ifb);
                r = claim_name(w, act, ifb, &l->rate_out_origin, "RateOut");
        }
        list_foreach (a, &l->addresses)
                if (r >= 0 && l->bridge[0])
                        r = claim_address(w, act, a, l->bridge);
        list_foreach (a, &l->host_addresses)
                if (r >= 0)
                        r = claim_subnet(w, act, a, "HostAddress");
        list_foreach (a, &l->addresses) { /* sources of a rule of the host */
                struct ip_address inner = { a->origin, a->prefix, { 0 } };

                if (r >= 0 && l->masquerade & family_bit(a->prefix.address.family))
                        r = claim_subnet(w, act, &inner, "Address");
        }
        if (r >= 0)
                r = claim_mac(w, act, &l->mac, l->bridge, &l->origin, "MACAddress");
        if (r >= 0)
                r = claim_mac(w, act, &l->host_mac, l->bridge, &l->origin, "HostMACAddress");
        return r;
}

/* "foo@.service" stands for each of its instances, so one file may not name it and another
 * "foo@x.service"; two may name an instance each. */
static int claim_service(struct walk *w, claim_action *act, struct vnet *v, const struct text *s) {
        struct claim_key k = { .kind = CLAIM_SERVICE, .text = s->text };
        const char *at = strchr(s->text, '@'), *type = strrchr(s->text, '.');
        int r = act(w, &k, &s->origin, "Services");

        if (r < 0 || !at)
                return r;
        if (at + 1 == type) {
                k.kind = CLAIM_INSTANCE;
                return act == look ? act(w, &k, &s->origin, "Services") : 0;
        }
        k.text = pool_printf(&v->pool, "%.*s%s", (int)(at + 1 - s->text), s->text, type);
        if (!k.text)
                return -ENOMEM;
        k.kind = act == look ? CLAIM_SERVICE : CLAIM_INSTANCE;
        return act(w, &k, &s->origin, "Services");
}

static int claim_namespace(struct walk *w, claim_action *act, struct vnet *v) {
        struct claim_key k = { .kind = CLAIM_NETNS, .text = v->ns.name };
        unsigned families = FAMILY_NONE;
        int r;

        r = act(w, &k, &v->origin, "Name");
        list_foreach (l, &v->ns.links)
                if (r >= 0) {
                        r = claim_link(w, act, v, l);
                        if (link_faces_host(l))
                                families |= families_of(&l->addresses);
                }
        list_foreach (p, &v->ns.publish) {
                unsigned of = p->host.family ? family_bit(p->host.family) : families;

                if (r >= 0 && of & FAMILY_IPV4)
                        r = claim_ports(w, act, p, AF_INET, "PublishPort");
                if (r >= 0 && of & FAMILY_IPV6)
                        r = claim_ports(w, act, p, AF_INET6, "PublishPort");
        }
        list_foreach (s, &v->ns.services)
                if (r >= 0)
                        r = claim_service(w, act, v, s);
        return r;
}

static int claim_bridge(struct walk *w, claim_action *act, struct vnet *v) {
        int r = claim_name(w, act, v->bridge.name, &v->origin, "Name");

        if (r >= 0)
                r = claim_mac(w, act, &v->bridge.mac, v->bridge.name, &v->origin, "MACAddress");
        list_foreach (a, &v->bridge.addresses) {
                if (r >= 0)
                        r = claim_address(w, act, a, v->bridge.name);
                if (r >= 0)
                        r = claim_subnet(w, act, a, "Address");
        }
        list_foreach (u, &v->bridge.uplinks)
                if (r >= 0)
                        r = claim_uplink(w, act, u);
        return r;
}

static int claim_all(struct walk *w, claim_action *act, struct vnet *v) {
        return v->subject == SUBJECT_BRIDGE ? claim_bridge(w, act, v) : claim_namespace(w, act, v);
}

/* --- what is done with a claim --- */

static int expect(struct walk *w, const struct claim_key *key, const struct origin *at _unused_,
                  const char *name _unused_) {
        claims_expect(&w->claims, key);
        return 0;
}

static int make(struct walk *w, const struct claim_key *key, const struct origin *at,
                const char *name _unused_) {
        return claims_add(&w->claims, key, at);
}

static int look(struct walk *w, const struct claim_key *key, const struct origin *at,
                const char *name) {
        const struct claim *other = claims_find(&w->claims, key);
        char text[320];

        if (!other)
                return 0;
        claim_describe(key, &other->key, text, sizeof text);
        wrong(&w->check, at, name, "%s at %s:%u", text, other->origin.path, other->origin.line);
        return 0;
}

/* --- what hangs on what --- */

/* NULL before the claims are made. */
static const struct claim *find_outer_end(struct walk *w, const char *name) {
        struct claim_key k = { .kind = CLAIM_INTERFACE };

        memcpy(k.value, name, strlen(name));
        return claims_find(&w->claims, &k);
}

/* A bridge of a file is needed with all that the file says, whatever stands on it. */
static bool check_refused(struct walk *w, const struct vnet *bridge, const char *name,
                          const struct origin *at, const char *key) {
        if (!bridge || !bridge->refused)
                return false;
        wrong(&w->check, at, key, "the bridge '%s' of %s is refused", name, bridge->path);
        return true;
}

static void check_link_bridge(struct walk *w, const struct link *l) {
        const struct vnet *bridge = site_find_bridge(w->site, l->bridge), *named;
        const struct claim *outer;
        struct vnet *v = w->check.v;

        if (check_refused(w, bridge, l->bridge, &l->bridge_origin, "Bridge"))
                return;
        if (bridge) {
                if (verify_pair(v, l, bridge, w->d) < 0)
                        w->check.failed = true;
        } else {
                named = site_find(w->site, l->bridge);
                outer = find_outer_end(w, l->bridge);
                if (named && named->subject == SUBJECT_NAMESPACE)
                        wrong(&w->check, &l->bridge_origin, "Bridge",
                              "'%s' is a namespace, not a bridge, at %s:%u", l->bridge,
                              named->origin.path, named->origin.line);
                else if (outer)
                        wrong(&w->check, &l->bridge_origin, "Bridge",
                              "'%s' is no bridge, but the outer end of a link, at %s:%u", l->bridge,
                              outer->origin.path, outer->origin.line);
        }
}

static void check_allow_from(struct walk *w, const struct text *from) {
        const struct vnet *other = site_find_bridge(w->site, from->text);

        if (!other)
                wrong(&w->check, &from->origin, "AllowFrom",
                      "no .vnet file defines the bridge '%s'", from->text);
        check_refused(w, other, from->text, &from->origin, "AllowFrom");
}

static void check_dependencies(struct walk *w) {
        const struct vnet *v = w->check.v;
        char ground[IFNAMSIZ];

        list_foreach (l, &v->ns.links)
                if (l->bridge[0])
                        check_link_bridge(w, l);
                else if (*link_base(l))
                        check_refused(w, site_find_bridge(w->site, link_ground(w->site, l, ground)),
                                      ground, &l->parent_origin, "Parent");
                else if (link_partner(l))
                        check_partner(&w->check, l, site_find(w->site, link_partner(l)));
        list_foreach (from, &v->bridge.allow_from)
                check_allow_from(w, from);
}

/* One check of one good file; an error in it refuses the file. 1: refused, 0: good, or -ENOMEM. */
static int judge(struct walk *w, struct vnet *v, bool claims) {
        size_t first = w->d ? w->d->n : 0;
        int r = 0;

        w->check = (struct check){ .v = v, .d = w->d };
        if (claims)
                r = claim_all(w, look, v);
        else
                check_dependencies(w);
        if (r < 0 || !w->check.failed)
                return r;
        r = vnet_refuse(v, w->d, first);
        return r < 0 ? r : 1;
}

/* As often as it refuses something, since others may hang on that. */
static int refuse_dependents(struct walk *w) {
        bool again = true;

        while (again) {
                again = false;
                for (size_t i = 0; i < w->site->n; i++) {
                        struct vnet *v = w->site->items[i];
                        int r = v->refused ? 0 : judge(w, v, false);

                        if (r < 0)
                                return r;
                        again = again || r > 0;
                }
        }
        return 0;
}

static int claim_in_order(struct walk *w) {
        int r = 0;

        for (size_t i = 0; i < w->site->n; i++)
                if (!w->site->items[i]->refused)
                        (void)claim_all(w, expect, w->site->items[i]);
        for (size_t i = 0; i < w->site->n && r >= 0; i++) {
                struct vnet *v = w->site->items[i];

                if (v->refused)
                        continue;
                r = judge(w, v, true);
                if (r == 0)
                        r = claim_all(w, make, v);
        }
        return r < 0 ? r : 0;
}

static void warn_links(const struct site *s, const struct vnet *v, struct diags *d) {
        struct given_default given = given_default(v, 0);

        list_foreach (l, &v->ns.links) {
                const struct vnet *bridge = l->bridge[0] ? site_find_bridge(s, l->bridge) : NULL;

                if (bridge)
                        warn_pair(l, bridge, d);
                else if (link_faces_host(l) && !l->bridge[0])
                        warn_cable(v, l, d);
                warn_lost_default(l, bridge, &given, d);
        }
}

int verify_site(struct site *s, struct diags *d) {
        struct walk w = { .site = s, .d = d };
        int r;

        r = refuse_dependents(&w);
        if (r >= 0)
                r = claim_in_order(&w);
        if (r >= 0)
                r = order_site(s, d);
        if (r >= 0)
                r = refuse_dependents(&w);
        claims_free(&w.claims);
        if (r < 0)
                return r;
        for (size_t i = 0; i < s->n; i++)
                if (s->items[i]->refused)
                        r = -EINVAL;
                else
                        warn_links(s, s->items[i], d);
        return r;
}
