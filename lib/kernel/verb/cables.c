/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A cable between two namespaces is there with the second of them, whichever that is, and again after a restart of
 * either. So whoever has come up looks who waits for it, and lays these cables by a repair of the other network. Both may
 * come up at once: each marks its record as complete first and looks then, so that at least one of them sees the
 * other. */

#include "verb/cables.h"

#include <errno.h>

#include "pass/pass.h"
#include "state/lock.h"
#include "state/record.h"
#include "state/shared-users.h"
#include "util.h"
#include "verb/repair.h"

/* What acts in another network's namespace, and what stands on that. */
static int repair_cables(struct plan *p, struct diags *d) {
        _cleanup_free_ bool *wanted = calloc(p->ops.n + 1, sizeof *wanted);

        if (!wanted)
                return -ENOMEM;
        for (size_t i = 0; i < p->ops.n; i++)
                wanted[i] = p->ops.items[i].place == PLACE_PEER;
        plan_mark_dependents(p, wanted);
        return apply_repair(p, wanted, d);
}

/* Under the lock of that network. One that is on its way up or down looks for itself. */
static int lay(const char *name, struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        enum stage stage;
        int e = record_read(name, &p, &stage, d);

        if (e < 0 || stage != STAGE_COMPLETE || !plan_find(p, OP_PEER))
                return e == -ENOENT ? 0 : e;
        e = apply_is_alive(p, d);
        return e > 0 ? repair_cables(p, d) : e;
}

static int lay_of(void *data, const char *name) {
        struct diags *d = data, own = DIAGS_NULL;
        int lock, e = lock_take(LOCK_NAME, name, &lock, &own);

        if (e == 0) {
                e = lay(name, &own);
                lock_release(lock);
        }
        if (e < 0)
                diag_warn(d, NULL, NULL, "the cables of %s are not whole: %s", name,
                          own.n > 0 ? own.items[own.n - 1].text : strerror(-e));
        diags_free(&own);
        return 0;
}

void cables_lay(const struct plan *p, struct diags *d) {
        char what[CABLES_OF_MAX];
        int e;

        if (!p->netns)
                return;
        if (plan_find(p, OP_PEER))
                lay_of(d, p->name);
        e = users_each(cables_of(p->name, what), lay_of, d);
        if (e < 0)
                diag_warn(d, NULL, NULL, "cannot see who has cables to %s: %s", p->name,
                          strerror(-e));
}
