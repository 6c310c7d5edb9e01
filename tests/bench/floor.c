/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The floor: the least work with which any program could make and remove one network namespace of
 * ours. A yardstick, not a tool: it sends the messages that are needed, looks at nothing but their
 * success, keeps no record and takes nothing back. What vnet-helper takes beyond it is its own doing.
 *
 * Namespace I: /run/netns/netI, eth0 inside with 172.18.1.0 + I / 16 and a default route to
 * 172.18.0.1, vethI on the host in bridge br0; with -p an element in the map "dn" of the table
 * "ip fl", which tools/bench makes: host port 20000 + I is port 80 inside. The outer end has no
 * IPv6 address where the default of the host's addr_gen_mode says so, as in tools/bench.
 *
 * There are two ways to stop, and either is the better one at times. RTM_DELLINK waits for the grace
 * periods of one interface. Without it (-w) the kernel removes the pair with the namespace, which is
 * ten times faster while it has no other one to clean up, and slower where stops follow each other.
 *
 * With -k KIND it is no pair but a macvlan, ipvlan or vlan over up0, or a tunnel of WireGuard with one
 * peer: eth0 inside with the same address, and nothing on the host. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "util.h"

enum { LO = 1, PEER = 2, BORN_INSIDE = 1 << 20, PREFIX = 16, OUTER_PORT = 20000, INNER_PORT = 80 };
enum { POLL_US = 100, POLLS = 50, POLL_LATER_US = 1000 };
enum { ADDRESSES = 0xac120100, BROADCAST = 0xac12ffff, GATEWAY = 0xac120001, BATCH = 4096 };
enum { VLAN = 10, WG_PORT = 51820, WG_ENDPOINT = 0xac12fffe };

struct floor {
        bool publish, wait;
        const char *kind;              /* NULL: a pair */
        int inner;                     /* index of eth0 */
        struct mnl_socket *host, *nft; /* opened before unshare(): no setns() needed */
        uint32_t address;              /* network byte order */
        uint16_t port;
        char path[64], outer[IFNAMSIZ];
};

/* The messages of the next sendmsg. */
struct batch {
        char data[BATCH];
        char *tail;
        unsigned seq;
};

static void die(const char *what) {
        fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
        exit(1);
}

static void must(bool good, const char *what) {
        if (!good)
                die(what);
}

static struct mnl_socket *open_netlink(int protocol) {
        struct mnl_socket *s = mnl_socket_open2(protocol, SOCK_CLOEXEC);

        must(s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) >= 0, "netlink socket");
        return s;
}

/* A netlink socket will do for these: units may be confined to AF_NETLINK. */
static int index_of(const struct floor *f, const char *name) {
        struct ifreq q = { 0 };

        snprintf(q.ifr_name, sizeof q.ifr_name, "%s", name);
        return ioctl(mnl_socket_get_fd(f->host), SIOCGIFINDEX, &q) < 0 ? 0 : q.ifr_ifindex;
}

/* --- messages --- */

static struct nlmsghdr *begin(struct batch *b, uint16_t type, uint16_t flags) {
        struct nlmsghdr *h = mnl_nlmsg_put_header(b->tail);

        h->nlmsg_type = type;
        h->nlmsg_flags = NLM_F_REQUEST | flags;
        h->nlmsg_seq = ++b->seq;
        return h;
}

static void end(struct batch *b, const struct nlmsghdr *h) {
        b->tail += NLMSG_ALIGN(h->nlmsg_len);
}

/* The last message of a batch asks for its acknowledgement; one that fails answers in any case. */
static void transact(struct batch *b, struct mnl_socket *s, const char *what) {
        char reply[BATCH] __attribute__((aligned(NLMSG_ALIGNTO)));
        const struct nlmsghdr *h = (const void *)reply;
        const struct nlmsgerr *e;

        must(mnl_socket_sendto(s, b->data, b->tail - b->data) >= 0, what);
        must(mnl_socket_recvfrom(s, reply, sizeof reply) >= 0, what);
        e = mnl_nlmsg_get_payload(h);
        errno = h->nlmsg_type == NLMSG_ERROR ? -e->error : EPROTO;
        must(errno == 0, what);
        b->tail = b->data;
}

static struct nlmsghdr *begin_link(struct batch *b, uint16_t type, uint16_t flags, int index,
                                   unsigned interface_flags) {
        struct nlmsghdr *h = begin(b, type, flags);
        struct ifinfomsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);

        m->ifi_index = index;
        m->ifi_flags = m->ifi_change = interface_flags;
        return h;
}

/* --- start --- */

/* Both ends in one message: the outer one up and in its bridge, the inner one born in the namespace
 * with an index that is known. IFF_UP is refused for it here: its peer is not there yet. */
static void make_pair(const struct floor *f, struct batch *b, int ns) {
        struct nlmsghdr *h = begin_link(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0,
                                        IFF_UP);
        struct nlattr *info, *data, *peer;
        struct ifinfomsg *m;

        mnl_attr_put_strz(h, IFLA_IFNAME, f->outer);
        mnl_attr_put_u32(h, IFLA_MASTER, index_of(f, "br0"));
        info = mnl_attr_nest_start(h, IFLA_LINKINFO);
        mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
        data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
        peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
        m = mnl_nlmsg_put_extra_header(h, sizeof *m);
        m->ifi_index = f->inner;
        mnl_attr_put_strz(h, IFLA_IFNAME, "eth0");
        mnl_attr_put_u32(h, IFLA_NET_NS_FD, ns);
        mnl_attr_nest_end(h, peer);
        mnl_attr_nest_end(h, data);
        mnl_attr_nest_end(h, info);
        end(b, h);
        transact(b, f->host, "pair");
}

static void put_kind(const struct floor *f, struct nlmsghdr *h) {
        struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO), *data;

        mnl_attr_put_strz(h, IFLA_INFO_KIND, f->kind);
        data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
        if (streq(f->kind, "macvlan"))
                mnl_attr_put_u32(h, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
        else if (streq(f->kind, "ipvlan"))
                mnl_attr_put_u16(h, IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
        else if (streq(f->kind, "vlan"))
                mnl_attr_put_u16(h, IFLA_VLAN_ID, VLAN);
        mnl_attr_nest_end(h, data);
        mnl_attr_nest_end(h, info);
}

/* Born in the namespace, with an index that the host must not have either. A tunnel has its socket where it was asked for, which is on the host. */
static void make_link(const struct floor *f, struct batch *b, int ns) {
        struct nlmsghdr *h = begin_link(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK,
                                        f->inner, 0);

        mnl_attr_put_strz(h, IFLA_IFNAME, "eth0");
        if (!streq(f->kind, WG_GENL_NAME))
                mnl_attr_put_u32(h, IFLA_LINK, index_of(f, "up0"));
        mnl_attr_put_u32(h, IFLA_NET_NS_FD, ns);
        put_kind(f, h);
        end(b, h);
        transact(b, f->host, f->kind);
}

static struct nlmsghdr *begin_generic(struct batch *b, uint16_t family, uint8_t command,
                                      uint8_t version, uint16_t flags) {
        struct nlmsghdr *h = begin(b, family, flags);
        struct genlmsghdr *g = mnl_nlmsg_put_extra_header(h, sizeof *g);

        g->cmd = command;
        g->version = version;
        return h;
}

/* The number by which the kernel knows messages of WireGuard. */
static uint16_t ask_family(struct batch *b, struct mnl_socket *s) {
        char reply[BATCH] __attribute__((aligned(NLMSG_ALIGNTO)));
        struct nlmsghdr *h = begin_generic(b, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
        const struct nlattr *a;

        mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
        end(b, h);
        must(mnl_socket_sendto(s, b->data, b->tail - b->data) >= 0, WG_GENL_NAME);
        must(mnl_socket_recvfrom(s, reply, sizeof reply) >= 0, WG_GENL_NAME);
        b->tail = b->data;
        h = (void *)reply;
        mnl_attr_for_each(
                a, h,
                sizeof(struct genlmsghdr)) if (mnl_attr_get_type(a) ==
                                               CTRL_ATTR_FAMILY_ID) return mnl_attr_get_u16(a);
        errno = ENOENT;
        die(WG_GENL_NAME);
        return 0;
}

/* Any 32 bytes will do as keys. */
static void put_peer(struct nlmsghdr *h) {
        static const uint8_t key[WG_KEY_LEN] = { 9 };
        const struct sockaddr_in endpoint = { .sin_family = AF_INET,
                                              .sin_port = htons(WG_PORT),
                                              .sin_addr.s_addr = htonl(WG_ENDPOINT) };
        struct nlattr *peers = mnl_attr_nest_start(h, WGDEVICE_A_PEERS);
        struct nlattr *peer = mnl_attr_nest_start(h, 0), *all, *one;

        mnl_attr_put(h, WGPEER_A_PUBLIC_KEY, sizeof key, key);
        mnl_attr_put(h, WGPEER_A_ENDPOINT, sizeof endpoint, &endpoint);
        all = mnl_attr_nest_start(h, WGPEER_A_ALLOWEDIPS);
        one = mnl_attr_nest_start(h, 0);
        mnl_attr_put_u16(h, WGALLOWEDIP_A_FAMILY, AF_INET);
        mnl_attr_put_u32(h, WGALLOWEDIP_A_IPADDR, 0);
        mnl_attr_put_u8(h, WGALLOWEDIP_A_CIDR_MASK, 0);
        mnl_attr_nest_end(h, one);
        mnl_attr_nest_end(h, all);
        mnl_attr_nest_end(h, peer);
        mnl_attr_nest_end(h, peers);
}

static void configure_tunnel(const struct floor *f, struct batch *b) {
        static const uint8_t key[WG_KEY_LEN] = { 8 };
        struct mnl_socket *s = open_netlink(NETLINK_GENERIC);
        struct nlmsghdr *h = begin_generic(b, ask_family(b, s), WG_CMD_SET_DEVICE, WG_GENL_VERSION,
                                           NLM_F_ACK);

        mnl_attr_put_u32(h, WGDEVICE_A_IFINDEX, f->inner);
        mnl_attr_put(h, WGDEVICE_A_PRIVATE_KEY, sizeof key, key);
        put_peer(h);
        end(b, h);
        transact(b, s, WG_GENL_NAME);
}

static void put_no_ipv6(const struct floor *f, struct batch *b) {
        struct nlmsghdr *h = begin_link(b, RTM_NEWLINK, 0, f->inner, 0);
        struct nlattr *spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
        struct nlattr *inet6 = mnl_attr_nest_start(h, AF_INET6);

        mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        mnl_attr_nest_end(h, inet6);
        mnl_attr_nest_end(h, spec);
        end(b, h);
}

static void put_address(const struct floor *f, struct batch *b) {
        struct nlmsghdr *h = begin(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
        struct ifaddrmsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);

        m->ifa_family = AF_INET;
        m->ifa_prefixlen = PREFIX;
        m->ifa_index = f->inner;
        mnl_attr_put_u32(h, IFA_LOCAL, f->address);
        mnl_attr_put_u32(h, IFA_ADDRESS, f->address);
        mnl_attr_put_u32(h, IFA_BROADCAST, htonl(BROADCAST));
        end(b, h);
}

static void put_default_route(const struct floor *f, struct batch *b, bool gateway) {
        struct nlmsghdr *h = begin(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
        struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof *m);

        m->rtm_family = AF_INET;
        m->rtm_table = RT_TABLE_MAIN;
        m->rtm_protocol = RTPROT_STATIC;
        m->rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
        m->rtm_type = RTN_UNICAST;
        if (gateway)
                mnl_attr_put_u32(h, RTA_GATEWAY, htonl(GATEWAY));
        mnl_attr_put_u32(h, RTA_OIF, f->inner);
        end(b, h);
}

static void configure_inside(const struct floor *f, struct batch *b) {
        struct mnl_socket *inner = open_netlink(NETLINK_ROUTE);

        end(b, begin_link(b, RTM_NEWLINK, 0, LO, IFF_UP));
        put_no_ipv6(f, b);
        end(b, begin_link(b, RTM_NEWLINK, 0, f->inner, IFF_UP));
        put_address(f, b);
        put_default_route(f, b, !f->kind || !streq(f->kind, WG_GENL_NAME));
        transact(b, inner, "inside");
}

/* Data is padded to registers of 4 bytes: an address, a port. */
static void change_port(const struct floor *f, struct batch *b, bool add) {
        struct nftnl_set *s = nftnl_set_alloc();
        struct nftnl_set_elem *e = nftnl_set_elem_alloc();
        uint16_t outer = htons(f->port), inner = htons(INNER_PORT);
        char data[8] = { 0 };
        struct nlmsghdr *h;

        must(s && e, "nftables");
        memcpy(data, &f->address, sizeof f->address);
        memcpy(data + 4, &inner, sizeof inner);
        nftnl_set_set_str(s, NFTNL_SET_TABLE, "fl");
        nftnl_set_set_str(s, NFTNL_SET_NAME, "dn");
        nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, &outer, sizeof outer);
        if (add)
                nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, data, sizeof data);
        nftnl_set_elem_add(s, e);
        end(b, nftnl_batch_begin(b->tail, ++b->seq));
        h = nftnl_nlmsg_build_hdr(b->tail, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
                                  NFPROTO_IPV4, NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0),
                                  ++b->seq);
        nftnl_set_elems_nlmsg_build_payload(h, s);
        nftnl_set_free(s);
        end(b, h);
        end(b, nftnl_batch_end(b->tail, ++b->seq));
        transact(b, f->nft, "nftables");
}

static void add(const struct floor *f, struct batch *b) {
        int fd = open(f->path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), ns;

        must(fd >= 0, f->path);
        must(unshare(CLONE_NEWNET) == 0, "unshare");
        must(mount("/proc/self/ns/net", f->path, "none", MS_BIND, NULL) == 0, "mount");
        ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        must(ns >= 0, "/proc/self/ns/net");
        if (f->kind)
                make_link(f, b, ns);
        else
                make_pair(f, b, ns);
        if (f->kind && streq(f->kind, WG_GENL_NAME))
                configure_tunnel(f, b);
        configure_inside(f, b);
        if (f->publish)
                change_port(f, b, true);
}

/* --- stop --- */

static void delete_pair(const struct floor *f, struct batch *b) {
        struct nlmsghdr *h = begin_link(b, RTM_DELLINK, NLM_F_ACK, 0, 0);

        mnl_attr_put_strz(h, IFLA_IFNAME, f->outer);
        end(b, h);
        transact(b, f->host, f->outer);
}

static void del(const struct floor *f, struct batch *b) {
        if (f->publish)
                change_port(f, b, false);
        if (!f->wait && !f->kind)
                delete_pair(f, b);
        must(umount2(f->path, MNT_DETACH) == 0, f->path);
        must(unlink(f->path) == 0, f->path);
        /* often while it is a matter of 2 ms; many together must not take the processor for it */
        for (int i = 0; f->wait && index_of(f, f->outer); i++)
                usleep(i < POLLS ? POLL_US : POLL_LATER_US);
}

static int usage(void) {
        fputs("usage: floor [-p] [-w] [-k KIND] add|del I\n"
              "  I   a number, letters before it are skipped\n"
              "  -p  publish a port\n"
              "  -w  del: leave the pair to the kernel and wait until it is gone\n"
              "  -k  macvlan, ipvlan, vlan or wireguard\n",
              stderr);
        return 2;
}

int main(int argc, char **argv) {
        struct floor f = { 0 };
        struct batch b = { .tail = b.data };
        unsigned i;
        int c;

        while ((c = getopt(argc, argv, "pwk:")) != -1)
                switch (c) {
                case 'p': f.publish = true; break;
                case 'w': f.wait = true; break;
                case 'k': f.kind = optarg; break;
                default: return usage();
                }
        if (argc - optind != 2)
                return usage();
        i = strtoul(argv[optind + 1] + strcspn(argv[optind + 1], "0123456789"), NULL, 10);
        f.address = htonl(ADDRESSES + i);
        f.port = OUTER_PORT + i;
        f.inner = f.kind ? BORN_INSIDE + (int)i : PEER;
        snprintf(f.path, sizeof f.path, "/run/netns/net%u", i);
        snprintf(f.outer, sizeof f.outer, "veth%u", i);
        f.host = open_netlink(NETLINK_ROUTE);
        f.nft = f.publish ? open_netlink(NETLINK_NETFILTER) : NULL;
        if (streq(argv[optind], "add"))
                add(&f, &b);
        else if (streq(argv[optind], "del"))
                del(&f, &b);
        else
                return usage();
        return 0;
}
