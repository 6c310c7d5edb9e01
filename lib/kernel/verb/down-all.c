/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Takes down all that has a record, for those who have no units to stop any more: the removal of a package on a host where
 * systemd is not to be asked. Namespaces come before the bridges that they stand on, as units would be stopped. */

#include "state/record.h"
#include "util.h"
#include "verb/verbs.h"

/* A record that cannot be read comes last, and tells why when it is its turn. */
static bool is_namespace(const char *name) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags unheard = DIAGS_NULL;
        enum stage stage;
        int e = record_read(name, &p, &stage, &unheard);

        diags_free(&unheard);
        return e == 0 && plan_find(p, OP_NETNS);
}

/* The names that are namespaces to the front, each part in its own order */
static void namespaces_first(char **names, size_t n) {
        size_t front = 0;

        for (size_t i = 0; i < n; i++) {
                char *name = names[i];

                if (!is_namespace(name))
                        continue;
                memmove(names + front + 1, names + front, (i - front) * sizeof *names);
                names[front++] = name;
        }
}

int apply_down_all(void (*told)(const char *name, const struct diags *d), struct diags *d) {
        char **names = NULL;
        size_t n = 0;
        int r = record_names(&names, &n);

        if (r < 0)
                return diag_error(d, r, NULL, NULL, "cannot read " STATE_DIR ": %s", strerror(-r));
        namespaces_first(names, n);
        for (size_t i = 0; i < n; i++) {
                struct diags own = DIAGS_NULL;
                int e = apply_down(names[i], &own);

                if (e < 0 && diag_count(&own, DIAG_ERROR, 0) == 0)
                        diag_error(&own, e, NULL, NULL, "%s", strerror(-e));
                told(names[i], &own);
                diags_free(&own);
                r = r < 0 ? r : e;
        }
        record_free_names(names, n);
        return r;
}
