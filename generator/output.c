/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes files and links below the generator's directory. systemd empties that directory before it
 * runs the generators and reads it after the last of them has ended, so there is nothing to replace
 * and nobody to race with: files are created exclusively, and what is there already is somebody's
 * mistake. Half a unit would be worse than none, so a file that cannot be written whole is taken
 * back. */

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "util.h"

static int fail(struct output *o, const char *path, int error) {
        return diag_error(o->d, error, NULL, NULL, "%s/%s: cannot be written: %s", o->path, path,
                          strerror(-error));
}

static int join(struct output *o, struct place at, char path[PATH_MAX]) {
        size_t dir = strlen(at.dir), name = strlen(at.name);

        if (dir + name + 2 > PATH_MAX)
                return fail(o, at.dir, -ENAMETOOLONG);
        memcpy(path, at.dir, dir);
        path[dir] = '/';
        memcpy(path + dir + 1, at.name, name + 1);
        return 0;
}

static int write_whole(int fd, const char *text, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, text, size);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        text += n;
                        size -= (size_t)n;
                }
        }
        return 0;
}

int output_file(struct output *o, struct place at, const char *text, size_t size) {
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        int r;

        r = join(o, at, path);
        if (r < 0)
                return r;
        if (o->dir < 0) {
                printf("--- %s/%s\n%.*s", o->path, path, (int)size, text);
                return 0;
        }
        if (mkdirat(o->dir, at.dir, 0755) < 0 && errno != EEXIST)
                return fail(o, at.dir, -errno);
        fd = openat(o->dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY | O_CLOEXEC, 0644);
        if (fd < 0)
                return fail(o, path, -errno);
        r = write_whole(fd, text, size);
        if (r < 0) {
                unlinkat(o->dir, path, 0);
                return fail(o, path, r);
        }
        return 0;
}

static bool is_same_link(const struct output *o, const char *path, const char *target) {
        char there[PATH_MAX];
        ssize_t n = readlinkat(o->dir, path, there, sizeof there - 1);

        if (n < 0)
                return false;
        there[n] = '\0';
        return streq(there, target);
}

int output_link(struct output *o, struct place at, const char *target) {
        char path[PATH_MAX];
        int r;

        r = join(o, at, path);
        if (r < 0)
                return r;
        if (o->dir < 0) {
                printf("%s/%s -> %s\n", o->path, path, target);
                return 0;
        }
        r = symlinkat(target, o->dir, path) < 0 ? -errno : 0;
        if (r == -ENOENT) { /* the first one in its directory */
                if (mkdirat(o->dir, at.dir, 0755) < 0)
                        return fail(o, at.dir, -errno);
                r = symlinkat(target, o->dir, path) < 0 ? -errno : 0;
        }
        if (r == -EEXIST && is_same_link(o, path, target))
                r = 0;
        return r < 0 ? fail(o, path, r) : 0;
}
