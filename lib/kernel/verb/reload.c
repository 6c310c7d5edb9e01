/* SPDX-License-Identifier: GPL-2.0-or-later */

/* reload applies the difference between the record and the file. It keeps the namespace, and with
 * it processes and connections: it undoes what the file no longer says, and does what it says now.
 * reload-steps.c knows in which order. */

#include "verb/reload.h"

#include <errno.h>

#include "netlink/listener.h"
#include "object/operations.h"
#include "state/lock.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"
#include "verb/cables.h"
#include "verb/reload-steps.h"
#include "verb/repair.h"
#include "verb/verbs.h"
#include "verb/walk.h"

static bool same_key(const struct op *a, const struct op *b) {
        _cleanup_free_ char *x = NULL, *y = NULL;

        if (a->kind != b->kind)
                return false;
        x = op_key(a);
        y = op_key(b);
        return x && y && streq(x, y);
}

/* The interface that it is on; NULL: none, or not of that alone. */
static const char *device_of(const struct op *op) {
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        for (size_t i = 0; i < n; i++)
                if (fields[i].flags & FIELD_DEVICE)
                        return (const char *)op_data(op) + fields[i].offset;
        return NULL;
}

/* Is it on an interface that comes or goes in this reload too? Then it does so with that. */
static bool is_on_one_of(const struct plan *p, const bool *those, size_t i) {
        const struct op *op = &p->ops.items[i];
        const char *device = device_of(op);

        for (size_t j = 0; device && j < p->ops.n; j++) {
                const struct op *other = &p->ops.items[j];

                if (those[j] && other->kind == OP_DEVICE && op_reload(other) == RELOAD_FREE &&
                    other->place == op->place && streq(other->device.name, device))
                        return true;
        }
        return false;
}

/* May one of these become it, or it one of these, while it lives? */
static bool changes_live(const struct plan *p, const struct op *op, bool comes) {
        op_changes *changes = op_infos[op->kind].changes;

        if (changes)
                list_foreach (other, &p->ops)
                        if (comes ? changes(other, op) : changes(op, other))
                                return true;
        return false;
}

bool reload_can_bring(const struct plan *new, const bool *come, size_t i, const struct plan *old) {
        const struct op *op = &new->ops.items[i];

        return op_reload(op) != RELOAD_NEVER || changes_live(old, op, true) ||
               is_on_one_of(new, come, i);
}

bool reload_can_take(const struct plan *old, const bool *gone, size_t i, const struct plan *new) {
        const struct op *op = &old->ops.items[i];

        if (changes_live(new, op, false))
                return true;
        if (op_reload(op) == RELOAD_REPLACED)
                list_foreach (other, &new->ops)
                        if (same_key(op, other))
                                return true;
        return op_reload(op) == RELOAD_FREE || is_on_one_of(old, gone, i);
}

static const char *key_of_change(const struct plan *old, const bool *gone, const struct op *new) {
        op_changed_key *changed_key = op_infos[new->kind].changed_key;
        const char *key = NULL;

        for (size_t i = 0; changed_key && !key && i < old->ops.n; i++)
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
                if (come[i] && !reload_can_bring(new, come, i, old)) {
                        first = i;
                        n++;
                }
        if (n > 0)
                return tell_restart(new, first, n, key_of_change(old, gone, &new->ops.items[first]),
                                    "created or changed", d);
        for (size_t i = old->ops.n; i-- > 0;)
                if (gone[i] && !reload_can_take(old, gone, i, new)) {
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
        both->host = old->host;
        both->unknown = old->unknown;
        list_foreach (op, &old->ops) {
                struct op *copy = plan_add(both, op->kind, op->place, NULL);

                if (!copy)
                        return -ENOMEM;
                *copy = *op;
        }
        for (size_t i = 0; i < new->ops.n; i++) {
                struct op *copy = come[i] ? plan_add(both, OP_NETNS, PLACE_HOST, NULL) : NULL;

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
        struct pass r;
        int e;

        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < p->ops.n; i++)
                wanted[i] = op_impls[p->ops.items[i].kind].restored;
        e = pass_open(&r, p, d);
        if (e == 0 && plan_find(p, OP_TABLE)) {
                r.repairing = true;
                e = pass_forward(&r, wanted);
        }
        if (e == 0)
                e = write_complete(p, d);
        pass_close(&r);
        return e;
}

/* What stays in the record: who the namespace is and the host's, and what a newer version wrote. All of it is old's. */
static void keep_known(const struct plan *old, struct plan *new) {
        const struct op *from = plan_find(old, OP_NETNS);

        new->host = old->host;
        new->unknown = old->unknown;
        list_foreach (before, &old->ops)
                list_foreach (op, &new->ops) {
                        if (before->unknown && op_equal(before, op))
                                op->unknown = before->unknown;
                        /* also of what changes while it lives, as the VLANs of an uplink do */
                        if (op_impls[before->kind].learn && same_key(before, op))
                                op_take_learned(op, before);
                }
        list_foreach (op, &new->ops)
                if (op->kind == OP_NETNS && from) {
                        op->netns.inode = from->netns.inode;
                        op->netns.cookie = from->netns.cookie;
                }
}

/* What comes is looked at before the record says that it may be there. */
static int learn(struct plan *new, const bool *come, struct diags *d) {
        bool ignored;
        struct pass r;
        int e = pass_open(&r, new, d);

        if (e == 0)
                e = pass_learn(&r, come, &ignored);
        pass_close(&r);
        return e;
}

static int change(struct plan *old, struct plan *new, bool *gone, bool *come, struct diags *d) {
        struct change c = { .from = old, .to = new, .goes = gone, .comes = come };
        bool settled;
        int e, written;

        keep_known(old, new);
        e = learn(new, come, d);
        if (e == 0)
                e = record_both(old, new, come, d);
        if (e < 0)
                return e;
        e = reload_take_steps(&c, &settled, d);
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
        if (e == 0)
                cables_lay(new, d);
        run_dir_remove();
        return e;
}
