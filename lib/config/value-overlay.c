/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses the values of links of kind vxlan and vrf: numbers of networks and tables, and the addresses between which the host
 * carries a network. */

#include <sys/socket.h>

#include "util.h"
#include "value.h"

enum { VNI_MAX = 0xffffff, PORT_MAX = 0xffff, TABLE_DEFAULT = 253, TABLE_LOCAL = 255 };

int value_vni(struct value_context *c, const char *text, void *field) {
        if (parse_u32(text, 1, VNI_MAX, field) < 0)
                return value_refuse(c, "is not a number from 1 to %d", VNI_MAX);
        return 0;
}

int value_port(struct value_context *c, const char *text, void *field) {
        uint32_t port;

        if (parse_u32(text, 1, PORT_MAX, &port) < 0)
                return value_refuse(c, "is not a number from 1 to %d", PORT_MAX);
        *(uint16_t *)field = (uint16_t)port;
        return 0;
}

int value_vrf_table(struct value_context *c, const char *text, void *field) {
        uint32_t table;

        if (parse_u32(text, 1, UINT32_MAX, &table) < 0)
                return value_refuse(c, "is not a number from 1 to %u", UINT32_MAX);
        if (table >= TABLE_DEFAULT && table <= TABLE_LOCAL)
                return value_refuse(c,
                                    "is the table default, main or local, which no vrf can have");
        *(uint32_t *)field = table;
        return 0;
}

static bool is_multicast(const struct address *a) {
        return a->family == AF_INET ? a->bytes[0] >> 4 == 0xe : a->bytes[0] == 0xff;
}

int value_underlay(struct value_context *c, const char *text, void *field) {
        struct address a;
        struct prefix p;

        if (parse_prefix(text, &p) == 0)
                return value_refuse(c, "has a prefix length; write the address alone");
        if (parse_address(text, &a) < 0)
                return value_refuse(c, "is not an address");
        if (is_multicast(&a))
                return value_refuse(c, "is a multicast address; write Group= for it");
        if (address_is_loopback(&a))
                return value_refuse(c, "is a loopback address");
        if (a.family == AF_INET6 && a.bytes[0] == 0xfe && (a.bytes[1] & 0xc0) == 0x80)
                return value_refuse(c,
                                    "is a link-local address, which says nothing of the interface");
        if (memcmp(a.bytes, (uint8_t[16]){ 0 }, sizeof a.bytes) == 0)
                return value_refuse(c, "is not the address of a host");
        *(struct address *)field = a;
        return 0;
}

int value_remote(struct value_context *c, const char *text, void *field) {
        return value_underlay(c, text, &((struct ip_gateway *)field)->address);
}

int value_multicast(struct value_context *c, const char *text, void *field) {
        struct address a;

        if (parse_address(text, &a) < 0 || !is_multicast(&a))
                return value_refuse(c, "is not a multicast address");
        *(struct address *)field = a;
        return 0;
}
