/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads secret keys. A key is on the stack of who needs it, for as long as it does, and nowhere else: not in a pool, which
 * nobody wipes, nor in a core. */

#include "system/key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "util.h"

/* systemd says where they are to the commands of the unit alone; for others they are in its usual place. */
static void path_of(const char *file, const char *name, char ret[static PATH_MAX]) {
        const char *credential = startswith(file, "@"),
                   *directory = getenv("CREDENTIALS_DIRECTORY");

        if (!credential)
                snprintf(ret, PATH_MAX, "%s", file);
        else if (directory)
                snprintf(ret, PATH_MAX, "%s/%s", directory, credential);
        else
                snprintf(ret, PATH_MAX, "/run/credentials/vnet@%s.service/%s", name, credential);
}

/* No device and no pipe, which would not end. */
static int open_key(const char *path, char why[static KEY_WHY_MAX]) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;

        if (fd < 0) {
                snprintf(why, KEY_WHY_MAX, "cannot read %.90s: %s", path, strerror(errno));
                return -errno;
        }
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
                return fd;
        close(fd);
        snprintf(why, KEY_WHY_MAX, "%.120s is no file", path);
        return -EINVAL;
}

static bool is_blank(const char *text, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (text[i] != '\n' && text[i] != '\r' && text[i] != ' ' && text[i] != '\t')
                        return false;
        return true;
}

int key_file_read(const char *file, const char *name, uint8_t ret[KEY_SIZE],
                  char why[static KEY_WHY_MAX]) {
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX], text[2 * KEY_TEXT];
        ssize_t n;
        int e;

        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        path_of(file, name, path);
        fd = open_key(path, why);
        if (fd < 0)
                return fd;
        n = read_to_end(fd, text, sizeof text);
        e = n < 0 ? (int)n : n < KEY_TEXT || n == sizeof text ? -EINVAL : base64_read(text, ret);
        if (e == 0 && !is_blank(text + KEY_TEXT, (size_t)n - KEY_TEXT))
                e = -EINVAL;
        explicit_bzero(text, sizeof text);
        if (n < 0)
                snprintf(why, KEY_WHY_MAX, "cannot read %.90s: %s", path, strerror(-e));
        else if (e < 0)
                snprintf(why, KEY_WHY_MAX, "%.80s has no key, which is %d characters of base64",
                         path, KEY_TEXT);
        return e;
}

bool key_file_is_open(const char *file, const char *name) {
        char path[PATH_MAX];
        struct stat st;

        path_of(file, name, path);
        return stat(path, &st) == 0 && st.st_mode & (S_IROTH | S_IWOTH);
}
