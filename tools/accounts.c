/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds the numbers of users and groups in /etc/passwd and /etc/group. getpwnam(3) would load whatever nsswitch.conf names into
 * a program with rights over the network, and ask daemons that may be started after the network alone. */

#include "accounts.h"

#include <errno.h>
#include <fcntl.h>

#include "util.h"
#include "value.h"

/* NAME:PASSWORD:NUMBER of passwd(5) and group(5) alike. A line of NIS, "+…", has no number. */
static bool is_account(char *line, const char *name, struct account *ret) {
        char *rest = line, *found = strsep(&rest, ":");

        strsep(&rest, ":");
        return streq(found, name) && rest && parse_account(strsep(&rest, ":"), ret) == 0;
}

/* 0, -ENOENT, or why the file cannot be read. */
static int look_up(const char *root, const char *file, const char *name, struct account *ret) {
        _cleanup_fclose_ FILE *f = NULL;
        _cleanup_free_ char *line = NULL;
        struct account found = { 0 };
        char path[4096];
        size_t size = 0;

        snprintf(path, sizeof path, "%s%s", root, file);
        f = fopen(path, "re");
        if (!f)
                return -errno;
        errno = 0;
        while (!found.set && getline(&line, &size, f) > 0) {
                line[strcspn(line, "\n")] = '\0';
                is_account(line, name, &found);
                errno = 0;
        }
        if (!found.set)
                return ferror(f) || errno ? -(errno ?: EIO) : -ENOENT;
        *ret = found;
        return 0;
}

static int resolve(const char *root, const char *file, struct owner *o, const struct origin *at,
                   const char *key, struct diags *d) {
        int e = o->name ? look_up(root, file, o->name, &o->id) : 0;

        if (e == -ENOENT)
                return diag_error(d, e, at, key,
                                  "there is no '%s' in %s; a number is taken as it is", o->name,
                                  file);
        return e < 0 ? diag_error(d, e, at, key, "cannot read %s: %s", file, strerror(-e)) : 0;
}

int accounts_resolve(const char *root, struct vnet *v, struct diags *d) {
        int e = 0;

        list_foreach (l, &v->ns.links) {
                e = resolve(root, "/etc/passwd", &l->user, &l->user_origin, "User", d) ?: e;
                e = resolve(root, "/etc/group", &l->user_group, &l->user_group_origin, "Group", d)
                            ?: e;
        }
        return e;
}
