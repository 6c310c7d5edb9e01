/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the kernel answers, as far as it may be wrong. The sockets are real but carry nothing: the
 * calls that send and receive are replaced by the linker. An input is one byte that chooses what is
 * asked, then datagrams, each with its length in two bytes in front (little endian). A sequence
 * number counts from that of the request which is being answered, so that 0 means "this one". */

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "netlink/question.h"
#include "nft/nft.h"
#include "object/operations.h"
#include "util.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HAVE_ASAN 1
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

static struct {
        const uint8_t *next, *end;
        uint32_t seq; /* of the last request */
        void *buffer; /* that was filled last: what lies behind the datagram is poisoned */
        size_t size;
        bool elements; /* libnftnl reads the answer */
} kernel;

_wraps_ ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *data, size_t size);
_wraps_ ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *s, void *buffer, size_t size);
_wraps_ ssize_t __wrap_recv(int fd, void *buffer, size_t size, int flags);
_wraps_ int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
_wraps_ int __wrap_ioctl(int fd, unsigned long request, ...);
_wraps_ char *__wrap_if_indextoname(unsigned index, char *name);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s _unused_, const void *data,
                                 size_t size) {
        const struct nlmsghdr *h = data;

        for (int left = (int)size; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
                kernel.seq = h->nlmsg_seq;
        return (ssize_t)size;
}

static void unpoison(void) {
        if (kernel.buffer)
                ASAN_UNPOISON_MEMORY_REGION(kernel.buffer, kernel.size);
        kernel.buffer = NULL;
}

/* --- what libnftnl takes for granted --- */

/* It copies names without looking for their end, and ends the process ("ABI breakage") or worse where an
 * attribute has not the length that it knows. What is tested here is what we do with what it gives,
 * so an answer with elements that it would choke on is cut off. */
struct policy {
        uint16_t type;
        bool text;
        size_t min, max;
        const struct policy *nested; /* ends with type 0 */
};

static const struct policy verdict_policy[] = {
        { NFTA_VERDICT_CODE, false, 4, 4, NULL },
        { NFTA_VERDICT_CHAIN, true, 1, 32, NULL },
        { 0 },
};
static const struct policy data_policy[] = {
        { NFTA_DATA_VALUE, false, 1, 64, NULL },
        { NFTA_DATA_VERDICT, false, 0, 256, verdict_policy },
        { 0 },
};
static const struct policy elem_policy[] = {
        { NFTA_SET_ELEM_KEY, false, 0, 256, data_policy },
        { NFTA_SET_ELEM_KEY_END, false, 0, 256, data_policy },
        { NFTA_SET_ELEM_DATA, false, 0, 256, data_policy },
        { NFTA_SET_ELEM_FLAGS, false, 4, 4, NULL },
        { NFTA_SET_ELEM_TIMEOUT, false, 8, 8, NULL },
        { NFTA_SET_ELEM_EXPIRATION, false, 8, 8, NULL },
        { NFTA_SET_ELEM_USERDATA, false, 0, 256, NULL },
        { NFTA_SET_ELEM_PAD, false, 0, 256, NULL },
        { 0 },
};
static const struct policy list_policy[] = {
        { NFTA_LIST_ELEM, false, 0, 4096, elem_policy },
        { 0 },
};
static const struct policy message_policy[] = {
        { NFTA_SET_ELEM_LIST_TABLE, true, 1, 256, NULL },
        { NFTA_SET_ELEM_LIST_SET, true, 1, 256, NULL },
        { NFTA_SET_ELEM_LIST_ELEMENTS, false, 0, 32768, list_policy },
        { NFTA_SET_ELEM_LIST_SET_ID, false, 4, 4, NULL },
        { 0 },
};

static bool is_as_known(const uint8_t *data, size_t size, const struct policy *policies) {
        while (size >= sizeof(struct nlattr)) {
                const struct nlattr *a = (const void *)data;
                const struct policy *p = policies;
                size_t length = a->nla_len, payload = length - sizeof *a;

                if (length < sizeof *a || length > size)
                        return false;
                while (p->type && p->type != (a->nla_type & NLA_TYPE_MASK))
                        p++;
                if (!p->type || payload < p->min || payload > p->max ||
                    (p->text && !memchr(data + sizeof *a, 0, payload)) ||
                    (p->nested && !is_as_known(data + sizeof *a, payload, p->nested)))
                        return false;
                length = MNL_ALIGN(length);
                data += length;
                size = length < size ? size - length : 0;
        }
        return size == 0;
}

static bool is_for_libnftnl(const struct nlmsghdr *h) {
        size_t head = sizeof *h + sizeof(struct nfgenmsg);

        if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
                return true;
        return h->nlmsg_len >= head &&
               is_as_known((const uint8_t *)h + head, h->nlmsg_len - head, message_policy);
}

/* Of each message of the datagram. libmnl itself does not stand a length of two gigabytes and more
 * (mnl_nlmsg_ok() takes it for a negative one): those are spared. */
static void set_sequence(uint8_t *buffer, size_t size) {
        for (size_t at = 0; size - at >= sizeof(struct nlmsghdr);) {
                struct nlmsghdr *h = (void *)(buffer + at);
                size_t length;

                h->nlmsg_len &= INT32_MAX;
                length = h->nlmsg_len;
                if (length < sizeof *h || length > size - at)
                        return;
                if (kernel.elements && !is_for_libnftnl(h)) {
                        h->nlmsg_len = 0;
                        return;
                }
                h->nlmsg_seq += kernel.seq;
                length = MNL_ALIGN(length);
                at = length < size - at ? at + length : size;
        }
}

static ssize_t answer(void *buffer, size_t size) {
        size_t n;

        unpoison();
        if (kernel.end - kernel.next < 2) {
                errno = EAGAIN;
                return -1;
        }
        n = kernel.next[0] | (size_t)kernel.next[1] << 8;
        kernel.next += 2;
        if (n == 0xffff || n == 0xfffe) { /* an overrun, an interruption */
                errno = n == 0xffff ? ENOBUFS : EINTR;
                return -1;
        }
        if (n > (size_t)(kernel.end - kernel.next))
                n = (size_t)(kernel.end - kernel.next);
        if (n > size)
                n = size;
        memcpy(buffer, kernel.next, n);
        kernel.next += n;
        set_sequence(buffer, n);
        kernel.buffer = buffer;
        kernel.size = size;
        ASAN_POISON_MEMORY_REGION((char *)buffer + n, size - n);
        return (ssize_t)n;
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *s _unused_, void *buffer, size_t size) {
        return answer(buffer, size);
}

ssize_t __wrap_recv(int fd _unused_, void *buffer, size_t size, int flags _unused_) {
        return answer(buffer, size);
}

int __wrap_poll(struct pollfd *fds _unused_, nfds_t n _unused_, int timeout _unused_) {
        return 0;
}

int __wrap_ioctl(int fd _unused_, unsigned long request _unused_, ...) {
        errno = ENODEV;
        return -1;
}

char *__wrap_if_indextoname(unsigned index, char *name) {
        snprintf(name, IFNAMSIZ, "if%u", index % 1000);
        return name;
}

/* --- the questions --- */

static struct op_element element_of(uint8_t set) {
        struct op_element e = { .set = set % NFT_SETS, .protocol = IPPROTO_UDP, .port = 80 };

        e.last = e.set == SET_PUBLISH4_RANGE || e.set == SET_PUBLISH6_RANGE ? 90 : 0;
        e.subnet.address.family = e.set == SET_MASQ6 || e.set == SET_SNAT6 ? AF_INET6 : AF_INET;
        e.subnet.address.bytes[0] = 10;
        e.subnet.length = 8;
        e.host = e.subnet.address;
        e.to = e.subnet.address;
        e.to_port = 8080;
        strcpy(e.iif, "br0");
        strcpy(e.oif, "br0");
        e.verdict = VERDICT_DROP;
        return e;
}

struct failures {
        size_t n;
};

static void count_failure(void *user, size_t tag, int error, const char *why) {
        struct failures *f = user;

        fuzz_assert(tag < 3, "a failure of message %zu", tag);
        fuzz_assert(error != 0, "a failure without one");
        fuzz_assert(!why || strlen(why) < 65536, "a long reason");
        f->n++;
}

static void ask_flush(struct nl *nl) {
        struct ifinfomsg m = { 0 };
        struct failures f = { 0 };
        int r;

        for (size_t i = 0; i < 3; i++) {
                struct nlmsghdr *h = nl_begin(nl, RTM_NEWLINK, 0, &m, sizeof m);

                nl_end(nl, h, i, i == 1 ? NL_EXISTS_IS_DONE | NL_GONE_IS_DONE : NL_STRICT);
        }
        r = nl_flush(nl, count_failure, &f);
        fuzz_assert((r == 0) == (f.n == 0) && f.n <= 3, "%d with %zu failures", r, f.n);
        fuzz_assert(r <= 0, "nl_flush: %d", r);
        fuzz_assert(!nl_pending(nl), "something is left");
}

static void ask_link(struct nl *nl) {
        struct link_info info = { .index = -7 };
        int r = probe_link(nl, "br0", &info);

        fuzz_assert(r <= 0, "probe_link: %d", r);
        fuzz_assert(r == 0 || info.index == -7, "filled and failed");
        fuzz_assert(strnlen(info.kind, sizeof info.kind) < sizeof info.kind, "kind");
}

static void ask_bridge(struct nl *nl) {
        struct bridge_facts facts = { 0 };
        struct pool pool = POOL_NULL;
        struct diags d = DIAGS_NULL;
        int r = probe_bridge(nl, "br0", &pool, NULL, &facts, &d);

        fuzz_assert(r <= 0 && (r == 0 || d.n > 0), "probe_bridge: %d", r);
        list_foreach (a, &facts.addresses) {
                const struct prefix *p = &a->prefix;

                fuzz_assert(p->address.family == AF_INET || p->address.family == AF_INET6,
                            "an address of family %u", p->address.family);
                fuzz_assert(p->length <= address_bytes(p->address.family) * 8, "/%u", p->length);
        }
        diags_free(&d);
        pool_free(&pool);
}

static void ask_overlap(struct nl *nl, uint8_t family) {
        struct prefix subnet = { { family, { 10 } }, 8 }, route = { 0 };
        char device[IFNAMSIZ] = "";
        int r = probe_overlap(nl, &subnet, "br0", &route, device);

        fuzz_assert(r <= 1, "probe_overlap: %d", r);
        if (r == 1)
                fuzz_assert(route.address.family == family &&
                                    route.length <= address_bytes(family) * 8 && device[0],
                            "/%u", route.length);
}

static void ask_commit(struct nft *n) {
        struct op_element e = element_of(SET_PUBLISH4), gone = element_of(SET_PUBLISH6);
        char why[160] = "";
        size_t tag = SIZE_MAX;
        int r;

        nft_begin(n);
        for (size_t i = 0; i < 3; i++, e.port++)
                nft_add_element(n, &e, "owner", i);
        nft_delete_element(n, &gone, 3); /* of which the kernel tells the count */
        r = nft_commit(n, &tag, why);
        fuzz_assert(r <= 0 && strnlen(why, sizeof why) < sizeof why, "nft_commit: %d", r);
        fuzz_assert(tag == SIZE_MAX || tag < 4, "a failure of message %zu", tag);
        fuzz_assert(!nft_was_unused(n, &e), "an element is told of that did not leave");
}

static void ask_nft(struct nft *n, uint8_t what, uint8_t set) {
        struct op_element e = element_of(set), other = element_of(SET_PUBLISH6_RANGE);
        const struct op_element *both[] = { &e, &other };
        char owner[128] = "";
        int r = 0;

        kernel.elements = what == 1 || what == 2;
        switch (what) {
        case 0: r = nft_table_exists(n, TABLE_INET); break;
        case 1: r = nft_get_element(n, &e, owner); break;
        case 2: r = nft_port_taken(n, &e, owner); break;
        case 3: r = nft_forget_published(n, both, ARRAY_SIZE(both), NULL); break;
        case 4: r = nft_forget_stale(n, both, ARRAY_SIZE(both), NULL, NULL); break;
        default: ask_commit(n); break;
        }
        fuzz_assert(r <= 1, "%u: %d", what, r);
        fuzz_assert(strnlen(owner, sizeof owner) < sizeof owner, "an owner without end");
}

/* --- what a pass looks for --- */

static const char *const looks[] = {
        "address in x address=10.0.0.1/8 dev=br0",
        "address in x address=fd00::1/64 peer=fd00::2 dev=br0",
        "neighbor in x address=10.0.0.2 lladdr=02:00:00:00:00:01 dev=br0",
        "route in x to=10.0.0.0/8 hops=10.0.0.2,-,1;10.0.0.3,br0,2,onlink src=10.0.0.1 mtu=1400",
        "route in x to=::/0 hops=fd00::2,-,0 dev=br0",
        "route in x type=blackhole to=10.0.0.0/8 metric=5 table=1000",
        "rule in x family=ipv4 from=10.0.0.0/8 fwmark=0x1 has-mark=yes iif=br0 table=100",
        ("rule in x family=ipv4 not=yes oif=br0 ipproto=tcp sport=1 sport-last=2 dport=3 dport-last=3 "
         "has-uids=yes uid-last=5 has-suppress=yes table=100"),
        "altname dev=br0 name=vnet=x",
        "up dev=br0",
        "inbound in x dev=br0 ports=80/tcp",
        "port-vlan dev=br0 bridge=br0 pvid=10 tagged=20-30,40",
        "inet6 in x dev=br0 mode=static",
        "inet6 dev=br0 mode=port",
        "link dev=br0 mtu=1400 queue-length=7 arp=no promiscuous=yes rp-filter=2",
        "port dev=br0 hairpin=yes isolated=no",
        "bridge-set dev=br0 stp=yes has-ageing-time=yes ageing-time=600",
        "bridge name=br0 mac=02:00:00:00:00:01",
        "veth name=br0 mac=02:00:00:00:00:01 peer=eth0 peer-mac=02:00:00:00:00:02 master=br1 mtu=1400",
        "macvlan name=eth0 mac=02:00:00:00:00:01 parent=br0 mode=private mtu=1400",
        "physical name=eth0 mac=02:00:00:00:00:01 device=br0 index=7 host-index=3 host-name=br0 host-names=a%20b%20",
        "tun in x name=eth0 user=0 group=5 multi-queue=yes mtu=1400",
        "tap in x name=eth0 mac=02:00:00:00:00:01 user=65534",
        "ipvlan name=eth0 parent=br0 mode=l3 mtu=1400",
        "vlan in x name=eth0 mac=02:00:00:00:00:01 parent=br0 id=10",
        "bridge in x name=br1 mac=02:00:00:00:00:01",
        "master in x dev=eth0 master=br1",
        "vxlan name=eth0 vni=7 local=192.0.2.1 group=ff02::1 parent=br0 port=4789 mtu=1400",
        "vxlan-set in x dev=br0 learning=no",
        "fdb in x remote=192.0.2.2 dev=br0",
        "vrf in x name=br0 mac=02:00:00:00:00:01 table=10",
        "qdisc dev=br0 rate=10000000 burst=16384 limit=78884",
        "redirect dev=br0 to=br1",
};

static void ask_look(struct nl *nl, const char *line) {
        _cleanup_plan_ struct plan *p = plan_new("x");
        struct diags d = DIAGS_NULL;
        uint8_t states[1] = { 0 };
        struct place_state places[] = { { .ns = -1, .nl = nl }, { .ns = -1, .nl = nl } };
        struct pass r = { .plan = p,
                          .d = &d,
                          .states = states,
                          .places = places,
                          .n_places = PLACE_PEER,
                          .shared_lock = -1,
                          .repairing = true };
        char why[160];
        struct op have;
        int e;

        if (!p)
                return;
        p->netns = "x";
        fuzz_assert(op_parse(p, line, false, why) == 0, "%s: %s", line, why);
        e = op_impls[p->ops.items[0].kind].look(&r, &p->ops.items[0], &have);
        fuzz_assert(e <= 1, "look: %d", e);
        if (e >= 0) {
                free(op_print(p, &have, true)); /* what was read can be printed */
                fuzz_assert(have.kind == p->ops.items[0].kind, "another kind");
        }
        seen_free(r.seen);
        diags_free(&d);
}

/* 0 … 4 rtnetlink, then six questions about each set of the table; from LOOKS on rtnetlink as a pass asks. */
enum { LOOKS = 224 };
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        uint8_t which;

        if (size < 1)
                return 0;
        which = data[0];
        memset(&kernel, 0, sizeof kernel);
        kernel.next = data + 1;
        kernel.end = data + size;
        if (which < 5 || which >= LOOKS) {
                struct nl *nl;

                if (nl_open(&nl) < 0)
                        return 0;
                switch (which) {
                case 0: ask_flush(nl); break;
                case 1: ask_link(nl); break;
                case 2: ask_bridge(nl); break;
                case 3: ask_overlap(nl, AF_INET); break;
                case 4: ask_overlap(nl, AF_INET6); break;
                default: ask_look(nl, looks[(which - LOOKS) % ARRAY_SIZE(looks)]); break;
                }
                unpoison();
                nl_close(nl);
        } else {
                struct nft *n;

                if (nft_open(&n, NULL) < 0)
                        return 0;
                ask_nft(n, (which - 5) % 6, (uint8_t)((which - 5) / 6));
                unpoison();
                nft_close(n);
        }
        return 0;
}
