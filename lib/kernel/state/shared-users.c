/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Counts who uses what several networks share, the table and forwarding, so that the last one takes
 * it away. */

#include "state/shared-users.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "state/lock.h"
#include "util.h"
#include "value.h"

enum { PATH_SIZE = sizeof USERS_DIR + 160 };

int users_has(const char *what, const char *name) {
        char path[PATH_SIZE];

        snprintf(path, sizeof path, USERS_DIR "/%s%s%s", what, name ? "/" : "", name ?: "");
        return access(path, F_OK) == 0 ? 1 : errno == ENOENT ? 0 : -errno;
}

/* A directory that nobody is in would say that somebody uses it: those with users stay, by ENOTEMPTY. */
static int give_up(const char *directory, int e) {
        rmdir(directory);
        rmdir(USERS_DIR);
        return e;
}

/* The directory of all is taken away outside the shared lock (run_dir_remove()): then once more. */
int users_add(const char *what, const char *name) {
        char directory[PATH_SIZE], path[2 * PATH_SIZE];
        int fd = -1;

        snprintf(directory, sizeof directory, USERS_DIR "/%s", what);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        for (int i = 0; i < 10 && fd < 0; i++) {
                fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
                if (fd >= 0)
                        break;
                if (errno != ENOENT)
                        return give_up(directory, -errno);
                if ((mkdir(USERS_DIR, 0755) < 0 && errno != EEXIST) ||
                    (mkdir(directory, 0755) < 0 && errno != EEXIST && errno != ENOENT))
                        return give_up(directory, -errno);
        }
        if (fd < 0)
                return give_up(directory, -ENOENT);
        close(fd);
        return 0;
}

int users_remove(const char *what, const char *name, bool *ret_last) {
        char path[PATH_SIZE];

        snprintf(path, sizeof path, USERS_DIR "/%s/%s", what, name);
        if (unlink(path) < 0 && errno != ENOENT)
                return -errno;
        snprintf(path, sizeof path, USERS_DIR "/%s", what);
        if (rmdir(path) < 0 && errno != ENOENT) {
                if (errno != ENOTEMPTY && errno != EEXIST)
                        return -errno;
                *ret_last = false;
                return 0;
        }
        rmdir(USERS_DIR); /* ENOTEMPTY: something else is used */
        *ret_last = true;
        return 0;
}

int users_each(const char *what, int (*user)(void *data, const char *name), void *data) {
        char path[PATH_SIZE];
        _cleanup_closedir_ DIR *dir = NULL;
        const struct dirent *e;
        int r = 0;

        snprintf(path, sizeof path, USERS_DIR "/%s", what);
        dir = opendir(path);
        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (e = next_entry(dir, &r)))
                if (name_valid(e->d_name))
                        r = user(data, e->d_name);
        return r;
}

static int is_another(void *name, const char *user) {
        return streq(user, name) ? 0 : -EBUSY;
}

int users_others(const char *what, const char *name) {
        int e = users_each(what, is_another, (void *)name);

        return e == -EBUSY ? 1 : e;
}

const char *cables_of(const char *network, char ret[static CABLES_OF_MAX]) {
        snprintf(ret, CABLES_OF_MAX, "cables=%s",
                 network); /* '=' is in no other name of what is shared */
        return ret;
}
