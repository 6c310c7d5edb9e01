/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Tells the kernel the keys and peers of a WireGuard interface, and asks it for them. Whoever may set keys is told them too:
 * so all that comes back is wiped when it is not needed any more. */

#include "netlink/wireguard.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <netinet/in.h>

#include "netlink/socket.h"
#include "util.h"

enum { ALLOWED_MAX = 128 }; /* in one message, of which a network of IPv6 takes 40 bytes */

struct wg {
        struct nl *nl;
        uint16_t family;
        char name[IFNAMSIZ]; /* what is known is of this one; empty: nothing is */
        struct wg_device seen;
        struct pool pool; /* of the peers' lists, which are no secrets */
        size_t max_peers;
};

/* --- the socket --- */

static void put_family_name(struct nlmsghdr *h, const void *name) {
        mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, name);
}

static int take_family(void *user, const struct nlmsghdr *h) {
        const struct nlattr *a;

        mnl_attr_for_each(
                a, h, sizeof(struct genlmsghdr)) if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
                                                     mnl_attr_validate(a, MNL_TYPE_U16) >= 0) *
                (uint16_t *)user = mnl_attr_get_u16(a);
        return 0;
}

int wg_open(struct wg **ret) {
        const struct genlmsghdr m = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
        struct wg *w = calloc(1, sizeof *w);
        int e;

        if (!w)
                return -ENOMEM;
        e = nl_open_secret(&w->nl);
        if (e == 0)
                e = nl_ask(w->nl, GENL_ID_CTRL, 0, &m, sizeof m, put_family_name, WG_GENL_NAME,
                           take_family, &w->family);
        if (e == 0 && !w->family)
                e = -ENOENT;
        if (e < 0) {
                wg_close(w);
                return e;
        }
        *ret = w;
        return 0;
}

static void forget(struct wg *w) {
        if (w->seen.peers)
                explicit_bzero(w->seen.peers, w->max_peers * sizeof *w->seen.peers);
        free(w->seen.peers);
        free(w->seen.handshakes);
        explicit_bzero(&w->seen, sizeof w->seen);
        pool_free(&w->pool);
        w->max_peers = 0;
        w->name[0] = '\0';
}

struct wg *wg_close(struct wg *w) {
        if (!w)
                return NULL;
        forget(w);
        nl_close(w->nl);
        free(w);
        return NULL;
}

/* --- telling --- */

struct message {
        const char *name;
        const struct wg_device *device;
        const struct wg_peer *peer;
        unsigned what;        /* of the device */
        uint32_t flags;       /* of the peer */
        size_t first, n;      /* of what it is allowed */
        bool endpoint, whole; /* of the peer: all of it, or the endpoint alone */
};

static void put_allowed(struct nlmsghdr *h, const struct prefix *p) {
        struct nlattr *nest = mnl_attr_nest_start(h, 0);

        mnl_attr_put_u16(h, WGALLOWEDIP_A_FAMILY, p->address.family);
        mnl_attr_put(h, WGALLOWEDIP_A_IPADDR, address_bytes(p->address.family), p->address.bytes);
        mnl_attr_put_u8(h, WGALLOWEDIP_A_CIDR_MASK, p->length);
        mnl_attr_nest_end(h, nest);
}

static void put_endpoint(struct nlmsghdr *h, const struct wg_peer *p) {
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(p->endpoint_port) };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(p->endpoint_port) };

        memcpy(&v4.sin_addr, p->endpoint.bytes, sizeof v4.sin_addr);
        memcpy(&v6.sin6_addr, p->endpoint.bytes, sizeof v6.sin6_addr);
        if (p->endpoint.family == AF_INET)
                mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof v4, &v4);
        else if (p->endpoint.family == AF_INET6)
                mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof v6, &v6);
}

static void put_peer(struct nlmsghdr *h, const struct message *m) {
        struct nlattr *peers = mnl_attr_nest_start(h, WGDEVICE_A_PEERS), *peer, *list;

        peer = mnl_attr_nest_start(h, 0);
        mnl_attr_put(h, WGPEER_A_PUBLIC_KEY, KEY_SIZE, m->peer->public_key);
        mnl_attr_put_u32(h, WGPEER_A_FLAGS, m->flags);
        if (m->whole) {
                mnl_attr_put(h, WGPEER_A_PRESHARED_KEY, KEY_SIZE, m->peer->preshared_key);
                mnl_attr_put_u16(h, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, m->peer->keepalive);
        }
        if (m->endpoint)
                put_endpoint(h, m->peer);
        list = mnl_attr_nest_start(h, WGPEER_A_ALLOWEDIPS);
        for (size_t i = m->first; i < m->first + m->n; i++)
                put_allowed(h, &m->peer->allowed[i]);
        mnl_attr_nest_end(h, list);
        mnl_attr_nest_end(h, peer);
        mnl_attr_nest_end(h, peers);
}

static void put_message(struct nlmsghdr *h, const void *argument) {
        const struct message *m = argument;

        mnl_attr_put_strz(h, WGDEVICE_A_IFNAME, m->name);
        if (m->what & WG_KEY)
                mnl_attr_put(h, WGDEVICE_A_PRIVATE_KEY, KEY_SIZE, m->device->private_key);
        if (m->what & WG_PORT)
                mnl_attr_put_u16(h, WGDEVICE_A_LISTEN_PORT, m->device->port);
        if (m->device)
                mnl_attr_put_u32(h, WGDEVICE_A_FWMARK, m->device->mark);
        if (m->peer)
                put_peer(h, m);
}

static int take_nothing(void *user _unused_, const struct nlmsghdr *h _unused_) {
        return 0;
}

static int set(struct wg *w, const struct message *message) {
        const struct genlmsghdr m = { .cmd = WG_CMD_SET_DEVICE, .version = WG_GENL_VERSION };

        forget(w);
        return nl_ask(w->nl, w->family, 0, &m, sizeof m, put_message, message, take_nothing, NULL);
}

int wg_set_device(struct wg *w, const char *name, const struct wg_device *d, unsigned what) {
        return set(w, &(struct message){ .name = name, .device = d, .what = what });
}

/* A long list goes on in further messages. */
int wg_set_peer(struct wg *w, const char *name, const struct wg_peer *p) {
        struct message m = { .name = name,
                             .peer = p,
                             .flags = WGPEER_F_REPLACE_ALLOWEDIPS,
                             .whole = true,
                             .endpoint = p->endpoint.family };
        int e;

        do {
                m.n = p->n_allowed - m.first < ALLOWED_MAX ? p->n_allowed - m.first : ALLOWED_MAX;
                e = set(w, &m);
                m.first += m.n;
                m.flags = WGPEER_F_UPDATE_ONLY;
                m.whole = m.endpoint = false;
        } while (e == 0 && m.first < p->n_allowed);
        return e;
}

int wg_set_endpoint(struct wg *w, const char *name, const struct wg_peer *p) {
        return set(w, &(struct message){ .name = name,
                                         .peer = p,
                                         .flags = WGPEER_F_UPDATE_ONLY,
                                         .endpoint = true });
}

int wg_remove_peer(struct wg *w, const char *name, const uint8_t public_key[KEY_SIZE]) {
        struct wg_peer p = { .n_allowed = 0 };

        memcpy(p.public_key, public_key, KEY_SIZE);
        return set(w, &(struct message){ .name = name, .peer = &p, .flags = WGPEER_F_REMOVE_ME });
}

/* --- asking --- */

static bool take_bytes(const struct nlattr *a, void *ret, size_t size) {
        if (mnl_attr_get_payload_len(a) != size)
                return false;
        memcpy(ret, mnl_attr_get_payload(a), size);
        return true;
}

static void take_key(const struct nlattr *a, uint8_t ret[KEY_SIZE]) {
        take_bytes(a, ret, KEY_SIZE);
}

static int take_allowed(struct wg *w, const struct nlattr *nest, struct wg_peer *p) {
        LIST(struct prefix) list = { (struct prefix *)p->allowed, p->n_allowed };
        struct prefix prefix = { .length = 0 };
        const struct nlattr *a;
        struct prefix *new;
        uint16_t family = 0;

        mnl_attr_for_each_nested(a, nest) {
                if (mnl_attr_get_type(a) == WGALLOWEDIP_A_FAMILY)
                        take_bytes(a, &family, sizeof family);
                else if (mnl_attr_get_type(a) == WGALLOWEDIP_A_CIDR_MASK)
                        take_bytes(a, &prefix.length, sizeof prefix.length);
                else if (mnl_attr_get_type(a) == WGALLOWEDIP_A_IPADDR &&
                         mnl_attr_get_payload_len(a) <= sizeof prefix.address.bytes)
                        take_bytes(a, prefix.address.bytes, mnl_attr_get_payload_len(a));
        }
        if (family != AF_INET && family != AF_INET6)
                return 0;
        prefix.address.family = (uint8_t)family;
        new = list_add(&w->pool, &list);
        if (!new)
                return -ENOMEM;
        *new = prefix;
        p->allowed = list.items;
        p->n_allowed = list.n;
        return 0;
}

static void take_endpoint(const struct nlattr *a, struct wg_peer *p) {
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;

        if (take_bytes(a, &v4, sizeof v4)) {
                p->endpoint.family = AF_INET;
                memcpy(p->endpoint.bytes, &v4.sin_addr, sizeof v4.sin_addr);
                p->endpoint_port = ntohs(v4.sin_port);
        } else if (take_bytes(a, &v6, sizeof v6)) {
                p->endpoint.family = AF_INET6;
                memcpy(p->endpoint.bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
                p->endpoint_port = ntohs(v6.sin6_port);
        }
}

static int take_peer_attribute(struct wg *w, const struct nlattr *a, size_t i) {
        struct wg_peer *p = &w->seen.peers[i];
        const struct nlattr *allowed;
        int e = 0;

        switch (mnl_attr_get_type(a)) {
        case WGPEER_A_PRESHARED_KEY: take_key(a, p->preshared_key); break;
        case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL:
                take_bytes(a, &p->keepalive, sizeof p->keepalive);
                break;
        case WGPEER_A_ENDPOINT: take_endpoint(a, p); break;
        case WGPEER_A_LAST_HANDSHAKE_TIME: /* two numbers of 64 bits: seconds, and parts of one */
                if (mnl_attr_get_payload_len(a) >= sizeof *w->seen.handshakes)
                        memcpy(&w->seen.handshakes[i], mnl_attr_get_payload(a),
                               sizeof *w->seen.handshakes);
                break;
        case WGPEER_A_ALLOWEDIPS:
                mnl_attr_for_each_nested(allowed, a) e = e ?: take_allowed(w, allowed, p);
                break;
        default: break;
        }
        return e;
}

/* realloc() would leave what it moves away from as it is. */
static int reserve_peer(struct wg *w) {
        size_t max = w->max_peers ? 2 * w->max_peers : 8;
        struct wg_peer *peers;
        uint64_t *handshakes;

        if (w->seen.n_peers < w->max_peers)
                return 0;
        peers = calloc(max, sizeof *peers);
        handshakes = calloc(max, sizeof *handshakes);
        if (!peers || !handshakes) {
                free(peers);
                free(handshakes);
                return -ENOMEM;
        }
        if (w->seen.n_peers) {
                memcpy(peers, w->seen.peers, w->seen.n_peers * sizeof *peers);
                memcpy(handshakes, w->seen.handshakes, w->seen.n_peers * sizeof *handshakes);
                explicit_bzero(w->seen.peers, w->seen.n_peers * sizeof *peers);
        }
        free(w->seen.peers);
        free(w->seen.handshakes);
        w->seen.peers = peers;
        w->seen.handshakes = handshakes;
        w->max_peers = max;
        return 0;
}

/* One whose list is too long for a message comes again in the next one. */
static int take_peer(struct wg *w, const struct nlattr *nest) {
        uint8_t key[KEY_SIZE] = { 0 };
        const struct nlattr *a;
        size_t n = w->seen.n_peers;
        int e = 0;

        mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) == WGPEER_A_PUBLIC_KEY)
                take_key(a, key);
        if (n == 0 || memcmp(w->seen.peers[n - 1].public_key, key, sizeof key) != 0) {
                e = reserve_peer(w);
                if (e < 0)
                        return e;
                memcpy(w->seen.peers[n].public_key, key, sizeof key);
                w->seen.n_peers = ++n;
        }
        mnl_attr_for_each_nested(a, nest) e = e ?: take_peer_attribute(w, a, n - 1);
        return e;
}

static int take_device(void *user, const struct nlmsghdr *h) {
        struct wg *w = user;
        const struct nlattr *a, *peer;
        int e = 0;

        mnl_attr_for_each(a, h, sizeof(struct genlmsghdr)) {
                switch (mnl_attr_get_type(a)) {
                case WGDEVICE_A_PRIVATE_KEY: take_key(a, w->seen.private_key); break;
                case WGDEVICE_A_PUBLIC_KEY: take_key(a, w->seen.public_key); break;
                case WGDEVICE_A_LISTEN_PORT:
                        take_bytes(a, &w->seen.port, sizeof w->seen.port);
                        break;
                case WGDEVICE_A_FWMARK: take_bytes(a, &w->seen.mark, sizeof w->seen.mark); break;
                case WGDEVICE_A_PEERS:
                        mnl_attr_for_each_nested(peer, a) e = e ?: take_peer(w, peer);
                        break;
                default: break;
                }
        }
        return e;
}

static void put_device_name(struct nlmsghdr *h, const void *name) {
        mnl_attr_put_strz(h, WGDEVICE_A_IFNAME, name);
}

int wg_look(struct wg *w, const char *name, const struct wg_device **ret) {
        const struct genlmsghdr m = { .cmd = WG_CMD_GET_DEVICE, .version = WG_GENL_VERSION };
        int e = 0;

        if (!streq(w->name, name)) {
                forget(w);
                e = nl_ask(w->nl, w->family, NLM_F_DUMP, &m, sizeof m, put_device_name, name,
                           take_device, w);
        }
        if (e < 0) {
                forget(w);
                return e == -EOPNOTSUPP ? -ENODEV : e;
        }
        snprintf(w->name, sizeof w->name, "%s", name);
        *ret = &w->seen;
        return 0;
}
