/* SPDX-License-Identifier: GPL-2.0-or-later */

/* IP forwarding of the host (ip-sysctl.rst of the kernel). The switch is global, since uplinks come
 * and go and nobody of ours is resident to follow them. Switching it has side effects, and all of
 * them are written down in /run/vnet/forwarding4 or 6 before and taken back after:
 *  - IPv4: every interface's own switch, and all/accept_redirects, are overwritten;
 *  - IPv6: likewise, and interfaces with accept_ra=1 stop to listen to routers: the host would lose
 *    its default route. 2 means "listen although forwarding".
 * A file in /run/sysctl.d that sorts after everybody's keeps it on through systemd-sysctl and
 * "sysctl --system"; what is switched off all the same is switched on by the next repair or restore.
 * Interfaces that are there at that moment are guarded: our table drops what would now go from one
 * of them, or from hardware that comes later, to another. Whoever had forwarding on before has no
 * guard and gets nothing taken back. */

#include "forward.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lock.h"
#include "run.h"
#include "sysctl.h"
#include "users.h"
#include "util.h"

enum { PATH_SIZE = sizeof RUN_DIR + 16 };

/* Keeps the table while nobody of ours is up: no NAME begins with a dot. */
static const char keeper[] = ".forwarding";

static const struct family {
        enum families bit;
        const char *users, *path, *key, *directory, *redirects, *file, *settings;
        uint8_t number;           /* AF_… */
        uint8_t guarded, bridged; /* enum nft_set */
} families[] = {
        { FAMILY_IPV4, "forwarding4", RUN_DIR "/forwarding4", "net/ipv4/ip_forward",
          "net/ipv4/conf", "net/ipv4/conf/all/accept_redirects", SYSCTL_D "/" FORWARD_FILE "4.conf",
          /* two names of one switch: somebody's file may have either */
          "net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.forwarding = 1\n", AF_INET, SET_GUARDED4,
          SET_BRIDGED4 },
        { FAMILY_IPV6, "forwarding6", RUN_DIR "/forwarding6", "net/ipv6/conf/all/forwarding",
          "net/ipv6/conf", NULL, SYSCTL_D "/" FORWARD_FILE "6.conf",
          "net.ipv6.conf.all.forwarding = 1\n", AF_INET6, SET_GUARDED6, SET_BRIDGED6 },
};

static int print_value(FILE *f, const char *word, const char *key) {
        char value[32];
        int e = sysctl_read(key, value, sizeof value);

        if (e == 0)
                fprintf(f, "%s %s %s\n", word, key, value);
        return e == -ENOENT ? 0 : e;
}

/* Each interface's switches: the forwarding ones that are on, accept_ra where routers are heard. With
 * its index (negative: none, as "default"), since at boot udev may not have named it yet. */
static int print_interfaces(FILE *f, const struct nl *nl, const struct family *family) {
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

static void temporary_of(const struct family *family, char ret[PATH_SIZE]) {
        snprintf(ret, PATH_SIZE, "%s~", family->path);
}

/* What is to be taken back later: there, and whole, before anything is switched. */
static int save(struct run *r, const struct family *family) {
        _cleanup_fclose_ FILE *f = NULL;
        char path[PATH_SIZE];
        int e;

        temporary_of(family, path);
        f = fopen(path, "we");
        if (!f)
                return -errno;
        e = family->redirects ? print_value(f, "restore", family->redirects) : 0;
        if (e == 0)
                e = print_interfaces(f, r->host, family);
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

/* The key with the name that the interface has now. -ENODEV: it is gone. */
static int key_now(const struct nl *nl, const char *key, const char *index, char ret[512]) {
        const char *begin = strstr(key, "/conf/"), *end = strrchr(key, '/');
        char name[IFNAMSIZ];
        long i = nl && index ? strtol(index, NULL, 10) : -1;
        int e = i > 0 && begin ? nl_name(nl, i, name) : 0;

        if (e < 0)
                return e;
        if (i <= 0 || !begin)
                snprintf(ret, 512, "%s", key);
        else
                snprintf(ret, 512, "%.*s/conf/%s%s", (int)(begin - key), key, name, end);
        return 0;
}

/* Calls back with the words of each line of a saved file, but for what is of interfaces that are
 * gone; without nl they are not asked for. -ENOENT: there is none. */
static int each_line(const char *path, const struct nl *nl,
                     int (*line)(void *user, const char *word, const char *key, const char *value),
                     void *user) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        char text[512], now[512];
        int e = 0;

        if (!f)
                return -errno;
        while (e == 0 && fgets(text, sizeof text, f)) {
                char *rest = text, *word, *key, *value;

                text[strcspn(text, "\n")] = '\0';
                word = strsep(&rest, " ");
                key = strsep(&rest, " ");
                value = strsep(&rest, " ");
                if (!key)
                        continue;
                e = key_now(nl, key, rest, now);
                e = e == -ENODEV ? 0 : e < 0 ? e : line(user, word, now, value);
        }
        if (e == 0 && ferror(f))
                e = -EIO; /* half of it is not all of it */
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

/* Of the elements that a saved file stands for: all, or those that are in the table, or are not. */
enum which { GUARD_ALL, GUARD_THERE, GUARD_MISSING };

struct guard {
        struct pool pool;
        LIST(struct op_element) elements;
        struct nft *nft;
        const struct family *family;
        enum which which;
};

static int add_to_guard(struct guard *g, const struct op_element *e) {
        char ignored[128];
        struct op_element *new;
        int r = g->which != GUARD_ALL ? nft_get_element(g->nft, e, ignored) : 0;

        if (r < 0 && r != -ENOENT)
                return r;
        if (g->which != GUARD_ALL && (r == 0) != (g->which == GUARD_THERE))
                return 0;
        new = list_add(&g->pool, &g->elements);
        if (!new)
                return -ENOMEM;
        *new = *e;
        return 0;
}

static int guard_line(void *user, const char *word, const char *key, const char *value _unused_) {
        struct guard *g = user;
        struct op_element e = { .index = strtoul(key, NULL, 10) };

        if (streq(word, "guard"))
                e.set = g->family->guarded;
        else if (streq(word, "bridge"))
                e.set = g->family->bridged;
        else
                return 0;
        return add_to_guard(g, &e);
}

/* -ENOENT: forwarding of this family is not ours. */
static int read_guard(struct guard *g) {
        struct op_element guarding = { .set = SET_GUARDING, .protocol = g->family->number };

        return each_line(g->family->path, NULL, guard_line, g) ?: add_to_guard(g, &guarding);
}

/* To the transaction that has begun. */
static int put_guard(const struct guard *g, bool remove) {
        int e = 0;

        list_foreach (element, &g->elements)
                if (e == 0)
                        e = remove ? nft_delete_element(g->nft, element, SIZE_MAX)
                                   : nft_add_element(g->nft, element, GUARD_OWNER, SIZE_MAX);
        return e;
}

/* Removes those that are there, or adds the others. Asks first and begins the transaction then: a
 * question between would break it. */
static int change_guard(struct nft *nft, const struct family *family, enum which which) {
        struct guard g = { .nft = nft, .family = family, .which = which };
        char why[160];
        size_t tag;
        int e = read_guard(&g);

        if (e == 0 && g.elements.n) {
                e = nft_begin(nft) ?: put_guard(&g, which == GUARD_THERE);
                if (e == 0)
                        e = nft_commit(nft, &tag, why);
        }
        pool_free(&g.pool);
        return e;
}

int forward_restore_guard(struct nft *nft, size_t *n) {
        int e = 0;

        for (size_t i = 0; e == 0 && i < ARRAY_SIZE(families); i++) {
                struct guard g = { .nft = nft, .family = &families[i] };

                e = read_guard(&g);
                if (e == 0)
                        e = put_guard(&g, false);
                *n += g.elements.n;
                pool_free(&g.pool);
                if (e == -ENOENT)
                        e = 0; /* forwarding is not ours */
        }
        return e;
}

int forward_add_table(struct nft *nft) {
        size_t n = 0;

        return nft_add_table(nft) ?: forward_restore_guard(nft, &n);
}

/* Somebody flushed the table a moment ago; what else was in it comes back as after any flush. */
static int guard_anew(struct nft *nft) {
        char why[160];
        size_t tag;
        int e = nft_begin(nft) ?: forward_add_table(nft);

        return e < 0 ? e : nft_commit(nft, &tag, why);
}

bool forward_is_ours(enum families which) {
        for (size_t i = 0; i < ARRAY_SIZE(families); i++)
                if (which & families[i].bit &&
                    (access(families[i].path, F_OK) == 0 || !is_absent(errno)))
                        return true;
        return false;
}

static bool is_guarded(void *user, uint32_t index) {
        const struct guard *g = user;

        list_foreach (e, &g->elements)
                if (e->set == g->family->guarded && e->index == index)
                        return true;
        return false;
}

/* Who came since goes on, behind the same guard; the next last one of ours looks again. 1: kept. */
static int keep(struct run *r, const struct family *family) {
        struct guard g = { .nft = r->nft, .family = family };
        char name[IFNAMSIZ];
        int e = read_guard(&g);

        if (e == 0)
                e = forward_relied_on(r, family->number, is_guarded, &g, name);
        pool_free(&g.pool);
        if (e != 1)
                return e;
        diag_warn(r->d, NULL, NULL, "%s stays on, as %s has come since and may need it",
                  family->key, name);
        return users_add("table", keeper) ?: 1;
}

static int give_back(struct run *r, const struct family *family) {
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
                e = each_line(family->path, r->host, restore_line, NULL);
        if (e == 0)
                e = change_guard(r->nft, family, GUARD_THERE);
        if (e == -ENOENT)
                e = 0; /* flushed with the table */
        if (e == 0 && unlink(family->path) < 0)
                e = -errno;
        return e < 0 || forward_is_ours(FAMILY_BOTH) ? e : users_remove("table", keeper, &ignored);
}

/* An empty one is of a helper that was killed. */
static bool has_file(const struct family *family) {
        struct stat st;

        return stat(family->file, &st) == 0 && st.st_size > 0;
}

static int need_file(const struct run *r, const struct family *family) {
        char text[256];

        if (has_file(family))
                return 0;
        snprintf(text, sizeof text,
                 SYSCTL_FILE_MARK "%.63s\n# while virtual networks need it, see vnet(7)\n%s",
                 r->plan->name, family->settings);
        return sysctl_file_write(family->file, text);
}

/* fresh: just saved. Whoever saved it may have been killed before it set the guard. */
static int make_forward(struct run *r, const struct family *family, bool fresh) {
        int e = change_guard(r->nft, family, fresh ? GUARD_ALL : GUARD_MISSING);

        if (e == -ENOENT)
                e = guard_anew(r->nft);
        if (e == 0)
                e = each_line(family->path, r->host, raise_line, NULL);
        if (e == 0)
                e = sysctl_write(family->key, "1");
        if (e == 0 && r->repairing)
                diag_warn(r->d, NULL, NULL, "%s was off and is on again", family->key);
        return e;
}

/* What was ours and was switched off meanwhile is switched on again: the network needs it. */
static int switch_on(struct run *r, const struct family *family) {
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

bool forward_needs_repair(enum families wanted) {
        for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
                bool ours = access(families[i].path, F_OK) == 0;

                if (wanted & families[i].bit &&
                    (sysctl_is(families[i].key, "1") == 0 || (ours && !has_file(&families[i]))))
                        return true;
        }
        return false;
}

int do_forwarding(struct run *r, const struct op *op) {
        int e = run_lock(r);

        if (e == 0)
                e = element_commit(r); /* the filters stand before the first packet can pass */
        if (e < 0)
                return r->error = r->error ?: e;
        e = run_enter(r, false);
        r->states[r->current] = OP_DONE;
        for (size_t i = 0; e == 0 && i < ARRAY_SIZE(families); i++)
                if (op->forwarding.families & families[i].bit) {
                        e = switch_on(r, &families[i]);
                        if (e < 0)
                                return run_fail(r, op, e, "cannot switch on %s: %s",
                                                families[i].key, strerror(-e));
                }
        return e < 0 ? run_fail_errno(r, op, e, "") : 0;
}

/* After a reload some of the families may still be needed. */
static enum families needed_on(const struct run *r) {
        const struct op *op = r->change ? plan_find(r->change->to, OP_FORWARDING) : NULL;

        return op ? op->forwarding.families : FAMILY_NONE;
}

int undo_forwarding(struct run *r, const struct op *op) {
        enum families unused = op->forwarding.families & ~(unsigned)needed_on(r);
        int e = run_lock(r);

        if (e == 0)
                e = run_enter(r, false);
        for (size_t i = 0; e == 0 && i < ARRAY_SIZE(families); i++) {
                bool last;

                if (!(unused & families[i].bit))
                        continue;
                e = users_remove(families[i].users, r->plan->name, &last);
                if (e == 0 && last)
                        e = give_back(r, &families[i]);
        }
        return e < 0 ? run_fail(r, op, e, "cannot give forwarding back: %s", strerror(-e)) : 0;
}
