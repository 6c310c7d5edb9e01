/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides which running connections a reload no longer allows, so that they are forgotten: their next packet is
 * then one of a new connection, and is judged by the rules. What could be opened before this reload and cannot be opened
 * now is cut; what the rules never decided about, as what a helper of conntrack expects, goes on.
 *
 * The entry of a connection has no interfaces. The bridge is known by its subnets; the other one is asked of the kernel: whereto it
 * would forward the packet, or send the answer. */

#include "nft/flows.h"

#include <linux/netfilter/nf_conntrack_common.h>

#include "netlink/question.h"
#include "util.h"

/* The elements of one network, as they are now and as they were. */
struct elements {
        const struct op_element *const *items;
        size_t n;
};

struct filter {
        struct nl *host;
        struct nft *nft; /* for questions, while another one reads connections; NULL: none yet */
        struct nl *diag; /* NULL: none yet */
        struct elements now, before;
};

bool set_decides_passing(uint8_t set) {
        return set == SET_CLOSED || set == SET_CROSS || set == SET_LEAVE || set == SET_ENTER ||
               set == SET_OUTBOUND;
}

static const struct op_element *find(const struct elements *list, uint8_t set, const char *iif,
                                     const char *oif) {
        for (size_t i = 0; i < list->n; i++) {
                const struct op_element *e = list->items[i];

                if (e->set == set && streq(e->iif, iif) && streq(e->oif, oif))
                        return e;
        }
        return NULL;
}

/* What other networks have said. Where it cannot be asked: yes, so that nothing is cut. */
static bool is_in_kernel(struct filter *f, uint8_t set, const char *iif, const char *oif) {
        struct op_element e = { .set = set, .verdict = VERDICT_ACCEPT };
        struct diags ignored = DIAGS_NULL;
        char owner[128];

        snprintf(e.iif, sizeof e.iif, "%s", iif);
        snprintf(e.oif, sizeof e.oif, "%s", oif);
        if (!f->nft)
                nft_open(&f->nft, &ignored);
        diags_free(&ignored);
        return !f->nft || nft_get_element(f->nft, &e, owner) != -ENOENT;
}

static bool is_local(struct filter *f, const struct address *a) {
        struct route_info way;

        return probe_route(f->host, a, &way) == 0 && way.type == RTN_LOCAL;
}

static bool is_at_home(const struct elements *list, const char *device, const struct address *a) {
        for (size_t i = 0; i < list->n; i++) {
                const struct op_element *e = list->items[i];

                if ((e->set == SET_HOME4 || e->set == SET_HOME6) && streq(e->oif, device) &&
                    e->subnet.address.family == a->family && prefix_contains(&e->subnet, a))
                        return true;
        }
        return false;
}

/* HostAccess= */
static bool may_not_arrive(struct filter *f, const char *device, const struct nft_flow *flow) {
        return find(&f->now, SET_CLOSED, device, "") && !find(&f->before, SET_CLOSED, device, "") &&
               is_local(f, &flow->target) && !is_local(f, &flow->source);
}

static bool leave_denies(const struct elements *list, const char *device, const char *oif) {
        const struct op_element *e = find(list, SET_LEAVE, device, "");

        return e && (e->verdict == VERDICT_DROP || !find(list, SET_OUTBOUND, device, oif));
}

/* Outbound= */
static bool may_not_leave(struct filter *f, const char *device, const struct nft_flow *flow) {
        char oif[IFNAMSIZ] = "";
        struct route_info way;

        return find(&f->now, SET_LEAVE, device, "") && !is_local(f, &flow->source) &&
               probe_forwarding(f->host, &flow->source, device, &flow->target, &way) == 0 &&
               way.type == RTN_UNICAST && nl_name(f->host, way.oif, oif) == 0 &&
               leave_denies(&f->now, device, oif) && !leave_denies(&f->before, device, oif) &&
               !is_in_kernel(f, SET_CROSS, device, oif);
}

static bool is_routed(const struct elements *list, const char *device) {
        const struct op_element *e = find(list, SET_ENTER, "", device);

        return e && e->verdict == VERDICT_ROUTED;
}

/* AllowFrom= and Inbound= */
static bool may_not_enter(struct filter *f, const char *device, const struct nft_flow *flow) {
        bool routed = is_routed(&f->now, device), was_routed = is_routed(&f->before, device);
        char iif[IFNAMSIZ] = "";
        struct route_info way;

        if (probe_route(f->host, &flow->source, &way) < 0 || way.type != RTN_UNICAST ||
            nl_name(f->host, way.oif, iif) < 0 || find(&f->now, SET_CROSS, iif, device))
                return false;
        if ((routed || was_routed) && is_in_kernel(f, SET_TO_NAMESPACES, iif, ""))
                routed = was_routed = false;
        return !routed && (was_routed || find(&f->before, SET_CROSS, iif, device));
}

static void end_at_host(struct filter *f, const struct nft_flow *flow) {
        if (!f->diag)
                (void)nl_open_diag(&f->diag);
        nft_end_flow(f->diag, flow);
}

/* The host's own address on the bridge is at home there too. */
static bool is_denied_at(struct filter *f, const char *device, const struct nft_flow *flow) {
        bool from = is_at_home(&f->now, device, &flow->source);
        bool to = is_at_home(&f->now, device, &flow->target);

        if (from && may_not_arrive(f, device, flow)) {
                end_at_host(f, flow);
                return true;
        }
        if (from == to || flow->status & (IPS_DST_NAT | IPS_EXPECTED))
                return false;
        return from ? may_not_leave(f, device, flow) : may_not_enter(f, device, flow);
}

static bool is_denied(void *user, const struct nft_flow *flow) {
        struct filter *f = user;

        for (size_t i = 0; i < f->now.n; i++)
                if (f->now.items[i]->set == SET_TO_NAMESPACES &&
                    is_denied_at(f, f->now.items[i]->iif, flow))
                        return true;
        return false;
}

void flows_forget_denied(struct nft *nft, struct nl *host, const struct op_element *const *now,
                         size_t n, const struct op_element *const *before, size_t n_before) {
        struct filter f = { .host = host, .now = { now, n }, .before = { before, n_before } };

        nft_forget_flows(nft, AF_INET, is_denied, &f);
        nft_forget_flows(nft, AF_INET6, is_denied, &f);
        nft_close(f.nft);
        nl_close(f.diag);
}
