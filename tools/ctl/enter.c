/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Gives a program that is to run in a namespace the mounts that "ip netns exec" would give it
 * (lib/namespace.c of iproute2), with two differences. What is mounted below /sys stays, cgroups
 * above all. And the resolv.conf of the namespace stays in place when systemd-resolved renames a
 * new file over its own, which would silently replace a bind mount on that file by the host's
 * servers. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "ctl.h"
#include "state/lock.h"
#include "util.h"

#define RESOLV_CONF  "/etc/resolv.conf"
#define RESOLVED_DIR "/run/systemd/resolve/"
#define NSCD_DIR     "/run/nscd"

struct enter {
        const char *name, *netns;
};

/* --- /sys --- */

/* What systemd and distributions mount there. */
static const char *const below_sys[] = {
        "/sys/fs/cgroup",           "/sys/fs/bpf",       "/sys/fs/pstore",
        "/sys/fs/fuse/connections", "/sys/fs/selinux",   "/sys/firmware/efi/efivars",
        "/sys/kernel/security",     "/sys/kernel/debug", "/sys/kernel/tracing",
        "/sys/kernel/config",
};

static int clone_mount(const char *path, bool recursive) {
        return open_tree(AT_FDCWD, path,
                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
}

static int attach_mount(int fd, const char *path) {
        return move_mount(fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

/* A mount of its own, and not a piece of the old sysfs as containers have them. */
static bool is_worth_keeping(const char *path) {
        struct stat sys, st;
        struct statfs fs;

        return stat("/sys", &sys) == 0 && stat(path, &st) == 0 && sys.st_dev != st.st_dev &&
               statfs(path, &fs) == 0 && fs.f_type != SYSFS_MAGIC;
}

static void keep_below_sys(int kept[static ARRAY_SIZE(below_sys)]) {
        for (size_t i = 0; i < ARRAY_SIZE(below_sys); i++)
                kept[i] = is_worth_keeping(below_sys[i]) ? clone_mount(below_sys[i], true) : -1;
}

/* A container's /sys may refuse some of them: then they are missing, as with "ip netns exec". */
static void restore_below_sys(int kept[static ARRAY_SIZE(below_sys)]) {
        for (size_t i = 0; i < ARRAY_SIZE(below_sys); i++) {
                if (kept[i] < 0)
                        continue;
                (void)attach_mount(kept[i], below_sys[i]);
                close(kept[i]);
        }
}

/* /sys/class/net shows the network namespace in which the sysfs was mounted. */
static int mount_sys(const struct enter *e) {
        unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
        int kept[ARRAY_SIZE(below_sys)], r = 0;
        struct statvfs fs;

        if (statvfs("/sys", &fs) == 0 && fs.f_flag & ST_RDONLY)
                flags |= MS_RDONLY;
        keep_below_sys(kept);
        (void)umount2("/sys", MNT_DETACH); /* where it is locked, ours goes over it */
        if (mount("sysfs", "/sys", "sysfs", flags, NULL) < 0) {
                r = -errno;
                ctl_say("%s: cannot mount /sys: %s", e->name, strerror(-r));
        }
        restore_below_sys(kept);
        return r;
}

/* --- /etc --- */

/* The file that /etc/resolv.conf leads to; the file itself need not exist. */
static int find_resolv_conf(char ret[PATH_MAX]) {
        char link[PATH_MAX];
        const char *rest;
        ssize_t n;

        if (realpath(RESOLV_CONF, ret))
                return 0;
        n = readlink(RESOLV_CONF, link, sizeof link - 1);
        link[n < 0 ? 0 : n] = '\0';
        rest = startswith(link, ".." RESOLVED_DIR) ?: startswith(link, RESOLVED_DIR);
        if (!rest)
                return -ENOENT;
        snprintf(ret, PATH_MAX, RESOLVED_DIR "%.200s", rest);
        return 0;
}

static int cover_directory(const char *directory) {
        return mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") < 0
                       ? -errno
                       : 0;
}

/* Makes the file in a directory of resolved that nobody but this program sees. */
static int cover_resolved(const char *target) {
        _cleanup_close_ int fd = -1;
        int r = cover_directory(RESOLVED_DIR);

        if (r == 0)
                fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        return r < 0 ? r : fd < 0 ? -errno : 0;
}

static int bind_resolv_conf(const struct enter *e, const char *from) {
        _cleanup_close_ int fd = clone_mount(from, false);
        char target[PATH_MAX];
        int r = fd < 0 ? -errno : find_resolv_conf(target);

        if (fd >= 0 && r == -ENOENT) {
                ctl_say("%s: %s is not used: there is no %s to put it over", e->name, from,
                        RESOLV_CONF);
                return 0;
        }
        if (r == 0 && startswith(target, RESOLVED_DIR))
                r = cover_resolved(target);
        if (r == 0)
                r = attach_mount(fd, target);
        if (r == 0 && access(NSCD_DIR, F_OK) == 0)
                r = cover_directory(NSCD_DIR); /* it would ask the host's servers */
        if (r < 0)
                ctl_say("%s: cannot put %s over %s: %s", e->name, from, RESOLV_CONF, strerror(-r));
        return r;
}

static void bind_etc(const struct enter *e, const char *from, const char *file) {
        char target[sizeof "/etc/" + NAME_MAX];

        snprintf(target, sizeof target, "/etc/%s", file);
        if (mount(from, target, "none", MS_BIND, NULL) < 0)
                ctl_say("%s: cannot put %s over %s: %s", e->name, from, target, strerror(errno));
}

/* Without the files of its own a program would ask the host's name servers. */
static int cannot_look(const struct enter *e, const char *path) {
        int error = -errno;

        ctl_say("%s: cannot look at %s: %s", e->name, path, strerror(-error));
        return error;
}

static int mount_etc(const struct enter *e) {
        char own[PATH_MAX], directory[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
        _cleanup_closedir_ DIR *dir = NULL;
        const struct dirent *entry;
        bool has_own;
        int r = 0, left = 0;

        snprintf(own, sizeof own, RUN_DIR "/resolv/%s/resolv.conf", e->name);
        snprintf(directory, sizeof directory, "/etc/netns/%s", e->netns);
        has_own = access(own, F_OK) == 0;
        if (!has_own && !is_absent(errno))
                return cannot_look(e, own);
        if (has_own)
                r = bind_resolv_conf(e, own);
        if (r < 0)
                return r;
        dir = opendir(directory);
        if (!dir && !is_absent(errno))
                return cannot_look(e, directory);
        while (r == 0 && dir && (entry = next_entry(dir, &left))) {
                bool resolv = streq(entry->d_name, "resolv.conf");

                if (streq(entry->d_name, ".") || streq(entry->d_name, "..") || (resolv && has_own))
                        continue;
                snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
                if (resolv)
                        r = bind_resolv_conf(e, path);
                else
                        bind_etc(e, path, entry->d_name);
        }
        if (left < 0)
                ctl_say("%s: cannot list %s: %s", e->name, directory, strerror(-left));
        return left < 0 ? left : r;
}

int enter_mounts(const char *name, const char *netns) {
        const struct enter e = { name, netns };
        int r;

        if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0) {
                r = -errno;
                ctl_say("%s: cannot make a mount namespace: %s", name, strerror(-r));
                return r;
        }
        r = mount_sys(&e);
        return r < 0 ? r : mount_etc(&e);
}
