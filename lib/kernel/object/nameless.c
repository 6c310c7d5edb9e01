/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A namespace that somebody took the name from lives on while a process is in it, and so do its interfaces: a vxlan then keeps
 * its network identifier on the host, a macvlan its address on the parent. Nobody can open that namespace, but the host has a
 * number for it, and the kernel takes a number in place of a descriptor (RTM_NEWNSID, IFLA_TARGET_NETNSID). Numbers come again:
 * ours is that in which the loopback interface has our mark and the interface is what we made. Who forges both loses an
 * interface of his own. */

#include "object/nameless.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "util.h"

enum { NUMBERS_MAX = 65536 };

int nameless_prepare(struct pass *r, const struct op *op) {
        struct rtgenmsg m = { .rtgen_family = AF_UNSPEC };
        struct nlmsghdr *h = pass_begin(r, op, RTM_NEWNSID, 0, &m, sizeof m);

        if (!h)
                return r->error;
        mnl_attr_put_u32(h, NETNSA_NSID, (uint32_t)-1);
        mnl_attr_put_u32(h, NETNSA_FD, (uint32_t)r->places[PLACE_OWN].ns);
        nl_end(pass_socket(r, op), h, r->current, NL_ALL_IS_DONE); /* it may have one already */
        return 0;
}

struct numbers {
        struct pool pool;
        LIST(int32_t) list;
};

static int take_number(void *user, const struct nlmsghdr *h) {
        struct numbers *n = user;
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof(struct rtgenmsg)) {
                int32_t *new;

                if (mnl_attr_get_type(a) != NETNSA_NSID || mnl_attr_validate(a, MNL_TYPE_U32) < 0 ||
                    n->list.n == NUMBERS_MAX)
                        continue;
                new = list_add(&n->pool, &n->list);
                if (!new)
                        return -ENOMEM;
                *new = (int32_t)mnl_attr_get_u32(a);
        }
        return 0;
}

static void forget_numbers(void *user) {
        struct numbers *n = user;

        n->list.n = 0;
}

struct spot {
        int32_t nsid;
        const char *name; /* NULL: the index in the header says which */
};

static void put_place(struct nlmsghdr *h, const void *argument) {
        const struct spot *p = argument;

        mnl_attr_put_u32(h, IFLA_TARGET_NETNSID, (uint32_t)p->nsid);
        if (p->name)
                mnl_attr_put_strz(h, IFLA_IFNAME, p->name);
}

static int take_link(void *user, const struct nlmsghdr *h) {
        return probe_read_link(h, user);
}

static bool find(struct nl *nl, struct spot p, struct link_info *ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };

        return nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, put_place, &p, take_link, ret) == 0;
}

/* 1: it was there and is gone. */
static int delete_at(struct pass *r, const struct op *op, int32_t nsid) {
        const struct device *d = &op->device;
        struct link_info lo = { 0 }, info = { 0 };
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        int e;

        if (!find(pass_socket(r, op), (struct spot){ nsid, d->name }, &info) ||
            !streq(info.kind, link_kinds[d->kind]->name) ||
            (d->mac.set && memcmp(info.mac.bytes, d->mac.bytes, sizeof info.mac.bytes) != 0) ||
            !find(pass_socket(r, op), (struct spot){ nsid, "lo" }, &lo) ||
            !streq(lo.owner, r->plan->name))
                return 0;
        m.ifi_index = info.index;
        e = nl_ask(pass_socket(r, op), RTM_DELLINK, 0, &m, sizeof m, put_place,
                   &(struct spot){ nsid, NULL }, NULL, NULL);
        return e == 0 || e == -ENODEV ? 1 : e;
}

int nameless_delete(struct pass *r, const struct op *op) {
        struct rtgenmsg m = { .rtgen_family = AF_UNSPEC };
        struct numbers n = { .pool = POOL_NULL };
        int e = nl_dump_whole(pass_socket(r, op), RTM_GETNSID, &m, sizeof m, take_number,
                              forget_numbers, &n);

        for (size_t i = 0; e == 0 && i < n.list.n; i++)
                e = delete_at(r, op, n.list.items[i]);
        pool_free(&n.pool);
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}
