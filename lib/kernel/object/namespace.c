/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes and deletes the namespace of a plan. Its name below /run/netns appears and goes as
 * ip-netns(8) of iproute2 7.0 does it, and under the same lock, so that both can be used side by
 * side. */

#include "object/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "netlink/question.h"
#include "object/nft-elements.h"
#include "object/outer-end.h"
#include "object/survivors.h"
#include "state/lock.h"
#include "system/netns.h"
#include "util.h"

enum {
        STALE_TRIES = 10,
        STALE_PAUSE_MS = 10,
        FLOCK_SHORT = 5, /* of a millisecond each */
        FLOCK_TRIES = 50,
        FLOCK_PAUSE_MS = 100
};

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
                if (!S_ISREG(st.st_mode) || netns_is_mounted(path))
                        return false;
                poll(NULL, 0, STALE_PAUSE_MS);
        }
        return unlink(path) == 0;
}

int do_netns(struct pass *r, const struct op *op) {
        char path[NETNS_PATH_MAX];
        int fd, e;

        if (!r->fresh)
                return 0; /* it is there: pass_open_inner() found it */
        e = share_directory(r->d);
        if (e < 0)
                return pass_fail(r, op, e, "cannot make " NETNS_DIR " a shared mount: %s",
                                 strerror(-e));
        netns_path(op->netns.name, path);
        fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (fd < 0 && errno == EEXIST && remove_stale(path))
                fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
        if (fd < 0)
                return errno == EEXIST
                               ? pass_fail(r, op, -EEXIST,
                                           "%s already exists and was not made by vnet", path)
                               : pass_fail(r, op, -errno, "cannot create %s: %s", path,
                                           strerror(errno));
        close(fd);
        if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0) {
                e = -errno;
                unlink(path);
                return pass_fail(r, op, e, "cannot mount it on %s: %s", path, strerror(-e));
        }
        r->states[r->current] = OP_DONE;
        return 0;
}

/* Without root a namespace is known by its number alone. */
int look_netns(struct pass *r, const struct op *op, struct op *ret) {
        _cleanup_close_ int fd = -1;
        int e = 0;

        if (r->places[PLACE_OWN].ns < 0) {
                e = netns_open(op->netns.name, op->netns.inode, op->netns.cookie, &fd);
                if (e == -EPERM)
                        e = netns_open(op->netns.name, op->netns.inode, 0, &fd);
        }
        if (e == 0)
                *ret = *op;
        return e;
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
static int find_ours(struct pass *r, const struct op *op, int *ret) {
        _cleanup_close_ int fd = -1;
        int e = netns_open(op->netns.name, op->netns.inode, 0, &fd);

        if (e == 0 && probe_is_nsid(pass_host(r), fd, r->peer_nsid)) {
                *ret = TAKE_FD(fd);
                return 0;
        }
        return e < 0 ? e : netns_open(op->netns.name, op->netns.inode, op->netns.cookie, ret);
}

/* Where no outer end tells by staying that somebody lives on inside, he is looked for in any case. By a number of the
 * namespace, since the unit's helper may not look at all processes. */
static bool is_silent(struct pass *r, int ns) {
        return r->n_vanishing == 0 && ns >= 0 &&
               (r->peer_nsid >= 0 || probe_number_ns(pass_host(r), ns, &r->peer_nsid) == 0);
}

int undo_netns(struct pass *r, const struct op *op) {
        struct survivors survivors = { 0 };
        char path[NETNS_PATH_MAX];
        bool silent = false;
        int ns = -1;
        int e = netns_look(op->netns.name) == NETNS_STALE || r->fresh ? 0 : find_ours(r, op, &ns);

        if (e < 0 && e != -ENOENT)
                pass_fail(r, op, e, "cannot open it: %s", strerror(-e));
        if (e == 0) {
                silent = is_silent(r, ns);
                netns_path(op->netns.name, path);
                e = remove_name(path);
                if (e < 0)
                        pass_fail(r, op, e, "cannot remove %s: %s", path, strerror(-e));
        }
        closep(&ns);
        /* nothing of ours may hold the namespace while we wait for its end */
        e = pass_leave(r);
        if (e < 0)
                return pass_fail(r, op, e, "cannot return to the host's namespace: %s",
                                 strerror(-e));
        element_forget(r); /* while the kernel is at it */
        if (silent)
                survivors_find(r, op, &survivors);
        if (survivors.n > 0)
                survivors_tell(r, op, &survivors);
        return outer_ends_wait_gone(r);
}
