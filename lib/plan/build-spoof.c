/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns AntiSpoof= into elements of the table bridge vnet: which addresses a port of a bridge has. They are
 * those of the file, and the link-local address that the kernel makes of the MAC address. */

#include <sys/socket.h>

#include "build-parts.h"
#include "util.h"

static struct op_element *add_port(struct builder *b, uint8_t set, const struct origin *at,
                                   const char *port) {
        struct op *op = add(b, OP_ELEMENT, PLACE_HOST, at);

        op->element.set = set;
        set_ifname(op->element.iif, port);
        return &op->element;
}

static void add_own(struct builder *b, const struct origin *at, const char *port,
                    const struct address *a) {
        if (a->family == AF_INET) {
                add_port(b, SET_PORT4, at, port)->host = *a;
                return;
        }
        add_port(b, SET_PORT6, at, port)->host = *a;
        add_port(b, SET_TARGET6, at, port)->host = *a;
}

/* addrconf_ifid_eui48() of the kernel */
static struct address link_local_of(const struct mac *m) {
        const uint8_t *b = m->bytes;

        return (struct address){
                .family = AF_INET6,
                .bytes = { 0xfe, 0x80, [8] = b[0] ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5] },
        };
}

static bool has_address(const struct link *l, const struct address *a) {
        list_foreach (own, &l->addresses)
                if (address_equal(&own->prefix.address, a))
                        return true;
        return false;
}

static void hold_port(struct builder *b, const struct link *l) {
        const struct origin *at = &l->anti_spoof_origin;
        struct mac mac = inner_mac(b, l);
        struct address local = link_local_of(&mac);
        char port[IFNAMSIZ];

        outer_name(b, l, port);
        add_port(b, SET_HELD, at, port);
        add_port(b, SET_PORT_MAC, at, port)->mac = mac;
        list_foreach (a, &l->addresses)
                add_own(b, &a->origin, port, &a->prefix.address);
        if (families_of(&l->addresses) & FAMILY_IPV6 && !has_address(l, &local))
                add_own(b, at, port, &local);
}

void build_spoof(struct builder *b) {
        bool any = false;

        list_foreach (l, &b->v->ns.links)
                if (l->anti_spoof && !any) {
                        add(b, OP_TABLE, PLACE_HOST, &l->anti_spoof_origin)->table.which =
                                TABLE_BRIDGE;
                        any = true;
                }
        list_foreach (l, &b->v->ns.links)
                if (l->anti_spoof)
                        hold_port(b, l);
}
