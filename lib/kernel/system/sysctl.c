/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads and writes /proc/sys, and our files in /run/sysctl.d. */

#include "system/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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

/* More than size is cut off. */
int sysctl_file_read(const char *path, char *ret, size_t size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        ssize_t n = fd < 0 ? -errno : read_to_end(fd, ret, size - 1);

        if (n < 0)
                return (int)n;
        ret[n] = '\0';
        return 0;
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
