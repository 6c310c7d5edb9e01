/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the build*.c files, which make a plan of a model, share. */

#include "build-parts.h"

#include <sys/socket.h>

#include "util.h"

struct op *add(struct builder *b, enum op_kind kind, enum place place, const struct origin *at) {
        struct op *op = plan_add(b->p, kind, place, at);

        if (op)
                return op;
        b->failed = true;
        b->scrap = (struct op){ .kind = kind };
        return &b->scrap;
}

void add_mark(struct builder *b, enum place place, const char *device, const char *link,
              const struct origin *at) {
        struct op *op = add(b, OP_ALTNAME, place, at);
        char mark[OWNER_MARK_MAX];

        snprintf(mark, sizeof mark, OWNER_MARK "%s%s%s", b->v->name, link ? "=" : "", link ?: "");
        set_ifname(op->altname.device, device);
        op->altname.name = pool_strdup(&b->p->pool, mark);
        if (!op->altname.name)
                b->failed = true;
}

struct op *add_device(struct builder *b, enum link_kind kind, enum place place,
                      const struct origin *at, const char *name) {
        struct op *op = add(b, OP_DEVICE, place, at);

        op->device.kind = (uint8_t)kind;
        set_ifname(op->device.name, name);
        return op;
}

void drop_unset(struct builder *b, struct op *op) {
        if (op != &b->scrap && !settings_are_given(op))
                b->p->ops.n--;
}

void set_ifname(char to[IFNAMSIZ], const char *from) {
        snprintf(to, IFNAMSIZ, "%s", from);
}

/* Answers of a namespace with several links may come by another one than their address is on. The host drops
 * those where its rp_filter is strict (1), unless the interface has 2: the larger one of it and "all" counts. */
enum { RP_FILTER_LOOSE = 2 };

void add_sysctl_file(struct builder *b, const struct origin *at, const char *device,
                     enum families forwarding) {
        struct op *op = add(b, OP_SYSCTL_FILE, PLACE_HOST, at);

        set_ifname(op->sysctl_file.device, device);
        op->sysctl_file.forwarding = forwarding;
        op->sysctl_file.rp_filter = RP_FILTER_LOOSE;
}

void add_outer_settings(struct builder *b, const struct origin *at, const char *device,
                        uint32_t mtu) {
        struct op *op = add(b, OP_LINK, PLACE_HOST, at);

        set_ifname(op->link.device, device);
        op->link.settings.mtu = mtu;
        op->link.settings.rp_filter = RP_FILTER_LOOSE;
}

uint32_t mtu_of(const struct builder *b, const struct link *l) {
        return l->settings.mtu ? l->settings.mtu : b->facts->bridges[l - b->v->ns.links.items].mtu;
}

const char *outer_name(struct builder *b, const struct link *l, char name[IFNAMSIZ]) {
        const char *full = NULL;

        if (l->host_name[0])
                set_ifname(name, l->host_name);
        else if (link_host_name(b->v, l, name, &full) < 0)
                b->failed = true;
        return full;
}

const struct ip_address *first_of(const struct namespace *ns, uint8_t family) {
        list_foreach (l, &ns->links)
                if (link_faces_host(l))
                        list_foreach (a, &l->addresses)
                                if (a->prefix.address.family == family)
                                        return a;
        return NULL;
}

enum families published_families(const struct namespace *ns) {
        unsigned families = FAMILY_NONE;

        list_foreach (p, &ns->publish)
                families |= p->host.family ? family_bit(p->host.family) : (unsigned)FAMILY_BOTH;
        if (!first_of(ns, AF_INET))
                families &= ~(unsigned)FAMILY_IPV4;
        if (!first_of(ns, AF_INET6))
                families &= ~(unsigned)FAMILY_IPV6;
        return families;
}

enum families link_forwards(const struct namespace *ns, const struct link *l) {
        return l->masquerade | published_families(ns);
}

bool lacks_inet6(uint32_t mtu) {
        return mtu && mtu < 1280;
}

enum inet6_mode inet6_mode_of(enum families families, bool ra, bool dad) {
        if (ra)
                return INET6_RA;
        if (!(families & FAMILY_IPV6))
                return INET6_NONE;
        return dad ? INET6_DAD : INET6_STATIC;
}

void build_addresses(struct builder *b, enum place place, const char *device, const void *list,
                     bool dad, uint32_t table) {
        const LIST(struct ip_address) *addresses = list;

        list_foreach (a, addresses) {
                struct op *op = add(b, OP_ADDRESS, place, &a->origin);

                set_ifname(op->address.device, device);
                op->address.prefix = a->prefix;
                op->address.peer = a->peer;
                op->address.table = table;
                op->address.dad = dad && a->prefix.address.family == AF_INET6;
        }
}
