/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table inet vnet inside a namespace, which says what may be opened by links with Inbound=. It is made anew as
 * a whole, in one transaction, by whichever of these operations comes or goes: nobody else's elements are in it.
 * Connections that run are conntrack's: those that could be opened before a reload and cannot be now are forgotten. */

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include "inbound.h"
#include "netlink/question.h"
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

/* --- what runs --- */

struct strangers {
        struct nl *inner, *diag;
        const struct plan *now, *before;
};

static const struct op *find(const struct plan *p, const char *device) {
        list_foreach (op, &p->ops)
                if (op->kind == OP_INBOUND && streq(op->inbound.device, device))
                        return op;
        return NULL;
}

static bool is_invited(const struct op *op, const struct nft_flow *flow, bool local) {
        const char *text = op ? op->inbound.ports : NULL;
        struct inbound port;

        if (!op || (local && (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6)))
                return true;
        if (!local)
                return flow->status & IPS_DST_NAT;
        while (inbound_next(&text, &port) > 0)
                if (flow->protocol == port.protocol && flow->port >= port.first &&
                    flow->port <= port.last)
                        return true;
        return false;
}

/* The entry of a connection has no interface: it is the one by which the answers go. */
static bool is_uninvited(void *user, const struct nft_flow *flow) {
        const struct strangers *s = user;
        struct route_info from, to;
        char device[IFNAMSIZ];
        bool local;

        if (flow->status & IPS_EXPECTED || probe_route(s->inner, &flow->source, &from) < 0 ||
            from.type != RTN_UNICAST || nl_name(s->inner, from.oif, device) < 0 ||
            !find(s->now, device))
                return false;
        local = probe_route(s->inner, &flow->target, &to) == 0 && to.type == RTN_LOCAL;
        if (is_invited(find(s->now, device), flow, local) ||
            !is_invited(find(s->before, device), flow, local))
                return false;
        if (local)
                nft_end_flow(s->diag, flow);
        return true;
}

/* Without memory, or a socket, some live on until they end. This thread is inside. */
static void forget_uninvited(struct nft *n, const struct change *c) {
        struct strangers s = { .now = c->to, .before = c->from };

        if (!plan_find(c->to, OP_INBOUND) || nl_open(&s.inner) < 0)
                return;
        (void)nl_open_diag(&s.diag);
        nft_forget_flows(n, AF_INET, is_uninvited, &s);
        nft_forget_flows(n, AF_INET6, is_uninvited, &s);
        nl_close(s.inner);
        nl_close(s.diag);
}

/* --- the table --- */

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
        if (r->change)
                forget_uninvited(n, r->change);
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
