/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What more than one verb does with a network that has a record: undo it, repair it, or see whether
 * its namespace is still there. */

#include "verb/repair.h"

#include <errno.h>

#include "state/lock.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"
#include "verb/other-firewalls.h"
#include "verb/walk.h"

int undo_record(struct plan *p, struct diags *d) {
        struct pass r;
        int e = pass_open(&r, p, d);

        if (e == 0 && plan_find(p, OP_TABLE))
                e = pass_lock(&r);
        if (e == 0) {
                /* from here on vnet-restore does not bring our elements back */
                record_mark(p->name, STAGE_UNDOING, NULL);
                for (size_t i = 0; i < p->ops.n; i++)
                        r.states[i] = OP_DONE;
                e = pass_backward(&r, true);
        }
        if (e == 0)
                e = record_remove(p->name, d);
        pass_close(&r);
        run_dir_remove();
        return e;
}

int apply_repair(struct plan *p, const bool *wanted, struct diags *d) {
        bool learned = false;
        struct pass r;
        int e = pass_open(&r, p, d);

        if (e == 0 && plan_find(p, OP_NETNS))
                e = pass_open_inner(&r);
        r.repairing = true;
        if (e == 0)
                e = pass_learn(&r, wanted, &learned);
        if (e == 0 && learned)
                e = record_write_complete(p, d);
        if (e == 0) {
                e = pass_forward(&r, wanted);
                pass_unlock(&r);
                if (e == 0)
                        warn_of_other_firewalls(&r);
        }
        pass_close(&r);
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
