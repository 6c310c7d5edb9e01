/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The keys, port and peers of a WireGuard link, set inside and by generic netlink. Keys are read here, handed to the kernel and
 * wiped. Nothing of ours has a copy, so whether one is still what its file says is asked of file and kernel. */

#include <errno.h>

#include "netlink/wireguard.h"
#include "object/operations.h"
#include "system/key-file.h"
#include "util.h"

/* The socket is in the namespace; who is in a pass for the first time opens it. */
static int open_inside(struct pass *r) {
        int e = pass_inner(r) ? 0 : -EPERM;

        if (e == 0)
                e = pass_flush(r);
        if (e == 0 && !r->wg)
                e = pass_enter(r, PLACE_OWN);
        if (e == 0 && !r->wg)
                e = wg_open(&r->wg);
        return e;
}

static int begin(struct pass *r, const struct op *op) {
        int e = open_inside(r);

        if (e == -ENOENT)
                return pass_fail(r, op, e, "%s", link_kinds[KIND_WIREGUARD]->lacking);
        return e < 0 && !r->error ? pass_fail_errno(r, op, e, "") : e;
}

static int read_key(struct pass *r, const struct op *op, const char *file, uint8_t ret[KEY_SIZE]) {
        char why[KEY_WHY_MAX] = "";
        int e = key_file_read(file, r->plan->name, ret, why);

        if (e < 0)
                return pass_fail(r, op, e, "%s", why);
        if (key_file_is_open(file, r->plan->name))
                diag_warn(r->d, &op->origin, NULL, "%s can be read by everybody: chmod 600", file);
        return 0;
}

/* What was sent and not answered may have been done. */
static int end(struct pass *r, const struct op *op, int e) {
        if (e == 0 || pass_is_unknown(e))
                r->states[r->current] = OP_DONE;
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

/* The kernel takes such a peer, says that all is well, and has none. */
static int refuse_own_key(struct pass *r, const struct op *op) {
        const struct wg_device *d;
        char own[KEY_TEXT + 1];
        int e = wg_look(r->wg, op->wireguard.device, &d);

        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        base64_write(d->public_key, own);
        list_foreach (other, &r->plan->ops)
                if (other->kind == OP_WG_PEER && streq(other->wg_peer.public_key, own) &&
                    streq(other->wg_peer.device, op->wireguard.device))
                        return pass_fail(r, other, -EINVAL, "is the link's own public key");
        return 0;
}

/* A port that the kernel has chosen stays. */
static bool had_port(const struct pass *r, const struct op *op) {
        const struct op *old = change_replaced(r->change, op);

        return old && old->wireguard.port;
}

int do_wireguard(struct pass *r, const struct op *op) {
        const struct op_wireguard *w = &op->wireguard;
        struct wg_device d = { .port = w->port, .mark = w->mark };
        unsigned what = w->port || had_port(r, op) ? WG_KEY | WG_PORT : WG_KEY;
        int e = begin(r, op);

        if (e == 0)
                e = read_key(r, op, w->private_key_file, d.private_key);
        if (e == 0)
                e = end(r, op, wg_set_device(r->wg, w->device, &d, what));
        explicit_bzero(&d, sizeof d);
        return e < 0 ? e : refuse_own_key(r, op);
}

int do_wg_peer(struct pass *r, const struct op *op) {
        struct wg_peer p = { .endpoint = op->wg_peer.endpoint,
                             .endpoint_port = op->wg_peer.endpoint_port,
                             .keepalive = op->wg_peer.keepalive,
                             .allowed = op->wg_peer.allowed.items,
                             .n_allowed = op->wg_peer.allowed.n };
        int e = begin(r, op);

        if (e == 0 && base64_read(op->wg_peer.public_key, p.public_key) < 0)
                e = pass_fail_errno(r, op, -EINVAL, "");
        if (e == 0 && op->wg_peer.preshared_key_file)
                e = read_key(r, op, op->wg_peer.preshared_key_file, p.preshared_key);
        if (e == 0)
                e = end(r, op, wg_set_peer(r->wg, op->wg_peer.device, &p));
        explicit_bzero(&p, sizeof p);
        return e;
}

int undo_wg_peer(struct pass *r, const struct op *op) {
        uint8_t key[KEY_SIZE];
        int e = begin(r, op);

        if (e == 0 && base64_read(op->wg_peer.public_key, key) == 0)
                e = wg_remove_peer(r->wg, op->wg_peer.device, key);
        if (e == -ENODEV || e == -EOPNOTSUPP)
                e = 0;
        return e < 0 && !r->error ? pass_fail_errno(r, op, e, "") : e;
}

/* --- is it there? --- */

static int look_at(struct pass *r, const char *device, const struct wg_device **ret) {
        int e = open_inside(r);

        if (e == -ENOENT)
                return -ENODEV; /* nor is there any such interface */
        return e < 0 ? e : wg_look(r->wg, device, ret);
}

/* Is what the kernel has what is in the file? NULL: none. 0, 1 where it is not, or why that cannot be known. */
static int compare_key(const struct pass *r, const char *file, const uint8_t has[KEY_SIZE],
                       bool clamped) {
        uint8_t key[KEY_SIZE] = { 0 };
        char why[KEY_WHY_MAX];
        int e = file ? key_file_read(file, r->plan->name, key, why) : 0;

        if (clamped) { /* as the kernel keeps a private one: curve25519_clamp_secret() */
                key[0] &= 248;
                key[KEY_SIZE - 1] = (key[KEY_SIZE - 1] & 127) | 64;
        }
        if (e == 0)
                e = memcmp(key, has, KEY_SIZE) != 0;
        explicit_bzero(key, sizeof key);
        return e == -ENOENT ? -ENOKEY : e;
}

int look_wireguard(struct pass *r, const struct op *op, struct op *ret) {
        const struct wg_device *d;
        int e = look_at(r, op->wireguard.device, &d);

        if (e < 0)
                return e;
        *ret = *op;
        ret->wireguard.mark = d->mark;
        if (op->wireguard.port)
                ret->wireguard.port = d->port;
        return compare_key(r, op->wireguard.private_key_file, d->private_key, true);
}

static bool has_prefix(const struct prefix *list, size_t n, const struct prefix *p) {
        for (size_t i = 0; i < n; i++)
                if (list[i].length == p->length && address_equal(&list[i].address, &p->address))
                        return true;
        return false;
}

/* In the kernel they are in an order of its own. */
static int look_allowed(struct pass *r, const struct op *op, const struct wg_peer *p,
                        struct op *ret) {
        bool same = p->n_allowed == op->wg_peer.allowed.n;
        struct pool *pool = pass_pool(r);

        for (size_t i = 0; same && i < p->n_allowed; i++)
                same = has_prefix(op->wg_peer.allowed.items, op->wg_peer.allowed.n, &p->allowed[i]);
        if (same)
                return 0;
        if (!pool)
                return -ENOMEM;
        ret->wg_peer.allowed.n = 0;
        ret->wg_peer.allowed.items = NULL;
        for (size_t i = 0; i < p->n_allowed; i++) {
                struct prefix *copy = list_add(pool, &ret->wg_peer.allowed);

                if (!copy)
                        return -ENOMEM;
                *copy = p->allowed[i];
        }
        return 0;
}

/* The endpoint is what the kernel has learned of a peer that moves, as well as what it was told. */
int look_wg_peer(struct pass *r, const struct op *op, struct op *ret) {
        const struct wg_device *d;
        uint8_t key[KEY_SIZE];
        int e = look_at(r, op->wg_peer.device, &d);

        if (e == 0)
                e = base64_read(op->wg_peer.public_key, key);
        if (e < 0)
                return e;
        for (size_t i = 0; i < d->n_peers; i++) {
                const struct wg_peer *p = &d->peers[i];

                if (memcmp(p->public_key, key, sizeof key) != 0)
                        continue;
                *ret = *op;
                ret->wg_peer.keepalive = p->keepalive;
                e = look_allowed(r, op, p, ret);
                return e < 0 ? e
                             : compare_key(r, op->wg_peer.preshared_key_file, p->preshared_key,
                                           false);
        }
        return -ENOENT;
}
