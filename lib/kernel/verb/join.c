/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Interfaces of the host that appear while a network is up that wants something of them, as a bridge whose uplinks they
 * are: each device unit starts vnet-join@NAME.service, which does that. The file may have changed since, and that is for a reload
 * to apply: here the record alone counts. */

#include <errno.h>

#include "object/operations.h"
#include "state/lock.h"
#include "state/record.h"
#include "util.h"
#include "verb/repair.h"
#include "verb/verbs.h"

static int join(const char *name, struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        _cleanup_free_ bool *wanted = NULL;
        enum stage stage;
        int e = record_read(name, &p, &stage, d);

        if (e < 0)
                return e == -ENOENT ? 0 : e;
        if (stage != STAGE_COMPLETE)
                return 0; /* whoever makes it whole again takes them along */
        wanted = calloc(p->ops.n + 1, sizeof *wanted);
        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < p->ops.n; i++)
                wanted[i] = op_impls[p->ops.items[i].kind].joins;
        return apply_repair(p, wanted, d);
}

int apply_join(const char *name, struct diags *d) {
        int lock, e;

        if (!record_exists(name))
                return 0;
        e = lock_take(LOCK_NAME, name, &lock, d);
        if (e < 0)
                return e;
        e = join(name, d);
        lock_release(lock);
        run_dir_remove();
        return e;
}
