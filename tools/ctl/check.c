/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl check says what the generator would say. A FILE stands in for the NAME that is in its
 * file name, so that it can be tried before it is put in place; then only what concerns it is
 * told. */

#include <errno.h>
#include <limits.h>

#include "advice.h"
#include "ctl.h"
#include "load.h"
#include "util.h"
#include "value.h"

static const char *file_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

/* Two files for one NAME: which one would be meant? */
static bool is_ambiguous(int n, char **paths) {
        for (int i = 0; i < n; i++)
                for (int k = 0; k < i; k++)
                        if (streq(file_of(paths[i]), file_of(paths[k]))) {
                                ctl_say("%s and %s are for the same name", paths[k], paths[i]);
                                return true;
                        }
        return false;
}

/* Is the text about a place in this file: "… at PATH:7", "… of PATH is refused"? */
static bool mentions(const char *text, const char *path) {
        size_t n = strlen(path);

        for (const char *at = text; (at = strstr(at, path)); at++)
                if (at > text && at[-1] == ' ' && strchr(": ", at[n]))
                        return true;
        return false;
}

/* As messages have it. */
static bool is_about(const struct diag *d, const char *raw) {
        _cleanup_free_ char *path = utf8_clean(strdup(raw));

        return !path || (d->path && streq(d->path, path)) || mentions(d->text, path);
}

static bool concerns(const struct diag *d, const struct source *s) {
        if (is_about(d, s->path) || (s->closed && is_about(d, s->closed)))
                return true;
        list_foreach (drop_in, &s->drop_ins)
                if (is_about(d, *drop_in))
                        return true;
        return false;
}

static const struct source *find_source(const struct site *site, const char *path) {
        list_foreach (s, &site->sources.items)
                if (streq(s->path, path))
                        return s;
        return NULL;
}

static bool is_asked(const struct diag *d, const struct site *site, int n, char **paths) {
        for (int i = 0; i < n; i++) {
                const struct source *s = find_source(site, paths[i]);

                if (is_about(d, paths[i]) || (s && concerns(d, s)))
                        return true;
        }
        return n == 0 || !d->path;
}

/* Leaves only what concerns the files that were named. */
static void keep_asked(struct diags *d, const struct site *site, int n, char **paths) {
        struct diags kept = DIAGS_NULL;

        for (size_t i = 0; i < d->n; i++) {
                const struct diag *item = &d->items[i];

                if (is_asked(item, site, n, paths))
                        diag_add(&kept, 0, item->level, &(struct origin){ item->path, item->line },
                                 item->key, "%s", item->text);
        }
        diags_free(d);
        *d = kept;
}

static struct json_object *diag_json(const struct diag *d) {
        static const char *const severities[] = {
                [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_INFO] = "info"
        };
        struct json_object *o = json_object_new_object();

        json_object_object_add(o, "file", ctl_json_text(d->path));
        json_object_object_add(o, "line", d->line ? json_object_new_int64(d->line) : NULL);
        json_object_object_add(o, "key", ctl_json_text(d->key));
        json_object_object_add(o, "severity", json_object_new_string(severities[d->level]));
        json_object_object_add(o, "message", json_object_new_string(d->text));
        return o;
}

static void print_json(const struct ctl *c, const struct diags *d) {
        struct json_object *all = json_object_new_array();

        for (size_t i = 0; i < d->n; i++)
                json_object_array_add(all, diag_json(&d->items[i]));
        ctl_print_json(c, all);
}

static void print_count(const struct ctl *c, size_t n, const char *what, enum colour colour) {
        bool coloured = n > 0 && colour;

        printf("%s%zu %s%s%s", coloured ? ctl_colour(c, colour) : "", n, what, n == 1 ? "" : "s",
               coloured ? ctl_colour(c, COLOUR_NONE) : "");
}

static void print_text(const struct ctl *c, const struct diags *d, size_t files) {
        ctl_tell(d, NULL);
        if (c->no_legend)
                return;
        print_count(c, files, "file", COLOUR_NONE);
        fputs(" checked: ", stdout);
        print_count(c, diag_count(d, DIAG_ERROR, 0), "error", COLOUR_BAD);
        fputs(", ", stdout);
        print_count(c, diag_count(d, DIAG_WARNING, 0), "warning", COLOUR_CHANGED);
        fputs(".\n", stdout);
}

enum status ctl_check(struct ctl *c, int argc, char **argv) {
        struct diags d = DIAGS_NULL;
        enum status status = STATUS_DONE;
        struct site site = { 0 };
        int r;

        if (is_ambiguous(argc, argv))
                return STATUS_USAGE;
        r = load_site_with(c->root, argv, (size_t)argc, &site, &d);
        if (r < 0 && r != -EINVAL)
                status = ctl_failed(r, &d, NULL);
        advise_site(c->root, &site, &d);
        if (argc > 0)
                keep_asked(&d, &site, argc, argv);
        if (diag_count(&d, DIAG_ERROR, 0) > 0)
                status = STATUS_FAILED;
        if (c->json)
                print_json(c, &d);
        else
                print_text(c, &d, argc > 0 ? (size_t)argc : site.sources.items.n);
        site_free(&site);
        diags_free(&d);
        return status;
}
