/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who uses what is shared: an empty file /run/vnet/users/WHAT/NAME for each user, so that the last
 * one is known without reading the record of anybody. The caller holds the shared lock. */

#include <stdbool.h>

#define USERS_DIR "/run/vnet/users"

int users_add(const char *what, const char *name);
/* Not being there is fine. *ret_last: nobody is left. */
int users_remove(const char *what, const char *name, bool *ret_last);
