/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns [Link] Inbound= into the operation that closes a link. Ranges that overlap or touch become one: as
 * intervals of a set of nftables they would be in each other's way. */

#include <netinet/in.h>

#include "build-parts.h"
#include "util.h"

enum { PORTS = 65536 };

static void print_protocol(FILE *f, const struct link *l, uint8_t protocol, const char *name,
                           const char **comma) {
        uint8_t open[PORTS / 8 + 1] = { 0 };
#define IS_OPEN(port) (open[(port) / 8] & 1U << (port) % 8)

        list_foreach (i, &l->inbound)
                for (unsigned port = i->first; i->protocol == protocol && port <= i->last; port++)
                        open[port / 8] |= (uint8_t)(1U << port % 8);
        for (unsigned first = 1, last; first < PORTS; first++) {
                if (!IS_OPEN(first))
                        continue;
                for (last = first; last + 1 < PORTS && IS_OPEN(last + 1);)
                        last++;
                fprintf(f, "%s%u", *comma, first);
                if (last > first)
                        fprintf(f, "-%u", last);
                fprintf(f, "/%s", name);
                *comma = ",";
                first = last;
        }
}

static const char *ports_of(struct builder *b, const struct link *l) {
        _cleanup_free_ char *text = NULL;
        const char *comma = "";
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        print_protocol(f, l, IPPROTO_TCP, "tcp", &comma);
        print_protocol(f, l, IPPROTO_UDP, "udp", &comma);
        print_protocol(f, l, IPPROTO_SCTP, "sctp", &comma);
        if (!*comma)
                fputs("none", f);
        return fclose(f) == 0 ? pool_strdup(&b->p->pool, text) : NULL;
}

void build_inbound(struct builder *b) {
        list_foreach (l, &b->v->ns.links) {
                struct op *op;

                if (!l->no_inbound && !l->inbound.n)
                        continue;
                op = add(b, OP_INBOUND, PLACE_OWN,
                         l->inbound.n ? &l->inbound.items[0].origin : &l->origin);
                set_ifname(op->inbound.device, l->name);
                op->inbound.ports = ports_of(b, l);
                if (!op->inbound.ports)
                        b->failed = true;
        }
}
