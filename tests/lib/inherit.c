/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded into vnet-helper: new network namespaces have the settings that INHERIT says ("KEY=VALUE …",
 * below /proc/sys), as the kernel copies those of the initial one. No test may change that, nor runs in
 * it. INHERIT_MODE is what net.core.devconf_inherit_init_net reads there; without it the helper is
 * somewhere else, as tests are. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A file with that in it, made before the helper has its sandbox */
static char mode_path[32];

static __attribute__((constructor)) void make_mode(void) {
        const char *mode = getenv("INHERIT_MODE");
        int fd = mode ? memfd_create("mode", MFD_CLOEXEC) : -1;

        if (mode && (fd < 0 || dprintf(fd, "%s\n", mode) < 0))
                abort();
        if (mode)
                snprintf(mode_path, sizeof mode_path, "/proc/self/fd/%d", fd);
}

int open64(const char *path, int flags, ...) {
        va_list args;
        mode_t create;

        va_start(args, flags);
        create = flags & O_CREAT ? va_arg(args, mode_t) : 0;
        va_end(args);
        if (*mode_path && strcmp(path, "/proc/sys/net/core/devconf_inherit_init_net") == 0)
                return (int)syscall(SYS_openat, AT_FDCWD, mode_path, O_RDONLY | O_CLOEXEC);
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, create);
}

/* What a program calls that was built with _FORTIFY_SOURCE, as packages are */
int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags) {
        return open64(path, flags);
}

static void set(const char *setting) {
        const char *value = strchr(setting, '=');
        char path[256];
        int fd;

        snprintf(path, sizeof path, "/proc/sys/%.*s", (int)(value - setting), setting);
        fd = open64(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, value + 1, strlen(value + 1)) < 0) {
                perror(path);
                abort();
        }
        close(fd);
}

int unshare(int flags) {
        const char *settings = getenv("INHERIT");
        char *copy, *rest, *setting;

        if (syscall(SYS_unshare, flags) < 0)
                return -1;
        if (!(flags & CLONE_NEWNET) || !settings)
                return 0;
        copy = rest = strdup(settings);
        while (copy && (setting = strsep(&rest, " ")))
                if (*setting)
                        set(setting);
        free(copy);
        return 0;
}
