/* SPDX-License-Identifier: GPL-2.0-or-later */

/* reload and restore. A reload keeps the namespace, and with it processes and connections: it undoes
 * what the file no longer says and does what it says now; change.c knows in which order. */

#include <errno.h>

#include "apply.h"
#include "flows.h"
#include "forward.h"
#include "listener.h"
#include "lock.h"
#include "netns.h"
#include "passes.h"
#include "record.h"
#include "sysctl.h"
#include "util.h"

/* A sysctl gets its new value; what it had before vnet is not known. */
static bool sets_again(const struct plan *new, const struct op *old) {
        list_foreach (op, &new->ops)
                if (op->kind == OP_SYSCTL && streq(op->sysctl.key, old->sysctl.key))
                        return true;
        return false;
}

static bool can_come(const struct op *op) {
        return op_infos[op->kind].reload || op->kind == OP_SYSCTL;
}

static bool can_go(const struct op *op, const struct plan *new) {
        return op_infos[op->kind].reload || (op->kind == OP_SYSCTL && sets_again(new, op));
}

/* The key of the file by which one operation became the other, where one such key alone did it. */
static const char *changed_key(const struct op *old, const struct op *new) {
        if (new->kind == OP_NETNS)
                return "Name";
        if (new->kind == OP_BRIDGE)
                return streq(old->bridge.name, new->bridge.name) ? "MACAddress" : "Name";
        if (new->kind != OP_VETH)
                return NULL;
        if (!streq(old->veth.name, new->veth.name))
                return streq(old->veth.peer, new->veth.peer) ? "HostName" : NULL;
        if (!streq(old->veth.peer, new->veth.peer))
                return "Name";
        if (!streq(old->veth.master, new->veth.master))
                return "Bridge";
        if (memcmp(&old->veth.peer_mac, &new->veth.peer_mac, sizeof new->veth.peer_mac) != 0)
                return "MACAddress";
        return memcmp(&old->veth.mac, &new->veth.mac, sizeof new->veth.mac) != 0 ? "HostMACAddress"
                                                                                 : "MTUBytes";
}

static const char *key_of_change(const struct plan *old, const bool *gone, const struct op *new) {
        const char *key = NULL;

        for (size_t i = 0; !key && i < old->ops.n; i++)
                if (gone[i] && old->ops.items[i].kind == new->kind)
                        key = changed_key(&old->ops.items[i], new);
        return key;
}

/* One line, however much of it there is: the first object, and how many more. */
static int tell_restart(const struct plan *p, size_t first, size_t n, const char *key,
                        const char *what, struct diags *d) {
        const struct op *op = &p->ops.items[first];
        _cleanup_free_ char *object = op_describe(op);
        char more[48] = "";

        if (n > 1)
                snprintf(more, sizeof more, " (and %zu more change%s)", n - 1, n > 2 ? "s" : "");
        return diag_error(d, -EBUSY, &op->origin, key,
                          "%s%s: cannot be %s while %s is up; 'systemctl restart vnet@%s' does it",
                          object ?: "", more, what, p->name, p->name);
}

/* Says what needs a restart before anything is touched. */
static int check(const struct plan *old, const bool *gone, const struct plan *new, const bool *come,
                 struct diags *d) {
        size_t first = 0, n = 0;

        for (size_t i = new->ops.n; i-- > 0;)
                if (come[i] && !can_come(&new->ops.items[i])) {
                        first = i;
                        n++;
                }
        if (n > 0)
                return tell_restart(new, first, n, key_of_change(old, gone, &new->ops.items[first]),
                                    "created or changed", d);
        for (size_t i = old->ops.n; i-- > 0;)
                if (gone[i] && !can_go(&old->ops.items[i], new)) {
                        first = i;
                        n++;
                }
        return n > 0 ? tell_restart(old, first, n, NULL, "removed", d)
                     : listener_check(new, come, old, d);
}

/* Old and new together, so that down finds all that may be there while the change goes on. */
static int record_both(const struct plan *old, const struct plan *new, const bool *come,
                       struct diags *d) {
        _cleanup_plan_ struct plan *both = plan_new(old->name);

        if (!both)
                return -ENOMEM;
        both->netns = old->netns;
        both->unknown = old->unknown;
        list_foreach (op, &old->ops) {
                struct op *copy = plan_add(both, op->kind, op->inside, NULL);

                if (!copy)
                        return -ENOMEM;
                *copy = *op;
        }
        for (size_t i = 0; i < new->ops.n; i++) {
                struct op *copy = come[i] ? plan_add(both, OP_NETNS, false, NULL) : NULL;

                if (come[i] && !copy)
                        return -ENOMEM;
                if (copy)
                        *copy = new->ops.items[i];
        }
        return record_write(both, d);
}

static int write_complete(const struct plan *p, struct diags *d) {
        int e = record_write(p, d);

        return e < 0 ? e : record_mark(p->name, STAGE_COMPLETE, d);
}

/* While the record was not complete, a restore made the table without our elements: they are looked
 * for once more. The lock that keeps restore out is held until the record is complete again. */
static int finish(struct plan *p, struct diags *d) {
        _cleanup_free_ bool *wanted = calloc(p->ops.n + 1, sizeof *wanted);
        struct run r;
        int e;

        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < p->ops.n; i++)
                wanted[i] = p->ops.items[i].kind == OP_TABLE || p->ops.items[i].kind == OP_ELEMENT;
        e = run_open(&r, p, d);
        if (e == 0 && plan_find(p, OP_TABLE)) {
                r.repairing = true;
                e = pass_forward(&r, wanted);
        }
        if (e == 0)
                e = write_complete(p, d);
        run_close(&r);
        return e;
}

/* What stays in the record: who the namespace is, and what a newer version wrote. All of it is old's. */
static void keep_known(const struct plan *old, struct plan *new) {
        const struct op *from = plan_find(old, OP_NETNS);

        new->unknown = old->unknown;
        list_foreach (before, &old->ops)
                list_foreach (op, &new->ops)
                        if (before->unknown && op_equal(before, op))
                                op->unknown = before->unknown;
        list_foreach (op, &new->ops)
                if (op->kind == OP_NETNS && from) {
                        op->netns.inode = from->netns.inode;
                        op->netns.cookie = from->netns.cookie;
                }
}

static int change(struct plan *old, struct plan *new, bool *gone, bool *come, struct diags *d) {
        struct change c = { .from = old, .to = new, .goes = gone, .comes = come };
        bool settled;
        int e, written;

        keep_known(old, new);
        e = record_both(old, new, come, d);
        if (e < 0)
                return e;
        e = change_make(&c, &settled, d);
        if (!settled)
                return e; /* the record of both stays: a stop finds all of it */
        /* without the lock no element was touched, and it is not waited for twice */
        written = e == -ENOLCK ? write_complete(old, d) : finish(e < 0 ? old : new, d);
        return e < 0 ? e : written;
}

/* A change of the file says nothing of what else has been lost: that first, but for what leaves in any
 * case, as it may be what cannot be mended. */
static int mend(struct plan *old, const bool *gone, struct diags *d) {
        _cleanup_free_ bool *stays = calloc(old->ops.n + 1, sizeof *stays);

        if (!stays)
                return -ENOMEM;
        for (size_t i = 0; i < old->ops.n; i++)
                stays[i] = !gone[i];
        return apply_repair(old, stays, d);
}

int apply_difference(struct plan *old, struct plan *new, struct diags *d) {
        _cleanup_free_ bool *gone = plan_difference(old, new), *come = plan_difference(new, old);
        int e = gone && come ? check(old, gone, new, come, d) : -ENOMEM;

        if (e == 0)
                e = mend(old, gone, d);
        return e < 0 || plan_same(old, new) ? e : change(old, new, gone, come, d);
}

/* Its processes may live on, but their namespace has no name any more that could be opened. */
static int tell_lost(const struct plan *p, struct diags *d) {
        return diag_error(d, -ENOENT, NULL, NULL,
                          "the network namespace %s is gone, or its name " NETNS_DIR
                          "/%s was taken away; 'systemctl restart vnet@%s' makes it again",
                          p->netns, p->netns, p->name);
}

static int reload(struct plan *new, struct diags *d) {
        _cleanup_plan_ struct plan *old = NULL;
        enum stage stage;
        int e = record_read(new->name, &old, &stage, d);

        if (e == -ENOENT)
                return diag_error(d, e, NULL, NULL, "is not up");
        if (e < 0)
                return e;
        if (stage != STAGE_COMPLETE)
                return diag_error(d, -EBUSY, NULL, NULL,
                                  "was interrupted; 'systemctl restart vnet@%s' "
                                  "cleans up and starts it",
                                  new->name);
        e = apply_is_alive(old, d);
        if (e == 0)
                return tell_lost(old, d);
        return e < 0 ? e : apply_difference(old, new, d);
}

int apply_reload(struct plan *new, struct diags *d) {
        int lock, e = lock_take(LOCK_NAME, new->name, &lock, d);

        if (e < 0)
                return e;
        e = reload(new, d);
        lock_release(lock);
        run_dir_remove();
        return e;
}

/* --- restore --- */

struct elements {
        struct pool pool;
        LIST(struct op_element) list;
};

static int add_record(struct nft *nft, const struct plan *p, size_t *n, struct elements *all) {
        list_foreach (op, &p->ops) {
                struct op_element *copy;
                int e = 0;

                *n += op->kind == OP_TABLE;
                if (op->kind != OP_ELEMENT)
                        continue;
                copy = list_add(&all->pool, &all->list);
                if (copy)
                        *copy = op->element;
                e = copy ? nft_add_element(nft, copy, p->name, SIZE_MAX) : -ENOMEM;
                if (e < 0)
                        return e;
        }
        return 0;
}

/* One that cannot be read must not keep the others' rules away; but where the table is there, its
 * own rules may be in it, and would go. */
static int add_records(struct nft *nft, bool there, size_t *n, struct elements *all,
                       int *ret_left_out, struct diags *d) {
        char **names;
        size_t count;
        int e = record_names(&names, &count);

        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot read %s: %s", STATE_DIR, strerror(-e));
        for (size_t i = 0; e == 0 && i < count; i++) {
                _cleanup_plan_ struct plan *p = NULL;
                enum stage stage;
                int r = record_read(names[i], &p, &stage, d);

                if (r == 0 && stage == STAGE_COMPLETE)
                        e = add_record(nft, p, n, all);
                /* else whoever is at it adds its elements itself */
                if (r == 0 || r == -ENOENT)
                        continue;
                *ret_left_out = diag_error(
                        d, r, NULL, NULL,
                        there ? "the table inet " NFT_TABLE
                                " stays as it is: the record of %s, whose rules "
                                "may be in it, cannot be read"
                              : "cannot add what %s has in the table inet " NFT_TABLE
                                ": its record cannot be read",
                        names[i]);
                if (there)
                        break;
        }
        record_free_names(names, count);
        return e;
}

/* One transaction. *ret_left_out: what is wrong with a record, which is told. */
static int make_anew(struct nft *nft, bool there, struct elements *all, int *ret_left_out,
                     char why[static 160], struct diags *d) {
        size_t users = 0, tag;
        int e = nft_begin(nft);

        if (e == 0)
                e = nft_clear_table(nft);
        if (e == 0)
                e = nft_add_table(nft);
        if (e == 0)
                e = add_records(nft, there, &users, all, ret_left_out, d);
        if (e < 0 || (there && *ret_left_out < 0))
                return e;
        e = forward_restore_guard(nft, &users);
        return e == 0 && (users > 0 || there) ? nft_commit(nft, &tag, why) : e;
}

/* Under the shared lock that the caller holds. */
static int repair_forwarding(struct plan *p, int *lock, struct diags *d) {
        const struct op *op = plan_find(p, OP_FORWARDING);
        struct run r;
        int e = run_open(&r, p, d);

        if (e == 0) {
                r.repairing = true;
                r.shared_lock = TAKE_FD(*lock);
                e = do_forwarding(&r, op);
                *lock = TAKE_FD(r.shared_lock);
        }
        run_close(&r);
        return e;
}

/* Only where it is needed: for that all records are read once more. */
static int repair_forwardings(int *lock, struct diags *d) {
        char **names;
        size_t count;
        int e = record_names(&names, &count);

        for (size_t i = 0; e == 0 && i < count; i++) {
                _cleanup_plan_ struct plan *p = NULL;
                struct diags ignored = DIAGS_NULL; /* add_records() has told it */
                const struct op *op;
                enum stage stage;

                if (record_read(names[i], &p, &stage, &ignored) == 0 && stage == STAGE_COMPLETE) {
                        op = plan_find(p, OP_FORWARDING);
                        if (op && forward_needs_repair(op->forwarding.families))
                                e = repair_forwarding(p, lock, d);
                }
                diags_free(&ignored);
        }
        record_free_names(names, count);
        return e;
}

/* While the rules were gone connections began without them, and would go on so: untranslated. */
static void forget_untranslated(struct nft *nft, const struct elements *all) {
        _cleanup_free_ const struct op_element **elements = calloc(all->list.n + 1,
                                                                   sizeof *elements);
        struct nl *host = NULL;

        if (sysctl_is("net/netfilter/nf_conntrack_count", "0") == 1)
                return;
        for (size_t i = 0; elements && i < all->list.n; i++)
                elements[i] = &all->list.items[i];
        if (elements && all->list.n > 0 && nl_open(&host) == 0) {
                flows_come(nft, host, elements, all->list.n);
                flows_leave(nft, host, elements, all->list.n, NULL, 0);
        }
        nl_close(host);
}

int apply_restore_table(struct nft *nft, struct diags *d) {
        struct elements all = { .pool = POOL_NULL };
        int there = nft_table_exists(nft), left_out = 0, e;
        char why[160] = "";

        if (there < 0)
                return diag_error(d, there, NULL, NULL,
                                  "cannot ask for the table inet " NFT_TABLE ": %s",
                                  strerror(-there));
        do {
                pool_free(&all.pool);
                all = (struct elements){ .pool = POOL_NULL };
                e = make_anew(nft, there > 0, &all, &left_out, why, d);
        } while (e == -ENOENT && nft_do_without(nft));
        if (e < 0)
                diag_error(d, e, NULL, NULL,
                           "cannot make the table inet " NFT_TABLE " again: %s%s%s", strerror(-e),
                           why[0] ? ": " : "", why);
        if (e == 0 && left_out == 0)
                forget_untranslated(nft, &all);
        pool_free(&all.pool);
        return e < 0 ? e : left_out;
}

int apply_restore(struct diags *d) {
        struct nft *nft = NULL;
        int lock, e;

        if (access(STATE_DIR, F_OK) < 0 && errno != ENOENT)
                return diag_error(d, -errno, NULL, NULL, "cannot read %s: %s", STATE_DIR,
                                  strerror(errno));
        if (access(STATE_DIR, F_OK) < 0 && !forward_is_ours(FAMILY_BOTH))
                return 0; /* nothing is up */
        e = lock_take(LOCK_SHARED, NULL, &lock, d);
        if (e < 0)
                return e;
        e = nft_open(&nft, d);
        if (e == 0)
                e = apply_restore_table(nft, d);
        if (e == 0 && forward_needs_repair(FAMILY_BOTH))
                e = repair_forwardings(&lock, d);
        lock_release(lock);
        nft_close(nft);
        run_dir_remove();
        return e;
}
