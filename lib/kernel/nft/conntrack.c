/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the kernel forget connections that what we publish or withdraw concerns. A connection
 * outlives the map element that translated it: conntrack asks the nat chains once, at the first
 * packet.
 * The kernel filters while it dumps (CTA_FILTER, Linux 5.8; for deletion only since 6.8). The rest,
 * such as port ranges, is compared here, and each match is deleted by its own tuple and id. A dump
 * walks through all buckets of the kernel, which takes a millisecond or two even where nothing is
 * in them: one dump for each family has to do for all elements. */

#include "nft/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include "netlink/tcp-end.h"
#include "util.h"

enum {
        /* nf_internals.h of the kernel: which fields of a tuple the filter compares */
        FILTER_SOURCE = 1 << 0,
        FILTER_DESTINATION = 1 << 1,
        FILTER_PROTOCOL = 1 << 3,
        FILTER_SOURCE_PORT = 1 << 4,
        FILTER_DESTINATION_PORT = 1 << 5,

        DELETE_MAX = 512, /* no message of ours that deletes one is longer */
        SLICE_MAX = 65536,
};

/* Which connections, and the messages that delete those found. */
struct flows {
        struct nft *nft;
        uint8_t family;
        const struct op_element *const *elements; /* of any family */
        size_t n_elements;
        const struct plan *still; /* what it publishes is kept; NULL: nothing */
        uint32_t status, mask; /* (status of the connection & mask) == status; 0: not translated */
        bool displaced;        /* those that are led elsewhere than their element says */
        nft_is_local *is_local;
        bool (*concerned)(void *user, const struct nft_flow *flow); /* instead of all these */
        void *user;
        char *messages;
        size_t used, size;
};

/* --- reading --- */

struct attributes {
        const struct nlattr *items[CTA_MAX + 1];
};

static int collect(const struct nlattr *attr, void *data) {
        struct attributes *a = data;
        uint16_t type = mnl_attr_get_type(attr);

        if (type <= CTA_MAX)
                a->items[type] = attr;
        return MNL_CB_OK;
}

/* One direction of a connection. */
struct tuple {
        struct attributes address, protocol;
};

static bool parse_tuple(const struct nlattr *attr, struct tuple *ret) {
        struct attributes t = { 0 };

        *ret = (struct tuple){ 0 };
        return attr && mnl_attr_parse_nested(attr, collect, &t) >= 0 && t.items[CTA_TUPLE_IP] &&
               t.items[CTA_TUPLE_PROTO] &&
               mnl_attr_parse_nested(t.items[CTA_TUPLE_IP], collect, &ret->address) >= 0 &&
               mnl_attr_parse_nested(t.items[CTA_TUPLE_PROTO], collect, &ret->protocol) >= 0;
}

/* An address that is not asked for is always right. */
static bool address_is(const struct nlattr *attr, const struct address *a) {
        return a->family == AF_UNSPEC ||
               (attr && mnl_attr_get_payload_len(attr) == address_bytes(a->family) &&
                memcmp(mnl_attr_get_payload(attr), a->bytes, address_bytes(a->family)) == 0);
}

static uint8_t family_of(const struct op_element *e) {
        switch (e->set) {
        case SET_PUBLISH4:
        case SET_PUBLISH4_AT:
        case SET_PUBLISH4_RANGE: return AF_INET;
        case SET_PUBLISH6:
        case SET_PUBLISH6_AT:
        case SET_PUBLISH6_RANGE: return AF_INET6;
        default: return AF_UNSPEC;
        }
}

/* What of a connection is compared. */
struct flow {
        struct tuple original, reply;
        const struct nlattr *host, *target; /* addresses */
        uint8_t protocol;
        uint16_t port, target_port; /* 0: none */
};

static uint16_t port_of(const struct nlattr *attr) {
        return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint16_t)
                       ? ntohs(mnl_attr_get_u16(attr))
                       : 0;
}

static uint8_t protocol_of(const struct tuple *t) {
        const struct nlattr *attr = t->protocol.items[CTA_PROTO_NUM];

        return attr && mnl_attr_get_payload_len(attr) >= 1 ? mnl_attr_get_u8(attr) : 0;
}

static bool parse_flow(const struct attributes *a, bool six, struct flow *ret) {
        if (!parse_tuple(a->items[CTA_TUPLE_ORIG], &ret->original) ||
            !parse_tuple(a->items[CTA_TUPLE_REPLY], &ret->reply))
                return false;
        ret->protocol = protocol_of(&ret->original);
        ret->port = port_of(ret->original.protocol.items[CTA_PROTO_DST_PORT]);
        ret->target_port = port_of(ret->reply.protocol.items[CTA_PROTO_SRC_PORT]);
        ret->host = ret->original.address.items[six ? CTA_IP_V6_DST : CTA_IP_V4_DST];
        ret->target = ret->reply.address.items[six ? CTA_IP_V6_SRC : CTA_IP_V4_SRC];
        return ret->port != 0;
}

/* Did the connection come to this port of the host? */
static bool is_of(const struct flow *flow, const struct op_element *e) {
        return flow->protocol == e->protocol && flow->port >= e->port &&
               flow->port <= (e->last > e->port ? e->last : e->port) &&
               address_is(flow->host, &e->host);
}

static bool address_of(const struct nlattr *attr, uint8_t family, struct address *ret) {
        if (!attr || mnl_attr_get_payload_len(attr) != address_bytes(family))
                return false;
        *ret = (struct address){ .family = family };
        memcpy(ret->bytes, mnl_attr_get_payload(attr), address_bytes(family));
        return true;
}

/* Is it, by another element, still the same port of the same target? */
static bool still_published(const struct flows *f, const struct flow *flow) {
        if (!f->still || flow->target_port == 0)
                return false;
        list_foreach (op, &f->still->ops) {
                const struct op_element *e = &op->element;

                if (op->kind == OP_ELEMENT && family_of(e) == f->family && is_of(flow, e) &&
                    address_is(flow->target, &e->to) &&
                    flow->target_port == (e->to_port ?: flow->port))
                        return true;
        }
        return false;
}

static bool is_to_host(const struct flows *f, const struct flow *flow) {
        struct address host;

        return address_of(flow->host, f->family, &host) &&
               (!f->is_local || f->is_local(f->user, &host));
}

/* The answers of a translated one come from the target. A range keeps its ports. */
static bool flow_matches(const struct flows *f, const struct flow *flow) {
        for (size_t i = 0; i < f->n_elements; i++) {
                const struct op_element *e = f->elements[i];
                uint16_t target_port = nft_sets[e->set].interval ? 0 : e->to_port;

                if (family_of(e) != f->family || !is_of(flow, e))
                        continue;
                if (f->status == 0)
                        return is_to_host(f, flow);
                if (f->displaced != (address_is(flow->target, &e->to) &&
                                     (target_port == 0 || flow->target_port == target_port)))
                        return !still_published(f, flow);
        }
        return false;
}

/* --- messages --- */

static struct nlmsghdr *ct_message(struct nft *n, void *buffer, uint16_t type, uint16_t flags,
                                   uint8_t family) {
        struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
        struct nfgenmsg *generic = mnl_nlmsg_put_extra_header(nlh, sizeof *generic);

        nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
        nlh->nlmsg_flags = NLM_F_REQUEST | flags;
        nlh->nlmsg_seq = ++n->seq;
        generic->nfgen_family = family;
        return nlh;
}

static void copy_attribute(struct nlmsghdr *nlh, const struct nlattr *attr) {
        mnl_attr_put(nlh, attr->nla_type, mnl_attr_get_payload_len(attr),
                     mnl_attr_get_payload(attr));
}

static int add_deletion(struct flows *f, const struct attributes *flow) {
        struct nlmsghdr *nlh;

        if (f->size - f->used < DELETE_MAX) {
                size_t size = f->size ? f->size * 2 : 8192;
                char *messages = realloc(f->messages, size);

                if (!messages)
                        return -ENOMEM;
                memset(messages + f->size, 0, size - f->size);
                f->messages = messages;
                f->size = size;
        }
        nlh = ct_message(f->nft, f->messages + f->used, IPCTNL_MSG_CT_DELETE, 0, f->family);
        copy_attribute(nlh, flow->items[CTA_TUPLE_ORIG]);
        if (flow->items[CTA_ZONE])
                copy_attribute(nlh, flow->items[CTA_ZONE]);
        if (flow->items[CTA_ID])
                copy_attribute(nlh, flow->items[CTA_ID]);
        f->used += NLMSG_ALIGN(nlh->nlmsg_len);
        return 0;
}

static bool is_concerned(const struct flows *f, const struct attributes *a, uint32_t status) {
        bool six = f->family == AF_INET6;
        struct nft_flow flow = { .status = status };
        struct tuple original, reply;

        if (!parse_tuple(a->items[CTA_TUPLE_ORIG], &original) ||
            !parse_tuple(a->items[CTA_TUPLE_REPLY], &reply))
                return false;
        flow.protocol = protocol_of(&original);
        flow.source_port = port_of(original.protocol.items[CTA_PROTO_SRC_PORT]);
        flow.port = port_of(reply.protocol.items[CTA_PROTO_SRC_PORT]);
        return address_of(original.address.items[six ? CTA_IP_V6_SRC : CTA_IP_V4_SRC], f->family,
                          &flow.source) &&
               address_of(original.address.items[six ? CTA_IP_V6_DST : CTA_IP_V4_DST], f->family,
                          &flow.host) &&
               address_of(reply.address.items[six ? CTA_IP_V6_SRC : CTA_IP_V4_SRC], f->family,
                          &flow.target) &&
               address_of(reply.address.items[six ? CTA_IP_V6_DST : CTA_IP_V4_DST], f->family,
                          &flow.back) &&
               f->concerned(f->user, &flow);
}

static int match_flow(const struct nlmsghdr *nlh, void *userdata) {
        struct flows *f = userdata;
        struct attributes a = { 0 };
        const struct nlattr *tuple, *status;
        struct flow flow;

        if (mnl_attr_parse(nlh, sizeof(struct nfgenmsg), collect, &a) < 0)
                return -EBADMSG;
        tuple = a.items[CTA_TUPLE_ORIG];
        status = a.items[CTA_STATUS];
        if (!tuple || mnl_attr_get_payload_len(tuple) > DELETE_MAX / 2 || !status ||
            mnl_attr_get_payload_len(status) < sizeof(uint32_t) ||
            (ntohl(mnl_attr_get_u32(status)) & f->mask) != f->status)
                return 0;
        if (f->concerned ? !is_concerned(f, &a, ntohl(mnl_attr_get_u32(status)))
                         : !parse_flow(&a, f->family == AF_INET6, &flow) || !flow_matches(f, &flow))
                return 0;
        return add_deletion(f, &a);
}

/* One that has ended meanwhile is an error of that message, and no matter. */
static int delete_flows(struct flows *f) {
        int result = 0;
        ssize_t k;

        for (size_t at = 0, end = 0; at < f->used && result >= 0; at = end) {
                while (end < f->used && end - at < SLICE_MAX)
                        end += NLMSG_ALIGN(
                                ((struct nlmsghdr *)(void *)(f->messages + end))->nlmsg_len);
                result = nft_send(f->nft, f->messages + at, end - at);
                do
                        k = nft_receive(f->nft, false);
                while (k >= 0 || k == -ENOBUFS);
        }
        return result;
}

static int forget(struct flows *f, const struct nlmsghdr *request) {
        int r = nft_dump(f->nft, request, match_flow, f);

        /* An interrupted dump may lack some; what it has goes. */
        if (r >= 0 || r == -EINTR)
                r = delete_flows(f);
        free(f->messages);
        f->messages = NULL;
        f->used = f->size = 0;
        return r;
}

/* --- filters --- */

/* The first element of this family, and whether others ask for something else. */
struct common {
        const struct op_element *first;
        bool to, host, protocol, ports;
};

static struct common common_of(const struct flows *f) {
        struct common c = { .to = true, .host = true, .protocol = true, .ports = true };

        for (size_t i = 0; i < f->n_elements; i++) {
                const struct op_element *e = f->elements[i];

                if (family_of(e) != f->family)
                        continue;
                if (c.first) {
                        c.to &= address_equal(&e->to, &c.first->to);
                        c.host &= address_equal(&e->host, &c.first->host);
                        c.protocol &= e->protocol == c.first->protocol;
                        c.ports = false;
                } else
                        c.first = e;
        }
        return c;
}

/* Sets the fields and returns the flags for what the kernel shall compare. It compares IPv6
 * addresses the wrong way round (ctnetlink_filter_match_tuple() takes the result of
 * ipv6_addr_cmp() for a truth value): those are left to flow_matches(). */
static uint32_t put_address(struct nlmsghdr *nlh, const struct address *a, uint16_t type,
                            uint32_t flag) {
        struct nlattr *nest;

        if (a->family != AF_INET)
                return 0;
        nest = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
        mnl_attr_put(nlh, type, address_bytes(a->family), a->bytes);
        mnl_attr_nest_end(nlh, nest);
        return flag;
}

static uint32_t put_protocol(struct nlmsghdr *nlh, uint8_t protocol, uint16_t type, uint16_t port,
                             uint32_t port_flag) {
        struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);

        mnl_attr_put_u8(nlh, CTA_PROTO_NUM, protocol);
        if (port > 0)
                mnl_attr_put_u16(nlh, type, htons(port));
        mnl_attr_nest_end(nlh, nest);
        return port > 0 ? FILTER_PROTOCOL | port_flag : FILTER_PROTOCOL;
}

static void put_flags(struct nlmsghdr *nlh, uint16_t type, uint32_t flags) {
        struct nlattr *nest;

        if (flags == 0)
                return;
        nest = mnl_attr_nest_start(nlh, CTA_FILTER);
        mnl_attr_put_u32(nlh, type, flags);
        mnl_attr_nest_end(nlh, nest);
}

static void put_published(struct nlmsghdr *nlh, const struct common *c) {
        struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_REPLY);
        uint16_t port = c->ports && !nft_sets[c->first->set].interval ? c->first->to_port : 0;
        uint32_t flags = 0;

        if (c->to)
                flags |= put_address(nlh, &c->first->to, CTA_IP_V4_SRC, FILTER_SOURCE);
        if (c->protocol)
                flags |= put_protocol(nlh, c->first->protocol, CTA_PROTO_SRC_PORT, port,
                                      FILTER_SOURCE_PORT);
        mnl_attr_nest_end(nlh, nest);
        put_flags(nlh, CTA_FILTER_REPLY_FLAGS, flags);
}

static void put_stale(struct nlmsghdr *nlh, const struct common *c) {
        struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_ORIG);
        uint16_t port = c->ports && c->first->last <= c->first->port ? c->first->port : 0;
        uint32_t flags = 0;

        if (c->host)
                flags |= put_address(nlh, &c->first->host, CTA_IP_V4_DST, FILTER_DESTINATION);
        if (c->protocol)
                flags |= put_protocol(nlh, c->first->protocol, CTA_PROTO_DST_PORT, port,
                                      FILTER_DESTINATION_PORT);
        mnl_attr_nest_end(nlh, nest);
        put_flags(nlh, CTA_FILTER_ORIG_FLAGS, flags);
}

static int forget_each(struct flows *f, void (*put)(struct nlmsghdr *, const struct common *)) {
        static const uint8_t families[] = { AF_INET, AF_INET6 };
        int result = 0;

        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
                char buffer[512] = "";
                struct nlmsghdr *nlh;
                struct common c;
                int r;

                f->family = families[i];
                c = common_of(f);
                if (!c.first)
                        continue;
                nlh = ct_message(f->nft, buffer, IPCTNL_MSG_CT_GET, NLM_F_DUMP, f->family);
                put(nlh, &c);
                r = forget(f, nlh);
                if (result == 0)
                        result = r;
        }
        return result;
}

int nft_forget_published(struct nft *n, const struct op_element *const *elements, size_t count,
                         const struct plan *still) {
        struct flows f = {
                .nft = n,
                .elements = elements,
                .n_elements = count,
                .still = still,
                .status = IPS_DST_NAT,
                .mask = IPS_DST_NAT,
        };

        return forget_each(&f, put_published);
}

/* One that is only routed through the host to this port elsewhere is not concerned. With any translation
 * it is left alone, for that would be chosen again, and perhaps differently. */
int nft_forget_stale(struct nft *n, const struct op_element *const *elements, size_t count,
                     nft_is_local *is_local, void *user) {
        struct flows f = {
                .nft = n,
                .elements = elements,
                .n_elements = count,
                .mask = IPS_DST_NAT | IPS_SRC_NAT,
                .is_local = is_local,
                .user = user,
        };

        return forget_each(&f, put_stale);
}

int nft_forget_displaced(struct nft *n, const struct op_element *const *elements, size_t count) {
        struct flows f = {
                .nft = n,
                .elements = elements,
                .n_elements = count,
                .displaced = true,
                .status = IPS_DST_NAT,
                .mask = IPS_DST_NAT,
        };

        return forget_each(&f, put_stale);
}

int nft_forget_flows(struct nft *n, uint8_t family,
                     bool (*concerned)(void *user, const struct nft_flow *flow), void *user) {
        struct flows f = { .nft = n, .family = family, .concerned = concerned, .user = user };
        char buffer[64] = "";

        return forget(&f, ct_message(n, buffer, IPCTNL_MSG_CT_GET, NLM_F_DUMP, family));
}

void nft_end_flow(struct nl *diag, const struct nft_flow *flow) {
        struct tcp_side local = { flow->target, flow->port };
        struct tcp_side remote = { flow->source, flow->source_port };

        if (diag && flow->protocol == IPPROTO_TCP && flow->port && flow->source_port)
                (void)tcp_end(diag, &local, &remote);
}
