/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which files make up which NAME. /etc/vnet comes before /run/vnet, then /usr/local/lib/vnet, then
 * /usr/lib/vnet; masks and drop-ins follow the rules of systemd (systemd.unit(5), "Unit file
 * load path"). Nothing but directories is opened. A root directory can be put in front of every
 * path. */

#include <stdbool.h>

#include "diag.h"
#include "pool.h"

struct source {
        const char
                *name; /* NAME; of bad_name what stands for it in the name of a unit: 'net\x200' */
        const char *path;     /* the file of the highest directory, with root */
        bool masked;          /* a link to /dev/null or an empty file */
        bool bad_name;        /* the file's name gives no valid NAME: refuse it */
        const char *instance; /* what stands behind the first @ of NAME; NULL: not an instance */
        bool is_template;     /* BASE@.vnet: creates nothing itself */
        const char
                *closed; /* a directory of its drop-ins that cannot be listed, or NULL: refuse it */
        int closed_error;
        LIST(const char *)
        drop_ins; /* *.conf of NAME.vnet.d, of BASE@.vnet.d too for an instance:
                                        one per file name, sorted by it, masked ones left out */
};

/* What lies in /etc/vnet and looks as if it were meant, but is not read. */
struct stray {
        const char *path;
        const char *why;
};

struct sources {
        struct pool pool;
        LIST(struct source) items; /* sorted by name */
        LIST(struct stray) strays; /* sorted by path; of search_all() */
        bool incomplete;           /* one of the directories could not be listed, told in d */
};

/* All of them. Which regular files are empty is left to load_source() to find. 0, -ENOMEM, or with
 * files by their paths -EINVAL for a path that is none of a .vnet file, told in d. */
int search_all(const char *root, struct sources *ret, struct diags *d);
/* The same where n files given by their paths stand in for the NAMEs in their file names. */
int search_all_with(const char *root, char *const *paths, size_t n, struct sources *ret,
                    struct diags *d);
/* One. -ENOENT: there is none (a drop-in alone makes none). */
int search_one(const char *root, const char *name, struct sources *ret, struct diags *d);
/* A file given by its path stands for the NAME in its file name (vnetctl check FILE). */
int search_file(const char *root, const char *path, struct sources *ret, struct diags *d);
/* What stands for a bad name in the name of a unit: the escapes of systemd-escape(1), which
 * systemctl(1) makes too when it is given such a name. So the unit of that file can be asked
 * for, and fails with the reason. A name that is only too long stays as it is, up to a length at
 * which it ends in a hash. No two names come out the same, since a backslash is escaped too.
 * NULL without memory. */
const char *name_escape(struct pool *pool, const char *name);
/* The same file in the next lower directory; NULL: there is none (or no memory). */
const char *search_below(struct pool *pool, const char *root, const char *path);

/* Where the template of an instance would be in the highest directory; NULL: no memory. */
const char *search_template(struct pool *pool, const char *root, const struct source *instance);
void sources_free(struct sources *s);
