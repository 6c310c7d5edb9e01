/* SPDX-License-Identifier: GPL-2.0-or-later */

/* up and down. The record is written before the first operation and marked complete after the last,
 * so that whenever this process is killed, down finds what may have been done. */

#include "apply.h"

#include <errno.h>

#include "foreign.h"
#include "listener.h"
#include "lock.h"
#include "netns.h"
#include "passes.h"
#include "probe.h"
#include "record.h"
#include "sysctl.h"
#include "util.h"
#include "vanish.h"

/* Whatever may take its time has to be over before the shared lock is taken. */
static int settle(struct run *r) {
        int e = run_flush(r);

        return e < 0 ? e : address_await(r);
}

/* What an address inside that comes brings about, whatever else is wanted. */
static bool follows(const struct run *r, enum op_kind kind) {
        return (kind == OP_ANNOUNCE && r->unannounced) || (kind == OP_NEIGHBOR && r->announced);
}

int pass_forward(struct run *r, const bool *wanted) {
        bool settled = false;
        int e = 0;

        for (size_t i = 0; e == 0 && i < r->plan->ops.n; i++) {
                const struct op_impl *impl = &op_impls[run_op(r, i)->kind];

                if (wanted && !wanted[i] && !follows(r, run_op(r, i)->kind))
                        continue;
                r->current = i;
                if (impl->shared && !settled) {
                        e = settle(r);
                        settled = true;
                }
                if (e == 0)
                        e = impl->act(r, run_op(r, i));
        }
        if (e == 0)
                e = settled ? run_flush(r) : settle(r);
        if (e == 0)
                e = element_commit(r);
        if (e == 0)
                element_forget(r);
        if (e < 0 && !r->error)
                r->error = e;
        return r->error;
}

int pass_backward(struct run *r, bool whole) {
        run_drop(r);
        r->undoing = true;
        r->error = 0;
        for (size_t i = r->plan->ops.n; i-- > 0;) {
                const struct op *op = run_op(r, i);
                const struct op_impl *impl = &op_impls[op->kind];

                if (r->states[i] != OP_DONE || !impl->undo || (whole && !impl->object))
                        continue;
                if (!impl->shared && r->shared_lock >= 0) {
                        element_commit(r);
                        run_unlock(r); /* what follows may wait */
                }
                r->current = i;
                impl->undo(r, op);
        }
        element_commit(r);
        run_flush(r);
        element_forget(r);
        vanish_wait(r); /* where the namespace was no operation of the plan */
        return r->error;
}

int undo_record(struct plan *p, struct diags *d) {
        struct run r;
        int e = run_open(&r, p, d);

        if (e == 0 && plan_find(p, OP_TABLE))
                e = run_lock(&r);
        if (e == 0) {
                /* from here on vnet-restore does not bring our elements back */
                record_mark(p->name, STAGE_UNDOING, NULL);
                for (size_t i = 0; i < p->ops.n; i++)
                        r.states[i] = OP_DONE;
                e = pass_backward(&r, true);
        }
        if (e == 0)
                e = record_remove(p->name, d);
        run_close(&r);
        run_dir_remove();
        return e;
}

static int down(const char *name, struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        enum stage stage;
        int e = record_read(name, &p, &stage, d);

        if (e == -ENOENT)
                return record_remove(name, d);
        return e < 0 ? e : undo_record(p, d);
}

int apply_down(const char *name, struct diags *d) {
        int lock, e;

        if (!record_exists(name) && !record_is_torn_off(name))
                return 0; /* whoever is just making it holds the lock and has its record */
        e = lock_take(LOCK_NAME, name, &lock, d);
        if (e < 0)
                return e;
        e = down(name, d);
        lock_release(lock);
        run_dir_remove();
        return e;
}

/* --- up --- */

/* A subnet that is somewhere else already would take that place's traffic. */
static int check_subnets(struct run *r) {
        char subnet_text[CIDR_MAX], route_text[CIDR_MAX], device[IFNAMSIZ];

        list_foreach (op, &r->plan->ops) {
                struct prefix subnet, route;
                int e;

                if (op->kind != OP_ADDRESS || op->inside)
                        continue;
                subnet = prefix_network(&op->address.prefix);
                e = probe_overlap(r->host, &subnet, op->address.device, &route, device);
                if (e == 1)
                        return run_fail(r, op, -EADDRINUSE,
                                        "its subnet %s overlaps the route to %s through "
                                        "interface %s",
                                        prefix_print(&subnet, subnet_text),
                                        prefix_print(&route, route_text), device);
                if (e < 0)
                        return run_fail_errno(r, op, e, "");
        }
        return 0;
}

/* vnet(5) says why. */
static void tell_isolated(struct run *r) {
        const struct op *port = NULL, *published = NULL;

        list_foreach (op, &r->plan->ops) {
                if (op->kind == OP_PORT && op->port.isolated)
                        port = op;
                if (op->kind == OP_ELEMENT && element_is_published(&op->element))
                        published = op;
        }
        if (port && published &&
            (sysctl_is("net/bridge/bridge-nf-call-iptables", "1") == 1 ||
             sysctl_is("net/bridge/bridge-nf-call-ip6tables", "1") == 1))
                diag_warn(r->d, &published->origin, "PublishPort",
                          "with Isolated=yes, and br_netfilter active on this host, neither the "
                          "namespace itself nor other isolated ones reach its published ports");
}

static int check_free(struct run *r) {
        const struct op *op = plan_find(r->plan, OP_NETNS);

        if (op && netns_look(op->netns.name) == NETNS_THERE)
                return run_fail(r, op, -EEXIST,
                                NETNS_DIR "/%s already exists and was not made by vnet",
                                op->netns.name);
        tell_isolated(r);
        return check_subnets(r) ?: listener_check(r->plan, NULL, NULL, r->d);
}

static int up_new(struct plan *p, struct diags *d) {
        bool recorded = false;
        struct run r;
        int e = run_open(&r, p, d);

        if (e == 0)
                e = check_free(&r);
        if (e == 0 && plan_find(p, OP_NETNS))
                e = run_unshare(&r);
        if (e == 0) {
                e = record_write(p, d);
                recorded = e == 0;
        }
        if (recorded) {
                e = pass_forward(&r, NULL);
                if (e == 0)
                        e = record_mark(p->name, STAGE_COMPLETE, d);
                if (e < 0 && pass_backward(&r, true) == 0)
                        record_remove(p->name, d);
                run_unlock(&r);
                if (e == 0)
                        foreign_tell(&r);
        }
        run_close(&r);
        if (e < 0)
                run_dir_remove();
        return e;
}

int apply_repair(struct plan *p, const bool *wanted, struct diags *d) {
        struct run r;
        int e = run_open(&r, p, d);

        if (e == 0 && plan_find(p, OP_NETNS))
                e = run_open_inner(&r);
        if (e == 0) {
                r.repairing = true;
                e = pass_forward(&r, wanted);
                run_unlock(&r);
                if (e == 0)
                        foreign_tell(&r);
        }
        run_close(&r);
        return e;
}

int apply_is_alive(const struct plan *p, struct diags *d) {
        const struct op *op = plan_find(p, OP_NETNS);
        _cleanup_close_ int fd = -1;
        int e = 0;

        if (op)
                e = netns_open(op->netns.name, op->netns.inode, op->netns.cookie, &fd);
        if (e == 0)
                return 1;
        /* a file on which nothing is mounted may be one that nobody may open */
        if (e == -ENOENT || (e == -EACCES && netns_look(op->netns.name) == NETNS_STALE))
                return 0;
        return diag_error(d, e, &op->origin, NULL, "cannot open the network namespace %s: %s",
                          op->netns.name, strerror(-e));
}

static int up(struct plan *p, struct diags *d) {
        _cleanup_plan_ struct plan *old = NULL;
        enum stage stage;
        int e = record_read(p->name, &old, &stage, d);

        if (e == -ENOENT)
                return up_new(p, d);
        if (e < 0)
                return e;
        e = stage == STAGE_COMPLETE ? apply_is_alive(old, d) : 0;
        if (e < 0)
                return e;
        if (e == 0) {
                e = undo_record(old, d);
                return e < 0 ? e : up_new(p, d);
        }
        return apply_difference(old, p, d);
}

int apply_up(struct plan *p, struct diags *d) {
        int lock, e = netns_check_mounts(d);

        if (e == 0)
                e = lock_take(LOCK_NAME, p->name, &lock, d);
        if (e < 0)
                return e;
        e = up(p, d);
        lock_release(lock);
        if (e < 0)
                run_dir_remove();
        return e;
}
