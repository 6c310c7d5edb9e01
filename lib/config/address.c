/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compares addresses and prefixes, and prints them. A prefix keeps its host bits, since Address=
 * needs them. Whoever compares networks asks prefix_network() or one of the comparisons here, which
 * look at the network bits alone. Addresses of different families are never equal and never
 * overlap. */

#include <arpa/inet.h>
#include <sys/socket.h>

#include "model.h"
#include "util.h"

enum families family_bit(uint8_t family) {
        switch (family) {
        case AF_INET: return FAMILY_IPV4;
        case AF_INET6: return FAMILY_IPV6;
        default: return FAMILY_NONE;
        }
}

uint8_t address_bytes(uint8_t family) {
        return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

bool mac_equal(const struct mac *a, const struct mac *b) {
        return a->set && b->set && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool address_equal(const struct address *a, const struct address *b) {
        return a->family == b->family && memcmp(a->bytes, b->bytes, address_bytes(a->family)) == 0;
}

bool is_link_local(const struct address *a) {
        return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

struct prefix prefix_network(const struct prefix *p) {
        struct prefix network = *p;

        for (unsigned i = 0; i < sizeof network.address.bytes; i++) {
                unsigned bits = p->length > i * 8 ? p->length - i * 8 : 0;

                if (bits < 8)
                        network.address.bytes[i] &= (uint8_t)(0xff00 >> bits);
        }
        return network;
}

bool prefix_contains(const struct prefix *p, const struct address *a) {
        struct prefix own = prefix_network(p), other = { *a, p->length };

        other = prefix_network(&other);
        return address_equal(&own.address, &other.address);
}

bool prefix_overlap(const struct prefix *a, const struct prefix *b) {
        return a->length <= b->length ? prefix_contains(a, &b->address)
                                      : prefix_contains(b, &a->address);
}

const char *address_print(const struct address *a, char *buffer) {
        if (!inet_ntop(a->family, a->bytes, buffer, ADDRESS_MAX))
                *buffer = '\0'; /* only where the family is unset */
        return buffer;
}

const char *prefix_print(const struct prefix *p, char *buffer) {
        char address[ADDRESS_MAX];

        snprintf(buffer, CIDR_MAX, "%s/%u", address_print(&p->address, address), p->length);
        return buffer;
}

const char *mac_print(const struct mac *m, char *buffer) {
        const uint8_t *b = m->bytes;

        snprintf(buffer, MAC_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
                 b[5]);
        return buffer;
}
