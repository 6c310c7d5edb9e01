/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table inet vnet inside a namespace, which says what may be opened by links with Inbound=. It is made anew as
 * a whole, in one transaction, by whichever of these operations comes or goes: nobody else's elements are in it,
 * and connections that run are conntrack's. */

#include <errno.h>

#include "inbound.h"
#include "nft/nft.h"
#include "object/operations.h"
#include "util.h"

static void nft_closep(struct nft **n) {
        nft_close(*n);
}

/* What to call for each element of an operation; a return other than 0 ends it and is returned. */
typedef int use(struct nft *n, const struct op_element *e, const char *owner);

static int each_element(struct nft *n, const struct op *op, const char *owner, use *f) {
        struct op_element e = { .set = SET_FACING };
        const char *text = op->inbound.ports;
        struct inbound port;
        int r;

        memcpy(e.iif, op->inbound.device, sizeof e.iif);
        r = f(n, &e, owner);
        e.set = SET_OPEN;
        while (r == 0 && (r = inbound_next(&text, &port)) > 0) {
                e.protocol = port.protocol;
                e.port = port.first;
                e.last = port.last;
                r = f(n, &e, owner);
        }
        return r;
}

static int add_element(struct nft *n, const struct op_element *e, const char *owner) {
        return nft_add_element(n, e, owner, SIZE_MAX);
}

static int has_element(struct nft *n, const struct op_element *e, const char *owner _unused_) {
        char ignored[128];

        return nft_get_element(n, e, ignored);
}

static int add_all(struct nft *n, const struct plan *p) {
        int e = nft_add_table(n, TABLE_INSIDE);

        list_foreach (op, &p->ops)
                if (e == 0 && op->kind == OP_INBOUND)
                        e = each_element(n, op, p->name, add_element);
        return e;
}

/* By a socket of its own, since those of a pass are the host's. */
static int open_inside(struct pass *r, struct nft **ret) {
        int e;

        if (!pass_inner(r))
                return -EPERM; /* nobody has gone inside */
        e = pass_enter(r, PLACE_OWN);
        return e < 0 ? e : nft_open(ret, r->d);
}

static int make_anew(struct pass *r, const struct op *op, const struct plan *p) {
        _cleanup_(nft_closep) struct nft *n = NULL;
        char why[160] = "";
        size_t tag;
        int e = open_inside(r, &n);

        if (e == 0)
                e = nft_begin(n);
        if (e == 0)
                e = nft_clear_table(n, TABLE_INSIDE);
        if (e == 0 && plan_find(p, OP_INBOUND))
                e = add_all(n, p);
        if (e == 0)
                e = nft_commit(n, &tag, why);
        if (e == -ENOENT || e == -EOPNOTSUPP)
                return pass_fail(r, op, e,
                                 "the kernel lacks a part of nftables (modules nf_tables, nft_ct): "
                                 "%s%s%s",
                                 strerror(-e), why[0] ? ": " : "", why);
        if (e < 0)
                return pass_fail_errno(r, op, e, why);
        r->states[r->current] = OP_DONE;
        return 0;
}

int do_inbound(struct pass *r, const struct op *op) {
        return make_anew(r, op, r->change ? r->change->to : r->plan);
}

/* Without a change it goes with the namespace. */
int undo_inbound(struct pass *r, const struct op *op) {
        return r->change ? make_anew(r, op, r->change->to) : 0;
}

int look_inbound(struct pass *r, const struct op *op, struct op *ret) {
        _cleanup_(nft_closep) struct nft *n = NULL;
        int e = open_inside(r, &n);

        if (e == 0)
                e = each_element(n, op, r->plan->name, has_element);
        if (e == 0)
                *ret = *op;
        return e == -EEXIST ? -ENOENT : e;
}
