/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A link into the namespace of another network is made when both are up: until then it waits, and that is no difference to the
 * file. But whoever looks for the link wants to know. Records say who is up, so that everybody may ask. */

#include <errno.h>

#include "ctl.h"
#include "state/record.h"
#include "util.h"

/* One whose record cannot be read may be up. */
static bool is_down(const char *network) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags ignored = DIAGS_NULL; /* the verbs of that name speak of it */
        enum stage stage;
        int e = record_read(network, &p, &stage, &ignored);

        diags_free(&ignored);
        return e == -ENOENT || (e == 0 && stage == STAGE_BEGUN);
}

void ctl_each_awaited(const struct plan *record, ctl_awaited *awaited, void *user) {
        list_foreach (op, &record->ops)
                if (op->kind == OP_PEER && is_down(op->peer.network))
                        awaited(user, op->peer.network);
}
