/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Adds and deletes routes and routing rules (rtnetlink(7), linux/rtnetlink.h,
 * linux/fib_rules.h). */

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/ipv6_route.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "util.h"

static const uint8_t route_types[] = {
        [ROUTE_UNICAST] = RTN_UNICAST,
        [ROUTE_BLACKHOLE] = RTN_BLACKHOLE,
        [ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
        [ROUTE_PROHIBIT] = RTN_PROHIBIT,
};

/* The ways a route goes: its hops, or straight to its interface. */
static size_t n_ways(const struct op_route *route) {
        return route->type == ROUTE_UNICAST ? route->hops.n ?: 1 : 0;
}

static const struct nexthop *way(const struct op_route *route, size_t i) {
        static const struct nexthop straight;

        return route->hops.n ? &route->hops.items[i] : &straight;
}

/* Looking an interface up may flush: it is done before the message is begun. */
static int find_interfaces(struct pass *r, const struct op *op, int *indexes) {
        for (size_t i = 0; i < n_ways(&op->route); i++) {
                const struct nexthop *hop = way(&op->route, i);

                indexes[i] = pass_index(r, op, hop->device[0] ? hop->device : op->route.device);
                if (indexes[i] < 0)
                        return indexes[i];
        }
        return 0;
}

/* RTA_MULTIPATH: each hop a struct rtnexthop with its own attributes (ip_fib.h of the kernel). */
static void put_hops(struct nlmsghdr *h, const struct op_route *route, const int *indexes) {
        struct nlattr *nest = mnl_attr_nest_start(h, RTA_MULTIPATH);

        nest->nla_type &= NLA_TYPE_MASK; /* older kernels do not know the nesting bit here */
        for (size_t i = 0; i < route->hops.n; i++) {
                const struct nexthop *hop = &route->hops.items[i];
                struct rtnexthop *out = mnl_nlmsg_get_payload_tail(h);

                *out = (struct rtnexthop){
                        .rtnh_ifindex = indexes[i],
                        .rtnh_hops = hop->weight ? hop->weight - 1 : 0,
                        .rtnh_flags = hop->onlink ? RTNH_F_ONLINK : 0,
                };
                h->nlmsg_len += sizeof *out;
                put_address(h, RTA_GATEWAY, &hop->via);
                out->rtnh_len = (char *)mnl_nlmsg_get_payload_tail(h) - (char *)out;
        }
        mnl_attr_nest_end(h, nest);
}

static void put_ways(struct nlmsghdr *h, const struct op_route *route, const int *indexes) {
        size_t n = n_ways(route);

        if (n > 1)
                return put_hops(h, route, indexes);
        if (n == 0)
                return;
        put_address(h, RTA_GATEWAY, &way(route, 0)->via);
        mnl_attr_put_u32(h, RTA_OIF, indexes[0]);
}

static void put_metrics(struct nlmsghdr *h, uint32_t mtu) {
        struct nlattr *nest;

        if (!mtu)
                return;
        nest = mnl_attr_nest_start(h, RTA_METRICS);
        mnl_attr_put_u32(h, RTAX_MTU, mtu);
        mnl_attr_nest_end(h, nest);
}

static struct rtmsg route_header(const struct op_route *route) {
        const struct nexthop *hop = route->hops.n == 1 ? route->hops.items : NULL;
        bool direct = route->type == ROUTE_UNICAST && (!route->hops.n || (hop && !hop->via.family));

        return (struct rtmsg){
                .rtm_family = route->destination.address.family,
                .rtm_dst_len = route->destination.length,
                .rtm_table = route->table && route->table < 256 ? route->table : RT_TABLE_MAIN,
                .rtm_protocol = RTPROT_STATIC,
                .rtm_scope = direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
                .rtm_type = route_types[route->type],
                .rtm_flags = hop && hop->onlink ? RTNH_F_ONLINK : 0,
        };
}

/* --- is it there? --- */

struct route_query {
        const struct op_route *route;
        const int *indexes;
        bool found;
};

static bool is_address(const struct nlattr *attr, const struct address *a) {
        if (!a->family || !attr)
                return !a->family && !attr;
        return mnl_attr_get_payload_len(attr) == address_bytes(a->family) &&
               memcmp(mnl_attr_get_payload(attr), a->bytes, address_bytes(a->family)) == 0;
}

static bool is_number(const struct nlattr *a, bool wanted, uint32_t value) {
        if (!a)
                return !wanted;
        return mnl_attr_validate(a, MNL_TYPE_U32) >= 0 && mnl_attr_get_u32(a) == value;
}

static const struct nlattr *attribute_in(const struct nlattr *nest, uint16_t type) {
        const struct nlattr *a;

        mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) == type) return a;
        return NULL;
}

static bool is_mtu(const struct nlattr *metrics, uint32_t mtu) {
        const struct nlattr *a = metrics ? attribute_in(metrics, RTAX_MTU) : NULL;

        return is_number(a, mtu > 0, mtu);
}

/* The kernel lists them in any order. */
static bool is_hop(const struct rtnexthop *seen, const struct nexthop *hop, int index) {
        const struct nlattr *a, *via = NULL;
        int left = seen->rtnh_len - (int)RTNH_LENGTH(0);

        for (a = (const void *)RTNH_DATA(seen); mnl_attr_ok(a, left);
             left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a))
                if (mnl_attr_get_type(a) == RTA_GATEWAY)
                        via = a;
        return seen->rtnh_ifindex == index && is_address(via, &hop->via) &&
               seen->rtnh_hops == (hop->weight ? hop->weight - 1 : 0) &&
               !(seen->rtnh_flags & RTNH_F_ONLINK) == !hop->onlink;
}

static bool is_hops(const struct nlattr *nest, const struct route_query *q) {
        const struct rtnexthop *seen = nest ? mnl_attr_get_payload(nest) : NULL;
        int left = nest ? mnl_attr_get_payload_len(nest) : 0;
        size_t n = 0;

        for (; left >= (int)sizeof *seen && RTNH_OK(seen, left);
             left -= (int)RTNH_ALIGN(seen->rtnh_len), seen = RTNH_NEXT(seen), n++) {
                size_t i = 0;

                while (i < q->route->hops.n &&
                       !is_hop(seen, &q->route->hops.items[i], q->indexes[i]))
                        i++;
                if (i == q->route->hops.n)
                        return false;
        }
        return n == q->route->hops.n;
}

static bool is_way(struct nlattr *const *found, const struct rtmsg *m,
                   const struct route_query *q) {
        size_t n = n_ways(q->route);

        if (n > 1)
                return is_hops(found[RTA_MULTIPATH], q);
        if (n == 0) /* the kernel puts it on lo */
                return !found[RTA_GATEWAY];
        return is_number(found[RTA_OIF], true, q->indexes[0]) &&
               is_address(found[RTA_GATEWAY], &way(q->route, 0)->via) &&
               !(m->rtm_flags & RTNH_F_ONLINK) == !way(q->route, 0)->onlink;
}

static int match_route(void *user, const struct nlmsghdr *h) {
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);
        struct nlattr *found[RTA_MAX + 1] = { NULL }, *a;
        struct route_query *q = user;
        const struct op_route *route = q->route;
        struct address to = route->destination.address;

        mnl_attr_for_each(a, (struct nlmsghdr *)(uintptr_t)h,
                          sizeof *m) if (mnl_attr_get_type(a) <= RTA_MAX)
                found[mnl_attr_get_type(a)] = a;
        if (!route->destination.length)
                to.family = AF_UNSPEC; /* has no attribute */
        q->found |= m->rtm_type == route_types[route->type] &&
                    m->rtm_dst_len == route->destination.length &&
                    is_address(found[RTA_DST], &to) &&
                    is_number(found[RTA_TABLE], true, route->table ?: RT_TABLE_MAIN) &&
                    is_number(found[RTA_PRIORITY], true, route->metric ?: IP6_RT_PRIO_USER) &&
                    is_address(found[RTA_PREFSRC], &route->source) &&
                    is_mtu(found[RTA_METRICS], route->mtu) && is_way(found, m, q);
        return 0;
}

/* Of IPv6 the kernel replaces a route by itself too, and tells everybody who listens for routes. */
static bool is_there(struct pass *r, const struct op *op, const int *indexes) {
        struct route_query q = { &op->route, indexes, false };
        struct rtmsg m = { .rtm_family = AF_INET6 };

        return pass_flush(r) == 0 &&
               nl_ask(op->inside ? r->inner : r->host, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof m, NULL,
                      NULL, match_route, &q) == 0 &&
               q.found;
}

/* --- routes --- */

static int change_route(struct pass *r, const struct op *op, uint16_t type, uint16_t flags) {
        const struct op_route *route = &op->route;
        struct rtmsg m = route_header(route);
        int indexes[HOPS_MAX];
        struct nlmsghdr *h;
        int e = find_interfaces(r, op, indexes);

        if (e < 0)
                return r->undoing ? 0 : e;
        if (r->repairing && m.rtm_family == AF_INET6 && is_there(r, op, indexes)) {
                r->states[r->current] = OP_DONE;
                return 0;
        }
        if (r->error)
                return r->error;
        h = pass_begin(r, op, type, flags, &m, sizeof m);
        if (!h)
                return r->error;
        if (route->destination.length)
                put_address(h, RTA_DST, &route->destination.address);
        put_address(h, RTA_PREFSRC, &route->source);
        if (route->metric)
                mnl_attr_put_u32(h, RTA_PRIORITY, route->metric);
        else if (type == RTM_DELROUTE && m.rtm_family == AF_INET6)
                mnl_attr_put_u32(h, RTA_PRIORITY, IP6_RT_PRIO_USER); /* without: of any metric */
        if (route->table)
                mnl_attr_put_u32(h, RTA_TABLE, route->table);
        put_metrics(h, route->mtu);
        put_ways(h, route, indexes);
        pass_end(r, op, h);
        return 0;
}

int do_route(struct pass *r, const struct op *op) {
        return change_route(r, op, RTM_NEWROUTE,
                            NLM_F_CREATE |
                                    (r->repairing || change_replaced(r->change, op) ? NLM_F_REPLACE
                                                                                    : NLM_F_EXCL));
}

int undo_route(struct pass *r, const struct op *op) {
        return change_route(r, op, RTM_DELROUTE, 0);
}

static void put_rule(struct nlmsghdr *h, const struct op_rule *rule) {
        put_address(h, FRA_SRC, &rule->from.address);
        put_address(h, FRA_DST, &rule->to.address);
        mnl_attr_put_u32(h, FRA_TABLE, rule->table);
        mnl_attr_put_u8(h, FRA_PROTOCOL, RTPROT_STATIC);
        if (rule->has_priority)
                mnl_attr_put_u32(h, FRA_PRIORITY, rule->priority);
        if (rule->has_mark) {
                mnl_attr_put_u32(h, FRA_FWMARK, rule->mark);
                if (rule->mask)
                        mnl_attr_put_u32(h, FRA_FWMASK, rule->mask);
        }
        if (rule->iif[0])
                mnl_attr_put_strz(h, FRA_IIFNAME, rule->iif);
}

static int change_rule(struct pass *r, const struct op *op, uint16_t type, uint16_t flags) {
        const struct op_rule *rule = &op->rule;
        struct fib_rule_hdr m = {
                .family = rule->family,
                .src_len = rule->from.length,
                .dst_len = rule->to.length,
                .table = rule->table < 256 ? rule->table : RT_TABLE_UNSPEC,
                .action = FR_ACT_TO_TBL,
        };
        struct nlmsghdr *h = pass_begin(r, op, type, flags, &m, sizeof m);

        if (!h)
                return r->error;
        put_rule(h, rule);
        pass_end(r, op, h);
        return 0;
}

struct rule_query {
        const struct op_rule *rule;
        bool found;
};

static bool is_prefix(const struct nlattr *a, const struct prefix *p) {
        return p->length ? is_address(a, &p->address) : !a;
}

static int match_rule(void *user, const struct nlmsghdr *h) {
        const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);
        const struct nlattr *a, *found[FRA_MAX + 1] = { NULL };
        struct rule_query *q = user;
        const struct op_rule *rule = q->rule;
        uint32_t mask = rule->mask ?: rule->mark ? UINT32_MAX : 0;

        mnl_attr_for_each(a, h, sizeof *m) if (mnl_attr_get_type(a) <= FRA_MAX)
                found[mnl_attr_get_type(a)] = a;
        if (m->action == FR_ACT_TO_TBL && m->src_len == rule->from.length &&
            m->dst_len == rule->to.length && is_prefix(found[FRA_SRC], &rule->from) &&
            is_prefix(found[FRA_DST], &rule->to) &&
            is_number(found[FRA_TABLE], true, rule->table) &&
            is_number(found[FRA_FWMARK], rule->mark, rule->mark) &&
            is_number(found[FRA_FWMASK], mask, mask) &&
            (found[FRA_IIFNAME] ? streq(mnl_attr_get_str(found[FRA_IIFNAME]), rule->iif)
                                : !rule->iif[0]))
                q->found = true;
        return 0;
}

/* Is there such a rule, of whatever priority? */
static int find_rule(struct pass *r, const struct op *op, bool *ret) {
        struct fib_rule_hdr m = { .family = op->rule.family };
        struct rule_query q = { .rule = &op->rule };
        int e = pass_flush(r);

        if (e == 0)
                e = nl_ask(op->inside ? r->inner : r->host, RTM_GETRULE, NLM_F_DUMP, &m, sizeof m,
                           NULL, NULL, match_rule, &q);
        *ret = q.found;
        return e < 0 ? r->error ?: pass_fail_errno(r, op, e, "") : 0;
}

/* Without a priority the kernel gives each rule one of its own, so that the same rule once more is
 * none that exists: where it may be there it is looked for. */
int do_rule(struct pass *r, const struct op *op) {
        bool there = false;

        if (r->repairing && !op->rule.has_priority && find_rule(r, op, &there) < 0)
                return r->error;
        if (there) {
                r->states[r->current] = OP_DONE;
                return 0;
        }
        return change_rule(r, op, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
}

int undo_rule(struct pass *r, const struct op *op) {
        return change_rule(r, op, RTM_DELRULE, 0);
}
