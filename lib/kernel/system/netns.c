/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds and opens named network namespaces, and makes the settings normal that a new one has copied
 * from the initial one. Nothing here knows of a plan. */

#include "system/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "plan.h"
#include "system/sysctl.h"
#include "util.h"
#include "value.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* as everywhere but on parisc and sparc; musl 1.2.3 does not know it */
#endif

void netns_path(const char *name, char ret[NETNS_PATH_MAX]) {
        snprintf(ret, NETNS_PATH_MAX, NETNS_DIR "/%.255s", name);
}

bool netns_is_mounted(const char *path) {
        struct statfs fs;

        return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

enum netns_there netns_look(const char *name) {
        char path[NETNS_PATH_MAX];
        struct statfs fs;
        struct stat st;

        netns_path(name, path);
        if (lstat(path, &st) < 0)
                return is_absent(errno) ? NETNS_ABSENT : NETNS_THERE;
        return statfs(path, &fs) < 0 || fs.f_type == NSFS_MAGIC ? NETNS_THERE : NETNS_STALE;
}

int netns_cookie_of(int socket, uint64_t *ret) {
        socklen_t size = sizeof *ret;

        *ret = 0;
        if (getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, ret, &size) < 0)
                return errno == ENOPROTOOPT ? 0 : -errno;
        return 0;
}

void netns_return(int own) {
        enum { TRIES = 100, PAUSE_MS = 10 };

        for (int i = 0; setns(own, CLONE_NEWNET) < 0; i++) {
                if (i == TRIES) {
                        fprintf(stderr, "cannot return to the host's network namespace: %s\n",
                                strerror(errno));
                        exit(EXIT_FAILURE);
                }
                poll(NULL, 0, PAUSE_MS);
        }
}

/* The cookie is asked of a socket, so somebody has to go in for a moment. */
static int cookie_of(int ns, uint64_t *ret) {
        _cleanup_close_ int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), s = -1;
        int e;

        if (own < 0 || setns(ns, CLONE_NEWNET) < 0)
                return -errno;
        s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        e = s < 0 ? -errno : netns_cookie_of(s, ret);
        netns_return(own);
        return e;
}

int netns_open(const char *name, uint64_t inode, uint64_t cookie, int *ret) {
        _cleanup_close_ int fd = -1;
        char path[NETNS_PATH_MAX];
        struct statfs fs;
        struct stat st;

        netns_path(name, path);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (fs.f_type != NSFS_MAGIC || (inode && st.st_ino != inode))
                return -ENOENT;
        if (inode && cookie) {
                uint64_t now;
                int e = cookie_of(fd, &now);

                if (e < 0)
                        return e;
                if (now && now != cookie)
                        return -ENOENT;
        }
        *ret = TAKE_FD(fd);
        return 0;
}

/* The first mount of a process's namespace: mounts are numbered over all namespaces, and each new
 * namespace has copies with numbers of their own. /proc/PID/ns/mnt would want CAP_SYS_PTRACE. */
static int first_mount(const char *path) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char line[64];

        return f && fgets(line, sizeof line, f) ? strtol(line, NULL, 10) : -1;
}

int netns_check_mounts(struct diags *d) {
        const char *text = getenv("SYSTEMD_EXEC_PID");
        uint32_t pid;

        if (!text || parse_u32(text, 1, INT32_MAX, &pid) < 0 || pid != (uint32_t)getpid())
                return 0;
        if (first_mount("/proc/self/mountinfo") == first_mount("/proc/1/mountinfo"))
                return 0;
        return diag_error(d, -EPERM, NULL, NULL,
                          "the unit runs in a mount namespace of its own, so that nobody would see "
                          "the network namespace; remove the drop-in's PrivateTmp=, ProtectSystem= "
                          "or other setting that makes one (vnet@.service(8))");
}

/* --- settings --- */

/* make: sets what differs. *ret_differs: whether anything did. */
static int compare_settings(enum families families, bool make, bool *ret_differs) {
        _cleanup_close_ int inet = -1, inet6 = -1;
        int e = families & FAMILY_IPV4 ? sysctl_open("net/ipv4/conf", &inet) : 0;

        if (e == 0 && families & FAMILY_IPV6)
                e = sysctl_open("net/ipv6/conf", &inet6);
        if (e < 0 && e != -ENOENT) /* ENOENT: the kernel runs without this family */
                return e;
        for (size_t i = 0; i < NETNS_SETTINGS; i++) {
                const struct netns_setting *s = &netns_settings[i];
                int directory = s->inet6 ? inet6 : inet;
                char now[32], value[] = { s->value, '\0' };

                if (directory < 0)
                        continue;
                e = sysctl_read_in(directory, s->key, now, sizeof now);
                if (e == -ENOENT || (e == 0 && streq(now, value)))
                        continue;
                *ret_differs = true;
                if (e == 0 && make)
                        e = sysctl_write_in(directory, s->key, value);
                if (e < 0)
                        return e;
        }
        return 0;
}

/* net.core.devconf_inherit_init_net is there in the initial namespace alone. Who is elsewhere cannot know
 * what that one has. */
int netns_inherits(struct netns_copy *ret) {
        bool differs = false;
        char mode[8];
        int e = sysctl_read("net/core/devconf_inherit_init_net", mode, sizeof mode);

        *ret = (struct netns_copy){ FAMILY_IPV4, e == -ENOENT };
        if (e == -ENOENT)
                return 0;
        if (e == 0 && streq(mode, "2"))
                ret->families = FAMILY_NONE;
        else if (e == 0 && !streq(mode, "0"))
                ret->families = FAMILY_BOTH;
        if (e == 0)
                e = compare_settings(ret->families, false, &differs);
        if (!differs)
                ret->families = FAMILY_NONE;
        return e;
}

static int take_setting(void *user, const struct nlmsghdr *h) {
        const struct nlattr *a;
        bool *differs = user;

        mnl_attr_for_each(a, h, sizeof(struct netconfmsg)) {
                uint16_t type = mnl_attr_get_type(a);

                if (type == NETCONFA_FORWARDING || type == NETCONFA_RP_FILTER ||
                    type == NETCONFA_PROXY_NEIGH)
                        *differs |= mnl_attr_validate(a, MNL_TYPE_U32) >= 0 && mnl_attr_get_u32(a);
        }
        return 0;
}

static void put_all(struct nlmsghdr *h, const void *unused _unused_) {
        mnl_attr_put_u32(h, NETCONFA_IFINDEX, (uint32_t)NETCONFA_IFINDEX_ALL);
}

/* The way through /proc/sys/net of a new namespace takes longer the more of them there are. So one message
 * asks first for those of the settings that netlink tells: an initial namespace that has none of them
 * is no router, and will hardly have any other. */
static int ask_settings(struct nl *nl, bool *ret_differs) {
        struct netconfmsg m = { .ncm_family = AF_INET };
        int e = nl_ask(nl, RTM_GETNETCONF, 0, &m, sizeof m, put_all, NULL, take_setting,
                       ret_differs);

        return e == -EOPNOTSUPP ? 0 : e; /* the kernel runs without IPv4 */
}

int netns_make_normal(const struct netns_copy *c, struct nl *nl) {
        bool differs = !c->ask;
        int e = c->ask ? ask_settings(nl, &differs) : 0;

        return e == 0 && differs && c->families ? compare_settings(c->families, true, &differs) : e;
}
