/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Begins and ends a pass: opens the places where the operations of its plan act, and its sockets. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "pass/pass.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"

static int open_own(int *ret) {
        int fd;

        if (*ret >= 0)
                return 0;
        fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

/* --- other networks' --- */

/* The namespace that a network has, if it is up. While it is being made its interfaces are numbered in advance: nobody
 * else makes any there. It looks for those who wait for it when it is done (verb/cables.c). -ENOENT: not up. */
static int open_network(const struct op_peer *peer, int *ret) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags ignored = DIAGS_NULL; /* it is not this network's record */
        const struct op *op = NULL;
        enum stage stage;
        int e = record_read(peer->network, &p, &stage, &ignored);

        diags_free(&ignored);
        if (e == 0)
                op = plan_find(p, OP_NETNS);
        if (e < 0 || !op || stage == STAGE_BEGUN || !streq(op->netns.name, peer->name))
                return -ENOENT;
        e = netns_open(op->netns.name, op->netns.inode, op->netns.cookie, ret);
        return e == -ENOMEM ? e : e < 0 ? -ENOENT : 0;
}

static int open_place(struct pass *r, size_t place, const struct op *op) {
        struct place_state *there = &r->places[place];
        int e = open_network(&op->peer, &there->ns);

        if (e == -ENOENT)
                return 0; /* what acts there waits */
        if (e == 0)
                e = pass_enter(r, place);
        if (e == 0) {
                e = nl_open(&there->nl);
                pass_enter(r, PLACE_HOST);
        }
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

static int open_peers(struct pass *r) {
        size_t place = PLACE_PEER;
        int e = 0;

        if (r->n_places > PLACE_PEER)
                e = open_own(&r->places[PLACE_HOST].ns);
        list_foreach (op, &r->plan->ops) {
                if (e == 0 && op->kind == OP_PEER) {
                        r->places[place].netns = op->peer.name;
                        e = open_place(r, place++, op);
                }
        }
        return e;
}

/* --- all of them --- */

static int make_places(struct pass *r) {
        r->n_places = PLACE_PEER;
        list_foreach (op, &r->plan->ops)
                r->n_places += op->kind == OP_PEER;
        r->places = calloc(r->n_places, sizeof *r->places);
        if (!r->places)
                return -ENOMEM;
        for (size_t i = 0; i < r->n_places; i++)
                r->places[i].ns = -1;
        return 0;
}

int pass_open(struct pass *r, struct plan *p, struct diags *d) {
        bool nft = false;
        int e;

        *r = (struct pass){ .plan = p, .d = d, .shared_lock = -1, .peer_nsid = -1 };
        /* of any kind: a torn record may have lost the table and kept its elements */
        list_foreach (op, &p->ops)
                nft |= op_infos[op->kind].nftables;
        r->states = calloc(p->ops.n + 1, sizeof *r->states);
        if (!r->states || make_places(r) < 0)
                return -ENOMEM;
        e = nl_open(&r->places[PLACE_HOST].nl);
        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot open a netlink socket: %s",
                                  strerror(-e));
        e = record_check_host(p, nl_fd(pass_host(r)), d);
        if (e == 0)
                e = open_peers(r);
        if (e == 0)
                e = pass_mark_waiting(r);
        return e == 0 && nft ? nft_open(&r->nft, d) : e;
}

void pass_close(struct pass *r) {
        pass_unlock(r);
        r->wg = wg_close(r->wg);
        r->listener = nl_close(r->listener);
        for (size_t i = r->n_places; i-- > 0;)
                r->places[i].nl = nl_close(r->places[i].nl);
        if (r->n_places > 0)
                pass_enter(r, PLACE_HOST);
        for (size_t i = r->n_places; i-- > 0;)
                closep(&r->places[i].ns);
        /* last: after a deletion this waits for the kernel's grace period */
        r->nft = nft_close(r->nft);
        seen_free(r->seen);
        free(r->states);
        free(r->vanishing);
        free(r->places);
        free(r->waits);
        *r = (struct pass){ .shared_lock = -1 };
}

static int open_inner_socket(struct pass *r) {
        int e = nl_open(&r->places[PLACE_OWN].nl);

        return e < 0 ? diag_error(r->d, e, NULL, NULL, "cannot open a netlink socket in %s: %s",
                                  r->plan->netns, strerror(-e))
                     : 0;
}

int pass_unshare(struct pass *r) {
        struct place_state *own = &r->places[PLACE_OWN];
        struct netns_copy copy = { 0 };
        struct op *op = NULL;
        struct stat st;
        int e;

        list_foreach (o, &r->plan->ops)
                if (o->kind == OP_NETNS)
                        op = o;
        e = netns_inherits(&copy);
        if (e == 0)
                e = open_own(&r->places[PLACE_HOST].ns);
        if (e == 0 && unshare(CLONE_NEWNET) < 0)
                e = -errno;
        if (e == 0) {
                r->at = PLACE_OWN;
                r->fresh = true;
                e = open_own(&own->ns);
        }
        if (e == 0 && fstat(own->ns, &st) < 0)
                e = -errno;
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        op->netns.inode = st.st_ino;
        e = open_inner_socket(r);
        if (e < 0)
                return r->error = e;
        e = netns_cookie_of(nl_fd(own->nl), &op->netns.cookie);
        if (e == 0)
                e = netns_make_normal(&copy, own->nl);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        pass_choose_indexes(r);
        return 0;
}

int pass_open_inner(struct pass *r) {
        const struct op *op = plan_find(r->plan, OP_NETNS);
        int e;

        if (!op) /* a damaged record has lost it */
                return -ENOENT;
        e = netns_open(r->plan->netns, op->netns.inode, op->netns.cookie, &r->places[PLACE_OWN].ns);
        if (e == -ENOENT)
                return e;
        if (e < 0)
                return pass_fail(r, op, e, "cannot open it: %s", strerror(-e));
        return pass_go_inside(r, r->places[PLACE_OWN].ns);
}

int pass_go_inside(struct pass *r, int ns) {
        const struct op *op = plan_find(r->plan, OP_NETNS);
        int e;

        r->places[PLACE_OWN].ns = ns;
        e = open_own(&r->places[PLACE_HOST].ns);
        if (e == 0)
                e = pass_enter(r, PLACE_OWN);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        return open_inner_socket(r);
}
