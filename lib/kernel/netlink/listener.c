/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks the kernel whether a program of the host listens where a network is going to publish a port
 * (sock_diag(7)). A published port is led on before the host looks for a socket: that program would
 * hear nothing any more, and PublishPort=22:22 would lock the administrator out. The loopback is
 * never published, and neither are IPv6's link-local addresses. */

#include "netlink/listener.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "netlink/socket.h"
#include "util.h"
#include "value.h"

enum { LOOPBACK_INDEX = 1 };

struct listeners {
        const struct plan *plan, *old;
        const bool *comes;
        struct diags *d;
        int error;
        uint8_t protocol;
};

struct listener {
        struct address address;
        uint16_t port;
        bool any, both; /* every address; of IPv4 too */
};

static bool is_six(const struct op_element *e) {
        return (e->set - SET_PUBLISH4) % 2; /* in enum nft_set they alternate */
}

static bool has_port(const struct op_element *e, uint8_t protocol, uint16_t port) {
        return e->protocol == protocol && port >= e->port && port <= (e->last ?: e->port);
}

/* Of the port at all addresses, one of them is enough. */
static bool is_at(const struct listener *l, const struct op_element *e) {
        uint8_t family = is_six(e) ? AF_INET6 : AF_INET;

        if (l->any)
                return l->address.family == family || l->both;
        return l->address.family == family &&
               (!e->host.family || address_equal(&e->host, &l->address));
}

static bool was_published(const struct listeners *s, const struct op_element *e, uint16_t port) {
        if (!s->old)
                return false;
        list_foreach (op, &s->old->ops)
                if (op_publishes(op) && is_six(&op->element) == is_six(e) &&
                    has_port(&op->element, e->protocol, port) &&
                    (!op->element.host.family || address_equal(&op->element.host, &e->host)))
                        return true;
        return false;
}

static void tell(struct listeners *s, const struct op *op, const struct listener *l) {
        char text[ADDRESS_MAX];
        bool six = l->address.family == AF_INET6;
        const char *name = protocol_name(s->protocol);

        address_print(&l->address, text);
        if (s->protocol == IPPROTO_TCP)
                s->error = diag_error(s->d, -EADDRINUSE, &op->origin, "PublishPort",
                                      "host port %u/%s is in use: a program of the host listens on "
                                      "%s%s%s:%u",
                                      l->port, name, six ? "[" : "", text, six ? "]" : "", l->port);
        else
                diag_warn(s->d, &op->origin, "PublishPort",
                          "host port %u/%s: a program of the host has %s%s%s:%u open, and will not "
                          "hear what comes to the published port",
                          l->port, name, six ? "[" : "", text, six ? "]" : "", l->port);
}

/* One conflict of a socket is enough to be told. */
static void compare(struct listeners *s, const struct listener *l) {
        for (size_t i = 0; i < s->plan->ops.n && s->error == 0; i++) {
                const struct op *op = &s->plan->ops.items[i];

                if (!op_publishes(op) || (s->comes && !s->comes[i]) ||
                    !has_port(&op->element, s->protocol, l->port) || !is_at(l, &op->element) ||
                    was_published(s, &op->element, l->port))
                        continue;
                tell(s, op, l);
                return;
        }
}

static bool is_reachable(const struct address *a) {
        return !address_is_loopback(a) &&
               !(a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80);
}

/* "::ffff:192.0.2.1" is IPv4, and "::" both, unless the socket was told otherwise. */
static void take(struct listeners *s, const struct nlmsghdr *h) {
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff }, zero[16];
        const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
        struct listener l = { .address.family = m->idiag_family, .port = ntohs(m->id.idiag_sport) };
        bool only = false;
        const struct nlattr *a;

        if (h->nlmsg_len < mnl_nlmsg_size(sizeof *m) || m->id.idiag_if == LOOPBACK_INDEX ||
            (m->idiag_family != AF_INET && m->idiag_family != AF_INET6))
                return;
        mnl_attr_for_each(a, h, sizeof *m) if (mnl_attr_get_type(a) == INET_DIAG_SKV6ONLY &&
                                               mnl_attr_get_payload_len(a) >= 1)
                only = mnl_attr_get_u8(a);
        memcpy(l.address.bytes, m->id.idiag_src, address_bytes(m->idiag_family));
        if (m->idiag_family == AF_INET6 && memcmp(l.address.bytes, mapped, sizeof mapped) == 0) {
                l.address = (struct address){ .family = AF_INET };
                memcpy(l.address.bytes, &m->id.idiag_src[3], sizeof m->id.idiag_src[3]);
        }
        l.any = memcmp(l.address.bytes, zero, sizeof zero) == 0;
        l.both = l.any && m->idiag_family == AF_INET6 && !only;
        if (is_reachable(&l.address))
                compare(s, &l);
}

/* To the end of the dump. */
static int receive(struct listeners *s, int fd) {
        char buffer[16384];

        for (;;) {
                ssize_t n = recv(fd, buffer, sizeof buffer, 0);
                int rest = (int)n;

                if (n < 0)
                        return -errno;
                for (const struct nlmsghdr *h = (const void *)buffer; mnl_nlmsg_ok(h, rest);
                     h = mnl_nlmsg_next(h, &rest)) {
                        if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
                                return nl_error(h);
                        take(s, h);
                }
        }
}

/* The old form of the question is for TCP alone, and for both families at once. */
static int ask_tcp(struct listeners *s, int fd) {
        struct {
                struct nlmsghdr h;
                struct inet_diag_req r;
        } request = {
                .h = { .nlmsg_len = sizeof request,
                       .nlmsg_type = TCPDIAG_GETSOCK,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                .r = { .idiag_family = AF_INET, .idiag_states = 1U << TCP_LISTEN },
        };

        return send(fd, &request, sizeof request, 0) < 0 ? -errno : receive(s, fd);
}

/* What is not connected. */
static int ask_udp(struct listeners *s, int fd, uint8_t family) {
        struct {
                struct nlmsghdr h;
                struct inet_diag_req_v2 r;
        } request = {
                .h = { .nlmsg_len = sizeof request,
                       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                .r = { .sdiag_family = family,
                       .sdiag_protocol = IPPROTO_UDP,
                       .idiag_states = 1U << TCP_CLOSE },
        };

        return send(fd, &request, sizeof request, 0) < 0 ? -errno : receive(s, fd);
}

static bool any_published(const struct listeners *s) {
        for (size_t i = 0; i < s->plan->ops.n; i++) {
                const struct op *op = &s->plan->ops.items[i];

                if (op_publishes(op) && (!s->comes || s->comes[i]) &&
                    op->element.protocol == s->protocol)
                        return true;
        }
        return false;
}

int listener_check(const struct plan *p, const bool *comes, const struct plan *old,
                   struct diags *d) {
        static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
        static const struct timeval patience = { .tv_sec = 5 };
        struct listeners s = { .plan = p, .old = old, .comes = comes, .d = d };
        _cleanup_close_ int fd = -1;

        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
                s.protocol = protocols[i];
                if (!any_published(&s))
                        continue;
                if (fd < 0)
                        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
                if (fd < 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
                        return 0;
                if (s.protocol == IPPROTO_TCP)
                        ask_tcp(&s, fd);
                else if (ask_udp(&s, fd, AF_INET) == 0)
                        ask_udp(&s, fd, AF_INET6);
        }
        return s.error;
}
