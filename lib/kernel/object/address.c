/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Adds and deletes addresses and neighbours, and waits for duplicate address detection where the file
 * wants it (rtnetlink(7), linux/if_addr.h, linux/neighbour.h). */

#include "object/address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/ipv6_route.h>
#include <linux/neighbour.h>
#include <poll.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/operations.h"
#include "system/sysctl.h"
#include "util.h"

enum { DAD_WAIT_S = 10 };

/* As "brd +" of ip-address(8): networkd and ifupdown set it too. */
static void put_broadcast(struct nlmsghdr *h, const struct prefix *p) {
        struct address a = p->address;

        for (unsigned bit = p->length; bit < 32; bit++)
                a.bytes[bit / 8] |= 0x80 >> bit % 8;
        put_address(h, IFA_BROADCAST, &a);
}

static int queue_address(struct pass *r, const struct op *op, int index, uint16_t type,
                         uint16_t flags) {
        const struct op_address *a = &op->address;
        const struct address *own = &a->prefix.address;
        struct ifaddrmsg m = { .ifa_family = own->family, .ifa_prefixlen = a->prefix.length };
        struct nlmsghdr *h;

        m.ifa_index = index;
        h = pass_begin(r, op, type, flags, &m, sizeof m);
        if (!h)
                return r->error;
        put_address(h, IFA_LOCAL, own);
        put_address(h, IFA_ADDRESS, a->peer.family ? &a->peer : own);
        if (own->family == AF_INET && a->prefix.length <= 30 && !a->peer.family)
                put_broadcast(h, &a->prefix);
        if (own->family == AF_INET6 && !a->dad)
                mnl_attr_put_u32(h, IFA_FLAGS, IFA_F_NODAD);
        pass_end(r, op, h);
        return 0;
}

/* The route to its subnet comes with an address, and not once more where the address is there. False: this one
 * has none. */
static bool subnet_of(const struct op_address *a, struct prefix *ret) {
        uint8_t family = a->prefix.address.family;
        struct prefix subnet = a->prefix;

        if (a->peer.family)
                subnet.address = a->peer;
        else if (subnet.length == 8 * address_bytes(family) && family == AF_INET)
                return false;
        *ret = prefix_network(&subnet);
        return true;
}

static uint32_t table_of(const struct op_address *a) {
        return a->table ?: RT_TABLE_MAIN;
}

static int queue_subnet(struct pass *r, const struct op *op, int index) {
        const struct op_address *a = &op->address;
        struct rtmsg m = { .rtm_family = a->prefix.address.family,
                           .rtm_dst_len = a->prefix.length,
                           .rtm_table = RT_TABLE_UNSPEC,
                           .rtm_protocol = RTPROT_KERNEL,
                           .rtm_type = RTN_UNICAST };
        bool ipv4 = m.rtm_family == AF_INET;
        struct prefix subnet;
        struct nlmsghdr *h;

        if (!subnet_of(a, &subnet))
                return 0;
        m.rtm_scope = ipv4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        h = pass_begin(r, op, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
        if (!h)
                return r->error;
        put_address(h, RTA_DST, &subnet.address);
        mnl_attr_put_u32(h, RTA_TABLE, table_of(a));
        mnl_attr_put_u32(h, RTA_OIF, index);
        if (ipv4)
                put_address(h, RTA_PREFSRC, &a->prefix.address);
        else
                mnl_attr_put_u32(h, RTA_PRIORITY, IP6_RT_PRIO_ADDRCONF);
        pass_end(r, op, h);
        return 0;
}

/* --- is it there? --- */

struct address_query {
        const struct op_address *wanted;
        int index;
        struct op_address *found;
        bool any;
};

static bool take_bytes(const struct nlattr *a, uint8_t family, struct address *ret) {
        if (!a || mnl_attr_get_payload_len(a) != address_bytes(family))
                return false;
        *ret = (struct address){ .family = family };
        memcpy(ret->bytes, mnl_attr_get_payload(a), address_bytes(family));
        return true;
}

/* Of IPv4 the same address is another one with another subnet, or on another way to a peer. */
static bool is_same(const struct op_address *wanted, const struct op_address *seen) {
        struct prefix one, other;

        if (!address_equal(&wanted->prefix.address, &seen->prefix.address))
                return false;
        if (wanted->prefix.address.family == AF_INET6)
                return true;
        one = wanted->prefix;
        other = seen->prefix;
        if (wanted->peer.family)
                one.address = wanted->peer;
        if (seen->peer.family)
                other.address = seen->peer;
        one = prefix_network(&one);
        other = prefix_network(&other);
        return one.length == other.length && address_equal(&one.address, &other.address);
}

static int match_address(void *user, const struct nlmsghdr *h) {
        const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
        struct address_attributes said = probe_address(h);
        struct address_query *q = user;
        struct op_address seen = *q->wanted;

        seen.peer = (struct address){ 0 };
        seen.prefix.length = m->ifa_prefixlen;
        if ((int)m->ifa_index != q->index ||
            !take_bytes(said.own, m->ifa_family, &seen.prefix.address) ||
            (said.subnet && !take_bytes(said.subnet, m->ifa_family, &seen.peer)))
                return 0;
        if (address_equal(&seen.peer, &seen.prefix.address))
                seen.peer = (struct address){ 0 };
        if (is_same(q->wanted, &seen)) {
                *q->found = seen;
                q->any = true;
        }
        return 0;
}

static int match_subnet(void *user, const struct nlmsghdr *h) {
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);
        bool ipv4 = m->rtm_family == AF_INET;
        uint32_t table = m->rtm_table, metric = 0;
        struct address_query *q = user;
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof *m) {
                if (mnl_attr_get_type(a) == RTA_TABLE && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                        table = mnl_attr_get_u32(a);
                if (mnl_attr_get_type(a) == RTA_PRIORITY && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                        metric = mnl_attr_get_u32(a);
        }
        /* that of another address will do, which came first */
        q->any |= m->rtm_dst_len == q->wanted->prefix.length && table == table_of(q->wanted) &&
                  !m->rtm_tos && metric == (ipv4 ? 0 : IP6_RT_PRIO_ADDRCONF);
        return 0;
}

static int look_for_subnet(struct pass *r, const struct op *op) {
        struct address_query q = { .wanted = &op->address };
        struct prefix subnet;
        uint8_t family;
        int e;

        if (!subnet_of(&op->address, &subnet))
                return 0;
        family = subnet.address.family;
        e = pass_each(r, op, SEEN_ROUTES, family, subnet.address.bytes, address_bytes(family),
                      match_subnet, &q);
        return e < 0 ? e : !q.any;
}

/* Whether it was made with duplicate address detection says nothing of it any more. */
int look_address(struct pass *r, const struct op *op, struct op *ret) {
        const struct address *own = &op->address.prefix.address;
        struct op_address found;
        struct address_query q = { .wanted = &op->address, .found = &found };
        int e;

        q.index = pass_seen_index(r, op, op->address.device);
        if (q.index < 0)
                return q.index;
        e = pass_each(r, op, SEEN_ADDRESSES, own->family, own->bytes, address_bytes(own->family),
                      match_address, &q);
        if (e < 0 || !q.any)
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        ret->address = found;
        return q.index > 1 ? look_for_subnet(r, ret) : 0;
}

/* --- addresses --- */

/* What there is of it: all but the route to its subnet, or it is one of IPv6 with another length, which keeps
 * the right one out. */
static int mend_address(struct pass *r, const struct op *op, int index, bool *ret_there) {
        struct op have;
        int e = look_address(r, op, &have);

        if (r->error)
                return r->error;
        *ret_there = e >= 0 && op_equal(op, &have);
        return e >= 0 && !*ret_there ? queue_address(r, &have, index, RTM_DELADDR, 0) : 0;
}

/* Nobody is on a bridge that is just being made; who comes by an uplink is told behind that (uplink.c). */
static bool is_announced(const struct pass *r, const struct op *op, int index) {
        if (op->place != PLACE_HOST)
                return index > 1;
        return !r->plan->netns && (r->change || r->repairing);
}

int do_address(struct pass *r, const struct op *op) {
        int index = pass_index(r, op, op->address.device), e = 0;
        bool there = false;

        if (index < 0)
                return index;
        if (r->repairing)
                e = mend_address(r, op, index, &there);
        if (e == 0 && is_announced(r, op, index) && !there)
                r->unannounced |= family_bit(op->address.prefix.address.family);
        if (e == 0 && !there)
                e = queue_address(r, op, index, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
        return e == 0 && r->repairing && index > 1 ? queue_subnet(r, op, index) : e;
}

/* With a primary address the kernel takes the secondary ones of its subnet, and with the last
 * address all routes, unless it may promote one of them. Where this cannot be looked up, nothing
 * worse follows than a gap. */
static bool must_promote(struct pass *r, const struct op *op) {
        char key[64], value[8];

        if (!r->change || op->address.prefix.address.family != AF_INET)
                return false;
        snprintf(key, sizeof key, "net/ipv4/conf/%s/promote_secondaries", op->address.device);
        return pass_enter(r, pass_place(r, op)) == 0 &&
               sysctl_read(key, value, sizeof value) == 0 && streq(value, "0");
}

static int queue_promoting(struct pass *r, const struct op *op, int index, bool on) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = index };
        struct nlattr *spec, *family, *settings;
        struct nlmsghdr *h;

        h = pass_begin(r, op, RTM_SETLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
        family = mnl_attr_nest_start(h, AF_INET);
        settings = mnl_attr_nest_start(h, IFLA_INET_CONF);
        mnl_attr_put_u32(h, IPV4_DEVCONF_PROMOTE_SECONDARIES, on);
        mnl_attr_nest_end(h, settings);
        mnl_attr_nest_end(h, family);
        mnl_attr_nest_end(h, spec);
        pass_end(r, op, h);
        return 0;
}

/* What belongs together is one send, so that nobody is killed in between. */
int undo_address(struct pass *r, const struct op *op) {
        bool promote = must_promote(r, op);
        int index = pass_index(r, op, op->address.device), e;

        if (index < 0)
                return 0;
        e = promote ? queue_promoting(r, op, index, true) : 0;
        if (e == 0)
                e = queue_address(r, op, index, RTM_DELADDR, 0);
        return e == 0 && promote ? queue_promoting(r, op, index, false) : e;
}

/* The routes from it and, of IPv4, to its subnet; and the secondary addresses of that. */
bool address_drops(const struct op *op, bool comes, const struct op *other) {
        uint8_t family = op->address.prefix.address.family;

        if (comes)
                return false;
        if (other->kind == OP_ADDRESS)
                return other->address.prefix.address.family == family;
        return other->kind == OP_ROUTE && other->route.destination.address.family == family &&
               (family == AF_INET || other->route.source.family);
}

static int change_neighbor(struct pass *r, const struct op *op, uint16_t type, uint16_t flags) {
        const struct op_neighbor *n = &op->neighbor;
        struct ndmsg m = { .ndm_family = n->address.family, .ndm_state = NUD_PERMANENT };
        int index = pass_index(r, op, n->device);
        struct nlmsghdr *h;

        if (index < 0)
                return r->undoing ? 0 : index;
        m.ndm_ifindex = index;
        h = pass_begin(r, op, type, flags, &m, sizeof m);
        if (!h)
                return r->error;
        put_address(h, NDA_DST, &n->address);
        if (type == RTM_NEWNEIGH)
                mnl_attr_put(h, NDA_LLADDR, sizeof n->mac.bytes, n->mac.bytes);
        pass_end(r, op, h);
        return 0;
}

/* One that the kernel learnt by itself may be there already: the file's word counts. */
int do_neighbor(struct pass *r, const struct op *op) {
        return change_neighbor(r, op, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
}

int undo_neighbor(struct pass *r, const struct op *op) {
        return change_neighbor(r, op, RTM_DELNEIGH, 0);
}

struct neighbor_query {
        int index;
        struct mac mac; /* set: found */
};

/* One that the kernel learnt by itself is none that stays. */
static int match_neighbor(void *user, const struct nlmsghdr *h) {
        const struct ndmsg *m = mnl_nlmsg_get_payload(h);
        struct neighbor_query *q = user;
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof *m) if (mnl_attr_get_type(a) == NDA_LLADDR &&
                                               m->ndm_ifindex == q->index &&
                                               m->ndm_state & NUD_PERMANENT &&
                                               mnl_attr_get_payload_len(a) == sizeof q->mac.bytes) {
                memcpy(q->mac.bytes, mnl_attr_get_payload(a), sizeof q->mac.bytes);
                q->mac.set = true;
        }
        return 0;
}

int look_neighbor(struct pass *r, const struct op *op, struct op *ret) {
        const struct address *a = &op->neighbor.address;
        struct neighbor_query q = { .index = pass_seen_index(r, op, op->neighbor.device) };
        int e = q.index;

        if (e >= 0)
                e = pass_each(r, op, SEEN_NEIGHBORS, a->family, a->bytes, address_bytes(a->family),
                              match_neighbor, &q);
        if (e < 0 || !q.mac.set)
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        ret->neighbor.mac = q.mac;
        return 0;
}

/* --- duplicate address detection --- */

struct dad {
        size_t tentative;
        struct address failed;
};

static int take_address(void *user, const struct nlmsghdr *h) {
        const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
        uint32_t flags = m->ifa_flags;
        const struct nlattr *a, *address = NULL;
        struct dad *dad = user;

        mnl_attr_for_each(a, h, sizeof *m) {
                if (mnl_attr_get_type(a) == IFA_FLAGS)
                        flags = mnl_attr_get_u32(a);
                if (mnl_attr_get_type(a) == IFA_ADDRESS)
                        address = a;
        }
        if (flags & IFA_F_DADFAILED && address) {
                dad->failed.family = AF_INET6;
                memcpy(dad->failed.bytes, mnl_attr_get_payload(address), address_bytes(AF_INET6));
        } else if (flags & IFA_F_TENTATIVE && m->ifa_scope == RT_SCOPE_UNIVERSE)
                dad->tentative++;
        return 0;
}

static const struct op *first_with_dad(const struct pass *r) {
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (pass_op(r, i)->kind == OP_ADDRESS && pass_op(r, i)->address.dad &&
                    r->states[i] == OP_DONE)
                        return pass_op(r, i);
        return NULL;
}

static int await(struct pass *r, const struct op *op, struct nl *listener) {
        struct ifaddrmsg m = { .ifa_family = AF_INET6 };
        int64_t end = now_us() + DAD_WAIT_S * INT64_C(1000000);
        char text[ADDRESS_MAX], message[8192];

        for (;;) {
                struct pollfd p = { .fd = nl_fd(listener), .events = POLLIN };
                struct dad dad = { 0 };
                int e = nl_ask(pass_inner(r), RTM_GETADDR, NLM_F_DUMP, &m, sizeof m, NULL, NULL,
                               take_address, &dad);

                if (e < 0)
                        return pass_fail_errno(r, op, e, "");
                if (dad.failed.family)
                        return pass_fail(r, op, -EADDRINUSE,
                                         "%s is used by another host on this link",
                                         address_print(&dad.failed, text));
                if (!dad.tentative)
                        return 0;
                if (now_us() >= end)
                        return pass_fail(r, op, -ETIMEDOUT,
                                         "duplicate address detection did not end "
                                         "within %d seconds; is the link up?",
                                         DAD_WAIT_S);
                if (poll(&p, 1, 1000) > 0)
                        recv(p.fd, message, sizeof message, MSG_DONTWAIT);
        }
}

int address_await(struct pass *r) {
        const struct op *op = first_with_dad(r);
        int group = RTNLGRP_IPV6_IFADDR, e;
        struct nl *listener;

        if (!op)
                return 0;
        e = pass_enter(r, PLACE_OWN);
        if (e == 0)
                e = nl_open(&listener);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        setsockopt(nl_fd(listener), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
        e = await(r, op, listener);
        nl_close(listener);
        return e;
}
