/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whom a vxlan sends what it knows no address for: entries of its table without a hardware address, of which there may be many
 * (linux/neighbour.h, bridge(8)). They are asked of it from where it is; the addresses are those of its host. */

#include <errno.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "util.h"

static const uint8_t any[6];

static int change_fdb(struct pass *r, const struct op *op, uint16_t type, uint16_t flags) {
        struct ndmsg m = { .ndm_family = AF_BRIDGE,
                           .ndm_state = NUD_PERMANENT | NUD_NOARP,
                           .ndm_flags = NTF_SELF };
        int index = pass_index(r, op, op->fdb.device);
        struct nlmsghdr *h;

        if (index < 0)
                return r->undoing && !r->error ? 0 : index;
        m.ndm_ifindex = index;
        h = pass_begin(r, op, type, flags, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put(h, NDA_LLADDR, sizeof any, any);
        put_address(h, NDA_DST, &op->fdb.remote);
        pass_end(r, op, h);
        return 0;
}

/* One that is there already stays one. */
int do_fdb(struct pass *r, const struct op *op) {
        return change_fdb(r, op, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND);
}

int undo_fdb(struct pass *r, const struct op *op) {
        return change_fdb(r, op, RTM_DELNEIGH, 0);
}

struct fdb_query {
        int index;
        bool found;
};

static int match_fdb(void *user, const struct nlmsghdr *h) {
        const struct ndmsg *m = mnl_nlmsg_get_payload(h);
        struct fdb_query *q = user;
        const struct nlattr *a;

        mnl_attr_for_each(a, h, sizeof *m) if (mnl_attr_get_type(a) == NDA_LLADDR &&
                                               m->ndm_ifindex == q->index &&
                                               m->ndm_state & NUD_PERMANENT &&
                                               mnl_attr_get_payload_len(a) == sizeof any &&
                                               memcmp(mnl_attr_get_payload(a), any, sizeof any) ==
                                                       0) q->found = true;
        return 0;
}

int look_fdb(struct pass *r, const struct op *op, struct op *ret) {
        const struct address *a = &op->fdb.remote;
        struct fdb_query q = { .index = pass_seen_index(r, op, op->fdb.device) };
        int e = q.index;

        if (e >= 0)
                e = pass_each(r, op, SEEN_FDB, AF_BRIDGE, a->bytes, address_bytes(a->family),
                              match_fdb, &q);
        if (e < 0 || !q.found)
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        return 0;
}
