/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether somebody relies on the forwarding that we switched on. docker, podman, libvirt or a VPN
 * that start after us find it on, say nothing, and would be cut off by our last stop; and at our
 * next start their bridges would be guarded. Their trace is an interface that has come since then:
 * made by software (a card that was plugged in asks for nothing), neither ours nor guarded, with an
 * address that can be routed. */

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>

#include "forward.h"

struct candidates {
        struct pool pool;
        LIST(uint32_t) indexes;
};

static int take_address(void *user, const struct nlmsghdr *h) {
        const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
        struct candidates *c = user;
        uint32_t *new;

        if (m->ifa_scope != RT_SCOPE_UNIVERSE ||
            (c->indexes.n && c->indexes.items[c->indexes.n - 1] == m->ifa_index))
                return 0;
        new = list_add(&c->pool, &c->indexes);
        if (!new)
                return -ENOMEM;
        *new = m->ifa_index;
        return 0;
}

struct made {
        char name[IFNAMSIZ];
        bool by_software;
};

static int take_link(void *user, const struct nlmsghdr *h) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
        struct made *made = user;
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof *m) {
                if (mnl_attr_get_type(a) == IFLA_IFNAME)
                        snprintf(made->name, sizeof made->name, "%s", mnl_attr_get_str(a));
                if (mnl_attr_get_type(a) == IFLA_LINKINFO)
                        made->by_software = true;
        }
        return 0;
}

/* By the table; and by the plan that is being undone, as the table may have been flushed. */
static int is_ours(struct run *r, const char *name) {
        struct op_element inside = { .set = SET_INSIDE };
        char ignored[128];
        int e;

        list_foreach (op, &r->plan->ops)
                if ((op->kind == OP_BRIDGE && streq(op->bridge.name, name)) ||
                    (op->kind == OP_VETH && streq(op->veth.name, name)))
                        return 1;
        snprintf(inside.iif, sizeof inside.iif, "%s", name);
        e = nft_get_element(r->nft, &inside, ignored);
        return e == -ENOENT ? 0 : e < 0 ? e : 1;
}

static int is_relying(struct run *r, uint32_t index, char ret_name[static IFNAMSIZ]) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index };
        struct made made = { 0 };
        int e = nl_ask(r->host, RTM_GETLINK, 0, &m, sizeof m, NULL, NULL, take_link, &made);

        if (e == -ENODEV || (e == 0 && !made.by_software))
                return 0;
        if (e == 0)
                e = is_ours(r, made.name);
        if (e == 0)
                snprintf(ret_name, IFNAMSIZ, "%s", made.name);
        return e < 0 ? e : !e;
}

int forward_relied_on(struct run *r, uint8_t family, forward_guards *guards, void *user,
                      char ret_name[static IFNAMSIZ]) {
        struct ifaddrmsg m = { .ifa_family = family };
        struct candidates c = { 0 };
        int e = nl_ask(r->host, RTM_GETADDR, NLM_F_DUMP, &m, sizeof m, NULL, NULL, take_address,
                       &c);

        list_foreach (index, &c.indexes)
                if (e == 0 && !guards(user, *index))
                        e = is_relying(r, *index, ret_name);
        pool_free(&c.pool);
        return e;
}
