/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out whether somebody else relies on the forwarding that we switched on. docker, podman,
 * libvirt or a VPN that start after us find it on and say nothing; our last stop would cut them
 * off, and at our next start their bridges would be guarded. What they leave to be seen is an
 * interface that came after we switched forwarding on, that is made by software, that is neither
 * ours nor guarded, and that has an address which can be routed. (A card that is plugged in does
 * not ask for forwarding, nor do the bond and the VLAN over it.) */

#include <errno.h>
#include <linux/if_addr.h>

#include "netlink/question.h"
#include "object/forwarding.h"

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

static void forget_candidates(void *user) {
        struct candidates *c = user;

        pool_free(&c->pool);
        *c = (struct candidates){ 0 };
}

/* Ours carries a mark before it has an address, and as long as it is there: the table may have been
 * flushed, or its elements withdrawn by a stop that goes on beside this one. */
static int is_relying(struct pass *r, uint32_t index, char ret_name[static IFNAMSIZ]) {
        struct link_info info;
        int e = probe_link_at(pass_host(r), (int)index, &info);

        if (e < 0)
                return e == -ENODEV ? 0 : e;
        if (nft_is_hardware(info.kind) || info.owner[0])
                return 0;
        memcpy(ret_name, info.name, IFNAMSIZ);
        return 1;
}

int forward_relied_on(struct pass *r, uint8_t family, forward_guards *guards, void *user,
                      char ret_name[static IFNAMSIZ]) {
        struct ifaddrmsg m = { .ifa_family = family };
        struct candidates c = { 0 };
        int e = nl_dump_whole(pass_host(r), RTM_GETADDR, &m, sizeof m, take_address,
                              forget_candidates, &c);

        list_foreach (index, &c.indexes)
                if (e == 0 && !guards(user, *index))
                        e = is_relying(r, *index, ret_name);
        pool_free(&c.pool);
        return e;
}
