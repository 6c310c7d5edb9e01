/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From files to checked models: the one door by which generator, helper and vnetctl come in. */

#include "model.h"
#include "search.h"
#include "site.h"

/* One source: read, parse, expand specifiers, check it by itself (verify_vnet). *ret is a model
 * in any case but -ENOMEM and -ENODATA (the file is empty, which is a mask); with another negative
 * return it is refused and d says why. */
int load_source(const char *root, const struct source *s, struct vnet **ret, struct diags *d);

/* One NAME, for the helper. -ENOENT: no such file, or masked (told in d). */
int load_name(const char *root, const char *name, struct vnet **ret, struct diags *d);

/* The model that defines the bridge with this interface name: NAME.vnet of that name first, then
 * a look at all files. 0 and *ret NULL: none does, the bridge is somebody else's. A file that
 * should define it but is refused is an error. */
int load_bridge(const char *root, const char *interface, struct vnet **ret, struct diags *d);

/* 0, or -EINVAL if something was refused (the rest is good), or -ENOMEM. */
int load_site(const char *root, struct site *ret, struct diags *d);
/* The same where n files given by their paths stand in for the NAMEs in their file names. */
int load_site_with(const char *root, char *const *paths, size_t n, struct site *ret,
                   struct diags *d);
