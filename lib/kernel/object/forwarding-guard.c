/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard keeps the host from becoming a router when we switch forwarding on. Here is decided
 * which interfaces it is for (all that are there at that moment but those of our networks), and
 * here its elements come into the table and out of it. */

#include "object/forwarding-guard.h"

#include <errno.h>

#include "netlink/question.h"
#include "state/record.h"
#include "util.h"

struct there {
        unsigned index;
        char name[IFNAMSIZ];
        bool bridge;
        bool ours;
};

struct all_there {
        struct pool pool;
        LIST(struct there) list;
};

static int take_device(void *user, const struct nlmsghdr *h) {
        const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
        struct all_there *devices = user;
        struct link_info info;
        struct there *new;
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
        struct all_there *devices = user;

        pool_free(&devices->pool);
        *devices = (struct all_there){ .pool = POOL_NULL };
}

static void mark_of(struct all_there *devices, const struct plan *p) {
        list_foreach (op, &p->ops) {
                if (op->kind != OP_ELEMENT || op->element.set != SET_TO_NAMESPACES)
                        continue;
                list_foreach (device, &devices->list)
                        device->ours |= streq(device->name, op->element.iif);
        }
}

/* Whoever is starting has made its interfaces before it waits for the shared lock, and they are not
 * in the set "inside" yet. But its record, which is older than they are, says that they will be. */
static int mark_recorded(struct all_there *devices) {
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

static int print_guarded(FILE *f, struct nft *nft, const struct all_there *devices) {
        list_foreach (device, &devices->list) {
                struct op_element inside = { .set = SET_TO_NAMESPACES };
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

int guard_save(FILE *f, struct pass *r) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct all_there devices = { .pool = POOL_NULL };
        int e = nl_dump_whole(pass_host(r), RTM_GETLINK, &m, sizeof m, take_device, forget_devices,
                              &devices);

        if (e == 0)
                e = mark_recorded(&devices);
        if (e == 0)
                e = print_guarded(f, r->nft, &devices);
        pool_free(&devices.pool);
        return e;
}

/* --- its elements --- */

static int add_to_guard(struct guard *g, const struct op_element *e) {
        char ignored[128];
        struct op_element *new;
        int r = g->which != GUARD_ALL ? nft_get_element(g->nft, e, ignored) : 0;

        if (r < 0 && r != -ENOENT)
                return r;
        if (g->which != GUARD_ALL && (r == 0) != (g->which == GUARD_THERE))
                return 0;
        new = list_add(&g->pool, &g->elements);
        if (!new)
                return -ENOMEM;
        *new = *e;
        return 0;
}

static int guard_line(void *user, const char *word, const char *key, const char *value _unused_) {
        struct guard *g = user;
        struct op_element e = { .index = strtoul(key, NULL, 10) };

        if (streq(word, "guard"))
                e.set = g->family->guarded;
        else if (streq(word, "bridge"))
                e.set = g->family->bridged;
        else
                return 0;
        return add_to_guard(g, &e);
}

int guard_read(struct guard *g) {
        struct op_element guarding = { .set = SET_GUARDING, .protocol = g->family->number };

        return forward_each_line(g->family->path, NULL, guard_line, g)
                       ?: add_to_guard(g, &guarding);
}

/* To the transaction that has begun. */
static int put_guard(const struct guard *g, bool remove) {
        int e = 0;

        list_foreach (element, &g->elements)
                if (e == 0)
                        e = remove ? nft_delete_element(g->nft, element, SIZE_MAX)
                                   : nft_add_element(g->nft, element, GUARD_OWNER, SIZE_MAX);
        return e;
}

int guard_change(struct nft *nft, const struct forward_family *family, enum guard_which which) {
        struct guard g = { .nft = nft, .family = family, .which = which };
        char why[160];
        size_t tag;
        int e = guard_read(&g);

        if (e == 0 && g.elements.n) {
                e = nft_begin(nft) ?: put_guard(&g, which == GUARD_THERE);
                if (e == 0)
                        e = nft_commit(nft, &tag, why);
        }
        pool_free(&g.pool);
        return e;
}

int forward_restore_guard(struct nft *nft, size_t *n) {
        int e = 0;

        for (size_t i = 0; e == 0 && i < FORWARD_FAMILIES; i++) {
                struct guard g = { .nft = nft, .family = &forward_families[i] };

                e = guard_read(&g);
                if (e == 0 && nft)
                        e = put_guard(&g, false);
                *n += g.elements.n;
                pool_free(&g.pool);
                if (e == -ENOENT)
                        e = 0; /* forwarding is not ours */
        }
        return e;
}

int forward_add_table(struct nft *nft) {
        size_t n = 0;

        return nft_add_table(nft, TABLE_INET) ?: forward_restore_guard(nft, &n);
}

int guard_anew(struct nft *nft) {
        char why[160];
        size_t tag;
        int e = nft_begin(nft) ?: forward_add_table(nft);

        return e < 0 ? e : nft_commit(nft, &tag, why);
}

bool guard_has(void *user, uint32_t index) {
        const struct guard *g = user;

        list_foreach (e, &g->elements)
                if (e->set == g->family->guarded && e->index == index)
                        return true;
        return false;
}
