/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses PublishPort= in the form that podman and docker use, which people know by heart:
 * [HOSTIP:]HOST[-END]:PORT[-END][/PROTOCOL]. */

#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "value.h"

/* Where host and inner port differ, or a host address is given, each port is an element of its
 * own in the kernel; a bound keeps a slip of the pen from becoming sixty thousand of them. */
enum { ELEMENTS_MAX = 1024 };

/* "N" or "N-M". */
static int parse_ports(const char *text, uint32_t *ret_first, uint32_t *ret_count) {
        uint32_t last;

        if (parse_range(text, 1, 65535, ret_first, &last) < 0)
                return -EINVAL;
        *ret_count = last - *ret_first + 1;
        return 0;
}

/* 127.0.0.1 and ::1, from which the host alone shall reach a port. */
static bool is_localhost(const struct address *a) {
        static const uint8_t v4[4] = { 127, 0, 0, 1 };

        return address_is_loopback(a) &&
               (a->family == AF_INET6 || memcmp(a->bytes, v4, sizeof v4) == 0);
}

static int check_host(struct value_context *c, const struct address *a, uint8_t protocol) {
        bool v4 = a->family == AF_INET;

        if (is_localhost(a) && protocol == IPPROTO_TCP)
                return value_refuse(c, "is not supported yet: a port that only the host itself "
                                       "reaches");
        if (address_is_loopback(a))
                return value_refuse(c, "cannot be published: the kernel does not route a "
                                       "loopback address");
        if (v4 ? a->bytes[0] >= 224 && a->bytes[0] < 240 : a->bytes[0] == 0xff)
                return value_refuse(c, "has a multicast address");
        if (v4 && a->bytes[0] == 255)
                return value_refuse(c, "has a broadcast address");
        return 0;
}

/* Cuts the host address off the front of "[V6]:…" or "V4:…"; *rest is what follows its colon. */
static int split_host(struct value_context *c, char *text, uint8_t protocol, struct address *ret,
                      char **rest) {
        char *host = text, *end;

        if (*text == '[') {
                host = text + 1;
                end = strchr(host, ']');
                if (!end || end[1] != ':')
                        return value_refuse(c, "lacks ']:' after the host address");
                *end++ = '\0';
                if (!strchr(host, ':'))
                        return value_refuse(c,
                                            "has something else than an IPv6 address in brackets");
        } else {
                end = strchr(text, ':');
                if (!end || !strchr(end + 1, ':')) {
                        *rest = text; /* at most one colon: no host address */
                        return 0;
                }
                if (strchr(strchr(end + 1, ':') + 1, ':'))
                        return value_refuse(c, "has too many colons; an IPv6 address needs "
                                               "brackets");
        }
        *end = '\0';
        *rest = end + 1;
        if (parse_address(host, ret) < 0)
                return value_refuse(c, "has no valid address before the host port");
        return check_host(c, ret, protocol);
}

/* No address, or 0.0.0.0 or ::, which mean every local address of one family. */
static bool is_wildcard(const struct address *a) {
        static const uint8_t zero[16];

        return memcmp(a->bytes, zero, sizeof zero) == 0;
}

int value_publish(struct value_context *c, const char *text, void *field) {
        struct publish *p = field, new = { .origin = p->origin, .protocol = IPPROTO_TCP };
        uint32_t host, host_count, port, port_count;
        char copy[96], *rest = copy, *colon, *slash;
        int r;

        if (strlen(text) >= sizeof copy)
                return value_refuse(c, "is too long");
        memcpy(copy, text, strlen(text) + 1);
        slash = strrchr(copy, '/');
        if (slash) {
                *slash = '\0';
                if (parse_protocol(slash + 1, &new.protocol) < 0)
                        return value_refuse(
                                c, "has the protocol '%.20s', which is not tcp, udp or sctp",
                                slash + 1);
        }
        r = split_host(c, copy, new.protocol, &new.host, &rest);
        if (r < 0)
                return r;
        colon = strchr(rest, ':');
        if (!colon && parse_ports(rest, &host, &host_count) == 0)
                return value_refuse(c,
                                    "needs the port on the host and the one inside, such as %s:%s",
                                    rest, rest);
        if (!colon)
                return value_refuse(c,
                                    "is not of the form [HOSTIP:]HOST[-END]:PORT[-END][/PROTOCOL]");
        *colon = '\0';
        if (parse_ports(rest, &host, &host_count) < 0 ||
            parse_ports(colon + 1, &port, &port_count) < 0)
                return value_refuse(
                        c,
                        "has a port that is neither a number from 1 to 65535 nor a range such as 8000-8010");
        if (host_count != port_count)
                return value_refuse(c, "has two ranges of different lengths");
        if (host_count > ELEMENTS_MAX && (host != port || !is_wildcard(&new.host)))
                return value_refuse(
                        c,
                        "has more than %d ports, which takes equal numbers on both sides and no host address",
                        ELEMENTS_MAX);
        new.host_port = (uint16_t)host;
        new.port = (uint16_t)port;
        new.count = (uint16_t)host_count;
        *p = new;
        return 0;
}
