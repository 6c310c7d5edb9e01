/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* /run/netns exactly as ip-netns(8) of iproute2 7.0 keeps it, under the same flock, so that both
 * can be used side by side. */

#include <stdint.h>

#include "diag.h"
#include "model.h"
#include "netlink/socket.h"

#define NETNS_DIR "/run/netns"

enum { NETNS_PATH_MAX = sizeof NETNS_DIR + 256 };
/* The file of this name. */
void netns_path(const char *name, char ret[NETNS_PATH_MAX]);
/* Is a namespace mounted on this file (statfs(2), NSFS_MAGIC)? */
bool netns_is_mounted(const char *path);

enum netns_there { NETNS_ABSENT, NETNS_STALE, NETNS_THERE };

/* What there is under the name. NETNS_STALE is a file on which no namespace is mounted: something
 * was killed that had made or taken away one. Where it cannot be seen what there is, it counts as
 * NETNS_THERE. */
enum netns_there netns_look(const char *name);

/* Opens the namespace of that name; the caller closes the descriptor. Where inode is not 0 it has
 * to be the one that this was learned from; where cookie is not 0 too, it is known to be that one,
 * since numbers of inodes come again and those of cookies do not. 0; -ENOENT where it is gone or is
 * another one; or another negative errno. */
int netns_open(const char *name, uint64_t inode, uint64_t cookie, int *ret);

/* In which families a new namespace would copy settings from the initial one that are not those of
 * netns_settings[]. */
struct netns_copy {
        enum families families;
        bool ask; /* it is not known: the new namespace has to be asked what it has */
};
/* Called in the namespace that the process is in, before the new one is made. 0 or a negative
 * errno. */
int netns_inherits(struct netns_copy *ret);
/* Called inside the new namespace, with a socket that is in it: sets what netns_settings[] has. 0
 * or a negative errno. */
int netns_make_normal(const struct netns_copy *c, struct nl *nl);

/* Back to the namespace that the process was in before it went into another. The kernel needs
 * memory for that, so it is tried for a second; then the process ends with a word on standard
 * error, as it would do the host's work in the other one. What it had begun is in the record, for
 * the next down. */
void netns_return(int own);

/* The cookie of the namespace that a socket is in (SO_NETNS_COOKIE, kernel 5.14); *ret is 0 where
 * the kernel has none. 0 or a negative errno. */
int netns_cookie_of(int socket, uint64_t *ret);

/* Are these the cookies of two namespaces? Not where either is 0. */
static inline bool netns_differ(uint64_t a, uint64_t b) {
        return a && b && a != b;
}

/* Is this process in the mount namespace of PID 1? Else what it mounts would not be seen outside:
 * -EPERM with the cure in d. It is asked only where systemd has started this very process
 * (SYSTEMD_EXEC_PID, systemd.exec(5)); else 0. */
int netns_check_mounts(struct diags *d);
