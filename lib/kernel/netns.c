/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lock.h"
#include "probe.h"
#include "run.h"
#include "sysctl.h"
#include "util.h"
#include "value.h"
#include "vanish.h"

enum {
        PATH_SIZE = sizeof NETNS_DIR + 256,
        STALE_TRIES = 10,
        STALE_PAUSE_MS = 10,
        FLOCK_SHORT = 5, /* of a millisecond each */
        FLOCK_TRIES = 50,
        FLOCK_PAUSE_MS = 100
};

static void path_of(const char *name, char ret[PATH_SIZE]) {
        snprintf(ret, PATH_SIZE, NETNS_DIR "/%.255s", name);
}

static bool is_netns(const char *path) {
        struct statfs fs;

        return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

enum netns_there netns_look(const char *name) {
        char path[PATH_SIZE];
        struct statfs fs;
        struct stat st;

        path_of(name, path);
        if (lstat(path, &st) < 0)
                return is_absent(errno) ? NETNS_ABSENT : NETNS_THERE;
        return statfs(path, &fs) < 0 || fs.f_type == NSFS_MAGIC ? NETNS_THERE : NETNS_STALE;
}

int netns_cookie_of(int socket, uint64_t *ret) {
        *ret = 0;
#ifdef SO_NETNS_COOKIE
        socklen_t size = sizeof *ret;

        if (getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, ret, &size) < 0)
                return errno == ENOPROTOOPT ? 0 : -errno;
#endif
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
        char path[PATH_SIZE];
        struct statfs fs;
        struct stat st;

        path_of(name, path);
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

/* --- names --- */

/* What /proc/self/mountinfo says of a mount. */
struct mount {
        unsigned id, parent, group; /* of those that share their mounts; 0: none */
};

static bool read_mount(const char *line, struct mount *ret, char point[static 256]) {
        const char *shared = strstr(line, " shared:"), *tail = strstr(line, " - ");
        char *p;

        ret->group = shared && tail && shared < tail
                             ? strtoul(shared + strlen(" shared:"), NULL, 10)
                             : 0;
        ret->id = strtoul(line, &p, 10);
        ret->parent = strtoul(p, &p, 10);
        for (int i = 0; i < 2; i++) { /* device and root */
                p += strspn(p, " ");
                p += strcspn(p, " ");
        }
        p += strspn(p, " ");
        snprintf(point, 256, "%.*s", (int)strcspn(p, " "), p);
        return ret->id && point[0];
}

/* The last mount there, or the one with that id. */
static bool find_mount(const char *wanted, unsigned id, struct mount *ret) {
        _cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
        _cleanup_free_ char *line = NULL;
        bool found = false;
        size_t size = 0;

        while (f && getline(&line, &size, f) > 0) {
                char point[256];
                struct mount m;

                if (!read_mount(line, &m, point) || (wanted ? !streq(point, wanted) : m.id != id))
                        continue;
                *ret = m;
                found = true;
        }
        return found;
}

/* Nobody is about to make it a shared mount: it is one, with a group of its own. */
static bool is_shared(void) {
        struct mount own, parent;

        return find_mount(NETNS_DIR, 0, &own) && own.group &&
               find_mount(NULL, own.parent, &parent) && own.group != parent.group;
}

/* A shared mount of its own, once: only then do names made here appear, and removed ones disappear,
 * in all mount namespaces. The three steps keep it out of the peer group of /run, where each
 * namespace would be mounted twice. */
static int share(void) {
        /* mostly it is one already: without MS_REC, which would go through thousands */
        if (mount("", NETNS_DIR, "none", MS_SHARED, NULL) == 0)
                return 0;
        if (errno != EINVAL)
                return -errno;
        if (mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
            mount("", NETNS_DIR, "none", MS_PRIVATE | MS_REC, NULL) < 0 ||
            mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0)
                return -errno;
        return 0;
}

static int open_directory(int *ret) {
        int fd = open(NETNS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 && errno == ENOENT && (mkdir(NETNS_DIR, 0755) == 0 || errno == EEXIST))
                fd = open(NETNS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

/* Under the lock of ip-netns(8). Whoever holds that for its work does five system calls; but anybody may
 * hold it, as the directory is everybody's to read, and then only we take turns with each other. */
static int share_directory(struct diags *d) {
        _cleanup_close_ int fd = -1;
        int e = open_directory(&fd), own = -1;

        for (int i = 0; e == 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return -errno;
                if (i >= FLOCK_SHORT && is_shared())
                        return 0;
                if (i == FLOCK_TRIES) {
                        e = lock_take(LOCK_NETNS, NULL, &own, d);
                        break;
                }
                poll(NULL, 0, i < FLOCK_SHORT ? 1 : FLOCK_PAUSE_MS);
        }
        if (e == 0)
                e = share();
        lock_release(own);
        return e;
}

/* A plain file is a remnant of something that was killed, or "ip netns add" is about to mount on it:
 * that takes it a fraction of a millisecond. */
static bool remove_stale(const char *path) {
        struct stat st;

        for (int i = 0; i < STALE_TRIES; i++) {
                if (lstat(path, &st) < 0)
                        return errno == ENOENT;
                if (!S_ISREG(st.st_mode) || is_netns(path))
                        return false;
                poll(NULL, 0, STALE_PAUSE_MS);
        }
        return unlink(path) == 0;
}

int do_netns(struct run *r, const struct op *op) {
        char path[PATH_SIZE];
        int fd, e;

        if (!r->fresh)
                return 0; /* it is there: run_open_inner() found it */
        e = share_directory(r->d);
        if (e < 0)
                return run_fail(r, op, e, "cannot make " NETNS_DIR " a shared mount: %s",
                                strerror(-e));
        path_of(op->netns.name, path);
        fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (fd < 0 && errno == EEXIST && remove_stale(path))
                fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (fd < 0)
                return errno == EEXIST
                               ? run_fail(r, op, -EEXIST,
                                          "%s already exists and was not made by vnet", path)
                               : run_fail(r, op, -errno, "cannot create %s: %s", path,
                                          strerror(errno));
        close(fd);
        if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0) {
                e = -errno;
                unlink(path);
                return run_fail(r, op, e, "cannot mount it on %s: %s", path, strerror(-e));
        }
        r->states[r->current] = OP_DONE;
        return 0;
}

/* The unlink detaches it in all other mount namespaces too (kernel 3.18). */
static int remove_name(const char *path) {
        for (int i = 0; i < 8; i++) { /* it may have been mounted over */
                if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL &&
                    errno != ENOENT)
                        return -errno;
                if (unlink(path) == 0 || errno == ENOENT)
                        return 0;
                if (errno != EBUSY)
                        return -errno;
        }
        return -EBUSY;
}

/* 0: ours; -ENOENT: gone, or somebody else's. Asking for the cookie takes a netlink socket inside, and
 * that holds the namespace for a grace period after it is closed (netlink_release() of the kernel):
 * 15 ms more for a stop. So first: is it where the other ends of our interfaces are? */
static int find_ours(struct run *r, const struct op *op) {
        _cleanup_close_ int fd = -1, again = -1;
        int e = netns_open(op->netns.name, op->netns.inode, 0, &fd);

        if (e < 0 || probe_is_nsid(r->host, fd, r->peer_nsid))
                return e;
        return netns_open(op->netns.name, op->netns.inode, op->netns.cookie, &again);
}

int undo_netns(struct run *r, const struct op *op) {
        char path[PATH_SIZE];
        int e = netns_look(op->netns.name) == NETNS_STALE || r->fresh ? 0 : find_ours(r, op);

        if (e < 0 && e != -ENOENT)
                run_fail(r, op, e, "cannot open it: %s", strerror(-e));
        if (e == 0) {
                path_of(op->netns.name, path);
                e = remove_name(path);
                if (e < 0)
                        run_fail(r, op, e, "cannot remove %s: %s", path, strerror(-e));
        }
        /* nothing of ours may hold the namespace while we wait for its end */
        r->inner = nl_close(r->inner);
        e = run_enter(r, false);
        if (e < 0)
                return run_fail(r, op, e, "cannot return to the host's namespace: %s",
                                strerror(-e));
        closep(&r->inner_ns);
        r->inner_ns = -1;
        element_forget(r); /* while the kernel is at it */
        return vanish_wait(r);
}
