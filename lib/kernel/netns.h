/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* /run/netns exactly as ip-netns(8) of iproute2 7.0 keeps it, under the same flock, so that both
 * can be used side by side. */

#include <stdint.h>

#include "diag.h"

#define NETNS_DIR "/run/netns"

enum netns_there { NETNS_ABSENT, NETNS_STALE, NETNS_THERE };

/* What is below the name; the inode of the namespace where there is one. STALE: a file on which no
 * namespace is mounted, left behind by something that was killed. */
enum netns_there netns_look(const char *name, uint64_t *ret_inode);

/* Opens it; inode 0: any. -ENOENT where it is not there or another namespace has the name. */
int netns_open(const char *name, uint64_t inode, int *ret);

/* Refuses a mount namespace that is not PID 1's when systemd started this process: the mount would
 * not be seen outside. */
int netns_check_mounts(struct diags *d);
