/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes and frees models, and derives the names and addresses that a file does not give. What is
 * derived must come out the same at every boot and on every machine with the same machine id. So it
 * hangs on hashes that may never change: FNV-1a, and then a mixing step, since FNV alone leaves
 * names that differ in their last character close together. */

#include "model.h"

#include <errno.h>
#include <sys/socket.h>

#include "schema.h"
#include "util.h"

struct vnet *vnet_new(const char *name, const char *path) {
        _cleanup_vnet_ struct vnet *v = calloc(1, sizeof *v);

        if (!v)
                return NULL;
        v->name = pool_strdup(&v->pool, name);
        v->path = pool_strdup(&v->pool, path);
        if (!v->name || !v->path)
                return NULL;
        return TAKE_PTR(v);
}

struct vnet *vnet_free(struct vnet *v) {
        if (v)
                pool_free(&v->pool);
        free(v);
        return NULL;
}

static int keep(struct vnet *v, const struct diags *d, size_t first, enum diag_level level,
                void *list) {
        for (size_t i = first; d && i < d->n; i++) {
                _cleanup_free_ char *line = NULL;
                struct text *text;

                if (d->items[i].level != level)
                        continue;
                line = diag_format(&d->items[i]);
                text = line ? pool_list_add(&v->pool, list, sizeof *text) : NULL;
                if (!text || !(text->text = pool_strdup(&v->pool, line)))
                        return -ENOMEM;
        }
        return 0;
}

int vnet_refuse(struct vnet *v, const struct diags *d, size_t first) {
        v->refused = true;
        return keep(v, d, first, DIAG_ERROR, &v->reasons);
}

int vnet_warn(struct vnet *v, const struct diags *d, size_t first) {
        return keep(v, d, first, DIAG_WARNING, &v->warnings);
}

static void take_default(struct given_default *all, uint8_t family, const struct origin *origin,
                         const char *key) {
        all->families |= family_bit(family);
        if (all->origin)
                return;
        all->origin = origin;
        all->key = key;
}

/* Two halves are a way to write one that leaves another alone; who does so means all the same. */
static void take_allowed_defaults(struct given_default *all, const struct link *l, uint32_t own) {
        enum { MAIN = 254 };

        list_foreach (p, &l->peers)
                list_foreach (a, &p->allowed)
                        if (a->prefix.length <= 1 && (p->table ?: own) == (all->table ?: MAIN))
                                take_default(all, a->prefix.address.family, &a->origin,
                                             "AllowedIPs");
}

struct given_default given_default(const struct vnet *v, uint32_t table) {
        struct given_default all = { .of = v, .table = table };
        enum { MAIN = 254 };

        list_foreach (l, &v->ns.links) {
                uint32_t own = link_table(v, l) ?: MAIN;

                list_foreach (g, &l->gateways)
                        if (own == (table ?: MAIN))
                                take_default(&all, g->address.family, &g->origin, "Gateway");
                list_foreach (r, &l->routes)
                        if (r->destination.length == 0 && (r->table ?: own) == (table ?: MAIN))
                                take_default(&all, r->destination.address.family, &r->origin,
                                             "Route");
                take_allowed_defaults(&all, l, own);
        }
        return all;
}

bool link_has_on_link(const struct link *l, const struct address *a) {
        list_foreach (own, &l->addresses)
                if (own->prefix.address.family == a->family &&
                    (own->peer.family ? address_equal(&own->peer, a)
                                      : prefix_contains(&own->prefix, a)))
                        return true;
        return false;
}

static bool prefix_finds(const struct prefix *asked, const struct prefix *other) {
        return !asked->length ||
               (asked->length == other->length && address_equal(&asked->address, &other->address));
}

static bool ports_find(const struct port_range *asked, const struct port_range *other) {
        return !asked->first || (asked->first == other->first && asked->last == other->last);
}

bool rule_finds(const struct routing_rule *asked, const struct routing_rule *other) {
        return asked->family == other->family && asked->table == other->table &&
               prefix_finds(&asked->from, &other->from) && prefix_finds(&asked->to, &other->to) &&
               (!asked->mark || asked->mark == other->mark) &&
               (!asked->mask || asked->mask == other->mask) &&
               (!asked->iif[0] || streq(asked->iif, other->iif)) &&
               (!asked->oif[0] || streq(asked->oif, other->oif)) &&
               (!asked->protocol || asked->protocol == other->protocol) &&
               ports_find(&asked->sport, &other->sport) &&
               ports_find(&asked->dport, &other->dport) &&
               (!asked->has_uids || (other->has_uids && asked->first_uid == other->first_uid &&
                                     asked->last_uid == other->last_uid)) &&
               (!asked->has_suppress ||
                (other->has_suppress && asked->suppress == other->suppress));
}

/* The finaliser of SplitMix64: each bit of the input reaches each bit of the output. */
static uint64_t hash_finish(uint64_t hash) {
        hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
        return hash ^ (hash >> 31);
}

struct mac derive_mac(const char *machine_id, const char *name, const char *what) {
        struct mac mac = { .set = true };
        uint64_t hash;

        hash = hash_bytes(FNV_BASIS, machine_id, strlen(machine_id) + 1);
        hash = hash_bytes(hash, name, strlen(name) + 1);
        hash = hash_finish(hash_bytes(hash, what, strlen(what)));
        for (size_t i = 0; i < sizeof mac.bytes; i++)
                mac.bytes[i] = (uint8_t)(hash >> (i * 8));
        mac.bytes[0] = (mac.bytes[0] & 0xfe) | 0x02; /* one station, locally administered */
        return mac;
}

/* "vn-", four bytes to recognise it by, 40 bits of hash in base 32: 15 bytes together. */
static void shorten(const char *full, char ret[IFNAMSIZ]) {
        uint64_t hash = hash_finish(hash_bytes(FNV_BASIS, full, strlen(full)));
        enum { KEPT = 7, DIGITS = 8 };

        memcpy(ret, full, KEPT);
        for (int i = 0; i < DIGITS; i++)
                ret[KEPT + i] = "abcdefghijklmnopqrstuvwxyz234567"[(hash >> (i * 5)) & 31];
        ret[KEPT + DIGITS] = '\0';
}

const struct origin *link_place(const struct link *l, const char *key) {
        const struct origin *place = &l->origin;

        list_foreach (g, &l->given)
                if (streq(g->key->name, key))
                        place = &g->origin;
        return place;
}

uint32_t link_table(const struct vnet *v, const struct link *l) {
        if (link_kinds[l->kind]->is_vrf)
                return l->table;
        if (l->master[0])
                list_foreach (other, &v->ns.links)
                        if (link_kinds[other->kind]->is_vrf && streq(other->name, l->master))
                                return other->table;
        return 0;
}

uint8_t link_underlay(const struct link *l) {
        if (l->local.family || l->group.family)
                return l->local.family ?: l->group.family;
        return l->remotes.n > 0 ? l->remotes.items[0].address.family : AF_INET;
}

static bool is_first_veth(const struct vnet *v, const struct link *l) {
        list_foreach (other, &v->ns.links)
                if (link_faces_host(other))
                        return other == l;
        return true;
}

enum { NAME_ON_HOST_MAX = 128 }; /* "vn-", 63 bytes of NAME, "-", 15 of the link */

static void name_on_host(const struct vnet *v, const struct link *l, const char *prefix,
                         char ret[NAME_ON_HOST_MAX]) {
        char *end = stpcpy(stpcpy(ret, prefix), v->name);

        if (!is_first_veth(v, l))
                stpcpy(stpcpy(end, "-"), l->name);
}

int link_host_name(struct vnet *v, const struct link *l, char ret_name[IFNAMSIZ],
                   const char **ret_full) {
        char full[NAME_ON_HOST_MAX];
        const char *kept = NULL;

        if (l->host_name[0]) {
                memcpy(ret_name, l->host_name, IFNAMSIZ);
                *ret_full = NULL;
                return 0;
        }
        name_on_host(v, l, "vn-", full);
        if (strlen(full) >= IFNAMSIZ) {
                kept = pool_strdup(&v->pool, full);
                if (!kept)
                        return -ENOMEM;
                shorten(full, ret_name);
        } else
                memcpy(ret_name, full, strlen(full) + 1);
        *ret_full = kept;
        return 0;
}

const struct link *link_other_end(const struct vnet *v, const struct link *l,
                                  const struct vnet *peer) {
        list_foreach (other, &peer->ns.links)
                if (l->peer_network && other->peer_network && streq(other->name, l->peer_name) &&
                    streq(other->peer_name, l->name) && streq(other->peer_network, v->name))
                        return other;
        return NULL;
}

uint32_t peer_table(const struct vnet *v, const struct link *l, const struct wireguard_peer *p) {
        enum { MAIN = 254 };
        uint32_t own = link_table(v, l);

        return p->table == MAIN && !own ? 0 : p->table ?: own;
}

bool peer_makes_route(const struct vnet *v, const struct link *l, const struct wireguard_peer *p,
                      const struct allowed_ip *a) {
        if (p->table == ROUTE_TABLE_OFF)
                return false;
        list_foreach (own, &l->addresses) {
                struct prefix network = own->prefix;

                if (own->peer.family)
                        network.address = own->peer;
                network = prefix_network(&network);
                if (peer_table(v, l, p) == link_table(v, l) && network.length == a->prefix.length &&
                    address_equal(&network.address, &a->prefix.address))
                        return false;
        }
        return true;
}

void link_ifb_name(const struct vnet *v, const struct link *l, char ret_name[IFNAMSIZ]) {
        char full[NAME_ON_HOST_MAX];

        name_on_host(v, l, "vi-", full);
        if (strlen(full) >= IFNAMSIZ)
                shorten(full, ret_name);
        else
                memcpy(ret_name, full, strlen(full) + 1);
}

/* Within a tenth of the rate from 1 Mbit/s to 1 Gbit/s; the kernel takes large packets apart by itself, but one that is
 * more than the burst it drops. */
uint32_t rate_burst(const struct rate *rate, uint32_t mtu) {
        enum { LEAST = 16 * 1024, PER_SECOND = 1000 };
        uint64_t burst = rate->bits / 8 / PER_SECOND;

        if (rate->burst)
                return rate->burst;
        burst = burst < LEAST ? LEAST : burst;
        return (uint32_t)(burst < mtu + RATE_FRAME ? mtu + RATE_FRAME : burst);
}

uint8_t link_mode(const struct link *l) {
        return l->mode ? link_mode_by_word(l->kind, l->mode) : link_kinds[l->kind]->mode;
}

bool sysctl_interface(const char *key, char ret[64]) {
        static const char *const roots[] = { "net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/",
                                             "net/ipv6/neigh/" };
        const char *name = NULL;
        size_t n;

        for (size_t i = 0; i < ARRAY_SIZE(roots) && !name; i++)
                name = startswith(key, roots[i]);
        n = name ? strcspn(name, "/") : 0;
        if (!name || !name[n] || n >= 64)
                return false;
        memcpy(ret, name, n);
        ret[n] = '\0';
        return true;
}
