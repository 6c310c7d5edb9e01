/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides by systemd's rules which files count. The highest directory wins by file name, whether
 * its file can be parsed or not; masks hide what is below them; the drop-ins of all directories are
 * merged by file name. Each directory is listed once and all else is sorting, because ten thousand
 * files times four directories of look-ups would be most of a generator's time. */

#include "search.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <strings.h>
#include <sys/stat.h>

#include "util.h"
#include "value.h"

static const char *const directories[] = {
        "/etc/vnet",
        "/run/vnet",
        "/usr/local/lib/vnet",
        "/usr/lib/vnet",
};

/* One directory entry of interest, of whatever directory. */
struct found {
        const char *owner; /* NAME; for drop-ins that of NAME.vnet.d */
        const char *file;  /* file name of a drop-in, else "" */
        const char *path;
        unsigned rank; /* lower wins; 0: given by its path */
        bool masked;
};

/* A directory of drop-ins that nobody can look into. */
struct closed {
        const char *owner, *path;
        int error;
};

struct search {
        const char *root;
        struct pool *pool;
        struct diags *d;
        LIST(struct found) files, drop_in_dirs, drop_ins;
        LIST(struct closed) closed;
        LIST(struct stray) strays;
        bool incomplete; /* one of the four directories could not be listed */
};

static const char *join(struct pool *pool, const char *a, const char *b, const char *c) {
        size_t na = strlen(a), nb = strlen(b), nc = strlen(c);
        char *path = pool_alloc(pool, na + nb + nc + 1);

        if (path) {
                memcpy(path, a, na);
                memcpy(path + na, b, nb);
                memcpy(path + na + nb, c, nc);
        }
        return path;
}

const char *name_escape(struct pool *pool, const char *name) {
        enum { KEPT = 120, ROOM = KEPT + sizeof "\\x7e0123456789abcdef" };
        char text[ROOM];
        size_t n = 0;

        for (const char *p = name; *p; p++) {
                bool plain = is_alnum(*p) || strchr("-_.@", *p);

                if (n + 4 > KEPT) {
                        snprintf(text + n, sizeof text - n, "\\x7e%016" PRIx64,
                                 hash_bytes(FNV_BASIS, name, strlen(name)));
                        return pool_strdup(pool, text);
                }
                n += (size_t)snprintf(text + n, sizeof text - n, plain ? "%c" : "\\x%02x",
                                      (unsigned char)*p);
        }
        return pool_strndup(pool, text, n);
}

/* A file name without its suffix, which it has: NAME, or what stands for it. */
static const char *owner_of(struct pool *pool, const char *file, const char *suffix) {
        const char *name = pool_strndup(pool, file, strlen(file) - strlen(suffix));

        return name && !name_valid(name) ? name_escape(pool, name) : name;
}

/* Hidden files are nobody's. */
static bool has_suffix(const char *file, const char *suffix) {
        size_t n = strlen(file), m = strlen(suffix);

        return file[0] != '.' && n > m && streq(file + n - m, suffix);
}

/* null_or_empty() of systemd: a link to /dev/null or nothing in it. What cannot be looked at is not
 * masked, so that reading it says why. */
static bool is_mask(int dir, const char *file) {
        struct stat st;

        if (fstatat(dir, file, &st, 0) < 0)
                return false;
        return S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size == 0);
}

static int fail_listing(struct diags *d, const char *path, int error) {
        return diag_error(d, error, &(struct origin){ path, 0 }, NULL, "cannot be listed: %s",
                          strerror(-error));
}

#define found_add(s, list, ...)                                  \
        ({                                                       \
                struct found _f = { __VA_ARGS__ }, *_new = NULL; \
                if (_f.owner && _f.file && _f.path)              \
                        _new = list_add((s)->pool, list);        \
                if (_new)                                        \
                        *_new = _f;                              \
                _new ? 0 : -ENOMEM;                              \
        })

/* Is it more than a note, a backup or an editor's file? By its name alone, and rather too seldom. */
static bool looks_meant(const char *file) {
        static const char *const suffixes[] = { ".conf", ".network", ".netdev",  ".ini",
                                                ".cfg",  ".vnet",    ".vnet.txt" };
        size_t n = strlen(file);

        if (file[0] == '.')
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
                size_t m = strlen(suffixes[i]);

                if (n > m && strcasecmp(file + n - m, suffixes[i]) == 0)
                        return true;
        }
        /* README and Makefile are not meant */
        return name_valid(file) && !strchr(file, '.') && (file[0] < 'A' || file[0] > 'Z');
}

/* In the administrator's own directory: /run/vnet has more than files of vnet(5). */
static int stray_add(struct search *s, unsigned rank, const char *dir, const char *file,
                     const char *why) {
        struct stray *stray = rank == 1 ? list_add(s->pool, &s->strays) : NULL;

        if (rank != 1)
                return 0;
        if (!stray || !(stray->path = join(s->pool, dir, file, "")))
                return -ENOMEM;
        stray->why = why;
        return 0;
}

static int scan_other(struct search *s, const char *prefix, unsigned rank, const struct dirent *e) {
        if (e->d_type == DT_DIR && has_suffix(e->d_name, ".d"))
                return stray_add(s, rank, prefix, e->d_name,
                                 "ignored; the drop-ins of NAME.vnet go into NAME.vnet.d");
        if (e->d_type == DT_DIR || !looks_meant(e->d_name))
                return 0;
        return stray_add(s, rank, prefix, e->d_name,
                         "ignored, since its name does not end in .vnet");
}

/* A regular file is not looked at here: that it is empty will be seen when it is opened. */
static int scan_entry(struct search *s, int dir, const char *prefix, unsigned rank,
                      const struct dirent *e) {
        const char *file = e->d_name;

        if (has_suffix(file, ".vnet"))
                return found_add(s, &s->files, .owner = owner_of(s->pool, file, ".vnet"),
                                 .file = "", .path = join(s->pool, prefix, file, ""), .rank = rank,
                                 .masked = e->d_type != DT_REG && is_mask(dir, file));
        if (has_suffix(file, ".vnet.d"))
                return found_add(s, &s->drop_in_dirs, .owner = owner_of(s->pool, file, ".vnet.d"),
                                 .file = "", .path = join(s->pool, prefix, file, "/"),
                                 .rank = rank);
        return scan_other(s, prefix, rank, e);
}

/* One of the four directories. -ENOMEM, or another error by which it could not be listed. */
static int scan_directory(struct search *s, const char *prefix, unsigned rank) {
        _cleanup_closedir_ DIR *dir = opendir(prefix);
        const struct dirent *e;
        int r;

        if (!dir)
                return is_absent(errno) ? 0 : -errno;
        while ((e = next_entry(dir, &r))) {
                r = scan_entry(s, dirfd(dir), prefix, rank, e);
                if (r < 0)
                        return r;
        }
        return r;
}

/* All files and drop-in directories of the four directories. One that cannot be listed costs only what
 * is in it. */
static int scan_all(struct search *s) {
        for (unsigned i = 0; i < ARRAY_SIZE(directories); i++) {
                const char *prefix = join(s->pool, s->root, directories[i], "/");
                int r = prefix ? scan_directory(s, prefix, i + 1) : -ENOMEM;

                if (r == -ENOMEM)
                        return r;
                if (r < 0) {
                        fail_listing(s->d, prefix, r);
                        s->incomplete = true;
                }
        }
        return 0;
}

/* The files *.conf of one NAME.vnet.d, or why it cannot be listed. */
static int scan_drop_ins(struct search *s, const char *owner, const char *path, unsigned rank) {
        _cleanup_closedir_ DIR *dir = opendir(path);
        const struct dirent *e;
        int r;

        if (!dir)
                return -errno;
        while ((e = next_entry(dir, &r))) {
                if (!has_suffix(e->d_name, ".conf")) {
                        if (looks_meant(e->d_name) &&
                            stray_add(s, rank, path, e->d_name,
                                      "ignored, since its name does not end in .conf") < 0)
                                return -ENOMEM;
                        continue;
                }
                r = found_add(s, &s->drop_ins, .owner = owner,
                              .file = pool_strdup(s->pool, e->d_name),
                              .path = join(s->pool, path, e->d_name, ""), .rank = rank,
                              .masked = is_mask(dirfd(dir), e->d_name));
                if (r < 0)
                        return r;
        }
        return r;
}

/* One that cannot be listed (a link to nowhere too) costs only the NAMEs that it is of. */
static int scan_all_drop_ins(struct search *s) {
        list_foreach (f, &s->drop_in_dirs) {
                int r = scan_drop_ins(s, f->owner, f->path, f->rank);
                struct closed *closed;

                if (r == 0 || r == -ENOTDIR)
                        continue;
                closed = r == -ENOMEM ? NULL : list_add(s->pool, &s->closed);
                if (!closed)
                        return -ENOMEM;
                *closed = (struct closed){ f->owner, f->path, r };
        }
        return 0;
}

static int compare_found(const void *a, const void *b) {
        const struct found *x = a, *y = b;
        int r = strcmp(x->owner, y->owner) ?: strcmp(x->file, y->file);

        return r ?: (x->rank > y->rank) - (x->rank < y->rank);
}

/* The drop-ins of one owner: a run of the sorted list. */
static size_t first_of(const struct search *s, const char *owner) {
        size_t low = 0, high = s->drop_ins.n;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (strcmp(s->drop_ins.items[middle].owner, owner) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Merges the runs of NAME and of its template by file name. Of one name counts the one of the
 * higher directory, in one directory the instance's own. */
static int source_drop_ins(struct search *s, struct source *source, const char *template) {
        const struct found *all = s->drop_ins.items, *last = NULL;
        size_t i = first_of(s, source->name);
        size_t j = template ? first_of(s, template) : s->drop_ins.n;

        while (true) {
                bool i_left = i < s->drop_ins.n && streq(all[i].owner, source->name);
                bool j_left = j < s->drop_ins.n && template && streq(all[j].owner, template);
                const struct found *next;
                const char **path;
                int order = -1;

                if (!i_left && !j_left)
                        return 0;
                if (i_left && j_left)
                        order = strcmp(all[i].file, all[j].file)
                                        ?: (all[i].rank <= all[j].rank ? -1 : 1);
                next = j_left && (!i_left || order > 0) ? &all[j++] : &all[i++];
                if (last && streq(last->file, next->file))
                        continue; /* of a lower directory */
                last = next;
                if (next->masked)
                        continue;
                path = list_add(s->pool, &source->drop_ins);
                if (!path)
                        return -ENOMEM;
                *path = next->path;
        }
}

static int source_add(struct search *s, const struct found *f, struct sources *ret) {
        const char *at = strchr(f->owner, '@'), *template = NULL;
        struct source *source = list_add(s->pool, &ret->items);

        if (!source)
                return -ENOMEM;
        source->name = f->owner;
        source->path = f->path;
        source->masked = f->masked;
        source->bad_name = !name_valid(f->owner);
        source->is_template = at && !at[1];
        source->instance = at && at[1] ? at + 1 : NULL;
        if (source->instance) { /* up to and with its "@" */
                template = pool_strndup(s->pool, f->owner, (size_t)(at + 1 - f->owner));
                if (!template)
                        return -ENOMEM;
        }
        list_foreach (closed, &s->closed)
                if (streq(closed->owner, f->owner) ||
                    (template && streq(closed->owner, template))) {
                        source->closed = closed->path;
                        source->closed_error = closed->error;
                }
        return source_drop_ins(s, source, template);
}

static void sort_drop_ins(struct search *s) {
        if (s->drop_ins.n)
                qsort(s->drop_ins.items, s->drop_ins.n, sizeof *s->drop_ins.items, compare_found);
}

/* A file given by its path: for the NAME in it, before all directories. */
static int add_file(struct search *s, const char *path) {
        const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

        if (!has_suffix(file, ".vnet"))
                return diag_error(s->d, -EINVAL, &(struct origin){ path, 0 }, NULL,
                                  "the name of the file does not end in .vnet");
        return found_add(s, &s->files, .owner = owner_of(s->pool, file, ".vnet"), .file = "",
                         .path = pool_strdup(s->pool, path), .masked = is_mask(AT_FDCWD, path));
}

/* What the drop-ins of a directory would change is known of nobody; nobody's is worth a word. */
static void warn_closed(struct search *s, const struct sources *all) {
        list_foreach (closed, &s->closed) {
                bool known = false;

                list_foreach (source, &all->items)
                        known = known || (source->closed && streq(source->closed, closed->path));
                if (!known)
                        diag_warn(s->d, &(struct origin){ closed->path, 0 }, NULL,
                                  "cannot be listed: %s", strerror(-closed->error));
        }
}

/* The drop-ins of a template are for all its instances. */
static int compare_owner(const void *a, const void *b) {
        const char *dir = ((const struct found *)a)->owner,
                   *file = ((const struct found *)b)->owner;
        size_t n = strlen(dir);

        return n && dir[n - 1] == '@' ? strncmp(dir, file, n) : strcmp(dir, file);
}

/* Drop-ins of nothing: mostly of a NAME with a slip in it. */
static int find_lone_drop_ins(struct search *s) {
        list_foreach (dir, &s->drop_in_dirs) {
                const char *why = "";

                if (!s->files.n || !bsearch(dir, s->files.items, s->files.n, sizeof *s->files.items,
                                            compare_owner))
                        why = join(s->pool, "ignored, since there is no ", dir->owner, ".vnet");
                if (!why || (*why && stray_add(s, dir->rank, dir->path, "", why) < 0))
                        return -ENOMEM;
        }
        return 0;
}

static int compare_strays(const void *a, const void *b) {
        return strcmp(((const struct stray *)a)->path, ((const struct stray *)b)->path);
}

static int collect_all(struct search *s, char *const *paths, size_t n, struct sources *ret) {
        int r;

        r = scan_all(s);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_file(s, paths[i]);
        if (r >= 0)
                r = scan_all_drop_ins(s);
        if (r < 0)
                return r;
        sort_drop_ins(s);
        if (s->files.n)
                qsort(s->files.items, s->files.n, sizeof *s->files.items, compare_found);
        list_foreach (f, &s->files) {
                if (f > s->files.items && streq(f[-1].owner, f->owner))
                        continue;
                r = source_add(s, f, ret);
                if (r < 0)
                        return r;
        }
        warn_closed(s, ret);
        ret->incomplete = s->incomplete;
        r = find_lone_drop_ins(s);
        if (s->strays.n)
                qsort(s->strays.items, s->strays.n, sizeof *s->strays.items, compare_strays);
        memcpy(&ret->strays, &s->strays, sizeof ret->strays);
        return r;
}

int search_all(const char *root, struct sources *ret, struct diags *d) {
        return search_all_with(root, NULL, 0, ret, d);
}

int search_all_with(const char *root, char *const *paths, size_t n, struct sources *ret,
                    struct diags *d) {
        struct sources sources = { 0 };
        struct search s = { .root = root, .pool = &sources.pool, .d = d };
        int r = collect_all(&s, paths, n, &sources);

        if (r < 0) {
                sources_free(&sources);
                return r;
        }
        *ret = sources;
        return 0;
}

/* One of the four directories is a loop of links: it has nothing. */
static bool is_above(struct search *s, const char *directory, int error) {
        const char *path = join(s->pool, s->root, directory, "");
        struct stat st;

        return error == -ELOOP && path && stat(path, &st) < 0 && errno == ELOOP;
}

/* NAME.vnet.d and, for an instance, BASE@.vnet.d in all directories. */
static int scan_drop_ins_of(struct search *s, const char *name) {
        const char *at = strchr(name, '@');
        const char *template = at && at[1] ? pool_strndup(s->pool, name, (size_t)(at + 1 - name))
                                           : "";

        if (!template)
                return -ENOMEM;
        for (unsigned i = 0; i < ARRAY_SIZE(directories); i++) {
                const char *owners[] = { name, template };

                for (size_t k = 0; k < ARRAY_SIZE(owners) && owners[k][0]; k++) {
                        const char *prefix = join(s->pool, s->root, directories[i], "/");
                        const char *path = prefix ? join(s->pool, prefix, owners[k], ".vnet.d/")
                                                  : NULL;
                        int r = path ? scan_drop_ins(s, owners[k], path, i) : -ENOMEM;

                        if (r < 0 && !is_absent(-r) && !is_above(s, directories[i], r))
                                return r == -ENOMEM ? r : fail_listing(s->d, path, r);
                }
        }
        sort_drop_ins(s);
        return 0;
}

static int search_path(struct search *s, const struct found *f, struct sources *ret) {
        int r = f->owner && f->path ? scan_drop_ins_of(s, f->owner) : -ENOMEM;

        return r < 0 ? r : source_add(s, f, ret);
}

static int fail_missing(struct search *s, const char *name) {
        static const char *const endings[] = { "", ".conf", ".vnet.conf", ".vnet.txt", ".network" };

        for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
                const char *prefix = join(s->pool, s->root, directories[0], "/");
                const char *path = prefix ? join(s->pool, prefix, name, endings[i]) : NULL;

                if (path && access(path, F_OK) == 0)
                        return diag_error(s->d, -ENOENT, NULL, NULL,
                                          "no %s.vnet in %s; %s is not read, as its name does not "
                                          "end in .vnet",
                                          name, directories[0], path);
        }
        return diag_error(s->d, -ENOENT, NULL, NULL, "no %s.vnet in %s, %s, %s or %s", name,
                          directories[0], directories[1], directories[2], directories[3]);
}

static int collect_one(struct search *s, const char *name, struct sources *ret) {
        if (!name_valid(name))
                return diag_error(s->d, -EINVAL, NULL, NULL, "'%s' is not a valid name", name);
        for (unsigned i = 0; i < ARRAY_SIZE(directories); i++) {
                const char *prefix = join(s->pool, s->root, directories[i], "/");
                struct found f = { .owner = pool_strdup(s->pool, name), .file = "", .rank = i };
                struct stat st;

                f.path = prefix ? join(s->pool, prefix, name, ".vnet") : NULL;
                if (!f.path)
                        return -ENOMEM;
                if (fstatat(AT_FDCWD, f.path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                        int r = -errno;

                        if (is_absent(-r) || is_above(s, directories[i], r))
                                continue;
                        return diag_error(s->d, r, &(struct origin){ f.path, 0 }, NULL,
                                          "cannot be looked at: %s", strerror(-r));
                }
                f.masked = is_mask(AT_FDCWD, f.path);
                return search_path(s, &f, ret);
        }
        return fail_missing(s, name);
}

int search_one(const char *root, const char *name, struct sources *ret, struct diags *d) {
        struct sources sources = { 0 };
        struct search s = { .root = root, .pool = &sources.pool, .d = d };
        int r = collect_one(&s, name, &sources);

        if (r < 0) {
                sources_free(&sources);
                return r;
        }
        *ret = sources;
        return 0;
}

int search_file(const char *root, const char *path, struct sources *ret, struct diags *d) {
        struct sources sources = { 0 };
        struct search s = { .root = root, .pool = &sources.pool, .d = d };
        int r = add_file(&s, path);

        if (r >= 0)
                r = search_path(&s, s.files.items, &sources);
        if (r < 0) {
                sources_free(&sources);
                return r;
        }
        *ret = sources;
        return 0;
}

const char *search_below(struct pool *pool, const char *root, const char *path) {
        for (size_t i = 0; i + 1 < ARRAY_SIZE(directories); i++) {
                const char *rest = startswith(path, root);

                rest = rest ? startswith(rest, directories[i]) : NULL;
                if (rest && *rest == '/')
                        return join(pool, root, directories[i + 1], rest);
        }
        return NULL;
}

const char *search_template(struct pool *pool, const char *root, const struct source *instance) {
        const char *directory = join(pool, root, directories[0], "/");
        const char *base = pool_strndup(pool, instance->name,
                                        (size_t)(instance->instance - instance->name));

        return directory && base ? join(pool, directory, base, ".vnet") : NULL;
}

void sources_free(struct sources *s) {
        pool_free(&s->pool);
        *s = (struct sources){ 0 };
}
