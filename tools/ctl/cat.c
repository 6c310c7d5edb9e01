/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl cat shows the file that counts for a NAME, and its drop-ins in the order in which they
 * are read, each behind a comment line with its path, as "systemctl cat" does. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "ctl.h"
#include "reader.h"
#include "search.h"
#include "util.h"
#include "value.h"

static void print_head(const struct ctl *c, const char *path, const char *note) {
        printf("%s# %s%s%s\n", ctl_colour(c, COLOUR_HEAD), path, note, ctl_colour(c, COLOUR_NONE));
}

static int copy(int fd) {
        char buffer[16 * 1024], last = '\n';
        size_t total = 0;
        ssize_t n;

        while ((n = read(fd, buffer, sizeof buffer)) > 0) {
                fwrite(buffer, 1, (size_t)n, stdout);
                last = buffer[n - 1];
                total += (size_t)n;
                if (total > FILE_SIZE_MAX)
                        return -EFBIG;
        }
        if (last != '\n')
                putchar('\n');
        return n < 0 ? -errno : 0;
}

static int print_file(const struct ctl *c, const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        int r;

        print_head(c, path, "");
        if (fd < 0 || fstat(fd, &st) < 0)
                r = -errno;
        else
                r = S_ISREG(st.st_mode) ? copy(fd) : -EBADF;
        if (r < 0)
                ctl_say("%s: cannot be read: %s", path,
                        r == -EBADF ? "it is not a regular file" : strerror(-r));
        return r;
}

static enum status print_source(const struct ctl *c, const struct source *s) {
        int r = 0;

        if (s->masked)
                print_head(c, s->path, " masks this name: nothing is made of it");
        else
                r = print_file(c, s->path);
        list_foreach (path, &s->drop_ins) {
                putchar('\n');
                r = print_file(c, *path) ?: r;
        }
        return r < 0 ? STATUS_FAILED : STATUS_DONE;
}

static enum status cat(struct ctl *c, const char *name, bool first) {
        struct sources sources = { 0 };
        struct diags d = DIAGS_NULL;
        enum status status;
        int r;

        if (!name_valid(name)) {
                ctl_say("'%s' is not a valid name", name);
                return STATUS_USAGE;
        }
        r = search_one(c->root, name, &sources, &d);
        ctl_tell(&d, name);
        if (r < 0)
                status = ctl_failed(r, &d, name);
        else {
                ctl_page(c);
                if (!first)
                        putchar('\n');
                status = print_source(c, sources.items.items);
                sources_free(&sources);
        }
        diags_free(&d);
        return status;
}

enum status ctl_cat(struct ctl *c, int argc, char **argv) {
        enum status worst = STATUS_DONE;

        for (int i = 0; i < argc; i++) {
                enum status status = cat(c, argv[i], i == 0);

                worst = status > worst ? status : worst;
        }
        return worst;
}
