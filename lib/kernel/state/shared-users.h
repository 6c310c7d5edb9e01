/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who uses what several networks share: an empty file /run/vnet/users/WHAT/NAME for each of them. So the last one is
 * known without reading anybody's record. The caller holds the shared lock (state/lock.h) around both functions. */

#include <stdbool.h>

#define USERS_DIR "/run/vnet/users"

/* NAME uses WHAT from now on, or has already done so. 0 or a negative errno. */
int users_add(const char *what, const char *name);
/* NAME uses WHAT no more; it is no error if it did not. *ret_last says whether nobody is left. 0 or a negative errno. */
int users_remove(const char *what, const char *name, bool *ret_last);
