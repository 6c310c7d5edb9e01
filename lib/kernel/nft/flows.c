/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides which running connections a change of our table concerns, so that they are forgotten.
 * What the entry of a connection does not say is asked of the kernel: whether an address is the
 * host's, and by which interface something leaves, since what stays among our networks is not
 * translated. */

#include "nft/flows.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include "netlink/question.h"
#include "util.h"

/* The elements, and what was asked last: many connections go to one place. */
struct leaving {
        struct nl *host;
        struct nft *nft; /* for questions, while another one reads connections; NULL: none yet */
        const struct op_element *const *now, *const *before;
        size_t n_now, n_before;
        struct address asked;
        struct route_info way;
        bool leaves;
};

static bool is_local(void *user, const struct address *a) {
        struct route_info way;

        return probe_route(user, a, &way) == 0 && way.type == RTN_LOCAL;
}

void flows_forget_arriving(struct nft *nft, struct nl *host,
                           const struct op_element *const *elements, size_t n) {
        _cleanup_free_ const struct op_element **some = calloc(n + 1, sizeof *some);
        size_t n_udp = 0, n_at = 0;

        for (size_t i = 0; some && i < n; i++)
                if (element_is_published(elements[i]) && elements[i]->protocol == IPPROTO_UDP)
                        some[n_udp++] = elements[i];
        if (n_udp > 0)
                nft_forget_stale(nft, some, n_udp, is_local, host);
        /* some is free again */
        for (size_t i = 0; some && i < n; i++)
                if (elements[i]->set == SET_PUBLISH4_AT || elements[i]->set == SET_PUBLISH6_AT)
                        some[n_at++] = elements[i];
        if (n_at > 0)
                nft_forget_displaced(nft, some, n_at);
}

bool set_decides_leaving(uint8_t set) {
        return set == SET_MASQ4 || set == SET_MASQ6 || set == SET_SNAT4 || set == SET_SNAT6 ||
               set == SET_SEALED;
}

static bool is_home(const struct op_element *e) {
        return e->set == SET_HOME4 || e->set == SET_HOME6;
}

static bool contains(const struct op_element *e, const struct address *a) {
        return e->subnet.address.family == a->family && prefix_contains(&e->subnet, a);
}

static bool is_outside(struct leaving *l, uint32_t oif) {
        struct op_element inside = { .set = SET_TO_NAMESPACES };
        struct diags ignored = DIAGS_NULL;
        char owner[128];

        if (!l->nft)
                nft_open(&l->nft, &ignored);
        diags_free(&ignored);
        return l->nft && nl_name(l->host, oif, inside.iif) == 0 &&
               nft_get_element(l->nft, &inside, owner) == -ENOENT;
}

/* Does what is for this address leave our networks, and how? */
static bool leaves(struct leaving *l, const struct address *to) {
        if (address_equal(to, &l->asked))
                return l->leaves;
        if (probe_route(l->host, to, &l->way) < 0)
                return false;
        l->asked = *to;
        l->leaves = l->way.type == RTN_UNICAST && is_outside(l, l->way.oif);
        return l->leaves;
}

static const struct op_element *find(const struct op_element *const *elements, size_t n,
                                     enum nft_set set4, const struct address *source) {
        uint8_t set = source->family == AF_INET6 ? set4 + 1 : set4;

        for (size_t i = 0; i < n; i++)
                if (elements[i]->set == set && contains(elements[i], source))
                        return elements[i];
        return NULL;
}

/* What masquerading would choose is known but for its address: that is compared only where another rule
 * has chosen it before. A connection keeps the masquerading that is no more: it would break. */
static bool is_wrong(struct leaving *l, const struct nft_flow *flow) {
        const struct op_element *snat = find(l->now, l->n_now, SET_SNAT4, &flow->source), *old;

        if (!snat && !find(l->now, l->n_now, SET_MASQ4, &flow->source))
                return false;
        if (!leaves(l, &flow->target))
                return false;
        if (!(flow->status & IPS_SRC_NAT))
                return true;
        if (snat)
                return !address_equal(&snat->to, &flow->back);
        old = find(l->before, l->n_before, SET_SNAT4, &flow->source);
        return old && address_equal(&old->to, &flow->back) &&
               !address_equal(&l->way.source, &flow->back);
}

/* Between a sealed bridge and whoever is neither on it nor the host. */
static bool is_cut(struct leaving *l, const struct nft_flow *flow) {
        for (size_t i = 0; i < l->n_now; i++) {
                bool from = false, to = false;

                if (l->now[i]->set != SET_SEALED)
                        continue;
                for (size_t j = 0; j < l->n_now; j++) {
                        const struct op_element *home = l->now[j];

                        if (!is_home(home) || !streq(home->oif, l->now[i]->iif))
                                continue;
                        from |= contains(home, &flow->source);
                        to |= contains(home, &flow->target);
                }
                if (from != to && !is_local(l->host, from ? &flow->target : &flow->source))
                        return true;
        }
        return false;
}

static bool is_concerned(void *user, const struct nft_flow *flow) {
        return is_cut(user, flow) || is_wrong(user, flow);
}

static bool has_family(const struct op_element *const *elements, size_t n, uint8_t family) {
        for (size_t i = 0; i < n; i++)
                if (elements[i]->subnet.address.family == family)
                        return true;
        return false;
}

void flows_forget_leaving(struct nft *nft, struct nl *host, const struct op_element *const *now,
                          size_t n, const struct op_element *const *before, size_t n_before) {
        struct leaving l = {
                .host = host, .now = now, .n_now = n, .before = before, .n_before = n_before
        };

        if (has_family(now, n, AF_INET))
                nft_forget_flows(nft, AF_INET, is_concerned, &l);
        if (has_family(now, n, AF_INET6))
                nft_forget_flows(nft, AF_INET6, is_concerned, &l);
        nft_close(l.nft);
}

/* --- the end of a bridge --- */

struct homes {
        const struct op_element *const *elements;
        size_t n;
};

static bool was_at_home(void *user, const struct nft_flow *flow) {
        const struct homes *h = user;

        for (size_t i = 0; i < h->n; i++)
                if (contains(h->elements[i], &flow->source) ||
                    contains(h->elements[i], &flow->target))
                        return true;
        return false;
}

void flows_forget_bridge(struct nft *nft, const struct op_element *const *homes, size_t n) {
        struct homes h = { homes, n };

        if (has_family(homes, n, AF_INET))
                nft_forget_flows(nft, AF_INET, was_at_home, &h);
        if (has_family(homes, n, AF_INET6))
                nft_forget_flows(nft, AF_INET6, was_at_home, &h);
}
