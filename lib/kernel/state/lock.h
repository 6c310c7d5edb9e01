/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Locks are byte ranges of the one file /run/vnet/lock (open file description locks, fcntl(2)): no
 * lock leaves a file behind, and the lock of a holder that was killed goes with it. The order is
 * that of a NAME first and then the shared one, never the other way round. A lock is never held
 * over a wait for the kernel. */

#include <stdbool.h>

#include "diag.h"

enum lock {
        LOCK_SHARED, /* nftables, forwarding: what several NAMEs have in common */
        LOCK_NAME,   /* one NAME: two helpers for it take turns */
        LOCK_NETNS, /* the first use of /run/netns, where its own lock is not to be had; the last to be taken */
};

#define RUN_DIR  "/run/vnet"
#define HELD_DIR RUN_DIR "/held" /* namespaces that have an interface of the host */
enum { LOCK_SECONDS = 60 };

/* Takes a lock; name is the NAME that LOCK_NAME is of, and of no meaning for the others. *ret is a
 * descriptor that holds the lock until lock_release() or the end of the process. 0; -ENOLCK where
 * the same holder has had it for LOCK_SECONDS; or another negative errno. Each is told in d. */
int lock_take(enum lock lock, const char *name, int *ret, struct diags *d);
/* Gives it back. fd may be -1. Always returns -1, for "fd = lock_release(fd)". */
int lock_release(int fd);

/* Takes /run/vnet away where nothing is left in it; the shared lock must not be held. */
void run_dir_remove(void);
