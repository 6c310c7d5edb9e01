/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks for vnet=no on the kernel's command line. This switch is for the administrator who edits
 * the line in the boot loader because the network broke the boot. So the line is read where systemd
 * reads it and with the same quoting, and a word that makes no sense changes nothing. */

#include "cmdline.h"

#include <fcntl.h>

#include "util.h"
#include "value.h"

enum { TEXT_BYTES = 8192, TOKEN_BYTES = 256 };

/* The next word without its quotes; longer ones are cut, they are none of ours. */
static bool next_token(const char **text, char token[TOKEN_BYTES]) {
        const char *p = *text + strspn(*text, " \t\n");
        char quote = '\0';
        size_t n = 0;

        if (!*p)
                return false;
        for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
                if (*p == quote)
                        quote = '\0';
                else if (!quote && (*p == '"' || *p == '\''))
                        quote = *p;
                else if (n < TOKEN_BYTES - 1)
                        token[n++] = *p;
        }
        token[n] = '\0';
        *text = p;
        return true;
}

static char fold(char c) {
        return c == '-' ? '_' : c;
}

/* What stands behind the key: "" or "=…"; NULL where the token is of another key. */
static const char *behind_key(const char *token, const char *key) {
        for (; *key; token++, key++)
                if (fold(*token) != fold(*key))
                        return NULL;
        return *token == '\0' || *token == '=' ? token : NULL;
}

bool cmdline_bool_in(const char *text, const char *key, bool otherwise) {
        char token[TOKEN_BYTES];

        while (next_token(&text, token)) {
                const char *rest = behind_key(token, key);

                if (rest && !*rest)
                        otherwise = true;
                else if (rest)
                        (void)parse_bool(rest + 1, &otherwise);
        }
        return otherwise;
}

/* A container has the command line of the machine it runs on in /proc/cmdline; its own is PID
 * 1's. */
static bool in_container(void) {
        const char *what = secure_getenv("SYSTEMD_VIRTUALIZATION");

        return (what && startswith(what, "container:")) ||
               access("/run/systemd/container", F_OK) == 0;
}

static ssize_t read_text(const char *path, char *text, size_t size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

        return fd < 0 ? -1 : read(fd, text, size);
}

bool cmdline_bool(const char *root, const char *key, bool otherwise) {
        const char *given = secure_getenv("SYSTEMD_PROC_CMDLINE");
        char path[4096], text[TEXT_BYTES];
        ssize_t n;

        if (given)
                return cmdline_bool_in(given, key, otherwise);
        snprintf(path, sizeof path, "%s%s", root,
                 !*root && in_container() ? "/proc/1/cmdline" : "/proc/cmdline");
        n = read_text(path, text, sizeof text - 1);
        if (n <= 0)
                return otherwise;
        for (ssize_t i = 0; i < n; i++)
                if (text[i] == '\0')
                        text[i] = ' '; /* between the arguments of PID 1 */
        text[n] = '\0';
        return cmdline_bool_in(text, key, otherwise);
}
