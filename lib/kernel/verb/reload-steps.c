/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Goes from what is up to what shall be while connections run. What comes is there before what
 * leaves is gone, so that nothing that stays is without it for a moment. Where the kernel can
 * replace an object in one step it does; only what is in the way of its successor leaves first.
 * After a failure the same way is gone back in the other direction. */

#include "verb/reload-steps.h"

#include <errno.h>

#include "object/operations.h"
#include "util.h"
#include "verb/walk.h"

static int open_run(struct pass *r, struct plan *p, const struct change *c, struct diags *d) {
        int e = pass_open(r, p, d);

        r->change = c;
        if (e == 0 && plan_find(p, OP_NETNS)) {
                e = pass_open_inner(r);
                if (e == -ENOENT)
                        return diag_error(d, e, NULL, NULL,
                                          "the network namespace %s is gone; "
                                          "'systemctl restart vnet@%s' makes it again",
                                          p->netns, p->name);
        }
        return e;
}

static int take_away(const struct change *c, enum change_part part, struct diags *d) {
        bool any = false;
        struct pass r;
        int e;

        for (size_t i = 0; !any && i < c->from->ops.n; i++)
                any = c->goes[i] && c->parts[i] == part;
        if (!any)
                return 0;
        e = open_run(&r, c->from, c, d);
        for (size_t i = 0; e == 0 && i < c->from->ops.n; i++)
                if (c->goes[i] && c->parts[i] == part)
                        r.states[i] = OP_DONE;
        if (e == 0)
                e = pass_backward(&r, false);
        pass_close(&r);
        return e;
}

/* Or some of it. */
static bool is_done(const struct pass *r, size_t i) {
        return r->states[i] == OP_DONE ||
               (r->states[i] == OP_FAILED && op_impls[pass_op(r, i)->kind].in_parts);
}

/* Again: it may be there. What of it was done before a failure is in done. */
static int bring(const struct change *c, bool again, bool *done, struct diags *d) {
        struct pass r;
        int e = open_run(&r, c->to, c, d);

        if (e == 0) {
                r.repairing = again;
                e = pass_forward(&r, c->comes);
        }
        if (e < 0 && r.states && done) {
                pass_drop(&r);
                for (size_t i = 0; i < c->to->ops.n; i++)
                        done[i] = c->comes[i] && is_done(&r, i);
        }
        pass_close(&r);
        return e;
}

/* What the kernel dropped by itself, although it stays. */
static bool may_be_dropped(const struct change *c, const struct op *op) {
        const struct op *old = c->from->ops.items, *new = c->to->ops.items;

        for (size_t i = 0; i < c->from->ops.n; i++)
                if (c->goes[i] && op_impls[old[i].kind].drops &&
                    op_impls[old[i].kind].drops(&old[i], false, op))
                        return true;
        for (size_t i = 0; i < c->to->ops.n; i++)
                if (c->comes[i] && op_impls[new[i].kind].drops &&
                    op_impls[new[i].kind].drops(&new[i], true, op))
                        return true;
        return false;
}

static int reassert(const struct change *c, struct diags *d) {
        _cleanup_free_ bool *wanted = calloc(c->to->ops.n + 1, sizeof *wanted);
        bool any = false;
        struct pass r;
        int e;

        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < c->to->ops.n; i++) {
                wanted[i] = may_be_dropped(c, &c->to->ops.items[i]);
                any |= wanted[i];
        }
        if (!any)
                return 0;
        e = open_run(&r, c->to, NULL, d);
        if (e == 0) {
                r.repairing = true;
                e = pass_forward(&r, wanted);
        }
        pass_close(&r);
        return e;
}

static int go(const struct change *c, bool again, bool *done, bool *ret_point, struct diags *d) {
        int e = take_away(c, CHANGE_BEFORE, d);

        if (e == 0)
                e = bring(c, again, done, d);
        *ret_point = e == 0;
        if (e == 0)
                e = take_away(c, CHANGE_AFTER, d);
        return e < 0 ? e : reassert(c, d);
}

int reload_take_steps(struct change *c, bool *ret_settled, struct diags *d) {
        _cleanup_free_ bool *done = calloc(c->to->ops.n + 1, sizeof *done),
                            *again = calloc(c->from->ops.n + 1, sizeof *again);
        struct change back = { .from = c->to, .to = c->from, .goes = done, .comes = again };
        bool there, ignored;
        int e = -ENOMEM;

        *ret_settled = false;
        if (done && again && change_find_order(c) == 0) {
                e = go(c, false, done, &there, d);
                *ret_settled = e == 0;
                if (e < 0 && !there) {
                        for (size_t i = 0; i < c->from->ops.n; i++)
                                again[i] = c->goes[i] && c->parts[i] != CHANGE_AFTER;
                        back.before = c->saved;
                        *ret_settled = change_find_order(&back) == 0 &&
                                       go(&back, true, NULL, &ignored, d) == 0;
                }
        }
        change_free(c);
        change_free(&back);
        return e;
}
