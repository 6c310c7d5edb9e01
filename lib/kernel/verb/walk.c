/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The two ways through a plan: forward, as its operations are done, and backward, as they are
 * undone. */

#include "verb/walk.h"

#include "object/address.h"
#include "object/nft-elements.h"
#include "object/operations.h"
#include "object/outer-end.h"

/* Whatever may take its time has to be over before the shared lock is taken. */
static int settle(struct pass *r) {
        int e = pass_flush(r);

        return e < 0 ? e : address_await(r);
}

/* A repair leaves alone what is as it should be. What is shared is looked at under its lock, by who does it. */
static bool is_right(struct pass *r, const struct op *op, const struct op_impl *impl) {
        struct op have;

        return r->repairing && impl->look && !impl->shared && impl->look(r, op, &have) == 0 &&
               op_equal(op, &have);
}

int pass_learn(struct pass *r, const bool *wanted, bool *ret_new) {
        bool new = false;

        for (size_t i = 0; i < r->plan->ops.n; i++) {
                const struct op_impl *impl = &op_impls[pass_op(r, i)->kind];
                int e = 0;

                if (impl->learn && (!wanted || wanted[i]))
                        e = impl->learn(r, pass_op(r, i));
                if (e < 0)
                        return e;
                new = new || e > 0;
        }
        *ret_new = new;
        return 0;
}

int pass_forward(struct pass *r, const bool *wanted) {
        bool settled = false;
        int e = 0;

        for (size_t i = 0; e == 0 && i < r->plan->ops.n; i++) {
                const struct op_impl *impl = &op_impls[pass_op(r, i)->kind];

                if (wanted && !wanted[i] && !(impl->follows && impl->follows(r)))
                        continue;
                if (pass_waits(r, pass_op(r, i)))
                        continue;
                r->current = i;
                if (impl->shared && !settled) {
                        e = settle(r);
                        settled = true;
                }
                if (e == 0 && is_right(r, pass_op(r, i), impl))
                        r->states[i] = OP_DONE;
                else if (e == 0)
                        e = r->error ?: impl->act(r, pass_op(r, i));
        }
        if (e == 0)
                e = settled ? pass_flush(r) : settle(r);
        if (e == 0)
                e = element_commit(r);
        if (e == 0)
                element_forget(r);
        if (e < 0 && !r->error)
                r->error = e;
        return r->error;
}

/* What holds a port has to outlive it: somebody may still be inside. */
static bool holds_port(const struct op *op) {
        return (op->kind == OP_TABLE && op->table.which == TABLE_BRIDGE) ||
               (op->kind == OP_ELEMENT && nft_sets[op->element.set].table == TABLE_BRIDGE);
}

static void sweep_back(struct pass *r, bool whole, bool holding) {
        for (size_t i = r->plan->ops.n; i-- > 0;) {
                const struct op *op = pass_op(r, i);
                const struct op_impl *impl = &op_impls[op->kind];

                if (r->states[i] != OP_DONE || !impl->undo || (whole && !impl->object) ||
                    holds_port(op) != holding || pass_waits(r, op))
                        continue;
                if (!impl->shared && r->shared_lock >= 0) {
                        element_commit(r);
                        pass_unlock(r); /* what follows may wait */
                }
                r->current = i;
                impl->undo(r, op);
        }
}

int pass_backward(struct pass *r, bool whole) {
        pass_drop(r);
        r->undoing = true;
        r->error = 0;
        sweep_back(r, whole, false);
        pass_flush(r);
        sweep_back(r, whole, true);
        element_commit(r);
        pass_flush(r);
        element_forget(r);
        outer_ends_wait_gone(r); /* where the namespace was no operation of the plan */
        return r->error;
}
