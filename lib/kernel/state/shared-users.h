/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who uses what several networks share: an empty file /run/vnet/users/WHAT/NAME for each of them.
 * So the last one is known without reading anybody's record. Where that matters, the caller holds
 * the shared lock (state/lock.h) around both functions. */

#include <stdbool.h>

#define USERS_DIR "/run/vnet/users"

#define HOST_VLAN_USERS "vlan=" /* the name of an interface follows (object/host-vlan.c) */

/* Is NAME one of them? NULL: is anybody? 1, 0 or a negative errno. */
int users_has(const char *what, const char *name);
/* NAME uses WHAT from now on, or has already done so. 0 or a negative errno: then nothing is left of it. */
int users_add(const char *what, const char *name);
/* NAME uses WHAT no more; it is no error if it did not. *ret_last says whether nobody is left. 0 or
 * a negative errno. */
int users_remove(const char *what, const char *name, bool *ret_last);
/* Calls back for each; a negative return ends it and is returned. */
int users_each(const char *what, int (*user)(void *data, const char *name), void *data);

/* 1: somebody besides NAME uses WHAT, 0: nobody, or a negative errno. For what has to be given back while it is still
 * noted whose it is: who fails or is killed between finds it again. */
int users_others(const char *what, const char *name);

/* What those use who have ends of cables in a network's namespace. Returns the buffer. */
enum { CABLES_OF_MAX = 80 };
const char *cables_of(const char *network, char ret[static CABLES_OF_MAX]);
