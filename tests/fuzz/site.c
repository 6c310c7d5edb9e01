/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A site from one input. The functions by which the loader reaches the file system, to find files and
 * to read them, are replaced by the linker: what is fuzzed is what is in the files, some
 * ten thousand sites a second. How files are found is tested by trees of files (tests/golden). */

#include <errno.h>

#include "fuzz.h"
#include "reader.h"
#include "util.h"
#include "value.h"

#define MARK "=== "

enum { PARTS_MAX = 24 };

struct part {
        char *path; /* below /etc/vnet */
        const char *text;
        size_t size;
};

static struct part parts[PARTS_MAX];
static size_t n_parts;

_wraps_ int __wrap_search_all_with(const char *root, char *const *paths, size_t n,
                                   struct sources *ret, struct diags *d);
_wraps_ int __wrap_reader_read(const char *path, reader_entry *entry, void *user, struct diags *d);
_wraps_ int __wrap_salvage_read(const char *path, char **ret_text, size_t *ret_size);
_wraps_ int __wrap_gethostname(char *name, size_t size);

/* --- what the linker puts in place of lib/config/search.c, reader.c, salvage.c --- */

int __wrap_gethostname(char *name, size_t size) {
        snprintf(name, size, "fuzz-1.example");
        return 0;
}

int __wrap_reader_read(const char *path, reader_entry *entry, void *user, struct diags *d) {
        for (size_t i = 0; i < n_parts; i++)
                if (streq(parts[i].path, path)) {
                        _cleanup_free_ char *text = NULL;

                        if (parts[i].size == 0)
                                return -ENODATA;
                        text = malloc(parts[i].size); /* not terminated, as it may be */
                        if (!text)
                                return -ENOMEM;
                        memcpy(text, parts[i].text, parts[i].size);
                        return reader_parse(text, parts[i].size, path, entry, user, d);
                }
        return diag_error(d, -ENOENT, &(struct origin){ path, 0 }, NULL, "cannot be opened");
}

int __wrap_salvage_read(const char *path, char **ret_text, size_t *ret_size) {
        for (size_t i = 0; i < n_parts; i++)
                if (streq(parts[i].path, path)) {
                        *ret_text = malloc(parts[i].size + 1);
                        if (!*ret_text)
                                return -ENOMEM;
                        memcpy(*ret_text, parts[i].text, parts[i].size);
                        *ret_size = parts[i].size;
                        return 0;
                }
        return -ENOENT;
}

static const char *stem_of(struct pool *pool, const char *path) {
        const char *file = strrchr(path, '/') + 1;
        size_t n = strlen(file);

        if (n <= 5 || !streq(file + n - 5, ".vnet") || startswith(path, "/etc/vnet/") != file)
                return NULL;
        return pool_strndup(pool, file, n - 5);
}

static bool is_drop_in_of(const char *path, const char *name) {
        const char *rest = startswith(path, "/etc/vnet/");

        rest = rest ? startswith(rest, name) : NULL;
        return rest && startswith(rest, ".vnet.d/");
}

static int compare_sources(const void *a, const void *b) {
        return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

static int add_source(struct sources *s, const struct part *part, const char *name) {
        const char *at = strchr(name, '@');
        struct source *source = list_add(&s->pool, &s->items);

        if (!source)
                return -ENOMEM;
        source->name = name_valid(name) ? name : name_escape(&s->pool, name);
        source->path = part->path;
        source->bad_name = !name_valid(name);
        source->is_template = at && !at[1];
        source->instance = at && at[1] ? at + 1 : NULL;
        for (size_t i = 0; i < n_parts; i++)
                if (is_drop_in_of(parts[i].path, name)) {
                        const char **drop_in = list_add(&s->pool, &source->drop_ins);

                        if (!drop_in)
                                return -ENOMEM;
                        *drop_in = parts[i].path;
                }
        return 0;
}

int __wrap_search_all_with(const char *root _unused_, char *const *paths _unused_,
                           size_t n _unused_, struct sources *ret, struct diags *d _unused_) {
        struct sources s = { 0 };

        for (size_t i = 0; i < n_parts; i++) {
                const char *name = stem_of(&s.pool, parts[i].path);

                if (name && add_source(&s, &parts[i], name) < 0)
                        abort();
        }
        if (s.items.n)
                qsort(s.items.items, s.items.n, sizeof *s.items.items, compare_sources);
        *ret = s;
        return 0;
}

/* --- the input --- */

static void add_part(const char *name, size_t length, const char *text, size_t size) {
        char *path;

        if (n_parts == PARTS_MAX || length == 0 || length > 120 || memchr(name, '\0', length))
                return;
        path = malloc(length + sizeof "/etc/vnet/");
        if (!path)
                abort();
        memcpy(stpcpy(path, "/etc/vnet/"), name, length);
        path[length + strlen("/etc/vnet/")] = '\0';
        for (char *p = path; *p; p++)
                if (*p == '\x01')
                        *p = '\n';
        for (size_t i = 0; i < n_parts; i++)
                if (streq(parts[i].path, path)) {
                        free(path);
                        return;
                }
        parts[n_parts++] = (struct part){ path, text, size };
}

/* Where the next file's line begins, or the end. */
static const char *next_mark(const char *p, const char *end) {
        while (p < end) {
                const char *feed;

                if ((size_t)(end - p) >= strlen(MARK) && memcmp(p, MARK, strlen(MARK)) == 0)
                        return p;
                feed = memchr(p, '\n', (size_t)(end - p));
                p = feed ? feed + 1 : end;
        }
        return end;
}

static void split(const char *text, size_t size) {
        const char *end = text + size, *p = next_mark(text, end);

        if (p > text)
                add_part("n.vnet", 6, text, (size_t)(p - text));
        while (p < end) {
                const char *name = p + strlen(MARK), *feed, *next;

                feed = memchr(name, '\n', (size_t)(end - name));
                if (!feed)
                        return;
                next = next_mark(feed + 1, end);
                add_part(name, (size_t)(feed - name), feed + 1, (size_t)(next - feed - 1));
                p = next;
        }
}

int fuzz_site(const uint8_t *data, size_t size, struct site *ret, struct diags *d) {
        int r;

        for (size_t i = 0; i < n_parts; i++)
                free(parts[i].path);
        n_parts = 0;
        split((const char *)data, size);
        r = load_site("", ret, d);
        fuzz_assert(r == 0 || r == -EINVAL, "load_site: %d", r);
        fuzz_assert(r == 0 || diag_count(d, DIAG_ERROR, 0) > 0, "refused without a reason");
        for (size_t i = 0; i < ret->n; i++) {
                const struct vnet *v = ret->items[i];

                fuzz_assert(v->refused || name_valid(v->name), "'%s' is loaded", v->name);
                fuzz_assert(!v->refused || v->reasons.n > 0, "%s: refused without reason", v->name);
                fuzz_assert(v->refused || v->subject != SUBJECT_NONE, "%s: is nothing", v->name);
        }
        return r;
}

void fuzz_check_diags(const struct diags *d) {
        for (size_t i = 0; i < d->n; i++) {
                _cleanup_free_ char *line = diag_format(&d->items[i]);

                fuzz_assert(line && *d->items[i].text, "an empty message");
                for (const char *p = line; *p; p++)
                        fuzz_assert((unsigned char)*p >= ' ' || *p == '\t',
                                    "control character in '%s'", line);
        }
}
