/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All that netlink says of a network namespace: one line for each message, the name of a dump, the
 * fields of its header, then NUMBER=VALUE for each attribute, a string or hexadecimal. Interfaces have
 * names instead of numbers, and what changes by itself is left out: counters, timers, carrier,
 * handles. */

#include "picture.h"

#include <ctype.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static struct {
        uint32_t index;
        char name[IFNAMSIZ];
} interfaces[4096];
static size_t n_interfaces;

/* --- attributes --- */

static void print_value(const void *data, size_t size) {
        const unsigned char *bytes = data;
        bool text = size > 2 && bytes[size - 1] == '\0';

        for (size_t i = 0; text && i + 1 < size; i++)
                text = isgraph(bytes[i]);
        if (text) {
                fputs(data, out);
                return;
        }
        for (size_t i = 0; i < size; i++)
                fprintf(out, "%02x", bytes[i]);
}

static const char *name_of(uint32_t index) {
        for (size_t i = 0; i < n_interfaces; i++)
                if (interfaces[i].index == index)
                        return interfaces[i].name;
        return index == 0 ? "-" : "another";
}

static void print_nexthops(const void *data, size_t size) {
        for (const struct rtnexthop *h = data; RTNH_OK(h, (int)size);
             size -= RTNH_ALIGN(h->rtnh_len), h = RTNH_NEXT(h)) {
                fprintf(out, "(%s %u %u", name_of((uint32_t)h->rtnh_ifindex), h->rtnh_hops,
                        h->rtnh_flags & ~RTNH_F_LINKDOWN);
                print_attributes(NULL, RTNH_DATA(h), h->rtnh_len - RTNH_LENGTH(0));
                fputc(')', out);
        }
}

void print_attributes(const struct rule *rules, const void *data, size_t size) {
        const struct nlattr *attr;

        mnl_attr_for_each_payload(data, size) {
                const struct rule *r = rules;
                unsigned type = mnl_attr_get_type(attr);

                while (r && r->type != 0 && r->type != type)
                        r++;
                if (r && r->type == 0)
                        r = NULL;
                if (r && r->how == SKIP)
                        continue;
                fprintf(out, " %u=", type);
                if (!r) {
                        print_value(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
                } else if (r->how == INDEX) {
                        fputs(name_of(mnl_attr_get_u32(attr)), out);
                } else if (r->how == NEXTHOPS) {
                        print_nexthops(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
                } else {
                        fputc('[', out);
                        print_attributes(r->inside, mnl_attr_get_payload(attr),
                                         mnl_attr_get_payload_len(attr));
                        fputc(']', out);
                }
        }
}

static const struct rule bridge_rules[] = {
        { IFLA_BR_HELLO_TIMER, SKIP, NULL },
        { IFLA_BR_TCN_TIMER, SKIP, NULL },
        { IFLA_BR_TOPOLOGY_CHANGE_TIMER, SKIP, NULL },
        { IFLA_BR_TOPOLOGY_CHANGE, SKIP, NULL },
        { IFLA_BR_TOPOLOGY_CHANGE_DETECTED, SKIP, NULL },
        { IFLA_BR_GC_TIMER, SKIP, NULL },
        { 48, SKIP, NULL }, /* IFLA_BR_FDB_N_LEARNED, since 6.7 */
        { 0 },
};
static const struct rule port_rules[] = {
        { IFLA_BRPORT_STATE, SKIP, NULL },
        { IFLA_BRPORT_MESSAGE_AGE_TIMER, SKIP, NULL },
        { IFLA_BRPORT_FORWARD_DELAY_TIMER, SKIP, NULL },
        { IFLA_BRPORT_HOLD_TIMER, SKIP, NULL },
        { 41, SKIP, NULL }, /* IFLA_BRPORT_MCAST_N_GROUPS, since 6.3 */
        { 0 },
};
static const struct rule info_rules[] = {
        { IFLA_INFO_DATA, NESTED,
          bridge_rules }, /* what others have at these numbers is nothing of ours */
        { IFLA_INFO_SLAVE_DATA, NESTED, port_rules },
        { 0 },
};
static const struct rule inet6_rules[] = {
        { IFLA_INET6_FLAGS, SKIP, NULL }, /* IF_READY goes with the carrier */
        { IFLA_INET6_CACHEINFO, SKIP, NULL },  { IFLA_INET6_STATS, SKIP, NULL },
        { IFLA_INET6_ICMP6STATS, SKIP, NULL }, { 0 },
};
static const struct rule family_rules[] = { { AF_INET6, NESTED, inet6_rules }, { 0 } };
static const struct rule link_rules[] = {
        { IFLA_LINK, SKIP, NULL }, /* the other end, in another namespace */
        { IFLA_LINK_NETNSID, SKIP, NULL },
        { IFLA_MASTER, INDEX, NULL },
        { IFLA_OPERSTATE, SKIP, NULL },
        { IFLA_CARRIER, SKIP, NULL },
        { IFLA_CARRIER_CHANGES, SKIP, NULL },
        { IFLA_CARRIER_UP_COUNT, SKIP, NULL },
        { IFLA_CARRIER_DOWN_COUNT, SKIP, NULL },
        { IFLA_STATS, SKIP, NULL },
        { IFLA_STATS64, SKIP, NULL },
        { IFLA_LINKINFO, NESTED, info_rules },
        { IFLA_PROTINFO, NESTED, port_rules },
        { IFLA_AF_SPEC, NESTED, family_rules },
        { 0 },
};
static const struct rule addr_rules[] = { { IFA_CACHEINFO, SKIP, NULL }, { 0 } };
static const struct rule neigh_rules[] = {
        { NDA_CACHEINFO, SKIP, NULL },
        { NDA_PROBES, SKIP, NULL },
        { NDA_MASTER, INDEX, NULL },
        { 0 },
};
static const struct rule route_rules[] = {
        { RTA_CACHEINFO, SKIP, NULL },
        { RTA_OIF, INDEX, NULL },
        { RTA_IIF, INDEX, NULL },
        { RTA_MULTIPATH, NEXTHOPS, NULL },
        { 0 },
};

static const struct rule nexthop_rules[] = { { NHA_OIF, INDEX, NULL }, { 0 } };

/* --- one message, one line --- */

void begin_line(const char *what) {
        fprintf(out, "%s%s", where, what);
}

void end_line(const struct rule *rules, const struct nlmsghdr *h, size_t header) {
        print_attributes(rules, mnl_nlmsg_get_payload_offset(h, header),
                         mnl_nlmsg_get_payload_len(h) - MNL_ALIGN(header));
        fputc('\n', out);
}

static int learn_name(const struct nlmsghdr *h, void *user) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
        const struct nlattr *attr;

        (void)user;
        if (n_interfaces == sizeof interfaces / sizeof *interfaces)
                die("too many interfaces");
        mnl_attr_for_each(attr, h, sizeof *m) {
                if (mnl_attr_get_type(attr) == IFLA_IFNAME)
                        snprintf(interfaces[n_interfaces].name, IFNAMSIZ, "%s",
                                 mnl_attr_get_str(attr));
        }
        interfaces[n_interfaces++].index = (uint32_t)m->ifi_index;
        return MNL_CB_OK;
}

static int print_link(const struct nlmsghdr *h, void *user) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);

        (void)user;
        begin_line(m->ifi_family == AF_BRIDGE ? "bridge port" : "link");
        fprintf(out, " %s type %u flags %x", name_of((uint32_t)m->ifi_index), m->ifi_type,
                m->ifi_flags & ~(unsigned)(IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT));
        end_line(link_rules, h, sizeof *m);
        return MNL_CB_OK;
}

static int print_addr(const struct nlmsghdr *h, void *user) {
        const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);

        (void)user;
        begin_line("addr");
        fprintf(out, " %s family %u prefix %u scope %u", name_of(m->ifa_index), m->ifa_family,
                m->ifa_prefixlen, m->ifa_scope);
        end_line(addr_rules, h, sizeof *m);
        return MNL_CB_OK;
}

/* The others come and go. */
static int print_neigh(const struct nlmsghdr *h, void *user) {
        const struct ndmsg *m = mnl_nlmsg_get_payload(h);

        (void)user;
        if ((m->ndm_state != NUD_PERMANENT && !(m->ndm_flags & NTF_PROXY)) ||
            m->ndm_family == AF_BRIDGE)
                return MNL_CB_OK;
        begin_line("neigh");
        fprintf(out, " %s family %u flags %u", name_of((uint32_t)m->ndm_ifindex), m->ndm_family,
                m->ndm_flags);
        end_line(neigh_rules, h, sizeof *m);
        return MNL_CB_OK;
}

/* But for anycast, of which the kernel loses count where forwarding is switched to and fro, and for
 * its multicast routes, which come with the carrier, up to a second later. */
static int print_route(const struct nlmsghdr *h, void *user) {
        const struct rtmsg *m = mnl_nlmsg_get_payload(h);

        (void)user;
        if (m->rtm_type == RTN_ANYCAST || m->rtm_flags & RTM_F_CLONED ||
            (m->rtm_type == RTN_MULTICAST && m->rtm_protocol == RTPROT_KERNEL))
                return MNL_CB_OK;
        begin_line("route");
        fprintf(out,
                " family %u dst %u src %u tos %u table %u protocol %u scope %u type %u flags %x",
                m->rtm_family, m->rtm_dst_len, m->rtm_src_len, m->rtm_tos, m->rtm_table,
                m->rtm_protocol, m->rtm_scope, m->rtm_type,
                m->rtm_flags & ~(unsigned)RTNH_F_LINKDOWN);
        end_line(route_rules, h, sizeof *m);
        return MNL_CB_OK;
}

static int print_nexthop(const struct nlmsghdr *h, void *user) {
        const struct nhmsg *m = mnl_nlmsg_get_payload(h);

        (void)user;
        begin_line("nexthop");
        fprintf(out, " family %u scope %u protocol %u flags %x", m->nh_family, m->nh_scope,
                m->nh_protocol, m->nh_flags & ~(unsigned)RTNH_F_LINKDOWN);
        end_line(nexthop_rules, h, sizeof *m);
        return MNL_CB_OK;
}

static int print_rule(const struct nlmsghdr *h, void *user) {
        const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);

        (void)user;
        begin_line("rule");
        fprintf(out, " family %u dst %u src %u tos %u table %u action %u flags %x", m->family,
                m->dst_len, m->src_len, m->tos, m->table, m->action, m->flags);
        end_line(NULL, h, sizeof *m);
        return MNL_CB_OK;
}

/* --- dumps --- */

/* On a socket of its own: it costs less than the care for what is left in one. */
void ask(int bus, const void *request, mnl_cb_t cb, void *user) {
        static char buffer[1 << 16];
        struct mnl_socket *s = mnl_socket_open(bus);
        const struct nlmsghdr *h = request;
        int r = 1;

        if (!s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
            mnl_socket_sendto(s, h, h->nlmsg_len) < 0)
                die("cannot ask");
        while (r > 0) {
                ssize_t n = mnl_socket_recvfrom(s, buffer, sizeof buffer);

                r = n < 0 ? -1
                          : mnl_cb_run(buffer, (size_t)n, 0, mnl_socket_get_portid(s), cb, user);
        }
        /* EINTR: something changed meanwhile, and whoever looks looks again */
        if (r < 0 && errno != EINTR && errno != ENOENT)
                die("no answer");
        mnl_socket_close(s);
}

/* Each kind of header begins with the family. */
static void dump(uint16_t type, int family, size_t header, uint32_t mask, mnl_cb_t cb) {
        char buffer[256] = "";
        struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);

        h->nlmsg_type = type;
        h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        *(unsigned char *)mnl_nlmsg_put_extra_header(h, header) = (unsigned char)family;
        if (mask)
                mnl_attr_put_u32(h, IFLA_EXT_MASK, mask);
        ask(NETLINK_ROUTE, h, cb, NULL);
}

/* Of IPv6: what the host answers for on behalf of others. */
static void dump_proxies(void) {
        struct {
                struct nlmsghdr h;
                struct ndmsg m;
        } request = { .h = { .nlmsg_len = sizeof request,
                             .nlmsg_type = RTM_GETNEIGH,
                             .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                      .m = { .ndm_family = AF_INET6, .ndm_flags = NTF_PROXY } };

        ask(NETLINK_ROUTE, &request, print_neigh, NULL);
}

void dump_network(void) {
        static const int families[] = { AF_INET, AF_INET6 };

        n_interfaces = 0;
        dump(RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), RTEXT_FILTER_SKIP_STATS, learn_name);
        dump(RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), RTEXT_FILTER_SKIP_STATS, print_link);
        dump(RTM_GETLINK, AF_BRIDGE, sizeof(struct ifinfomsg), RTEXT_FILTER_BRVLAN, print_link);
        dump(RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg), 0, print_addr);
        dump(RTM_GETNEIGH, AF_UNSPEC, sizeof(struct ndmsg), 0, print_neigh);
        dump_proxies();
        dump(RTM_GETNEXTHOP, AF_UNSPEC, sizeof(struct nhmsg), 0, print_nexthop);
        for (size_t i = 0; i < 2; i++) {
                dump(RTM_GETROUTE, families[i], sizeof(struct rtmsg), 0, print_route);
                dump(RTM_GETRULE, families[i], sizeof(struct fib_rule_hdr), 0, print_rule);
        }
}
