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

/* A way as the kernel tells it. */
struct seen_way {
        int index;
        struct address via;
        uint8_t hops; /* of struct rtnexthop: the weight less one */
        bool onlink;
};

struct route_query {
        const struct op_route *route;
        const int *indexes; /* of its ways; -1: there is no such interface */
        uint8_t type;       /* RTN_…; 0: nothing found */
        struct address source;
        uint32_t mtu;
        struct seen_way ways[HOPS_MAX];
        size_t n;
};

static bool is_address(const struct nlattr *attr, const struct address *a) {
        if (!a->family || !attr)
                return !a->family && !attr;
        return mnl_attr_get_payload_len(attr) == address_bytes(a->family) &&
               memcmp(mnl_attr_get_payload(attr), a->bytes, address_bytes(a->family)) == 0;
}

static uint32_t number_of(const struct nlattr *a) {
        return a && mnl_attr_validate(a, MNL_TYPE_U32) >= 0 ? mnl_attr_get_u32(a) : 0;
}

static void take_bytes(const struct nlattr *a, uint8_t family, struct address *ret) {
        if (!a || mnl_attr_get_payload_len(a) != address_bytes(family))
                return;
        ret->family = family;
        memcpy(ret->bytes, mnl_attr_get_payload(a), address_bytes(family));
}

static void take_hop(const struct rtnexthop *hop, uint8_t family, struct seen_way *ret) {
        const struct nlattr *a;
        int left = hop->rtnh_len - (int)RTNH_LENGTH(0);

        *ret = (struct seen_way){ .index = hop->rtnh_ifindex,
                                  .hops = hop->rtnh_hops,
                                  .onlink = hop->rtnh_flags & RTNH_F_ONLINK };
        for (a = (const void *)RTNH_DATA(hop); mnl_attr_ok(a, left);
             left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a))
                if (mnl_attr_get_type(a) == RTA_GATEWAY)
                        take_bytes(a, family, &ret->via);
}

static void take_hops(const struct nlattr *nest, uint8_t family, struct route_query *q) {
        const struct rtnexthop *hop = mnl_attr_get_payload(nest);
        int left = mnl_attr_get_payload_len(nest);

        for (; left >= (int)sizeof *hop && RTNH_OK(hop, left) && q->n < HOPS_MAX;
             left -= (int)RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
                take_hop(hop, family, &q->ways[q->n++]);
}

static void take_route(const struct nlattr *const *found, const struct rtmsg *m,
                       struct route_query *q) {
        q->type = m->rtm_type;
        q->n = 0;
        q->source = (struct address){ 0 };
        take_bytes(found[RTA_PREFSRC], m->rtm_family, &q->source);
        q->mtu = number_of(nl_attribute_in(found[RTA_METRICS], RTAX_MTU));
        if (m->rtm_type != RTN_UNICAST)
                return; /* the kernel puts it on lo */
        if (found[RTA_MULTIPATH]) {
                take_hops(found[RTA_MULTIPATH], m->rtm_family, q);
                return;
        }
        q->ways[q->n++] = (struct seen_way){ .index = (int)number_of(found[RTA_OIF]),
                                             .onlink = m->rtm_flags & RTNH_F_ONLINK };
        take_bytes(found[RTA_GATEWAY], m->rtm_family, &q->ways[0].via);
}

static bool is_way(const struct seen_way *seen, const struct nexthop *hop, int index, size_t n) {
        return seen->index == index && address_equal(&seen->via, &hop->via) &&
               (n == 1 || seen->hops == (hop->weight ? hop->weight - 1 : 0)) &&
               seen->onlink == hop->onlink;
}

/* The kernel lists them in any order. */
static bool are_ways(const struct route_query *q) {
        size_t n = n_ways(q->route);

        for (size_t i = 0; i < q->n; i++) {
                size_t k = 0;

                while (k < n && !is_way(&q->ways[i], way(q->route, k), q->indexes[k], n))
                        k++;
                if (k == n)
                        return false;
        }
        return q->n == n;
}

/* By what the kernel tells routes to one place apart; of IPv4 packets take the first of several that are the same in
 * this, of IPv6 each is as good. */
static int match_route(void *user, const struct nlmsghdr *h) {
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);
        const struct nlattr *found[RTA_MAX + 1] = { NULL }, *a;
        struct route_query *q = user, seen = *q;
        const struct op_route *route = q->route;
        bool ipv6 = m->rtm_family == AF_INET6;
        struct address to = route->destination.address;

        mnl_attr_for_each(a, h, sizeof *m) if (mnl_attr_get_type(a) <= RTA_MAX)
                found[mnl_attr_get_type(a)] = a;
        if (!route->destination.length)
                to.family = AF_UNSPEC; /* has no attribute */
        if ((q->type && !ipv6) || m->rtm_tos || m->rtm_flags & RTM_F_CLONED ||
            m->rtm_dst_len != route->destination.length || !is_address(found[RTA_DST], &to) ||
            number_of(found[RTA_TABLE]) != (route->table ?: RT_TABLE_MAIN) ||
            number_of(found[RTA_PRIORITY]) != (route->metric
                                                       ?: ipv6 ? IP6_RT_PRIO_USER
                                                               : 0))
                return 0;
        take_route(found, m, &seen);
        if (!q->type || (seen.type == route_types[route->type] && are_ways(&seen)))
                *q = seen;
        return 0;
}

/* Into words that say where it differs from what was wanted. */
static int put_seen_ways(struct pass *r, const struct op *op, const struct route_query *q,
                         struct op_route *ret) {
        struct nl *nl = pass_socket(r, op);
        char name[IFNAMSIZ];

        ret->hops.items = NULL;
        ret->hops.n = 0;
        for (size_t i = 0; i < q->n; i++) {
                const struct seen_way *seen = &q->ways[i];
                struct nexthop *hop = list_add(pass_pool(r), &ret->hops);

                if (!hop)
                        return -ENOMEM;
                hop->via = seen->via;
                hop->onlink = seen->onlink;
                if (q->n > 1)
                        hop->weight = seen->hops + 1U;
                else if (q->route->hops.n == 1)
                        hop->weight = q->route->hops.items[0].weight;
                if (nl_name(nl, (unsigned)seen->index, name) < 0)
                        snprintf(name, sizeof name, "#%d", seen->index);
                if (!streq(name, op->route.device))
                        memcpy(hop->device, name, sizeof hop->device);
        }
        return 0;
}

static uint8_t route_type_of(uint8_t rtn) {
        for (size_t i = 0; i < ARRAY_SIZE(route_types); i++)
                if (route_types[i] == rtn)
                        return (uint8_t)i;
        return ROUTE_UNICAST;
}

int look_route(struct pass *r, const struct op *op, struct op *ret) {
        const struct op_route *route = &op->route;
        const struct prefix *to = &route->destination;
        int indexes[HOPS_MAX];
        struct route_query q = { .route = route, .indexes = indexes };
        int e;

        for (size_t i = 0; i < n_ways(route); i++) {
                const struct nexthop *hop = way(route, i);

                indexes[i] = pass_seen_index(r, op, hop->device[0] ? hop->device : route->device);
                if (indexes[i] < 0 && indexes[i] != -ENODEV)
                        return indexes[i];
        }
        e = pass_each(r, op, SEEN_ROUTES, to->address.family, to->address.bytes,
                      to->length ? address_bytes(to->address.family) : 0, match_route, &q);
        if (e < 0 || !q.type)
                return e < 0 ? e : n_ways(route) && indexes[0] < 0 ? -ENODEV : -ENOENT;
        *ret = *op;
        ret->route.type = route_type_of(q.type);
        ret->route.source = q.source;
        ret->route.mtu = q.mtu;
        if (q.type != RTN_UNICAST)
                ret->route.device[0] = '\0';
        return are_ways(&q) ? 0 : put_seen_ways(r, op, &q, &ret->route);
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

/* --- rules --- */

static struct fib_rule_port_range range_of(const struct port_range *ports) {
        return (struct fib_rule_port_range){ ports->first, ports->last ?: ports->first };
}

static void put_ports(struct nlmsghdr *h, uint16_t type, const struct port_range *ports) {
        struct fib_rule_port_range range = range_of(ports);

        if (ports->first)
                mnl_attr_put(h, type, sizeof range, &range);
}

static void put_rule(struct nlmsghdr *h, const struct routing_rule *rule) {
        struct fib_rule_uid_range uids = { rule->first_uid, rule->last_uid };

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
        if (rule->oif[0])
                mnl_attr_put_strz(h, FRA_OIFNAME, rule->oif);
        if (rule->protocol)
                mnl_attr_put_u8(h, FRA_IP_PROTO, rule->protocol);
        put_ports(h, FRA_SPORT_RANGE, &rule->sport);
        put_ports(h, FRA_DPORT_RANGE, &rule->dport);
        if (rule->has_uids)
                mnl_attr_put(h, FRA_UID_RANGE, sizeof uids, &uids);
        if (rule->has_suppress)
                mnl_attr_put_u32(h, FRA_SUPPRESS_PREFIXLEN, rule->suppress);
}

static int change_rule(struct pass *r, const struct op *op, const struct routing_rule *rule,
                       uint16_t type, uint16_t flags) {
        struct fib_rule_hdr m = {
                .family = rule->family,
                .src_len = rule->from.length,
                .dst_len = rule->to.length,
                .table = rule->table < 256 ? rule->table : RT_TABLE_UNSPEC,
                .action = FR_ACT_TO_TBL,
                .flags = rule->invert ? FIB_RULE_INVERT : 0,
        };
        struct nlmsghdr *h = pass_begin(r, op, type, flags, &m, sizeof m);

        if (!h)
                return r->error;
        put_rule(h, rule);
        pass_end(r, op, h);
        return 0;
}

/* --- is such a rule there? --- */

struct rule_query {
        const struct plan *plan;
        const struct routing_rule *rule;
        bool found;
        uint32_t
                priority; /* of the first that is found: the kernel goes through them in this order */
};

static bool is_prefix(const struct nlattr *a, const struct prefix *p) {
        return p->length ? is_address(a, &p->address) : !a;
}

static bool is_name(const struct nlattr *a, const char *name) {
        size_t size = strlen(name) + 1;

        if (!a)
                return size == 1;
        return mnl_attr_get_payload_len(a) == size &&
               memcmp(mnl_attr_get_payload(a), name, size) == 0;
}

/* Of two numbers, or where it is not given not there. */
static bool is_range(const struct nlattr *a, const void *range, size_t size, bool given) {
        if (!a || !given)
                return !a && !given;
        return mnl_attr_get_payload_len(a) == size &&
               memcmp(mnl_attr_get_payload(a), range, size) == 0;
}

static bool is_byte(const struct nlattr *a, uint8_t byte) {
        return (a && mnl_attr_get_payload_len(a) == 1 ? mnl_attr_get_u8(a) : 0) == byte;
}

/* One that picks by more than we know is another one, and so is one that somebody else made. */
static bool is_of_others(const struct nlattr *const *found, const struct fib_rule_hdr *m) {
        return !is_byte(found[FRA_PROTOCOL], RTPROT_STATIC) || m->tos || found[FRA_TUN_ID] ||
               found[FRA_L3MDEV] ||
               (found[FRA_SUPPRESS_IFGROUP] && /* -1: not */
                number_of(found[FRA_SUPPRESS_IFGROUP]) != UINT32_MAX);
}

static bool picks_packets(const struct nlattr *const *found, const struct routing_rule *rule) {
        struct fib_rule_port_range sport = range_of(&rule->sport), dport = range_of(&rule->dport);
        struct fib_rule_uid_range uids = { rule->first_uid, rule->last_uid };
        uint32_t mask = rule->mask ?: rule->mark ? UINT32_MAX : 0;

        return is_prefix(found[FRA_SRC], &rule->from) && is_prefix(found[FRA_DST], &rule->to) &&
               number_of(found[FRA_FWMARK]) == rule->mark && number_of(found[FRA_FWMASK]) == mask &&
               is_name(found[FRA_IIFNAME], rule->iif) && is_name(found[FRA_OIFNAME], rule->oif) &&
               is_byte(found[FRA_IP_PROTO], rule->protocol) &&
               is_range(found[FRA_SPORT_RANGE], &sport, sizeof sport, sport.start) &&
               is_range(found[FRA_DPORT_RANGE], &dport, sizeof dport, dport.start) &&
               is_range(found[FRA_UID_RANGE], &uids, sizeof uids, rule->has_uids);
}

/* Does another rule of ours, otherwise the same, say that this priority is its own? */
static bool is_of_another(const struct plan *p, const struct routing_rule *rule,
                          uint32_t priority) {
        list_foreach (op, &p->ops)
                if (op->kind == OP_RULE && op->rule.has_priority && op->rule.priority == priority &&
                    op->rule.invert == rule->invert && rule_finds(&op->rule, rule) &&
                    rule_finds(rule, &op->rule))
                        return true;
        return false;
}

static int match_rule(void *user, const struct nlmsghdr *h) {
        const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);
        const struct nlattr *a, *found[FRA_MAX + 1] = { NULL };
        struct rule_query *q = user;
        const struct routing_rule *rule = q->rule;
        uint32_t suppress, priority;

        mnl_attr_for_each(a, h, sizeof *m) if (mnl_attr_get_type(a) <= FRA_MAX)
                found[mnl_attr_get_type(a)] = a;
        suppress = found[FRA_SUPPRESS_PREFIXLEN] ? number_of(found[FRA_SUPPRESS_PREFIXLEN])
                                                 : UINT32_MAX; /* -1: none */
        priority = number_of(found[FRA_PRIORITY]);
        if (q->found || m->action != FR_ACT_TO_TBL || m->src_len != rule->from.length ||
            m->dst_len != rule->to.length || !(m->flags & FIB_RULE_INVERT) != !rule->invert ||
            number_of(found[FRA_TABLE]) != rule->table ||
            suppress != (rule->has_suppress ? rule->suppress : UINT32_MAX) ||
            (rule->has_priority && priority != rule->priority) || is_of_others(found, m) ||
            !picks_packets(found, rule) ||
            (!rule->has_priority && is_of_another(q->plan, rule, priority)))
                return 0;
        q->found = true;
        q->priority = priority;
        return 0;
}

static int find_rule(struct pass *r, const struct op *op, const struct routing_rule *rule,
                     struct rule_query *q) {
        int e;

        *q = (struct rule_query){ .plan = r->plan, .rule = rule };
        e = pass_each(r, op, SEEN_RULES, rule->family, &rule->table, sizeof rule->table, match_rule,
                      q);
        return e < 0 ? e : q->found ? 0 : -ENOENT;
}

/* Without a priority the kernel gives each rule one of its own: then any will do. A rule has nothing by which it
 * stays the same where it differs. */
int look_rule(struct pass *r, const struct op *op, struct op *ret) {
        struct rule_query q;
        int e = find_rule(r, op, &op->rule, &q);

        if (e == 0)
                *ret = *op;
        return e;
}

/* Where it may be there, it has to be known that it is not: without a priority the same rule once more is none that
 * exists. And one that differs by "not" alone exists for the kernel (rule_exists()), so it makes way. */
static int repair_rule(struct pass *r, const struct op *op) {
        struct routing_rule opposite = op->rule;
        struct rule_query q;
        int e = find_rule(r, op, &op->rule, &q);

        if (e != -ENOENT || !op->rule.has_priority)
                return e;
        opposite.invert = !opposite.invert;
        e = find_rule(r, op, &opposite, &q);
        if (e == 0)
                e = change_rule(r, op, &opposite, RTM_DELRULE, 0);
        return e < 0 ? e : -ENOENT;
}

int do_rule(struct pass *r, const struct op *op) {
        int e = r->repairing ? repair_rule(r, op) : -ENOENT;

        if (e < 0 && e != -ENOENT)
                return r->error ?: pass_fail_errno(r, op, e, "");
        return e == 0 ? 0 : change_rule(r, op, &op->rule, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
}

/* The kernel deletes the first rule that has all that is asked for, perhaps more than that: so it is asked for the
 * priority too that it had chosen. */
int undo_rule(struct pass *r, const struct op *op) {
        struct routing_rule rule = op->rule;
        struct rule_query q;

        if (!rule.has_priority && find_rule(r, op, &rule, &q) == 0) {
                rule.has_priority = true;
                rule.priority = q.priority;
        }
        return change_rule(r, op, &rule, RTM_DELRULE, 0);
}
