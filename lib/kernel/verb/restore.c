/* SPDX-License-Identifier: GPL-2.0-or-later */

/* restore brings back the rules and the switches of all networks that are up, after somebody
 * flushed the rules or switched forwarding off. */

#include "verb/verbs.h"

#include <errno.h>

#include "object/forwarding.h"
#include "object/operations.h"
#include "object/table-restore.h"
#include "state/lock.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"

/* Under the shared lock that the caller holds. */
static int repair_forwarding(struct plan *p, int *lock, struct diags *d) {
        const struct op *op = plan_find(p, OP_FORWARDING);
        struct pass r;
        int e = pass_open(&r, p, d);

        if (e == 0) {
                r.repairing = true;
                r.shared_lock = TAKE_FD(*lock);
                e = do_forwarding(&r, op);
                *lock = TAKE_FD(r.shared_lock);
        }
        pass_close(&r);
        return e;
}

/* Only where it is needed: for that all records are read once more. */
static int repair_forwardings(const struct nft *nft, int *lock, struct diags *d) {
        uint64_t host = 0;
        char **names;
        size_t count;
        int e = record_names(&names, &count);

        (void)netns_cookie_of(nft_fd(nft), &host);
        for (size_t i = 0; e == 0 && i < count; i++) {
                _cleanup_plan_ struct plan *p = NULL;
                struct diags ignored = DIAGS_NULL; /* restore_table() has told it */
                const struct op *op;
                enum stage stage;

                if (record_read(names[i], &p, &stage, &ignored) == 0 && stage == STAGE_COMPLETE &&
                    !netns_differ(p->host, host)) {
                        op = plan_find(p, OP_FORWARDING);
                        if (op && forward_needs_repair(op->forwarding.families))
                                e = repair_forwarding(p, lock, d);
                }
                diags_free(&ignored);
        }
        record_free_names(names, count);
        return e;
}

int apply_restore(struct diags *d) {
        struct nft *nft = NULL;
        int lock, e;

        if (access(STATE_DIR, F_OK) < 0 && errno != ENOENT)
                return diag_error(d, -errno, NULL, NULL, "cannot read %s: %s", STATE_DIR,
                                  strerror(errno));
        if (access(STATE_DIR, F_OK) < 0 && !forward_is_ours(FAMILY_BOTH))
                return 0; /* nothing is up */
        e = lock_take(LOCK_SHARED, NULL, &lock, d);
        if (e < 0)
                return e;
        e = nft_open(&nft, d);
        if (e == 0)
                e = restore_table(nft, d);
        if (e == 0 && forward_needs_repair(FAMILY_BOTH))
                e = repair_forwardings(nft, &lock, d);
        lock_release(lock);
        nft_close(nft);
        run_dir_remove();
        return e;
}
