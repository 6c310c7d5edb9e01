/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects what there is to say to the user, each message with the place in a file that it is
 * about. A library must not print: the same message becomes a line of the journal, a comment in a
 * unit file or JSON, and only the main program knows which. */

#include "diag.h"

#include <stdarg.h>

#include "util.h"
#include "value.h"

int diag_add(struct diags *d, int error, enum diag_level level, const struct origin *at,
             const char *key, const char *format, ...) {
        struct diag *items, *item;
        va_list args;
        char *text;
        int r;

        if (!d)
                return error;
        va_start(args, format);
        r = vasprintf(&text, format, args);
        va_end(args);
        if (r < 0)
                return error;
        items = reallocarray(d->items, d->n + 1, sizeof *items);
        if (!items) {
                free(text);
                return error;
        }
        d->items = items;
        item = &items[d->n++];
        /* one line, fit for JSON and unit files, though names of files may have any byte */
        *item = (struct diag){
                .level = level,
                .path = at && at->path ? utf8_clean(strdup(at->path)) : NULL,
                .line = at ? at->line : 0,
                .key = key ? strdup(key) : NULL,
                .text = utf8_clean(text),
        };
        return error;
}

size_t diag_count(const struct diags *d, enum diag_level level, size_t first) {
        size_t n = 0;

        for (size_t i = first; i < d->n; i++)
                n += d->items[i].level == level;
        return n;
}

char *diag_format(const struct diag *d) {
        char line[16] = "", *text;

        if (d->line)
                snprintf(line, sizeof line, ":%u", d->line);
        if (asprintf(&text, "%s%s%s%s%s%s", d->path ?: "", d->path ? line : "", d->path ? ": " : "",
                     d->key ?: "", d->key ? ": " : "", d->text) < 0)
                return NULL;
        return text;
}

void diags_free(struct diags *d) {
        for (size_t i = 0; i < d->n; i++) {
                free(d->items[i].path);
                free(d->items[i].key);
                free(d->items[i].text);
        }
        free(d->items);
        *d = (struct diags)DIAGS_NULL;
}
