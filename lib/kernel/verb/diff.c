/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The question that a repair asks of each operation, for somebody who only wants to know. */

#include "verb/diff.h"

#include <errno.h>

#include "object/operations.h"
#include "util.h"

/* Inside is looked at by root alone. -ENOENT: the namespace is gone. */
static int open_inside(struct pass *r) {
        if (!plan_find(r->plan, OP_NETNS))
                return 0;
        return geteuid() == 0 ? pass_open_inner(r) : -EPERM;
}

static enum diff_state state_of(struct pass *r, const struct op *op, bool gone, struct op *have,
                                int *error) {
        const struct op_impl *impl = &op_impls[op->kind];
        int e;

        if ((op->place == PLACE_OWN && gone) || pass_waits(r, op))
                return DIFF_IMPLIED;
        e = impl->look ? impl->look(r, op, have) : 0;
        switch (e) {
        case 0: return !impl->look || op_equal(op, have) ? DIFF_RIGHT : DIFF_DIFFERS;
        case -ENOENT: return DIFF_MISSING;
        case -ENODEV: return DIFF_IMPLIED;
        case -EPERM:
        case -EACCES: return DIFF_UNSEEN;
        default:
                if (e > 0)
                        return DIFF_DIFFERS;
                pass_fail(r, op, e, "cannot be looked for: %s", strerror(-e));
                *error = *error ?: e;
                return DIFF_UNSEEN;
        }
}

int diff_plan(struct plan *p,
              void (*found)(void *user, size_t i, enum diff_state state, const struct op *have),
              void *user, struct diags *d) {
        bool gone = false;
        int e, error = 0;
        struct pass r;

        e = pass_open(&r, p, d);
        if (e == 0) {
                e = open_inside(&r);
                gone = e == -ENOENT;
                if (gone || e == -EPERM)
                        e = 0;
        }
        for (size_t i = 0; e == 0 && i < p->ops.n; i++) {
                struct op have;
                enum diff_state state = state_of(&r, pass_op(&r, i), gone, &have, &error);

                found(user, i, state, state == DIFF_DIFFERS ? &have : NULL);
        }
        pass_close(&r);
        return e < 0 ? e : error;
}
