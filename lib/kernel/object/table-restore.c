/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the whole table once more from what the records say, after somebody flushed it or where an
 * older version made it. */

#include "object/table-restore.h"

#include <errno.h>

#include "nft/flows.h"
#include "object/forwarding-guard.h"
#include "state/lock.h"
#include "state/record.h"
#include "system/netns.h"
#include "system/sysctl.h"
#include "util.h"

struct owned {
        const char *owner;
        struct op_element element;
};

/* What the records say. */
struct elements {
        struct pool pool;
        LIST(struct owned) list;
        size_t users[NFT_TABLES];
        size_t here,
                elsewhere; /* records of networks of this namespace of the host, and of others */
        unsigned foreign;  /* bits of the tables that somebody else has made */
};

static int take_record(const struct plan *p, struct elements *all) {
        const char *owner = pool_strdup(&all->pool, p->name);

        list_foreach (op, &p->ops) {
                struct owned *o;

                if (op->kind == OP_TABLE)
                        all->users[op->table.which]++;
                if (op->kind != OP_ELEMENT)
                        continue;
                o = list_add(&all->pool, &all->list);
                if (!o || !owner)
                        return -ENOMEM;
                *o = (struct owned){ owner, op->element };
        }
        return 0;
}

/* One that cannot be read must not keep the others' rules away; but where a table is there, its
 * own rules may be in it, and would go. *ret_left_out: what is wrong with a record, which is told. */
static int take_records(struct nft *nft, struct elements *all, bool there, int *ret_left_out,
                        struct diags *d) {
        uint64_t host = 0;
        char **names;
        size_t count;
        int e = record_names(&names, &count);

        if (e < 0)
                return diag_error(d, e, NULL, NULL, "cannot read %s: %s", STATE_DIR, strerror(-e));
        (void)netns_cookie_of(nft_fd(nft), &host);
        for (size_t i = 0; e == 0 && i < count; i++) {
                _cleanup_plan_ struct plan *p = NULL;
                enum stage stage;
                int r = record_read(names[i], &p, &stage, d);

                if (r == 0 && netns_differ(p->host, host))
                        all->elsewhere++;
                else if (r == 0 && ++all->here && stage == STAGE_COMPLETE)
                        e = take_record(p, all);
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

static int add_elements(struct nft *nft, const struct elements *all, enum nft_table table) {
        int e = 0;

        list_foreach (o, &all->list)
                if (e == 0 && nft_sets[o->element.set].table == table)
                        e = nft_add_element(nft, &o->element, o->owner, SIZE_MAX);
        return e;
}

/* there: bits of the tables that are. One that nobody uses is made all the same, empty. */
static int make_anew(struct nft *nft, unsigned there, const struct elements *all,
                     char why[static 160]) {
        size_t tag, guarded = 0;
        int e = nft_begin(nft);

        if (!(there & 1U << TABLE_INET) && !all->users[TABLE_INET])
                e = e ?: forward_restore_guard(NULL, &guarded);
        for (enum nft_table t = 0; e == 0 && t < NFT_HOST_TABLES; t++) {
                if (all->foreign & 1U << t ||
                    (!(there & 1U << t) && !all->users[t] && !(t == TABLE_INET && guarded)))
                        continue;
                e = nft_clear_table(nft, t);
                if (e == 0)
                        e = nft_add_table(nft, t);
                if (e == 0)
                        e = add_elements(nft, all, t);
                if (e == 0 && t == TABLE_INET)
                        e = forward_restore_guard(nft, &guarded);
        }
        return e < 0 ? e : nft_commit(nft, &tag, why);
}

/* While the rules were gone connections began without them, and would go on so: untranslated. */
static void forget_untranslated(struct nft *nft, const struct elements *all) {
        _cleanup_free_ const struct op_element **elements = calloc(all->list.n + 1,
                                                                   sizeof *elements);
        struct nl *host = NULL;

        if (sysctl_is("net/netfilter/nf_conntrack_count", "0") == 1)
                return;
        for (size_t i = 0; elements && i < all->list.n; i++)
                elements[i] = &all->list.items[i].element;
        if (elements && all->list.n > 0 && nl_open(&host) == 0) {
                flows_forget_arriving(nft, host, elements, all->list.n);
                flows_forget_leaving(nft, host, elements, all->list.n, NULL, 0);
        }
        nl_close(host);
}

static int tables_there(struct nft *nft, int (*ask)(struct nft *n, enum nft_table table),
                        struct diags *d) {
        int there = 0;

        for (enum nft_table t = 0; t < NFT_HOST_TABLES; t++) {
                int e = ask(nft, t);

                if (e < 0)
                        return diag_error(d, e, NULL, NULL,
                                          "cannot ask for the table %s " NFT_TABLE ": %s",
                                          nft_tables[t].family, strerror(-e));
                there |= e << t;
        }
        return there;
}

/* One transaction for all tables. */
static int restore_all(struct nft *nft, unsigned there, const struct elements *all,
                       struct diags *d) {
        char why[160] = "";
        int e;

        do
                e = make_anew(nft, there, all, why);
        while (e == -ENOENT && nft_do_without(nft));
        return e < 0 ? diag_error(d, e, NULL, NULL,
                                  "cannot make the table inet " NFT_TABLE " again: %s%s%s",
                                  strerror(-e), why[0] ? ": " : "", why)
                     : 0;
}

/* What is not ours stays, and what we have has no place beside it. */
static int refuse_foreign(const struct elements *all, struct diags *d) {
        for (enum nft_table t = 0; t < NFT_HOST_TABLES; t++)
                if (all->foreign & 1U << t && all->users[t])
                        return diag_error(d, -EEXIST, NULL, NULL, NFT_FOREIGN,
                                          nft_tables[t].family);
        return 0;
}

int restore_table(struct nft *nft, struct diags *d) {
        struct elements all = { .pool = POOL_NULL };
        int there = tables_there(nft, nft_table_exists, d), left_out = 0, e;
        int foreign = there > 0 ? tables_there(nft, nft_table_is_foreign, d) : 0;

        if (there < 0 || foreign < 0)
                return there < 0 ? there : foreign;
        all.foreign = (unsigned)foreign;
        there &= ~foreign;
        e = take_records(nft, &all, there, &left_out, d);
        if (e == 0 && !there && all.elsewhere && !all.here)
                e = diag_error(d, -EXDEV, NULL, NULL,
                               "all that is up was started in another network namespace; run this "
                               "there");
        if (e == 0)
                e = refuse_foreign(&all, d);
        if (e == 0 && !(there && left_out < 0))
                e = restore_all(nft, (unsigned)there, &all, d);
        if (e == 0 && left_out == 0)
                forget_untranslated(nft, &all);
        pool_free(&all.pool);
        return e < 0 ? e : left_out;
}
