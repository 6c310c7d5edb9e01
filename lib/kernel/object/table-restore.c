/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the whole table once more from what the records say, after somebody flushed it or where an
 * older version made it. */

#include "object/table-restore.h"

#include <errno.h>

#include "nft/flows.h"
#include "object/forwarding-guard.h"
#include "state/lock.h"
#include "state/record.h"
#include "system/sysctl.h"
#include "util.h"

struct elements {
        struct pool pool;
        LIST(struct op_element) list;
};

static int add_record(struct nft *nft, const struct plan *p, size_t *n, struct elements *all) {
        list_foreach (op, &p->ops) {
                struct op_element *copy;
                int e = 0;

                *n += op->kind == OP_TABLE;
                if (op->kind != OP_ELEMENT)
                        continue;
                copy = list_add(&all->pool, &all->list);
                if (copy)
                        *copy = op->element;
                e = copy ? nft_add_element(nft, copy, p->name, SIZE_MAX) : -ENOMEM;
                if (e < 0)
                        return e;
        }
        return 0;
}

/* One that cannot be read must not keep the others' rules away; but where the table is there, its
 * own rules may be in it, and would go. */
static int add_records(struct nft *nft, bool there, size_t *n, struct elements *all,
                       int *ret_left_out, struct diags *d) {
        char **names;
        size_t count;
        int e = record_names(&names, &count);

        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot read %s: %s", STATE_DIR, strerror(-e));
        for (size_t i = 0; e == 0 && i < count; i++) {
                _cleanup_plan_ struct plan *p = NULL;
                enum stage stage;
                int r = record_read(names[i], &p, &stage, d);

                if (r == 0 && stage == STAGE_COMPLETE)
                        e = add_record(nft, p, n, all);
                /* else whoever is at it adds its elements itself */
                if (r == 0 || r == -ENOENT)
                        continue;
                *ret_left_out = diag_error(
                        d, r, NULL, NULL,
                        there ? "the table inet " NFT_TABLE
                                " stays as it is: the record of %s, whose rules "
                                "may be in it, cannot be read"
                              : "cannot add what %s has in the table inet " NFT_TABLE
                                ": its record cannot be read",
                        names[i]);
                if (there)
                        break;
        }
        record_free_names(names, count);
        return e;
}

/* One transaction. *ret_left_out: what is wrong with a record, which is told. */
static int make_anew(struct nft *nft, bool there, struct elements *all, int *ret_left_out,
                     char why[static 160], struct diags *d) {
        size_t users = 0, tag;
        int e = nft_begin(nft);

        if (e == 0)
                e = nft_clear_table(nft);
        if (e == 0)
                e = nft_add_table(nft);
        if (e == 0)
                e = add_records(nft, there, &users, all, ret_left_out, d);
        if (e < 0 || (there && *ret_left_out < 0))
                return e;
        e = forward_restore_guard(nft, &users);
        return e == 0 && (users > 0 || there) ? nft_commit(nft, &tag, why) : e;
}

/* While the rules were gone connections began without them, and would go on so: untranslated. */
static void forget_untranslated(struct nft *nft, const struct elements *all) {
        _cleanup_free_ const struct op_element **elements = calloc(all->list.n + 1,
                                                                   sizeof *elements);
        struct nl *host = NULL;

        if (sysctl_is("net/netfilter/nf_conntrack_count", "0") == 1)
                return;
        for (size_t i = 0; elements && i < all->list.n; i++)
                elements[i] = &all->list.items[i];
        if (elements && all->list.n > 0 && nl_open(&host) == 0) {
                flows_come(nft, host, elements, all->list.n);
                flows_leave(nft, host, elements, all->list.n, NULL, 0);
        }
        nl_close(host);
}

int restore_table(struct nft *nft, struct diags *d) {
        struct elements all = { .pool = POOL_NULL };
        int there = nft_table_exists(nft), left_out = 0, e;
        char why[160] = "";

        if (there < 0)
                return diag_error(d, there, NULL, NULL,
                                  "cannot ask for the table inet " NFT_TABLE ": %s",
                                  strerror(-there));
        do {
                pool_free(&all.pool);
                all = (struct elements){ .pool = POOL_NULL };
                e = make_anew(nft, there > 0, &all, &left_out, why, d);
        } while (e == -ENOENT && nft_do_without(nft));
        if (e < 0)
                diag_error(d, e, NULL, NULL,
                           "cannot make the table inet " NFT_TABLE " again: %s%s%s", strerror(-e),
                           why[0] ? ": " : "", why);
        if (e == 0 && left_out == 0)
                forget_untranslated(nft, &all);
        pool_free(&all.pool);
        return e < 0 ? e : left_out;
}
