/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns RateIn= and RateOut= into operations. What the namespace receives leaves the host by the outer end, and waits
 * there. What it sends comes in by that end, where nothing can wait: so it is led through an interface of kind ifb first,
 * by which it leaves. Both are out of the reach of root inside. Without an outer end on the host what is sent waits
 * inside. */

#include <errno.h>

#include "build-parts.h"
#include "util.h"
#include "verify.h"

enum { LATENCY_MS = 50 }; /* what has to wait longer is dropped */

static void add_qdisc(struct builder *b, enum place place, const struct origin *at,
                      const char *device, const struct rate *rate, uint32_t mtu) {
        struct op *op = add(b, OP_QDISC, place, at);

        set_ifname(op->qdisc.device, device);
        op->qdisc.rate = rate->bits;
        op->qdisc.burst = rate_burst(rate, mtu);
        op->qdisc.limit = op->qdisc.burst + (uint32_t)(rate->bits / 8 * LATENCY_MS / 1000);
}

/* Beside the outer end, so that both are there after one wait. */
void build_ifb(struct builder *b, const struct link *l) {
        char name[IFNAMSIZ], what[IFNAMSIZ + 16];
        struct op *op;

        if (!link_needs_ifb(l))
                return;
        link_ifb_name(b->v, l, name);
        snprintf(what, sizeof what, "ifb %s", l->name);
        op = add_device(b, KIND_IFB, PLACE_HOST, &l->rate_out_origin, name);
        op->device.mac = derive_mac(b->facts->machine_id, b->v->name, what);
}

static void build_detour(struct builder *b, const struct link *l, const char *outer, uint32_t mtu) {
        const struct origin *at = &l->rate_out_origin;
        char name[IFNAMSIZ], mark[IFNAMSIZ + 8];
        struct op *op;

        link_ifb_name(b->v, l, name);
        snprintf(mark, sizeof mark, "%s=out", l->name);
        add_mark(b, PLACE_HOST, name, mark, at);
        op = add(b, OP_INET6, PLACE_HOST, at);
        set_ifname(op->inet6.device, name);
        op->inet6.mode = INET6_PORT; /* nothing is for it */
        op = add(b, OP_UP, PLACE_HOST, at);
        set_ifname(op->up.device, name);
        add_qdisc(b, PLACE_HOST, at, name, &l->rate_out, mtu);
        op = add(b, OP_REDIRECT, PLACE_HOST, at);
        set_ifname(op->redirect.device, outer);
        set_ifname(op->redirect.to, name);
}

void build_outer_rates(struct builder *b, const struct link *l, const char *outer) {
        uint32_t mtu = mtu_of(b, l) ?: MTU_NORMAL;

        if (!verify_bursts(l, mtu, b->d)) {
                b->refused = true;
                return;
        }
        if (link_needs_ifb(l))
                build_detour(b, l, outer, mtu);
        if (l->rate_in.bits)
                add_qdisc(b, PLACE_HOST, &l->rate_in_origin, outer, &l->rate_in, mtu);
}

void build_inner_rate(struct builder *b, const struct link *l) {
        if (l->rate_out.bits && !link_needs_ifb(l))
                add_qdisc(b, PLACE_OWN, &l->rate_out_origin, l->name, &l->rate_out,
                          l->settings.mtu ?: MTU_NORMAL);
}

void build_far_rate(struct builder *b, const struct link *l) {
        if (l->rate_in.bits)
                add_qdisc(b, PLACE_HOST, &l->rate_in_origin, l->peer_name, &l->rate_in,
                          l->settings.mtu ?: MTU_NORMAL);
}
