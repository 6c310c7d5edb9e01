/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which units a file meant to run inside, when it cannot be read as it should be. They must not start
 * on the host's network because of a typing error, so their names are searched for with tolerance:
 * any line that looks like Services=, in whatever section, in whatever shape. Private to lib/config. */

#include "model.h"
#include "search.h"

enum { SALVAGE_BYTES = 16 * 1024 * 1024 }; /* of a file; what stands behind them is not seen */

/* Fills v->ns.services anew with what the files of s name, and sets v->ns.name where a Name= is found.
 * 0 or -ENOMEM. A file that cannot be read gives way to the one that it hides. */
int salvage_services(const char *root, const struct source *s, struct vnet *v);

/* The bytes of a regular file, at most SALVAGE_BYTES; the caller frees. */
int salvage_read(const char *path, char **ret_text, size_t *ret_size);
