/* SPDX-License-Identifier: GPL-2.0-or-later */

/* RateIn= and RateOut=: a token bucket by which an interface sends (tc-tbf(8)), and the filter that leads what comes in by
 * an outer end through an interface of kind ifb (tc-mirred(8)). Messages are those of linux/pkt_sched.h, linux/pkt_cls.h
 * and linux/tc_act/tc_mirred.h. The bucket has no handle of ours: then the kernel changes one that is there in place, and
 * replaces another kind. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "util.h"

enum {
        INGRESS = 0xffff0000,      /* the handle that it has in any case */
        FIRST_FILTER = 0x80000800, /* the handle that u32 gives the first of its priority */
        TICK_NS = 64,              /* the unit of times in struct tc_tbf_qopt */
        ETHERNET = 1, /* TC_LINKLAYER_ETHERNET: the kernel asks for no table of times then */
};

static struct tcmsg parent_of(int index, uint32_t parent) {
        return (struct tcmsg){ .tcm_family = AF_UNSPEC,
                               .tcm_ifindex = index,
                               .tcm_parent = parent };
}

/* What has gone with its interface is done. */
static int index_of(struct pass *r, const struct op *op, const char *device) {
        int index = pass_index(r, op, device);

        return index == -ENODEV && r->undoing ? 0 : index;
}

static int delete_qdisc(struct pass *r, const struct op *op, const char *device, uint32_t parent) {
        int index = index_of(r, op, device);
        struct tcmsg m = parent_of(index, parent);
        struct nlmsghdr *h;

        if (index <= 0)
                return index;
        h = pass_begin(r, op, RTM_DELQDISC, 0, &m, sizeof m);
        if (!h)
                return r->error;
        pass_end(r, op, h);
        return 0;
}

/* --- buckets --- */

static void put_bucket(struct nlmsghdr *h, const struct op_qdisc *q) {
        uint64_t bytes = q->rate / 8;
        struct tc_tbf_qopt parameters = {
                .rate.rate = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes,
                .rate.linklayer = ETHERNET,
                .limit = q->limit,
        };
        struct nlattr *options;

        mnl_attr_put_strz(h, TCA_KIND, "tbf");
        options = mnl_attr_nest_start(h, TCA_OPTIONS);
        mnl_attr_put(h, TCA_TBF_PARMS, sizeof parameters, &parameters);
        mnl_attr_put_u32(h, TCA_TBF_BURST, q->burst);
        if (bytes > UINT32_MAX)
                mnl_attr_put_u64(h, TCA_TBF_RATE64, bytes);
        mnl_attr_nest_end(h, options);
}

int do_qdisc(struct pass *r, const struct op *op) {
        int index = pass_index(r, op, op->qdisc.device);
        struct tcmsg m = parent_of(index, TC_H_ROOT);
        struct nlmsghdr *h;

        if (index < 0)
                return index;
        h = pass_begin(r, op, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &m, sizeof m);
        if (!h)
                return r->error;
        put_bucket(h, &op->qdisc);
        pass_end(r, op, h);
        return 0;
}

int undo_qdisc(struct pass *r, const struct op *op) {
        return delete_qdisc(r, op, op->qdisc.device, TC_H_ROOT);
}

struct bucket {
        bool there, more; /* more: it has what we never set */
        uint64_t rate;    /* bytes a second */
        uint32_t limit, ticks;
};

static const struct nlattr *attribute_of(const struct nlmsghdr *h, uint16_t type) {
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof(struct tcmsg)) if (mnl_attr_get_type(a) == type) return a;
        return NULL;
}

/* NULL in NULL, and where it is shorter than it has to be. */
static const struct nlattr *nested(const struct nlattr *nest, uint16_t type, size_t least) {
        const struct nlattr *a = nl_attribute_in(nest, type);

        return a && mnl_attr_get_payload_len(a) >= least ? a : NULL;
}

static bool is_text(const struct nlattr *a, const char *text) {
        return a && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0 &&
               streq(mnl_attr_get_str(a), text);
}

static int take_bucket(void *user, const struct nlmsghdr *h) {
        const struct nlattr *options = attribute_of(h, TCA_OPTIONS), *rate64;
        struct tc_tbf_qopt parameters;
        struct bucket *b = user;
        const struct nlattr *a = nested(options, TCA_TBF_PARMS, sizeof parameters);

        if (!is_text(attribute_of(h, TCA_KIND), "tbf") || !a)
                return 0;
        memcpy(&parameters, mnl_attr_get_payload(a), sizeof parameters);
        rate64 = nested(options, TCA_TBF_RATE64, sizeof b->rate);
        *b = (struct bucket){
                .there = true,
                .more = parameters.peakrate.rate,
                .rate = rate64 ? mnl_attr_get_u64(rate64) : parameters.rate.rate,
                .limit = parameters.limit,
                .ticks = parameters.buffer,
        };
        return 0;
}

/* The kernel keeps the time that a burst takes. Its reckoning of that is one by multiplication and shift. */
static bool is_burst(const struct bucket *b, uint32_t burst) {
        uint64_t ticks = (uint64_t)burst * (1000 * 1000 * 1000 / TICK_NS) / (b->rate ?: 1);
        uint32_t off = b->ticks - (uint32_t)ticks;

        off = off > UINT32_MAX / 2 ? -off : off;
        return off <= ticks / 1000 + 2;
}

/* Before 6.8 the kernel tells a single one to whoever listens, and to who asks if he wants an echo. */
int look_qdisc(struct pass *r, const struct op *op, struct op *ret) {
        int index = pass_seen_index(r, op, op->qdisc.device);
        struct tcmsg m = parent_of(index, TC_H_ROOT);
        struct bucket b = { 0 };
        int e = index < 0 ? index : pass_flush(r);

        if (e == 0)
                e = nl_ask(pass_socket(r, op), RTM_GETQDISC, NLM_F_ECHO, &m, sizeof m, NULL, NULL,
                           take_bucket, &b);
        if (e < 0 || !b.there)
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        if (b.rate != op->qdisc.rate / 8)
                ret->qdisc.rate = b.rate * 8;
        ret->qdisc.limit = b.limit;
        if (!is_burst(&b, op->qdisc.burst))
                ret->qdisc.burst = (uint32_t)((uint64_t)b.ticks * TICK_NS * b.rate / 1000000000);
        return b.more;
}

/* --- the way through another interface --- */

static void put_mirred(struct nlmsghdr *h, int to) {
        const struct tc_mirred mirred = {
                .action = TC_ACT_STOLEN,
                .eaction = TCA_EGRESS_REDIR,
                .ifindex = (uint32_t)to,
        };
        struct nlattr *actions = mnl_attr_nest_start(h, TCA_U32_ACT),
                      *first = mnl_attr_nest_start(h, 1), *options;

        mnl_attr_put_strz(h, TCA_ACT_KIND, "mirred");
        options = mnl_attr_nest_start(h, TCA_ACT_OPTIONS);
        mnl_attr_put(h, TCA_MIRRED_PARMS, sizeof mirred, &mirred);
        mnl_attr_nest_end(h, options);
        mnl_attr_nest_end(h, first);
        mnl_attr_nest_end(h, actions);
}

/* One key that is the same in all packets; the keys follow the head of the selector. */
static const struct tc_u32_sel selector_head = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
enum { SELECTOR_SIZE = sizeof(struct tc_u32_sel) + sizeof(struct tc_u32_key) };

static void put_all_packets(struct nlmsghdr *h) {
        uint8_t selector[SELECTOR_SIZE] = { 0 };

        memcpy(selector, &selector_head, sizeof selector_head);
        mnl_attr_put(h, TCA_U32_SEL, sizeof selector, selector);
}

static struct tcmsg filter_on(int index, uint32_t handle) {
        struct tcmsg m = parent_of(index, INGRESS);

        m.tcm_handle = handle;
        m.tcm_info = TC_H_MAKE((uint32_t)REDIRECT_PRIORITY << 16, htons(ETH_P_ALL));
        return m;
}

static int add_filter(struct pass *r, const struct op *op, int index, int to) {
        struct tcmsg m = filter_on(index, 0);
        struct nlmsghdr *h = pass_begin(r, op, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &m,
                                        sizeof m);
        struct nlattr *options;

        if (!h)
                return r->error;
        mnl_attr_put_strz(h, TCA_KIND, "u32");
        options = mnl_attr_nest_start(h, TCA_OPTIONS);
        put_all_packets(h);
        put_mirred(h, to);
        mnl_attr_nest_end(h, options);
        pass_end(r, op, h);
        return 0;
}

/* What is there in its place is not as it should be, or it would have been left alone. */
static void clear(struct pass *r, const struct op *op, int index) {
        struct tcmsg m = parent_of(index, TC_H_INGRESS);

        if (pass_flush(r) == 0)
                nl_ask(pass_socket(r, op), RTM_DELQDISC, 0, &m, sizeof m, NULL, NULL, NULL, NULL);
}

int do_redirect(struct pass *r, const struct op *op) {
        int index = pass_index(r, op, op->redirect.device);
        int to = index < 0 ? index : pass_index(r, op, op->redirect.to);
        struct tcmsg m = parent_of(index, TC_H_INGRESS);
        struct nlmsghdr *h;

        if (to < 0)
                return to;
        if (r->repairing)
                clear(r, op, index);
        m.tcm_handle = INGRESS;
        h = pass_begin(r, op, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, TCA_KIND, "ingress");
        pass_end(r, op, h);
        return add_filter(r, op, index, to);
}

/* With its filter. */
int undo_redirect(struct pass *r, const struct op *op) {
        return delete_qdisc(r, op, op->redirect.device, TC_H_INGRESS);
}

struct filter {
        bool there, other; /* other: it does something else, or not to all packets */
        uint32_t to;
};

static int take_filter(void *user, const struct nlmsghdr *h) {
        const struct nlattr *options = attribute_of(h, TCA_OPTIONS);
        const struct nlattr *selector = nested(options, TCA_U32_SEL, SELECTOR_SIZE);
        const struct nlattr *action = nested(nested(options, TCA_U32_ACT, 0), 1, 0);
        const struct nlattr *parameters = nested(nested(action, TCA_ACT_OPTIONS, 0),
                                                 TCA_MIRRED_PARMS, sizeof(struct tc_mirred));
        struct filter *f = user;
        struct tc_mirred mirred = { 0 };
        struct tc_u32_sel head = { 0 };
        struct tc_u32_key key = { 0 };

        if (selector) {
                memcpy(&head, mnl_attr_get_payload(selector), sizeof head);
                memcpy(&key, (const char *)mnl_attr_get_payload(selector) + sizeof head,
                       sizeof key);
        }
        if (parameters)
                memcpy(&mirred, mnl_attr_get_payload(parameters), sizeof mirred);
        f->there = true;
        f->other = !selector || !parameters || head.nkeys != 1 || key.mask ||
                   mirred.action != TC_ACT_STOLEN || mirred.eaction != TCA_EGRESS_REDIR;
        f->to = mirred.ifindex;
        return 0;
}

static void put_kind(struct nlmsghdr *h, const void *kind) {
        mnl_attr_put_strz(h, TCA_KIND, kind);
}

int look_redirect(struct pass *r, const struct op *op, struct op *ret) {
        int index = pass_seen_index(r, op, op->redirect.device);
        struct tcmsg m = filter_on(index, FIRST_FILTER);
        struct nl *nl = pass_socket(r, op);
        struct filter f = { 0 };
        int e = index < 0 ? index : pass_flush(r);

        if (e == 0)
                e = nl_ask(nl, RTM_GETTFILTER, 0, &m, sizeof m, put_kind, "u32", take_filter, &f);
        if (e == -EINVAL || (e == 0 && !f.there)) /* nothing of its kind is there at all */
                return -ENOENT;
        if (e < 0)
                return e;
        *ret = *op;
        e = nl_name(nl, f.to, ret->redirect.to);
        if (e == -ENODEV)
                ret->redirect.to[0] = '\0';
        return e < 0 && e != -ENODEV ? e : f.other;
}
