/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks the kernel by rtnetlink what has to be known before a plan is built, or beside it: which
 * interface has this name, whose mark it has, by which way an address is reached, whether a subnet
 * is somewhere already. */

#include "netlink/question.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <poll.h>
#include <sys/socket.h>

#include "plan.h"
#include "util.h"

enum { LINK_WAIT_MS = 5000 };

/* --- one link --- */

static uint32_t number_of(const struct nlattr *a) {
        return mnl_attr_validate(a, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(a);
}

static int take_kind(const struct nlattr *a, void *data) {
        if (mnl_attr_get_type(a) == IFLA_INFO_KIND &&
            mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
                snprintf(data, 16, "%s", mnl_attr_get_str(a));
        return MNL_CB_OK;
}

static int take_alternative_name(const struct nlattr *a, void *data) {
        struct link_info *info = data;
        const char *made;

        if (mnl_attr_get_type(a) != IFLA_ALT_IFNAME ||
            mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
                return MNL_CB_OK;
        owner_of_mark(mnl_attr_get_str(a), info->owner);
        made = startswith(mnl_attr_get_str(a), HOST_VLAN_MARK);
        if (made)
                snprintf(info->made, sizeof info->made, "%s", made);
        return MNL_CB_OK;
}

static int take_link_attribute(const struct nlattr *a, void *data) {
        struct link_info *info = data;

        switch (mnl_attr_get_type(a)) {
        case IFLA_MASTER: info->master = (int)number_of(a); break;
        case IFLA_MTU: info->mtu = number_of(a); break;
        case IFLA_IFNAME:
                if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
                        snprintf(info->name, sizeof info->name, "%s", mnl_attr_get_str(a));
                break;
        case IFLA_LINK_NETNSID: info->peer_nsid = (int)number_of(a); break;
        case IFLA_PROP_LIST: mnl_attr_parse_nested(a, take_alternative_name, info); break;
        case IFLA_ADDRESS:
                if (mnl_attr_get_payload_len(a) == sizeof info->mac.bytes) {
                        memcpy(info->mac.bytes, mnl_attr_get_payload(a), sizeof info->mac.bytes);
                        info->mac.set = true;
                }
                break;
        case IFLA_LINKINFO: mnl_attr_parse_nested(a, take_kind, info->kind); break;
        default: break;
        }
        return MNL_CB_OK;
}

int probe_read_link(const struct nlmsghdr *h, struct link_info *ret) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
        struct link_info info = { .peer_nsid = -1 };

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m))
                return -EBADMSG;
        info.index = m->ifi_index;
        info.up = m->ifi_flags & IFF_UP;
        mnl_attr_parse(h, sizeof *m, take_link_attribute, &info);
        *ret = info;
        return 0;
}

static int take_link(void *user, const struct nlmsghdr *h) {
        return probe_read_link(h, user);
}

static void put_name(struct nlmsghdr *h, const void *name) {
        mnl_attr_put_strz(h, IFLA_IFNAME, name);
}

static void put_mark(struct nlmsghdr *h, const void *mark) {
        mnl_attr_put_strz(h, IFLA_ALT_IFNAME, mark);
}

bool probe_host_has(const char *name) {
        char path[sizeof "/sys/class/net/" + IFNAMSIZ];

        snprintf(path, sizeof path, "/sys/class/net/%s", name);
        return access(path, F_OK) == 0;
}

static int ask_link(struct nl *nl, void (*put)(struct nlmsghdr *h, const void *name),
                    const char *name, struct link_info *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct link_info info = { 0 };
        int r = nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, put, name, take_link, &info);

        if (r < 0)
                return r;
        *ret = info;
        return 0;
}

int probe_link(struct nl *nl, const char *name, struct link_info *ret) {
        return ask_link(nl, put_name, name, ret);
}

int probe_link_marked(struct nl *nl, const char *mark, struct link_info *ret) {
        return ask_link(nl, put_mark, mark, ret);
}

int probe_link_at(struct nl *nl, int index, struct link_info *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = index };

        *ret = (struct link_info){ .peer_nsid = -1 };
        return nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, NULL, NULL, take_link, ret);
}

/* --- the number of a namespace (net_namespace.h of the kernel's uapi) --- */

struct namespace_of {
        uint16_t how; /* NETNSA_FD or NETNSA_PID */
        uint32_t what;
};

static void put_ns(struct nlmsghdr *h, const void *argument) {
        const struct namespace_of *of = argument;

        mnl_attr_put_u32(h, of->how, of->what);
}

static int take_nsid(void *user, const struct nlmsghdr *h) {
        const struct nlattr *a;
        int *nsid = user;

        mnl_attr_for_each(a, h, sizeof(struct rtgenmsg)) if (mnl_attr_get_type(a) ==
                                                             NETNSA_NSID) *nsid = (int)number_of(a);
        return 0;
}

static bool is_nsid(struct nl *nl, struct namespace_of of, int nsid) {
        struct rtgenmsg m = { .rtgen_family = AF_UNSPEC };
        int found = -1;

        return nsid >= 0 &&
               nl_ask(nl, RTM_GETNSID, 0, &m, sizeof m, put_ns, &of, take_nsid, &found) == 0 &&
               found == nsid;
}

static void put_new_number(struct nlmsghdr *h, const void *argument) {
        put_ns(h, argument);
        mnl_attr_put_u32(h, NETNSA_NSID, (uint32_t)-1); /* whichever is free */
}

int probe_number_ns(struct nl *nl, int ns, int *ret_nsid) {
        struct namespace_of of = { NETNSA_FD, (uint32_t)ns };
        struct rtgenmsg m = { .rtgen_family = AF_UNSPEC };
        int found = -1;
        int e = nl_ask(nl, RTM_NEWNSID, 0, &m, sizeof m, put_new_number, &of, take_nsid, &found);

        if (e == 0 || e == -EEXIST)
                e = nl_ask(nl, RTM_GETNSID, 0, &m, sizeof m, put_ns, &of, take_nsid, &found);
        if (e == 0)
                *ret_nsid = found;
        return e;
}

bool probe_is_nsid(struct nl *nl, int ns, int nsid) {
        return is_nsid(nl, (struct namespace_of){ NETNSA_FD, ns }, nsid);
}

bool probe_is_in_nsid(struct nl *nl, uint32_t pid, int nsid) {
        return is_nsid(nl, (struct namespace_of){ NETNSA_PID, pid }, nsid);
}

struct by_mac {
        const struct mac *mac;
        struct link_info *found;
        bool any;
};

static int take_by_mac(void *user, const struct nlmsghdr *h) {
        struct link_info info = { 0 };
        struct by_mac *by = user;
        int r = take_link(&info, h);

        if (r == 0 && streq(info.kind, "veth") && info.mac.set &&
            memcmp(info.mac.bytes, by->mac->bytes, sizeof info.mac.bytes) == 0) {
                *by->found = info;
                by->any = true;
        }
        return r;
}

static void forget_by_mac(void *user) {
        struct by_mac *by = user;

        by->any = false;
}

int probe_veth(struct nl *nl, const struct mac *mac, struct link_info *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct by_mac by = { mac, ret, false };
        int r = nl_dump_whole(nl, RTM_GETLINK, &m, sizeof m, take_by_mac, forget_by_mac, &by);

        return r < 0 ? r : by.any ? 0 : -ENODEV;
}

/* --- a bridge of somebody else --- */

static int wait_for_link(struct nl *nl, const char *name, struct link_info *info) {
        struct nl *listener;
        int group = RTNLGRP_LINK, r = nl_open(&listener);
        int64_t end = now_us() + LINK_WAIT_MS * INT64_C(1000);

        if (r < 0)
                return r;
        setsockopt(nl_fd(listener), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
        while ((r = probe_link(nl, name, info)) == -ENODEV && now_us() < end) {
                struct pollfd p = { .fd = nl_fd(listener), .events = POLLIN };
                char message[8192];

                if (poll(&p, 1, LINK_WAIT_MS) > 0)
                        recv(p.fd, message, sizeof message, MSG_DONTWAIT);
        }
        nl_close(listener);
        return r;
}

struct address_dump {
        int index;
        struct pool *pool;
        struct bridge_facts *facts;
};

struct address_attributes probe_address(const struct nlmsghdr *h) {
        struct address_attributes found = { NULL, NULL };
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof(struct ifaddrmsg)) {
                if (mnl_attr_get_type(a) == IFA_LOCAL)
                        found.own = a;
                if (mnl_attr_get_type(a) == IFA_ADDRESS)
                        found.subnet = a;
        }
        found.own = found.own ?: found.subnet;
        return found;
}

static int take_address(void *user, const struct nlmsghdr *h) {
        struct address_dump *dump = user;
        const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
        const struct nlattr *a;
        struct ip_address *new;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m) || (int)m->ifa_index != dump->index ||
            m->ifa_scope != RT_SCOPE_UNIVERSE)
                return 0;
        a = probe_address(h).own;
        if (!a || mnl_attr_get_payload_len(a) != address_bytes(m->ifa_family))
                return 0;
        new = list_add(dump->pool, &dump->facts->addresses);
        if (!new)
                return -ENOMEM;
        new->prefix.address.family = m->ifa_family;
        new->prefix.length = m->ifa_prefixlen;
        memcpy(new->prefix.address.bytes, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
        return 0;
}

int probe_bridge(struct nl *nl, const char *name, struct pool *pool, const struct origin *at,
                 struct bridge_facts *ret, struct diags *d) {
        struct bridge_facts facts = { .ours = false };
        struct address_dump dump = { .pool = pool, .facts = &facts };
        struct ifaddrmsg m = { .ifa_family = AF_UNSPEC };
        struct link_info info;
        int r = wait_for_link(nl, name, &info);

        if (r == -ENODEV)
                return diag_error(
                        d, r, at, "Bridge",
                        "there is no bridge '%s': no .vnet file defines it, and it did not "
                        "appear within %d seconds",
                        name, LINK_WAIT_MS / 1000);
        if (r == 0 && !streq(info.kind, "bridge"))
                return diag_error(d, -EINVAL, at, "Bridge", "'%s' is not a bridge", name);
        if (r == 0) {
                dump.index = info.index;
                facts.mtu = info.mtu;
                r = nl_ask(nl, RTM_GETADDR, NLM_F_DUMP, &m, sizeof m, NULL, NULL, take_address,
                           &dump);
        }
        if (r < 0)
                return diag_error(d, r, at, "Bridge", "cannot ask the kernel about '%s': %s", name,
                                  strerror(-r));
        *ret = facts;
        return 0;
}

int probe_parent(struct nl *nl, const char *name, const struct origin *at, struct diags *d) {
        struct link_info info;
        int r = wait_for_link(nl, name, &info);

        if (r == -ENODEV)
                return diag_error(d, r, at, "Parent", "there is no interface '%s'", name);
        return r < 0 ? diag_error(d, r, at, "Parent", "cannot ask the kernel about '%s': %s", name,
                                  strerror(-r))
                     : 0;
}

/* --- routes of others --- */

struct overlap {
        const struct prefix *subnet;
        bool found;
        struct prefix route;
        int other;
};

static int take_route(void *user, const struct nlmsghdr *h) {
        struct overlap *o = user;
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);
        struct prefix route = { .length = m->rtm_dst_len };
        uint32_t table = m->rtm_table, oif = 0;
        const struct nlattr *a;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m) || m->rtm_type != RTN_UNICAST ||
            m->rtm_dst_len == 0 || m->rtm_family != o->subnet->address.family ||
            m->rtm_dst_len > 8 * address_bytes(m->rtm_family))
                return 0;
        mnl_attr_for_each(a, h, sizeof *m) switch (mnl_attr_get_type(a)) {
        case RTA_TABLE: table = number_of(a); break;
        case RTA_OIF: oif = number_of(a); break;
        case RTA_MULTIPATH: /* the first way stands for all */
                if (mnl_attr_get_payload_len(a) >= sizeof(struct rtnexthop))
                        oif = ((const struct rtnexthop *)mnl_attr_get_payload(a))->rtnh_ifindex;
                break;
        case RTA_DST:
                if (mnl_attr_get_payload_len(a) != address_bytes(m->rtm_family))
                        return 0;
                route.address.family = m->rtm_family;
                memcpy(route.address.bytes, mnl_attr_get_payload(a), address_bytes(m->rtm_family));
                break;
        default: break;
        }
        if (table != RT_TABLE_MAIN || !route.address.family || !oif || o->found ||
            !prefix_overlap(&route, o->subnet))
                return 0;
        /* each interface has the link-local prefix */
        if (m->rtm_family == AF_INET6 && route.address.bytes[0] == 0xfe &&
            route.address.bytes[1] == 0x80)
                return 0;
        o->found = true;
        o->route = route;
        o->other = oif;
        return 0;
}

int probe_overlap(struct nl *nl, const struct prefix *subnet, const char *device,
                  struct prefix *ret_route, char ret_device[IFNAMSIZ]) {
        struct rtmsg m = { .rtm_family = subnet->address.family };
        struct overlap o = { .subnet = subnet };
        int r = nl_ask(nl, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof m, NULL, NULL, take_route, &o);
        if (r < 0 || !o.found)
                return r;
        *ret_route = o.route;
        if (nl_name(nl, o.other, ret_device) < 0)
                snprintf(ret_device, IFNAMSIZ, "#%d", o.other);
        return !streq(ret_device, device); /* who has our name is refused for that */
}

static void put_destination(struct nlmsghdr *h, const void *argument) {
        const struct address *to = argument;

        mnl_attr_put(h, RTA_DST, address_bytes(to->family), to->bytes);
}

static int take_way(void *user, const struct nlmsghdr *h) {
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);
        struct route_info *way = user;
        const struct nlattr *a;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m))
                return -EBADMSG;
        way->type = m->rtm_type;
        mnl_attr_for_each(a, h, sizeof *m) {
                if (mnl_attr_get_type(a) == RTA_OIF)
                        way->oif = number_of(a);
                if (mnl_attr_get_type(a) == RTA_PREFSRC &&
                    mnl_attr_get_payload_len(a) == address_bytes(m->rtm_family)) {
                        way->source.family = m->rtm_family;
                        memcpy(way->source.bytes, mnl_attr_get_payload(a),
                               address_bytes(m->rtm_family));
                }
        }
        return 0;
}

int probe_route(struct nl *nl, const struct address *to, struct route_info *ret) {
        struct rtmsg m = { .rtm_family = to->family,
                           .rtm_dst_len = (uint8_t)(8 * address_bytes(to->family)) };
        struct route_info way = { 0 };
        int e = nl_ask(nl, RTM_GETROUTE, 0, &m, sizeof m, put_destination, to, take_way, &way);

        if (e == 0)
                *ret = way;
        return e;
}

struct passing {
        const struct address *from, *to;
        int iif;
};

static void put_passing(struct nlmsghdr *h, const void *argument) {
        const struct passing *p = argument;

        put_destination(h, p->to);
        mnl_attr_put(h, RTA_SRC, address_bytes(p->from->family), p->from->bytes);
        mnl_attr_put_u32(h, RTA_IIF, (uint32_t)p->iif);
}

int probe_forwarding(struct nl *nl, const struct address *from, const char *device,
                     const struct address *to, struct route_info *ret) {
        uint8_t bits = (uint8_t)(8 * address_bytes(to->family));
        struct rtmsg m = { .rtm_family = to->family, .rtm_dst_len = bits, .rtm_src_len = bits };
        struct passing p = { from, to, nl_index_of_present(nl, device) };
        struct route_info way = { 0 };
        int e = p.iif;

        if (e >= 0)
                e = nl_ask(nl, RTM_GETROUTE, 0, &m, sizeof m, put_passing, &p, take_way, &way);
        if (e == 0)
                *ret = way;
        return e;
}

/* --- an address of the host --- */

struct host_address {
        int index;
        struct prefix found;
};

static int take_host_address(void *user, const struct nlmsghdr *h) {
        const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
        struct host_address *of = user;
        const struct nlattr *own;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m))
                return -EBADMSG;
        own = probe_address(h).own;
        if ((int)m->ifa_index != of->index || m->ifa_scope >= RT_SCOPE_LINK ||
            of->found.address.family || !own ||
            mnl_attr_get_payload_len(own) != address_bytes(m->ifa_family))
                return 0;
        of->found.address.family = m->ifa_family;
        of->found.length = m->ifa_prefixlen;
        memcpy(of->found.address.bytes, mnl_attr_get_payload(own), address_bytes(m->ifa_family));
        return 0;
}

static void forget_host_address(void *user) {
        struct host_address *of = user;

        of->found = (struct prefix){ 0 };
}

int probe_has_address(struct nl *nl, int index, struct prefix *ret) {
        struct ifaddrmsg m = { .ifa_family = AF_UNSPEC };
        struct host_address of = { .index = index };
        int e = nl_dump_whole(nl, RTM_GETADDR, &m, sizeof m, take_host_address, forget_host_address,
                              &of);

        *ret = of.found;
        return e < 0 ? e : of.found.address.family != 0;
}
