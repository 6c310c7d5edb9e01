/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Adds and deletes the elements of one NAME in our tables. do and undo only mark them;
 * element_commit() sends all of them in one transaction. Whether somebody else has published the
 * same port is known from the kernel's EEXIST: that is atomic, and needs no look at other networks.
 * Elements are deleted by their key alone, so their owner is asked for before. */

#include "object/nft-elements.h"

#include <errno.h>
#include <netinet/in.h>

#include "nft/flows.h"
#include "object/forwarding-guard.h"
#include "object/operations.h"
#include "object/table-restore.h"
#include "state/shared-users.h"
#include "util.h"
#include "value.h"

int do_table(struct pass *r, const struct op *op) {
        int e = pass_lock(r);

        if (e < 0) /* not begun: the way back need not wait for the lock once more */
                return r->error = r->error ?: e;
        e = users_add(nft_tables[op->table.which].users, r->plan->name);
        r->states[r->current] = OP_DONE;
        return e < 0 && !r->error ? pass_fail_errno(r, op, e, "") : e;
}

/* The last one takes the table away; somebody's flush may have been faster. */
int undo_table(struct pass *r, const struct op *op) {
        char why[160];
        bool last;
        size_t tag;
        int e = pass_lock(r);

        if (e == 0)
                e = element_commit(r);
        if (e == 0)
                e = users_remove(nft_tables[op->table.which].users, r->plan->name, &last);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        if (!last)
                return 0;
        e = nft_table_is_foreign(r->nft, (enum nft_table)op->table.which);
        if (e > 0)
                return 0; /* ours was flushed */
        if (e == 0)
                e = nft_begin(r->nft);
        if (e == 0)
                e = nft_delete_table(r->nft, (enum nft_table)op->table.which);
        if (e == 0)
                e = nft_commit(r->nft, &tag, why);
        return e < 0 && e != -ENOENT ? pass_fail_errno(r, op, e, why) : 0;
}

/* "host port 8080/tcp is already published by net1" */
static int fail_taken(struct pass *r, const struct op *op, const char *owner) {
        const struct op_element *e = &op->element;
        const char *who = owner[0] ? owner : "somebody else";

        if (element_is_published(e) && e->last)
                return pass_fail(r, op, -EEXIST,
                                 "a host port of %u-%u/%s is already published by %s", e->port,
                                 e->last, protocol_name(e->protocol), who);
        if (element_is_published(e))
                return pass_fail(r, op, -EEXIST, "host port %u/%s is already published by %s",
                                 e->port, protocol_name(e->protocol), who);
        return pass_fail(r, op, -EEXIST, "it already belongs to %s", who);
}

static int delete_now(struct pass *r, const struct op *op) {
        char why[160] = "";
        size_t tag;
        int e = nft_begin(r->nft);

        if (e == 0)
                e = nft_delete_element(r->nft, &op->element, r->current);
        if (e == 0)
                e = nft_commit(r->nft, &tag, why);
        return e < 0 ? pass_fail_errno(r, op, e, why) : 0;
}

int look_table(struct pass *r, const struct op *op, struct op *ret) {
        int there = nft_table_exists(r->nft, (enum nft_table)op->table.which);

        if (there <= 0)
                return there < 0 ? there : -ENOENT;
        *ret = *op;
        return 0;
}

/* What is somebody else's is not ours with another value. */
int look_element(struct pass *r, const struct op *op, struct op *ret) {
        char owner[128] = "";
        struct op have = *op;
        int e = nft_look_element(r->nft, &op->element, &have.element, owner);

        if (e < 0 || !streq(owner, r->plan->name))
                return e < 0 ? e : -ENOENT;
        *ret = have;
        return 0;
}

int do_element(struct pass *r, const struct op *op) {
        char owner[128] = "";
        int e = pass_lock(r);

        if (e < 0)
                return r->error = r->error ?: e;
        if (r->repairing) {
                struct op have;

                e = look_element(r, op, &have);
                if (e == 0 && op_equal(op, &have))
                        return 0;
                if (e == 0 && !change_replaced(r->change, op) && delete_now(r, op) < 0)
                        return r->error;
        }
        if (element_is_published(&op->element)) {
                e = nft_port_taken(r->nft, &op->element, owner);
                if (e != 0)
                        return e < 0 ? pass_fail_errno(r, op, e, "") : fail_taken(r, op, owner);
        }
        r->states[r->current] = OP_QUEUED;
        return 0;
}

/* Connections through it may live on: those of a port, and where a network ends, all of its subnets. */
static bool leaves_flows(const struct pass *r, const struct op_element *e) {
        uint8_t family = e->subnet.address.family;

        return element_is_published(e) ||
               ((e->set == SET_HOME4 || e->set == SET_HOME6) && !r->change &&
                e->subnet.length < 8 * address_bytes(family)); /* as on a bridge of somebody else */
}

int undo_element(struct pass *r, const struct op *op) {
        char owner[128] = "";
        int e = pass_lock(r);

        if (e < 0)
                return r->error = r->error ?: e;
        e = nft_get_element(r->nft, &op->element, owner);
        /* another owner: ours was flushed, and somebody took the place */
        if (e < 0 && e != -EEXIST && e != -ENOENT)
                return pass_fail_errno(r, op, e, "");
        if (e != -ENOENT && streq(owner, r->plan->name))
                r->states[r->current] = OP_QUEUED;
        else
                r->states[r->current] = leaves_flows(r, &op->element) ? OP_WITHDRAWN : OP_UNTOUCHED;
        return 0;
}

/* The elements that leave in the transaction in which others come, so that nobody passes between:
 * those of ours that are there. */
static int find_leaving(struct pass *r, bool **ret) {
        const struct change *c = r->undoing ? NULL : r->change;
        bool *leaving = c ? calloc(c->from->ops.n + 1, sizeof *leaving) : NULL;
        int e = c && !leaving ? -ENOMEM : 0;

        for (size_t i = 0; c && e == 0 && i < c->from->ops.n; i++) {
                const struct op *op = &c->from->ops.items[i];
                char owner[128] = "";

                if (op->kind != OP_ELEMENT || !c->goes[i] || c->parts[i] != CHANGE_WITHIN)
                        continue;
                e = nft_get_element(r->nft, &op->element, owner);
                leaving[i] = e != -ENOENT && streq(owner, r->plan->name);
                if (e == -ENOENT || e == -EEXIST)
                        e = 0;
        }
        if (e < 0)
                free(leaving);
        else
                *ret = leaving;
        return e;
}

static enum nft_table table_of(const struct op *op) {
        return (enum nft_table)nft_sets[op->element.set].table;
}

/* fresh: bits of tables that come in this transaction, of which nothing can leave. */
static int delete_leaving(struct pass *r, const bool *leaving, unsigned fresh) {
        int e = 0;

        for (size_t i = 0; leaving && e == 0 && i < r->change->from->ops.n; i++) {
                const struct op *op = &r->change->from->ops.items[i];

                if (leaving[i] && !(fresh & 1U << table_of(op)))
                        e = nft_delete_element(r->nft, &op->element, SIZE_MAX);
        }
        return e;
}

/* Running connections may be concerned. */
static void note_change(struct pass *r, const struct op_element *e) {
        r->leave_changed |= set_decides_leaving(e->set);
        r->filter_changed |= set_decides_passing(e->set);
}

/* Without memory some connections live on until they end. */
static void forget_left(struct pass *r, const bool *leaving) {
        const struct op *ops = leaving ? r->change->from->ops.items : NULL;
        size_t count = leaving ? r->change->from->ops.n : 0, n = 0;
        _cleanup_free_ const struct op_element **gone = calloc(count + 1, sizeof *gone);

        for (size_t i = 0; gone && i < count; i++) {
                if (leaving[i] && element_is_published(&ops[i].element) &&
                    !nft_was_unused(r->nft, &ops[i].element))
                        gone[n++] = &ops[i].element;
                if (leaving[i])
                        note_change(r, &ops[i].element);
        }
        if (n > 0)
                nft_forget_published(r->nft, gone, n, r->change->to);
}

/* The elements of a plan; NULL without memory. */
static const struct op_element **elements_of(const struct plan *p, size_t *ret_n) {
        const struct op_element **elements = calloc(p->ops.n + 1, sizeof *elements);
        size_t n = 0;

        for (size_t i = 0; elements && i < p->ops.n; i++)
                if (p->ops.items[i].kind == OP_ELEMENT)
                        elements[n++] = &p->ops.items[i].element;
        *ret_n = n;
        return elements;
}

/* What is fresh has no connections yet: its subnet was nowhere. */
static void forget_leaving(struct pass *r) {
        const struct change *c = r->change;
        bool leave = r->leave_changed && (c || r->repairing), filter = r->filter_changed && c;
        _cleanup_free_ const struct op_element **now = NULL, **before = NULL;
        size_t n_now, n_before = 0;

        if (!leave && !filter)
                return;
        r->leave_changed = r->filter_changed = false;
        now = elements_of(c ? c->to : r->plan, &n_now);
        before = c ? elements_of(c->from, &n_before) : NULL;
        if (!now || (c && !before))
                return;
        if (leave)
                flows_forget_leaving(r->nft, pass_host(r), now, n_now, before, n_before);
        if (filter)
                flows_forget_denied(r->nft, pass_host(r), now, n_now, before, n_before);
}

static bool any_withdrawn(const struct pass *r) {
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (r->states[i] == OP_WITHDRAWN)
                        return true;
        return false;
}

static void forget_withdrawn(struct pass *r) {
        _cleanup_free_ const struct op_element **gone = calloc(r->plan->ops.n + 1, sizeof *gone);
        _cleanup_free_ const struct op_element **home = calloc(r->plan->ops.n + 1, sizeof *home);
        size_t n = 0, n_home = 0;

        for (size_t i = 0; gone && home && i < r->plan->ops.n; i++) {
                const struct op_element *e = &pass_op(r, i)->element;

                if (r->states[i] != OP_WITHDRAWN)
                        continue;
                r->states[i] = OP_UNTOUCHED;
                if (element_is_published(e))
                        gone[n++] = e;
                else
                        home[n_home++] = e;
        }
        if (n > 0)
                nft_forget_published(r->nft, gone, n, r->change ? r->change->to : NULL);
        if (n_home > 0)
                flows_forget_bridge(r->nft, home, n_home);
}

void element_forget(struct pass *r) {
        if (any_withdrawn(r))
                forget_withdrawn(r);
        forget_leaving(r);
}

static bool is_queued(const struct pass *r, size_t i) {
        return pass_op(r, i)->kind == OP_ELEMENT && r->states[i] == OP_QUEUED;
}

static bool needs_ports(const struct pass *r) {
        for (size_t i = 0; !r->undoing && i < r->plan->ops.n; i++)
                if (is_queued(r, i) && op_publishes(pass_op(r, i)))
                        return true;
        return false;
}

/* What comes once more, or in the place of another element whose connections may go on, has some that
 * began before it. */
static int add_element(struct pass *r, const struct op *op, size_t tag) {
        bool fresh = !r->repairing && !change_inherits(r->change, op);

        return fresh ? nft_add_fresh(r->nft, &op->element, r->plan->name, tag)
                     : nft_add_element(r->nft, &op->element, r->plan->name, tag);
}

/* Bits of the tables that what is queued and what leaves is in. */
static unsigned tables_used(const struct pass *r, const bool *leaving) {
        unsigned used = 0;

        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (is_queued(r, i))
                        used |= 1U << table_of(pass_op(r, i));
        for (size_t i = 0; leaving && i < r->change->from->ops.n; i++)
                if (leaving[i])
                        used |= 1U << table_of(&r->change->from->ops.items[i]);
        return used;
}

static int begin_tables(struct pass *r, unsigned used, unsigned fresh) {
        int e = 0;

        for (enum nft_table t = 0; e == 0 && t < NFT_HOST_TABLES; t++) {
                if (fresh & 1U << t)
                        e = t == TABLE_INET ? forward_add_table(r->nft) : nft_add_table(r->nft, t);
                else if (used & 1U << t && !r->undoing)
                        e = nft_expect_shape(r->nft, t);
        }
        return e;
}

/* fresh: bits of the tables that are to be made. */
static int send_queued(struct pass *r, const bool *leaving, unsigned fresh, size_t *ret_tag,
                       char why[static 160]) {
        int e = needs_ports(r) && nft_lacking(r->nft) & NFT_NEEDS_FIB ? -EOPNOTSUPP : 0;

        if (e == 0)
                e = nft_begin(r->nft);
        if (e == 0)
                e = begin_tables(r, tables_used(r, leaving), fresh);
        if (e == 0)
                e = delete_leaving(r, leaving, fresh);
        for (size_t i = 0; e == 0 && i < r->plan->ops.n; i++) {
                const struct op *op = pass_op(r, i);

                if (!is_queued(r, i))
                        continue;
                e = r->undoing ? nft_delete_element(r->nft, &op->element, i)
                               : add_element(r, op, i);
        }
        return e < 0 ? e : nft_commit(r->nft, ret_tag, why);
}

static void settle(struct pass *r) {
        _cleanup_free_ const struct op_element **come = calloc(r->plan->ops.n + 1, sizeof *come);
        size_t n = 0;

        for (size_t i = 0; i < r->plan->ops.n; i++) {
                const struct op *op = pass_op(r, i);

                if (!is_queued(r, i))
                        continue;
                r->states[i] = r->undoing ? OP_UNTOUCHED : OP_DONE;
                note_change(r, &op->element);
                if (r->undoing && leaves_flows(r, &op->element) &&
                    !nft_was_unused(r->nft, &op->element))
                        r->states[i] = OP_WITHDRAWN;
                else if (!r->undoing && come && element_is_published(&op->element))
                        come[n++] = &op->element;
        }
        if (n > 0)
                flows_forget_arriving(r->nft, pass_host(r), come, n);
}

static bool any_queued(const struct pass *r, size_t *ret_first) {
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (is_queued(r, i)) {
                        *ret_first = i;
                        return true;
                }
        return false;
}

/* Where the answer is missing, the way back looks whose each is. */
static void settle_failed(struct pass *r, int e) {
        for (size_t i = 0; i < r->plan->ops.n; i++)
                if (is_queued(r, i))
                        r->states[i] = pass_is_unknown(e) && !r->undoing ? OP_DONE : OP_FAILED;
}

/* Many elements are one message, and its failure is that of any of them: the first one that is somebody
 * else's. */
static const struct op *find_taken(struct pass *r, size_t first, char owner[static 128]) {
        for (size_t i = first; i < r->plan->ops.n; i++) {
                const struct op *op = pass_op(r, i);
                int e;

                if (!is_queued(r, i))
                        continue;
                owner[0] = '\0';
                e = nft_get_element(r->nft, &op->element, owner);
                if ((e == 0 || e == -EEXIST) && !streq(owner, r->plan->name))
                        return op;
        }
        owner[0] = '\0';
        return pass_op(r, first);
}

static int fail_commit(struct pass *r, int e, size_t tag, size_t first, const char *why) {
        size_t at = tag < r->plan->ops.n ? tag : first;
        const struct op *op = pass_op(r, at);
        char owner[128] = "";

        if (e == -EEXIST)
                op = find_taken(r, at, owner);
        settle_failed(r, e);
        if (e == -EEXIST)
                return fail_taken(r, op, owner);
        if (e == -EOPNOTSUPP && nft_lacking(r->nft) & NFT_NEEDS_FIB)
                return pass_fail(r, op, e,
                                 "published ports need a part of nftables that the kernel lacks "
                                 "(module nft_fib_inet)");
        if ((e == -ENOENT || e == -EOPNOTSUPP) && table_of(op) == TABLE_BRIDGE)
                return pass_fail(r, op, e,
                                 "the kernel lacks a part of nftables for bridges "
                                 "(CONFIG_NF_TABLES_BRIDGE, module nft_meta_bridge): %s%s%s",
                                 strerror(-e), why[0] ? ": " : "", why);
        if (e == -ENOENT || e == -EOPNOTSUPP)
                return pass_fail(r, op, e,
                                 "the kernel lacks a part of nftables (modules nf_tables, "
                                 "nft_chain_nat, nft_masq, nft_ct, for ports nft_fib_inet): %s%s%s",
                                 strerror(-e), why[0] ? ": " : "", why);
        return pass_fail_errno(r, op, e, why);
}

/* An element of a way back is not there: somebody flushed the table a moment ago, or deleted this one
 * at this very moment, or a record that was being changed has its key twice. */
static int delete_others(struct pass *r, size_t *tag, char why[static 160]) {
        int e = -ENOENT;
        size_t first;

        while (e == -ENOENT && *tag < r->plan->ops.n) {
                const struct op *missing = pass_op(r, *tag);
                bool there = nft_table_exists(r->nft, table_of(missing)) != 0;

                for (size_t i = 0; i < r->plan->ops.n; i++) {
                        const struct op *op = pass_op(r, i);

                        if (!is_queued(r, i) ||
                            (op != missing && (there || table_of(op) != table_of(missing))))
                                continue;
                        note_change(r, &op->element);
                        r->states[i] = leaves_flows(r, &op->element) ? OP_WITHDRAWN : OP_UNTOUCHED;
                }
                e = any_queued(r, &first) ? send_queued(r, NULL, 0, tag, why) : 0;
        }
        return e == -ENOENT ? 0 : e;
}

static void tell_lacking(struct pass *r) {
        if (nft_lacking(r->nft) & NFT_NEEDS_SOCKET)
                diag_warn(r->d, NULL, NULL,
                          "the kernel lacks a part of nftables (module nft_socket): segments that "
                          "belong to no connection may reach the host's own stack");
        if (nft_lacking(r->nft) & NFT_NEEDS_FIB)
                diag_warn(
                        r->d, NULL, NULL,
                        "the kernel lacks a part of nftables (module nft_fib_inet): no port can be "
                        "published");
}

/* A network that was started before an upgrade goes on with the table of the older version, until there is
 * something to add: then it is made anew, with what the records say. */
static int renew_table(struct pass *r) {
        int e = restore_table(r->nft, r->d);

        if (e < 0) {
                settle_failed(r, e);
                return r->error = r->error ?: e; /* which is told */
        }
        for (size_t i = 0; r->repairing && i < r->plan->ops.n; i++) {
                const struct op *op = pass_op(r, i);
                char owner[128] = "";

                if (is_queued(r, i) && nft_get_element(r->nft, &op->element, owner) == 0)
                        r->states[i] = OP_DONE; /* our record was complete */
        }
        return 0;
}

static bool do_without(struct pass *r) {
        bool more = nft_do_without(r->nft);

        while (more && nft_lacking(r->nft) & NFT_NEEDS_FIB && needs_ports(r))
                more = nft_do_without(r->nft);
        return more;
}

/* Bits of the used ones that are not there, or a negative errno. */
static int missing_tables(struct pass *r, const bool *leaving) {
        unsigned used = tables_used(r, leaving);
        int missing = 0;

        for (enum nft_table t = 0; t < NFT_HOST_TABLES; t++) {
                int there = used & 1U << t ? nft_table_exists(r->nft, t) : 1;

                if (there < 0)
                        return there;
                missing |= there ? 0 : 1 << t;
        }
        return missing;
}

static int try_without(struct pass *r, const bool *leaving, unsigned fresh, size_t *tag,
                       char why[static 160]) {
        int e;

        do
                e = send_queued(r, leaving, fresh, tag, why);
        while (e == -ENOENT && do_without(r));
        if (e == 0 && fresh & 1U << TABLE_INET)
                tell_lacking(r);
        return e;
}

static int refuse_foreign(struct pass *r, unsigned used) {
        for (enum nft_table t = 0; t < NFT_HOST_TABLES; t++) {
                size_t first = 0;
                int foreign = used & 1U << t ? nft_table_is_foreign(r->nft, t) : 0;

                if (foreign <= 0 || !any_queued(r, &first))
                        continue;
                settle_failed(r, -EEXIST);
                pass_fail(r, pass_op(r, first), -EEXIST, NFT_FOREIGN, nft_tables[t].family);
                return -ECANCELED;
        }
        return 0;
}

/* There is no table yet, or it is not made of the same rules: by a kernel that lacks something, or by another
 * version of vnet. */
static int send_elsewhere(struct pass *r, const bool *leaving, size_t *tag, char why[static 160]) {
        int missing = missing_tables(r, leaving), e;

        if (missing < 0)
                return missing;
        e = refuse_foreign(r, tables_used(r, leaving) & ~(unsigned)missing);
        if (e < 0)
                return e;
        e = try_without(r, leaving, (unsigned)missing, tag, why);
        if (e != -ENOENT || (unsigned)missing == tables_used(r, leaving))
                return e;
        if (renew_table(r) < 0)
                return -ECANCELED;
        missing = missing_tables(r, NULL);
        e = missing < 0 ? missing : send_queued(r, NULL, (unsigned)missing, tag, why);
        if (e == 0)
                tell_lacking(r);
        return e;
}

int element_commit(struct pass *r) {
        _cleanup_free_ bool *leaving = NULL;
        char why[160] = "";
        size_t tag = SIZE_MAX, first;
        int e;

        if (!any_queued(r, &first))
                return 0;
        e = find_leaving(r, &leaving);
        if (e == 0)
                e = send_queued(r, leaving, 0, &tag, why);
        if (e == -ENOENT && !r->undoing)
                e = send_elsewhere(r, leaving, &tag, why);
        if (e == -ECANCELED)
                return r->error; /* which is told */
        if (e == -ENOENT && r->undoing)
                e = delete_others(r, &tag, why);
        if (e < 0)
                return fail_commit(r, e, tag, first, why);
        settle(r);
        forget_left(r, leaving);
        return 0;
}
