/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the suites compare a machine by, sorted, in one process: all that netlink says of this network
 * namespace and of those in /run/netns ("inside NAME: "), sysctls, and the files that a helper
 * touches. Twenty times as fast as ip(8), nft(8) and jq(1), of which dump.sh makes a picture; it is
 * for one eye only. */

#include "picture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *out;
const char *where = "";

void die(const char *what) {
        fprintf(stderr, "picture: %s: %s\n", what, strerror(errno));
        exit(1);
}

/* --- files --- */

/* Numbers that are others each time are left out of records. */
static void print_file(const char *path) {
        FILE *f = fopen(path, "re");
        char line[4096];

        while (f && fgets(line, sizeof line, f)) {
                static const char *const changing[] = { " inode=", " cookie=" };

                if (strncmp(line, "sum ", 4) == 0)
                        continue; /* of those numbers too */
                for (size_t i = 0; i < 2; i++) {
                        char *from = strstr(line, changing[i]);

                        if (from) {
                                const char *rest = from + 1 + strcspn(from + 1, " \t\n");

                                memmove(from, rest, strlen(rest) + 1);
                        }
                }
                line[strcspn(line, "\n")] = '\0';
                fprintf(out, "%s%s:%s\n", where, path, line);
        }
        if (f)
                fclose(f);
}

/* Directories that stay are nobody's business, and a lock that was made is nothing left. */
static int print_path(const char *path, const struct stat *st, int type, struct FTW *at) {
        static const char *const stay[] = { "/run",           "/run/netns",
                                            "/run/vnet",      "/run/vnet/state",
                                            "/run/vnet/lock", "/run/sysctl.d",
                                            "/etc/netns" };
        static const char *const contents[] = { "/run/vnet/state/", "/run/sysctl.d/",
                                                "/run/vnet/users/" };

        (void)at;
        for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
                if (strcmp(path, stay[i]) == 0)
                        return 0;
        if (type == FTW_NS)
                return 0; /* gone by now */
        fprintf(out, "file %o %s\n", st->st_mode, path);
        for (size_t i = 0; i < sizeof contents / sizeof *contents && S_ISREG(st->st_mode); i++)
                if (strncmp(path, contents[i], strlen(contents[i])) == 0)
                        print_file(path);
        return 0;
}

static void dump_sysctls(void) {
        static const char *const patterns[] = {
                "/proc/sys/net/ipv4/ip_forward",
                "/proc/sys/net/ipv4/ip_default_ttl",
                "/proc/sys/net/core/somaxconn",
                "/proc/sys/net/bridge/*",
                "/proc/sys/net/ipv[46]/conf/{all,default}/*",
                "/proc/sys/net/ipv[46]/conf/*/{forwarding,accept_ra,rp_filter}", /* all are in the links */
        };

        for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
                glob_t g;

                if (glob(patterns[i], GLOB_NOSORT | GLOB_BRACE, NULL, &g) == 0)
                        for (size_t j = 0; j < g.gl_pathc; j++)
                                print_file(g.gl_pathv[j]);
                globfree(&g);
        }
}

static void dump_mounts(void) {
        FILE *f = fopen("/proc/self/mountinfo", "re");
        char line[4096], point[4096];

        while (f && fgets(line, sizeof line, f))
                if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1 &&
                    strncmp(point, "/run/netns/", strlen("/run/netns/")) == 0)
                        fprintf(out, "mount %s\n", point);
        if (f)
                fclose(f);
}

/* --- all of it --- */

static int compare(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print_sorted(char *text) {
        char **lines = NULL;
        size_t n = 0;

        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                if (n % 1024 == 0 && !(lines = reallocarray(lines, n + 1024, sizeof *lines)))
                        die("no memory");
                lines[n++] = line;
        }
        qsort(lines, n, sizeof *lines, compare);
        for (size_t i = 0; i < n; i++)
                puts(lines[i]);
        free(lines);
}

static void dump_here(void) {
        dump_network();
        dump_nft();
        dump_sysctls();
}

/* A namespace that is gone by now, or a file on which none is mounted, has nothing inside. */
static void dump_inside(const char *name) {
        char path[NAME_MAX + sizeof "/run/netns/"], text[NAME_MAX + sizeof "inside : "];
        int fd;

        snprintf(path, sizeof path, "/run/netns/%s", name);
        snprintf(text, sizeof text, "inside %s: ", name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0) {
                where = text;
                dump_here();
                where = "";
        }
        if (fd >= 0)
                close(fd);
}

int main(void) {
        const struct dirent *e;
        char *text = NULL;
        size_t size;
        DIR *dir;

        out = open_memstream(&text, &size);
        if (!out)
                die("no memory");
        dump_here();
        nftw("/run", print_path, 16, FTW_PHYS);
        nftw("/etc/netns", print_path, 16, FTW_PHYS);
        dump_mounts();
        dir = opendir("/run/netns");
        while (dir && (e = readdir(dir)))
                if (e->d_name[0] != '.')
                        dump_inside(e->d_name);
        if (dir)
                closedir(dir);
        fclose(out);
        print_sorted(text);
        free(text);
        return 0;
}
