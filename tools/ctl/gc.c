/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl gc removes what carries vnet's marks and belongs to no record: nothing else would remove
 * it before a reboot. */

#include <errno.h>

#include "ctl.h"
#include "util.h"
#include "verb/gc.h"
#include "verb/verbs.h"

static void print(const struct plan *p, const char *verb) {
        list_foreach (op, &p->ops) {
                _cleanup_free_ char *what = op_describe(op);
                const struct op_info *info = &op_infos[op->kind];

                printf("%s: %s %s%s\n", p->name, verb, info->common ? "its use of " : "",
                       what ?: info->what);
        }
        if (p->ops.n == 0) /* a record that was begun and never written */
                printf("%s: %s a torn record\n", p->name, verb);
}

static const char nothing[] = "nothing is left over";

static enum status remove_all(const struct orphans *o) {
        struct diags rest = DIAGS_NULL;
        enum status status = STATUS_DONE;
        bool elements = false, any = false;

        for (size_t i = 0; i < o->n; i++) {
                const char *name = o->items[i]->name;
                _cleanup_plan_ struct plan *done = NULL;
                struct diags d = DIAGS_NULL;
                int e = gc_remove(name, &done, &d);

                if (done) {
                        print(done, "removed");
                        any = true;
                        elements |= plan_find(done, OP_TABLE) != NULL;
                }
                ctl_tell(&d, name);
                if (e < 0)
                        status = ctl_failed(e, &d, name);
                diags_free(&d);
        }
        if (elements && apply_restore(&rest) < 0)
                status = STATUS_FAILED;
        ctl_tell(&rest, NULL);
        diags_free(&rest);
        /* what was found was being stopped at that moment */
        if (!any && status == STATUS_DONE && o->left == 0)
                puts(nothing);
        return status;
}

enum status ctl_gc(struct ctl *c, int argc _unused_, char **argv _unused_) {
        struct diags d = DIAGS_NULL;
        enum status status = STATUS_DONE;
        struct orphans o;
        int e;

        if (geteuid() != 0) {
                ctl_say("'gc' needs root: it looks into every network namespace");
                return STATUS_NOT_ROOT;
        }
        e = gc_find(&o, &d);
        ctl_tell(&d, NULL);
        if (e < 0)
                status = ctl_failed(e, &d, NULL);
        else if (o.n == 0 && o.left == 0)
                puts(nothing);
        else if (c->dry_run)
                for (size_t i = 0; i < o.n; i++)
                        print(o.items[i], "would remove");
        else
                status = remove_all(&o);
        if (e == 0 && o.left < 0 && status == STATUS_DONE)
                status = STATUS_FAILED; /* told above */
        gc_free(&o);
        diags_free(&d);
        return status;
}
