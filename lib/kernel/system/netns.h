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
void netns_path(const char *name, char ret[NETNS_PATH_MAX]);
/* Is there a namespace on this file? */
bool netns_is_mounted(const char *path);

enum netns_there { NETNS_ABSENT, NETNS_STALE, NETNS_THERE };

/* What is below the name. STALE: a file on which no namespace is mounted, left behind by something
 * that was killed. Where that cannot be seen it counts as THERE. */
enum netns_there netns_look(const char *name);

/* Opens the namespace of that name. With an inode, only the very one it was learned from, and with a
 * cookie really that one: inode numbers come again. -ENOENT where it is gone or another. */
int netns_open(const char *name, uint64_t inode, uint64_t cookie, int *ret);

/* Whether a new namespace has to be looked at, since it copies what netns_settings[] has otherwise. */
struct netns_copy {
        enum families families;
        bool ask; /* whether it does at all is not known */
};
/* Before it is made. */
int netns_inherits(struct netns_copy *ret);
/* Inside it, with a socket there. */
int netns_make_normal(const struct netns_copy *c, struct nl *nl);

/* Back to the namespace that the process was in before it went into another. The kernel needs memory
 * for that, so it is tried for a second; then the process ends with a word on standard error, as it
 * would do the host's work in the other one. What it had begun is in the record, for the next down. */
void netns_return(int own);

/* SO_NETNS_COOKIE of the namespace that a socket is in; *ret 0 where the kernel has none. */
int netns_cookie_of(int socket, uint64_t *ret);

/* Refuses a mount namespace that is not PID 1's when systemd started this process: the mount would
 * not be seen outside. */
int netns_check_mounts(struct diags *d);
