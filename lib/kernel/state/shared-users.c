/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Counts who uses what several networks share, the table and forwarding, so that the last one takes
 * it away. */

#include "state/shared-users.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "state/lock.h"
#include "util.h"

enum { PATH_SIZE = sizeof USERS_DIR + 96 };

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
                        return -errno;
                if ((mkdir(USERS_DIR, 0755) < 0 && errno != EEXIST) ||
                    (mkdir(directory, 0755) < 0 && errno != EEXIST && errno != ENOENT))
                        return -errno;
        }
        if (fd < 0)
                return -ENOENT;
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
