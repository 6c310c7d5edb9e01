/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes and reads the record of a network. A stop has nothing but the record to go by, after a
 * crash of the helper too: so it is complete in /run before the first operation is done, and what
 * of it is damaged is told and left out. */

#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "state/lock.h"
#include "system/netns.h"
#include "util.h"
#include "value.h"

enum { VERSION = 1, RECORD_MAX = 16 * 1024 * 1024, SUM_DIGITS = 16 };

static const char *const stages[] = {
        [STAGE_BEGUN] = "begun",
        [STAGE_COMPLETE] = "complete",
        [STAGE_UNDOING] = "undoing",
};

/* In the form of an operation, though it is none: so it is in the sum, and an older version, which would drop
 * a line of another form, keeps it. */
#define HOST_LINE "op host cookie="

enum { PATH_SIZE = sizeof STATE_DIR + 80 }; /* a NAME is at most 63 bytes */

static void path_of(const char *name, char ret[PATH_SIZE]) {
        snprintf(ret, PATH_SIZE, STATE_DIR "/%s", name);
}

/* A temporary one is left where the helper was killed while it wrote. */
static void path_of_temporary(const char *name, char ret[PATH_SIZE + 1]) {
        path_of(name, ret);
        strcat(ret, "~"); /* no NAME ends so: it is no record of another one */
}

static void print_sum(uint64_t sum, char ret[SUM_DIGITS + 1]) {
        snprintf(ret, SUM_DIGITS + 1, "%0*" PRIx64, SUM_DIGITS, sum);
}

static char *print_record(const struct plan *p, size_t *ret_size) {
        _cleanup_fclose_ FILE *f = NULL;
        char *text = NULL, sum[SUM_DIGITS + 1];
        size_t size, head;

        f = memstream_open(&text, &size);
        if (!f)
                return NULL;
        fprintf(f, "vnet %d\nname %s\nops %zu\nsum %0*d\n", VERSION, p->name,
                p->ops.n + p->unknown.n + (p->host != 0), SUM_DIGITS, 0);
        head = (size_t)ftell(f);
        if (p->host)
                fprintf(f, HOST_LINE "%" PRIu64 "\n", p->host);
        list_foreach (op, &p->ops) {
                fputs("op ", f);
                op_write(p, op, true, f);
                if (op->origin.path) {
                        fputc('\t', f);
                        origin_print(&op->origin, f);
                }
                fputc('\n', f);
        }
        list_foreach (line, &p->unknown)
                fprintf(f, "op %s\n", *line);
        *ret_size = (size_t)ftell(f);
        if (!memstream_end(&f, &text))
                return NULL;
        print_sum(hash_bytes(FNV_BASIS, text + head, *ret_size - head), sum);
        memcpy(text + head - 1 - SUM_DIGITS, sum, SUM_DIGITS);
        return text;
}

/* Another helper may take the empty directory away between two calls: it is tried again. */
static int open_new(const char *path, int *ret) {
        int fd = -1;

        for (int i = 0; i < 10 && fd < 0; i++) {
                fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
                if (fd >= 0)
                        break;
                if (errno != ENOENT)
                        return -errno;
                if ((mkdir(RUN_DIR, 0755) < 0 && errno != EEXIST) ||
                    (mkdir(STATE_DIR, 0755) < 0 && errno != EEXIST && errno != ENOENT))
                        return -errno;
        }
        if (fd < 0)
                return -ENOENT;
        *ret = fd;
        return 0;
}

static int write_all(int fd, const char *text, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, text, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                text += n;
                size -= n;
        }
        return 0;
}

static int write_record(const struct plan *p, const char *end, struct diags *d) {
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -1;
        char path[PATH_SIZE], temporary[PATH_SIZE + 1];
        size_t size;
        int r;

        text = print_record(p, &size);
        if (!text)
                return -ENOMEM;
        path_of(p->name, path);
        path_of_temporary(p->name, temporary);
        r = open_new(temporary, &fd);
        if (r == 0)
                r = write_all(fd, text, size);
        if (r == 0)
                r = write_all(fd, end, strlen(end));
        if (r == 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0) {
                unlink(temporary);
                return diag_error(d, r, NULL, NULL, "cannot write %s: %s", path, strerror(-r));
        }
        return 0;
}

static int fail(struct diags *d, const char *verb, const char *path, int e) {
        return diag_error(d, e, NULL, NULL, "cannot %s %s: %s", verb, path, strerror(-e));
}

int record_write(const struct plan *p, struct diags *d) {
        return write_record(p, "", d);
}

int record_write_complete(const struct plan *p, struct diags *d) {
        char line[32];

        snprintf(line, sizeof line, "stage %s\n", stages[STAGE_COMPLETE]);
        return write_record(p, line, d);
}

int record_mark(const char *name, enum stage stage, struct diags *d) {
        _cleanup_close_ int fd = -1;
        char path[PATH_SIZE], line[32];
        int e;

        path_of(name, path);
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return fail(d, "write", path, -errno);
        snprintf(line, sizeof line, "stage %s\n", stages[stage]);
        e = write_all(fd, line, strlen(line));
        return e < 0 ? fail(d, "write", path, e) : 0;
}

/* "…<tab>path:line" */
static void take_origin(struct plan *p, struct op *op, char *text) {
        char *colon = strrchr(text, ':');
        uint32_t line;

        if (!colon || parse_u32(colon + 1, 0, UINT32_MAX, &line) < 0)
                return;
        op->origin.path = pool_strndup(&p->pool, text, colon - text);
        op->origin.line = line;
}

static int take_op(struct plan *p, char *text, bool intact, const struct origin *at,
                   struct diags *d) {
        char *tab = strchr(text, '\t'), why[160] = "";
        int r;

        if (tab)
                *tab++ = '\0';
        r = op_parse(p, text, intact, why);
        if (r == -EINVAL) {
                diag_warn(
                        d, at, NULL,
                        "%s; this operation cannot be undone, but 'vnetctl gc' finds what it left",
                        why);
                return 0;
        }
        if (r == 0 && tab)
                take_origin(p, &p->ops.items[p->ops.n - 1], tab);
        return r < 0 ? r : 0;
}

/* What a record says of itself, and how its lines come out. */
struct reading {
        enum stage stage;
        uint32_t expected; /* operations */
        bool intact;       /* all operations are as they were written */
        bool has_host;
};

/* Of a damaged record it is not believed: better a stop that does what it can than none. */
static void take_host(struct plan *p, const char *text, struct reading *reading) {
        reading->has_host = true;
        if (reading->intact)
                p->host = strtoull(text, NULL, 10);
}

static int take_line(struct plan *p, char *line, struct reading *reading, const struct origin *at,
                     struct diags *d) {
        const char *value;
        uint32_t version;

        value = startswith(line, "vnet ");
        if (value) {
                if (parse_u32(value, 1, UINT32_MAX, &version) == 0 && version > VERSION)
                        return diag_error(d, -EPROTONOSUPPORT, at, NULL,
                                          "written by a newer vnet (format %u)", version);
                return 0;
        }
        value = startswith(line, HOST_LINE);
        if (value) {
                take_host(p, value, reading);
                return 0;
        }
        value = startswith(line, "op ");
        if (value)
                return take_op(p, line + strlen("op "), reading->intact, at, d);
        value = startswith(line, "ops ");
        if (value) {
                /* garbled: not whole either */
                parse_u32(value, 0, UINT32_MAX, &reading->expected);
                return 0;
        }
        if (startswith(line, "sum "))
                return 0; /* is_intact() has looked */
        value = startswith(line, "stage ");
        for (size_t i = 0; value && i < ARRAY_SIZE(stages); i++)
                if (streq(value, stages[i])) {
                        reading->stage = i;
                        return 0;
                }
        if (!startswith(line, "name "))
                diag_warn(d, at, NULL, "'%.60s' cannot be read", line);
        return 0;
}

static int read_file(const char *path, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        _cleanup_free_ char *text = NULL;
        struct stat st;
        ssize_t n;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size > RECORD_MAX)
                return -EBADMSG;
        text = malloc(st.st_size + 1);
        if (!text)
                return -ENOMEM;
        n = read_to_end(fd, text, st.st_size);
        if (n < 0)
                return (int)n;
        text[n] = '\0';
        *ret = TAKE_PTR(text);
        *ret_size = (size_t)n;
        return 0;
}

/* Do the lines of the operations come to the sum in front of them? */
static bool is_intact(const char *text, size_t size) {
        char expected[SUM_DIGITS + 1] = "", sum[SUM_DIGITS + 1];
        const char *end = text + size, *newline;
        uint64_t hash = FNV_BASIS;

        for (; (newline = memchr(text, '\n', end - text)); text = newline + 1) {
                if (startswith(text, "op "))
                        hash = hash_bytes(hash, text, newline + 1 - text);
                else if (startswith(text, "sum "))
                        snprintf(expected, sizeof expected, "%.*s",
                                 (int)(newline - text - strlen("sum ")), text + strlen("sum "));
        }
        print_sum(hash, sum);
        return streq(sum, expected);
}

static void tell_damage(const struct plan *p, const struct reading *reading, const char *path,
                        struct diags *d) {
        const struct origin at = { path, 0 };
        size_t newer = p->unknown.n;

        list_foreach (op, &p->ops)
                newer += op->unknown != NULL;
        if (p->ops.n + p->unknown.n + reading->has_host < reading->expected)
                diag_warn(d, &at, NULL,
                          "the record is not complete; what it lacks cannot be undone");
        else if (!reading->intact)
                diag_warn(d, &at, NULL,
                          "the record was changed after it was written; what is wrong in it cannot "
                          "be undone, but 'vnetctl gc' finds what it left");
        else if (newer)
                diag_warn(
                        d, &at, NULL,
                        "a newer vnet has written %zu operation%s that this one does not fully know; "
                        "what it does not know stays as it is",
                        newer, newer == 1 ? "" : "s");
}

int record_parse(const char *name, const char *path, char *text, size_t size, struct plan **ret,
                 enum stage *ret_stage, struct diags *d) {
        _cleanup_plan_ struct plan *p = plan_new(name);
        struct reading reading = {
                .stage = STAGE_BEGUN,
                .expected = UINT32_MAX, /* no head, no record */
                .intact = is_intact(text, size),
        };
        struct origin at = { path, 0 };
        char *end = text + size;

        if (!p)
                return -ENOMEM;
        while (text < end) {
                char *newline = memchr(text, '\n', end - text);
                int r;

                at.line++;
                if (!newline) {
                        diag_warn(d, &at, NULL, "the last line is torn and is left out");
                        break;
                }
                *newline = '\0';
                r = take_line(p, text, &reading, &at, d);
                if (r < 0)
                        return r;
                text = newline + 1;
        }
        tell_damage(p, &reading, path, d);
        *ret = TAKE_PTR(p);
        *ret_stage = reading.stage;
        return 0;
}

int record_read(const char *name, struct plan **ret, enum stage *ret_stage, struct diags *d) {
        _cleanup_free_ char *text = NULL;
        char path[PATH_SIZE];
        size_t size = 0;
        int r;

        path_of(name, path);
        r = read_file(path, &text, &size);
        if (r < 0 || !text)
                return r == -ENOENT ? r
                                    : diag_error(d, r, NULL, NULL, "cannot read %s: %s", path,
                                                 strerror(-r));
        return record_parse(name, path, text, size, ret, ret_stage, d);
}

int record_check_host(const struct plan *p, int socket, struct diags *d) {
        char path[PATH_SIZE];
        uint64_t here;

        if (!p->host || netns_cookie_of(socket, &here) < 0 || !netns_differ(p->host, here))
                return 0;
        path_of(p->name, path);
        return diag_error(d, -EXDEV, NULL, NULL,
                          "was started in another network namespace; run this there, or remove %s "
                          "if that one is gone",
                          path);
}

bool record_exists(const char *name) {
        char path[PATH_SIZE];

        path_of(name, path);
        /* where that cannot be known there may be one: who reads it says why not */
        return access(path, F_OK) == 0 || !is_absent(errno);
}

bool record_is_torn_off(const char *name) {
        char path[PATH_SIZE + 1];

        path_of_temporary(name, path);
        return access(path, F_OK) == 0;
}

int record_remove(const char *name, struct diags *d) {
        char path[PATH_SIZE + 1];

        path_of_temporary(name, path);
        if (unlink(path) < 0 && errno != ENOENT)
                return fail(d, "remove", path, -errno);
        path_of(name, path);
        return unlink(path) < 0 && errno != ENOENT ? fail(d, "remove", path, -errno) : 0;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

int record_names(char ***ret, size_t *ret_n) {
        _cleanup_closedir_ DIR *dir = opendir(STATE_DIR);
        const struct dirent *e;
        char **names = NULL;
        size_t n = 0;
        int r = 0;

        if (!dir && errno != ENOENT)
                return -errno;
        while (dir && (e = next_entry(dir, &r))) {
                char **more;

                if (!name_valid(e->d_name))
                        continue;
                more = reallocarray(names, n + 1, sizeof *names);
                if (more)
                        names = more;
                if (!more || !(names[n] = strdup(e->d_name))) {
                        record_free_names(names, n);
                        return -ENOMEM;
                }
                n++;
        }
        if (r < 0) {
                record_free_names(names, n);
                return r;
        }
        if (n)
                qsort(names, n, sizeof *names, compare_names);
        *ret = names;
        *ret_n = n;
        return 0;
}

void record_free_names(char **names, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(names[i]);
        free(names);
}
