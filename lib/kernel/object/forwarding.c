/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Switches IP forwarding of the host on, and off again when nobody needs it any more (ip-sysctl.rst
 * of the kernel). The switch is global, since uplinks come and go and no process of ours is running
 * that could follow them. To switch it has side effects, and all of them are written down in
 * /run/vnet/forwarding4 or 6 before and taken back after:
 *   - IPv4: every interface's own switch, and all/accept_redirects, are overwritten;
 *   - IPv6: likewise, and interfaces with accept_ra=1 stop listening to routers, so that the host
 *     would lose its default route. 2 means "listen although forwarding".
 * A file in /run/sysctl.d that sorts after everybody's keeps forwarding on when systemd-sysctl or
 * "sysctl --system" run. What is switched off all the same is switched on by the next repair or
 * restore. Interfaces that are there at that moment are guarded: our table drops what would now go
 * from one of them, or from hardware that comes later, to another. A host that had forwarding on
 * before has no guard, and nothing is taken back from it. */

#include "object/forwarding.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "object/forwarding-guard.h"
#include "object/nft-elements.h"
#include "object/operations.h"
#include "state/lock.h"
#include "state/shared-users.h"
#include "system/sysctl.h"
#include "util.h"

enum { PATH_SIZE = sizeof RUN_DIR + 16 };

/* Keeps the table while nobody of ours is up: no NAME begins with a dot. */
static const char keeper[] = ".forwarding";

static int print_value(FILE *f, const char *word, const char *key) {
        char value[32];
        int e = sysctl_read(key, value, sizeof value);

        if (e == 0)
                fprintf(f, "%s %s %s\n", word, key, value);
        return e == -ENOENT ? 0 : e;
}

/* Each interface's switches: the forwarding ones that are on, accept_ra where routers are heard. With
 * its index (negative: none, as "default"), since at boot udev may not have named it yet. */
static int print_interfaces(FILE *f, const struct nl *nl, const struct forward_family *family) {
        _cleanup_closedir_ DIR *dir = NULL;
        char path[64], key[sizeof path + 280];
        const struct dirent *e;
        int r = 0, left = 0;

        snprintf(path, sizeof path, "/proc/sys/%s", family->directory);
        dir = opendir(path);
        if (!dir)
                return -errno;
        while (r >= 0 && (e = next_entry(dir, &left))) {
                int index;

                if (e->d_name[0] == '.' || streq(e->d_name, "all"))
                        continue;
                index = streq(e->d_name, "default") ? -ENODEV : nl_index_of_present(nl, e->d_name);
                snprintf(key, sizeof key, "%s/%s/forwarding", family->directory, e->d_name);
                r = sysctl_is(key, "1");
                if (r == 1)
                        fprintf(f, "restore %s 1 %d\n", key, index);
                if (r < 0 || family->bit != FAMILY_IPV6)
                        continue;
                snprintf(key, sizeof key, "%s/%s/accept_ra", family->directory, e->d_name);
                r = sysctl_is(key, "1");
                if (r == 1)
                        fprintf(f, "raise %s 2 %d\n", key, index);
        }
        return r < 0 ? r : left;
}

static void temporary_of(const struct forward_family *family, char ret[PATH_SIZE]) {
        snprintf(ret, PATH_SIZE, "%s~", family->path);
}

/* What is to be taken back later: there, and whole, before anything is switched. */
static int save(struct pass *r, const struct forward_family *family) {
        _cleanup_fclose_ FILE *f = NULL;
        char path[PATH_SIZE];
        int e;

        temporary_of(family, path);
        f = fopen(path, "we");
        if (!f)
                return -errno;
        e = family->redirects ? print_value(f, "restore", family->redirects) : 0;
        if (e == 0)
                e = print_interfaces(f, pass_host(r), family);
        if (e == 0)
                e = guard_save(f, r);
        if (e == 0 && (fflush(f) != 0 || ferror(f)))
                e = -EIO;
        if (e == 0 && rename(path, family->path) < 0)
                e = -errno;
        if (e < 0)
                unlink(path);
        return e;
}

/* What somebody has set meanwhile stays. */
static int raise_line(void *user _unused_, const char *word, const char *key,
                      const char *value _unused_) {
        int e = streq(word, "raise") ? sysctl_is(key, "1") : 0;

        if (e == 1)
                e = sysctl_write(key, "2");
        return e == -ENOENT ? 0 : e;
}

/* An interface that is gone needs nothing back. */
static int restore_line(void *user _unused_, const char *word, const char *key, const char *value) {
        int e = 0;

        if (streq(word, "restore") && value)
                e = sysctl_write(key, value);
        else if (streq(word, "raise")) {
                e = sysctl_is(key, "2");
                if (e == 1)
                        e = sysctl_write(key, "1");
        }
        return e == -ENOENT ? 0 : e;
}

bool forward_is_ours(enum families which) {
        for (size_t i = 0; i < FORWARD_FAMILIES; i++)
                if (which & forward_families[i].bit &&
                    (access(forward_families[i].path, F_OK) == 0 || !is_absent(errno)))
                        return true;
        return false;
}

/* Who came since goes on, behind the same guard; the next last one of ours looks again. 1: kept. */
static int keep(struct pass *r, const struct forward_family *family) {
        struct guard g = { .nft = r->nft, .family = family };
        char name[IFNAMSIZ];
        int e = guard_read(&g);

        if (e == 0)
                e = forward_relied_on(r, family->number, guard_has, &g, name);
        pool_free(&g.pool);
        if (e != 1)
                return e;
        diag_warn(r->d, NULL, NULL, "%s stays on, as %s has come since and may need it",
                  family->key, name);
        return users_add("table", keeper) ?: 1;
}

static int give_back(struct pass *r, const struct forward_family *family) {
        char temporary[PATH_SIZE];
        bool ignored;
        int e, on;

        temporary_of(family, temporary);
        unlink(temporary);                  /* of one that was killed */
        if (access(family->path, F_OK) < 0) /* ENOENT: it was on before us */
                return errno == ENOENT ? sysctl_file_remove(family->file) : -errno;
        on = e = sysctl_is(family->key, "1");
        if (on == 1)
                e = keep(r, family);
        if (e == 1)
                return 0;
        if (e == 0)
                e = sysctl_file_remove(family->file);
        if (e == 0 && on == 1)
                e = sysctl_write(family->key, "0");
        if (e == 0)
                e = forward_each_line(family->path, pass_host(r), restore_line, NULL);
        if (e == 0)
                e = guard_change(r->nft, family, GUARD_THERE);
        if (e == -ENOENT)
                e = 0; /* flushed with the table */
        if (e == 0 && unlink(family->path) < 0)
                e = -errno;
        return e < 0 || forward_is_ours(FAMILY_BOTH) ? e : users_remove("table", keeper, &ignored);
}

/* An empty one is of a helper that was killed. */
static bool has_file(const struct forward_family *family) {
        struct stat st;

        return stat(family->file, &st) == 0 && st.st_size > 0;
}

static int need_file(const struct pass *r, const struct forward_family *family) {
        char text[256];

        if (has_file(family))
                return 0;
        snprintf(text, sizeof text,
                 SYSCTL_FILE_MARK "%.63s\n# while virtual networks need it, see vnet(7)\n%s",
                 r->plan->name, family->settings);
        return sysctl_file_write(family->file, text);
}

/* fresh: just saved. Whoever saved it may have been killed before it set the guard. */
static int make_forward(struct pass *r, const struct forward_family *family, bool fresh) {
        int e = guard_change(r->nft, family, fresh ? GUARD_ALL : GUARD_MISSING);

        if (e == -ENOENT)
                e = guard_anew(r->nft);
        if (e == 0)
                e = forward_each_line(family->path, pass_host(r), raise_line, NULL);
        if (e == 0)
                e = sysctl_write(family->key, "1");
        if (e == 0 && r->repairing)
                diag_warn(r->d, NULL, NULL, "%s was off and is on again", family->key);
        return e;
}

/* What was ours and was switched off meanwhile is switched on again: the network needs it. */
static int switch_on(struct pass *r, const struct forward_family *family) {
        int on = sysctl_is(family->key, "1");
        int e = on < 0 ? on : users_add(family->users, r->plan->name);
        bool ignored, fresh = false;

        if (e < 0)
                return e;
        if (access(family->path, F_OK) < 0) {
                if (errno != ENOENT)
                        return -errno;
                if (on) /* before us: not ours to give back */
                        return users_remove(family->users, r->plan->name, &ignored);
                fresh = true;
                e = save(r, family);
        }
        if (e == 0 && (!on || r->repairing))
                e = need_file(r, family);
        return e < 0 || on ? e : make_forward(r, family, fresh);
}

/* Those of these families that forward, and will go on; what cannot be seen counts as that. */
static enum families kept_on(enum families wanted) {
        enum families on = FAMILY_NONE;

        for (size_t i = 0; i < FORWARD_FAMILIES; i++) {
                bool ours = access(forward_families[i].path, F_OK) == 0;

                if (wanted & forward_families[i].bit &&
                    sysctl_is(forward_families[i].key, "1") != 0 &&
                    (!ours || has_file(&forward_families[i])))
                        on |= forward_families[i].bit;
        }
        return on;
}

bool forward_needs_repair(enum families wanted) {
        return kept_on(wanted) != wanted;
}

int look_forwarding(struct pass *r, const struct op *op, struct op *ret) {
        int e = pass_enter(r, PLACE_HOST);
        enum families on = e == 0 ? kept_on(op->forwarding.families) : FAMILY_NONE;

        if (e < 0 || !on)
                return e < 0 ? e : -ENOENT;
        *ret = *op;
        ret->forwarding.families = on;
        return 0;
}

int do_forwarding(struct pass *r, const struct op *op) {
        int e = pass_lock(r);

        if (e == 0)
                e = element_commit(r); /* the filters stand before the first packet can pass */
        if (e < 0)
                return r->error = r->error ?: e;
        e = pass_enter(r, PLACE_HOST);
        r->states[r->current] = OP_DONE;
        for (size_t i = 0; e == 0 && i < FORWARD_FAMILIES; i++)
                if (op->forwarding.families & forward_families[i].bit) {
                        e = switch_on(r, &forward_families[i]);
                        if (e < 0)
                                return pass_fail(r, op, e, "cannot switch on %s: %s",
                                                 forward_families[i].key, strerror(-e));
                }
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

/* After a reload some of the families may still be needed. */
static enum families needed_on(const struct pass *r) {
        const struct op *op = r->change ? plan_find(r->change->to, OP_FORWARDING) : NULL;

        return op ? op->forwarding.families : FAMILY_NONE;
}

int undo_forwarding(struct pass *r, const struct op *op) {
        enum families unused = op->forwarding.families & ~(unsigned)needed_on(r);
        int e = pass_lock(r);

        if (e == 0)
                e = pass_enter(r, PLACE_HOST);
        for (size_t i = 0; e == 0 && i < FORWARD_FAMILIES; i++) {
                bool last;

                if (!(unused & forward_families[i].bit))
                        continue;
                e = users_remove(forward_families[i].users, r->plan->name, &last);
                if (e == 0 && last)
                        e = give_back(r, &forward_families[i]);
        }
        return e < 0 ? pass_fail(r, op, e, "cannot give forwarding back: %s", strerror(-e)) : 0;
}
