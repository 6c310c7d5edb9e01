/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Routes and routing rules (rtnetlink(7), linux/rtnetlink.h, linux/fib_rules.h). */

#include <errno.h>
#include <linux/fib_rules.h>
#include <sys/socket.h>

#include "run.h"
#include "util.h"

static const uint8_t route_types[] = {
        [ROUTE_UNICAST] = RTN_UNICAST,
        [ROUTE_BLACKHOLE] = RTN_BLACKHOLE,
        [ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
        [ROUTE_PROHIBIT] = RTN_PROHIBIT,
};

static void put_address(struct nlmsghdr *h, uint16_t type, const struct address *a) {
        if (a->family)
                mnl_attr_put(h, type, address_bytes(a->family), a->bytes);
}

static int hop_index(struct run *r, const struct op *op, const struct nexthop *hop) {
        return run_index(r, op, hop->device[0] ? hop->device : op->route.device);
}

/* RTA_MULTIPATH: each hop a struct rtnexthop with its own attributes (ip_fib.h of the kernel). */
static int put_hops(struct run *r, struct nlmsghdr *h, const struct op *op) {
        struct nlattr *nest = mnl_attr_nest_start(h, RTA_MULTIPATH);

        nest->nla_type &= NLA_TYPE_MASK; /* older kernels do not know the nesting bit here */
        for (size_t i = 0; i < op->route.hops.n; i++) {
                const struct nexthop *hop = &op->route.hops.items[i];
                struct rtnexthop *out = mnl_nlmsg_get_payload_tail(h);
                int index = hop_index(r, op, hop);

                if (index < 0)
                        return index;
                *out = (struct rtnexthop){
                        .rtnh_ifindex = index,
                        .rtnh_hops = hop->weight ? hop->weight - 1 : 0,
                        .rtnh_flags = hop->onlink ? RTNH_F_ONLINK : 0,
                };
                h->nlmsg_len += sizeof *out;
                put_address(h, RTA_GATEWAY, &hop->via);
                out->rtnh_len = (char *)mnl_nlmsg_get_payload_tail(h) - (char *)out;
        }
        mnl_attr_nest_end(h, nest);
        return 0;
}

static int put_way(struct run *r, struct nlmsghdr *h, const struct op *op) {
        struct nexthop straight = { 0 };
        const struct nexthop *hop = op->route.hops.n ? op->route.hops.items : &straight;
        int index;

        if (op->route.type != ROUTE_UNICAST)
                return 0;
        if (op->route.hops.n > 1)
                return put_hops(r, h, op);
        index = hop_index(r, op, hop);
        if (index < 0)
                return index;
        put_address(h, RTA_GATEWAY, &hop->via);
        mnl_attr_put_u32(h, RTA_OIF, index);
        return 0;
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

static int change_route(struct run *r, const struct op *op, uint16_t type, uint16_t flags) {
        const struct op_route *route = &op->route;
        struct rtmsg m = route_header(route);
        struct nlmsghdr *h;
        struct nl *nl;
        int e;

        /* looking up an index may flush: before the message is begun */
        for (size_t i = 0; route->type == ROUTE_UNICAST && i < (route->hops.n ?: 1); i++) {
                static const struct nexthop straight;

                e = hop_index(r, op, route->hops.n ? &route->hops.items[i] : &straight);
                if (e < 0)
                        return r->undoing ? 0 : e;
        }
        nl = run_queue(r, op);
        h = nl ? nl_begin(nl, type, flags, &m, sizeof m) : NULL;
        if (!h)
                return r->error ?: run_fail_errno(r, op, -ENOMEM, "");
        if (route->destination.length)
                put_address(h, RTA_DST, &route->destination.address);
        put_address(h, RTA_PREFSRC, &route->source);
        if (route->metric)
                mnl_attr_put_u32(h, RTA_PRIORITY, route->metric);
        if (route->table)
                mnl_attr_put_u32(h, RTA_TABLE, route->table);
        put_metrics(h, route->mtu);
        e = put_way(r, h, op);
        if (e < 0)
                return e;
        run_queued(r, nl, h);
        return 0;
}

int do_route(struct run *r, const struct op *op) {
        return change_route(r, op, RTM_NEWROUTE,
                            NLM_F_CREATE | (r->repairing ? NLM_F_REPLACE : NLM_F_EXCL));
}

int undo_route(struct run *r, const struct op *op) {
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

static int change_rule(struct run *r, const struct op *op, uint16_t type, uint16_t flags) {
        const struct op_rule *rule = &op->rule;
        struct fib_rule_hdr m = {
                .family = rule->family,
                .src_len = rule->from.length,
                .dst_len = rule->to.length,
                .table = rule->table < 256 ? rule->table : RT_TABLE_UNSPEC,
                .action = FR_ACT_TO_TBL,
        };
        struct nl *nl = run_queue(r, op);
        struct nlmsghdr *h = nl ? nl_begin(nl, type, flags, &m, sizeof m) : NULL;

        if (!h)
                return r->error ?: run_fail_errno(r, op, -ENOMEM, "");
        put_rule(h, rule);
        run_queued(r, nl, h);
        return 0;
}

/* Without a priority the kernel gives each rule one of its own, so that the same rule once more is
 * none that exists: where it may be there it goes first. */
int do_rule(struct run *r, const struct op *op) {
        if (r->repairing && change_rule(r, op, RTM_DELRULE, 0) < 0)
                return r->error;
        return change_rule(r, op, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
}

int undo_rule(struct run *r, const struct op *op) {
        return change_rule(r, op, RTM_DELRULE, 0);
}
