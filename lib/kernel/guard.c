/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which interfaces the guard of forward.c is for: all that are there when forwarding is switched on,
 * but those of our networks. */

#include <errno.h>

#include "forward.h"
#include "probe.h"
#include "record.h"
#include "run.h"
#include "util.h"

struct device {
        unsigned index;
        char name[IFNAMSIZ];
        bool bridge;
        bool ours;
};

struct devices {
        struct pool pool;
        LIST(struct device) list;
};

static int take_device(void *user, const struct nlmsghdr *h) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
        struct devices *devices = user;
        struct link_info info;
        struct device *new;
        int e = probe_read_link(h, &info);

        if (e < 0 || m->ifi_flags & IFF_LOOPBACK)
                return e;
        new = list_add(&devices->pool, &devices->list);
        if (!new)
                return -ENOMEM;
        new->index = (unsigned)info.index;
        memcpy(new->name, info.name, sizeof new->name);
        new->bridge = streq(info.kind, "bridge");
        return 0;
}

static void forget_devices(void *user) {
        struct devices *devices = user;

        pool_free(&devices->pool);
        *devices = (struct devices){ .pool = POOL_NULL };
}

static void mark_of(struct devices *devices, const struct plan *p) {
        list_foreach (op, &p->ops) {
                if (op->kind != OP_ELEMENT || op->element.set != SET_INSIDE)
                        continue;
                list_foreach (device, &devices->list)
                        device->ours |= streq(device->name, op->element.iif);
        }
}

/* Whoever is starting has made its interfaces before it waits for the shared lock, and they are not
 * in the set "inside" yet. But its record, which is older than they are, says that they will be. */
static int mark_recorded(struct devices *devices) {
        struct diags ignored = DIAGS_NULL;
        char **names;
        size_t n;
        int e = record_names(&names, &n);

        if (e < 0)
                return e;
        for (size_t i = 0; e == 0 && i < n; i++) {
                _cleanup_plan_ struct plan *p = NULL;
                enum stage stage;

                e = record_read(names[i], &p, &stage, &ignored);
                if (e == 0)
                        mark_of(devices, p);
                /* of one that is damaged the helper of that name speaks */
                if (e != -ENOMEM && e != -EMFILE && e != -ENFILE && e != -EIO)
                        e = 0;
        }
        record_free_names(names, n);
        diags_free(&ignored);
        return e;
}

static int print_guarded(FILE *f, struct nft *nft, const struct devices *devices) {
        list_foreach (device, &devices->list) {
                struct op_element inside = { .set = SET_INSIDE };
                char ignored[128];
                int e;

                if (device->ours)
                        continue;
                memcpy(inside.iif, device->name, sizeof inside.iif);
                e = nft_get_element(nft, &inside, ignored);
                if (e != -ENOENT && e < 0)
                        return e; /* not to know is no reason to guard one of our own */
                if (e == 0)
                        continue;
                fprintf(f, "guard %u\n", device->index);
                if (device->bridge)
                        fprintf(f, "bridge %u\n", device->index);
        }
        return 0;
}

int guard_save(FILE *f, struct run *r) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct devices devices = { .pool = POOL_NULL };
        int e = nl_dump_whole(r->host, RTM_GETLINK, &m, sizeof m, take_device, forget_devices,
                              &devices);

        if (e == 0)
                e = mark_recorded(&devices);
        if (e == 0)
                e = print_guarded(f, r->nft, &devices);
        pool_free(&devices.pool);
        return e;
}
