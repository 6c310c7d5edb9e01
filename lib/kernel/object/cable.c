/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A network that has ends of cables in another one's namespace is noted as its user, so that the other one knows whom
 * to tell when it comes up (verb/cables.c). Nothing of it is in the kernel. */

#include <errno.h>

#include "object/operations.h"
#include "state/shared-users.h"
#include "util.h"

int do_peer(struct pass *r, const struct op *op) {
        char what[CABLES_OF_MAX];
        int e = users_add(cables_of(op->peer.network, what), r->plan->name);

        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        r->states[r->current] = OP_DONE;
        return 0;
}

int undo_peer(struct pass *r, const struct op *op) {
        char what[CABLES_OF_MAX];
        bool last;
        int e = users_remove(cables_of(op->peer.network, what), r->plan->name, &last);

        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

/* Whether the other network is up is no difference to the file. */
int look_peer(struct pass *r _unused_, const struct op *op, struct op *ret) {
        *ret = *op;
        return 0;
}
