/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "run.h"
#include "util.h"

static int open_key(const char *key, int flags) {
        char path[512];
        int fd;

        if ((size_t)snprintf(path, sizeof path, "/proc/sys/%s", key) >= sizeof path)
                return -ENAMETOOLONG;
        fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

static int write_value(int fd, const char *value) {
        ssize_t n;

        do
                n = write(fd, value, strlen(value));
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : 0;
}

int sysctl_write(const char *key, const char *value) {
        _cleanup_close_ int fd = open_key(key, O_WRONLY);

        return fd < 0 ? fd : write_value(fd, value);
}

int sysctl_open(const char *directory, int *ret) {
        int fd = open_key(directory, O_PATH | O_DIRECTORY);

        if (fd < 0)
                return fd;
        *ret = fd;
        return 0;
}

int sysctl_write_in(int directory, const char *key, const char *value) {
        _cleanup_close_ int fd = openat(directory, key, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : write_value(fd, value);
}

static int read_value(int fd, char *ret, size_t size) {
        ssize_t n;

        do
                n = read(fd, ret, size - 1);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        while (n > 0 && ret[n - 1] == '\n')
                n--;
        ret[n] = '\0';
        return 0;
}

int sysctl_read(const char *key, char *ret, size_t size) {
        _cleanup_close_ int fd = open_key(key, O_RDONLY);

        return fd < 0 ? fd : read_value(fd, ret, size);
}

int sysctl_read_in(int directory, const char *key, char *ret, size_t size) {
        _cleanup_close_ int fd = openat(directory, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : read_value(fd, ret, size);
}

int sysctl_is(const char *key, const char *value) {
        char now[32];
        int e = sysctl_read(key, now, sizeof now);

        return e == -ENOENT ? 0 : e < 0 ? e : streq(now, value);
}

int do_sysctl(struct run *r, const struct op *op) {
        char before[512];
        int e = run_flush(
                r); /* the key may be one of a link's, and what is queued may set it otherwise */

        if (e < 0)
                return e;
        e = run_enter(r, op->inside);
        if (e == 0 && r->change && !r->repairing &&
            sysctl_read(op->sysctl.key, before, sizeof before) == 0) {
                r->change->saved[r->current] = strdup(before);
                if (!r->change->saved[r->current])
                        e = -ENOMEM;
        }
        if (e == 0)
                e = sysctl_write(op->sysctl.key, op->sysctl.value);
        if (e < 0)
                return run_fail_errno(r, op, e, "");
        r->states[r->current] = OP_DONE;
        return 0;
}

/* Only within a reload that failed is known what it was before. */
int undo_sysctl(struct run *r, const struct op *op) {
        const char *before = r->change && r->change->before ? r->change->before[r->current] : NULL;
        int e = before ? run_enter(r, op->inside) : 0;

        if (e == 0 && before)
                e = sysctl_write(op->sysctl.key, before);
        return e < 0 && e != -ENOENT ? run_fail_errno(r, op, e, "") : 0;
}

int sysctl_file_write(const char *path, const char *text) {
        _cleanup_close_ int fd = -1;
        size_t n = strlen(text);

        /* another helper may take the empty directory away in between */
        for (int i = 0; i < 10 && fd < 0; i++) {
                if (mkdir(SYSCTL_D, 0755) < 0 && errno != EEXIST)
                        return -errno;
                fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
                if (fd < 0 && errno != ENOENT)
                        return -errno;
        }
        if (fd < 0)
                return -ENOENT;
        return write(fd, text, n) != (ssize_t)n ? -errno : 0;
}

int sysctl_file_remove(const char *path) {
        if (unlink(path) < 0 && errno != ENOENT)
                return -errno;
        rmdir(SYSCTL_D); /* where it was made for us */
        return 0;
}

static void file_of(const struct op *op, char ret[sizeof SYSCTL_D + 64]) {
        sprintf(ret, SYSCTL_D "/10-vnet-%.15s.conf", op->sysctl_file.device);
}

static int write_file(const char *path, const struct op *op, const char *name) {
        const struct op_sysctl_file *s = &op->sysctl_file;
        char text[256];
        int n = sprintf(text, SYSCTL_FILE_MARK "%s\n", name);

        if (s->forwarding & FAMILY_IPV4)
                n += sprintf(text + n, "net/ipv4/conf/%s/forwarding=1\n", s->device);
        if (s->forwarding & FAMILY_IPV6)
                n += sprintf(text + n, "net/ipv6/conf/%s/forwarding=1\n", s->device);
        if (s->rp_filter)
                sprintf(text + n, "net/ipv4/conf/%s/rp_filter=%u\n", s->device, s->rp_filter);
        return sysctl_file_write(path, text);
}

int do_sysctl_file(struct run *r, const struct op *op) {
        char path[sizeof SYSCTL_D + 64];
        int e;

        file_of(op, path);
        e = write_file(path, op, r->plan->name);
        r->states[r->current] = OP_DONE;
        return e < 0 ? run_fail(r, op, e, "cannot write %s: %s", path, strerror(-e)) : 0;
}

int undo_sysctl_file(struct run *r, const struct op *op) {
        char path[sizeof SYSCTL_D + 64];

        int e;

        file_of(op, path);
        e = sysctl_file_remove(path);
        return e < 0 ? run_fail(r, op, e, "cannot remove %s: %s", path, strerror(-e)) : 0;
}
