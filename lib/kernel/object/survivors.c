/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names the processes that live on in a namespace whose network is stopped. Each process there is is asked for: there is no list
 * of those of a namespace. */

#include "object/survivors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "netlink/question.h"
#include "util.h"

/* Some 6 us for each process: the bound is for tens of thousands, which any user can start. */
enum { NAMED = SURVIVORS_NAMED, COMM_MAX = SURVIVORS_COMM_MAX, LOOK_MS = 250 };

/* Its name is its own choice. */
static void name_of(const char *pid, char ret[COMM_MAX]) {
        char path[300];
        int fd;
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%s/comm", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd >= 0 ? read(fd, ret, COMM_MAX - 1) : -1;
        closep(&fd);
        ret[n < 0 ? 0 : n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
        for (char *c = ret; *c; c++)
                if (*c < ' ' || *c > '~')
                        *c = '?';
}

static bool is_inside(const struct pass *r, const char *pid, uint64_t inode) {
        char path[300];
        struct stat st;

        if (r->peer_nsid >= 0)
                return probe_is_in_nsid(pass_host(r), strtoul(pid, NULL, 10), r->peer_nsid);
        snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
        return stat(path, &st) == 0 && st.st_ino == inode;
}

/* Who looks into all namespaces is in each of them for a moment. */
static bool is_our_own(const char *name) {
        return streq(name, "vnet-helper") || streq(name, "vnetctl");
}

void survivors_find(const struct pass *r, const struct op *netns, struct survivors *ret) {
        _cleanup_closedir_ DIR *proc = opendir("/proc");
        int64_t end = now_us() + LOOK_MS * 1000;
        const struct dirent *e;
        int ignored;

        *ret = (struct survivors){ 0 };
        while (proc && now_us() < end && (e = next_entry(proc, &ignored))) {
                size_t used = strlen(ret->text);
                char name[COMM_MAX];

                if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
                    !is_inside(r, e->d_name, netns->netns.inode))
                        continue;
                name_of(e->d_name, name);
                if (is_our_own(name) || ret->n++ >= NAMED)
                        continue;
                snprintf(ret->text + used, sizeof ret->text - used, "%s%s (%.10s)",
                         used ? ", " : "", name, e->d_name);
        }
}

void survivors_tell(struct pass *r, const struct op *netns, const struct survivors *s) {
        char more[32] = "";

        if (s->n > NAMED)
                snprintf(more, sizeof more, " and %zu more", s->n - NAMED);
        diag_warn(r->d, NULL, NULL,
                  "%zu process%s still run%s in the network namespace %s, which lives on without a "
                  "name%s until %s: %s%s",
                  s->n, s->n > 1 ? "es" : "", s->n > 1 ? "" : "s", netns->netns.name,
                  r->n_vanishing > 0 ? " and links" : "", s->n > 1 ? "they end" : "it ends",
                  s->text, more);
}
