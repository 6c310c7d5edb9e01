/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Expands %i, %n, %H and %% in values. This happens before a value is parsed, so whatever a
 * specifier brings in has to pass the same parser as what was written out. The host's name is asked
 * of the kernel and not of a name service, which may wait for a network that is not there yet. */

#include "specifier.h"

#include <errno.h>
#include <fcntl.h>

#include "util.h"

enum { HOST_NAME_BYTES = 65 };

static int read_host_name(const char *root, char *buffer, size_t size) {
        static const char usable[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._";
        _cleanup_close_ int fd = -1;
        char path[4096];
        ssize_t n;

        if (*root) {
                snprintf(path, sizeof path, "%s/proc/sys/kernel/hostname", root);
                fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
                n = fd < 0 ? -1 : read(fd, buffer, size - 1);
                if (n < 0)
                        return -errno;
                buffer[n] = '\0';
                buffer[strcspn(buffer, "\n")] = '\0';
        } else if (gethostname(buffer, size) < 0)
                return -errno;
        return *buffer && buffer[strspn(buffer, usable)] == '\0' ? 0 : -EINVAL;
}

static int specifier(struct value_context *c, const char *root, const struct source *s, char which,
                     char host[HOST_NAME_BYTES], const char **ret) {
        switch (which) {
        case '%': *ret = "%"; return 0;
        case 'n': *ret = s->name; return 0;
        case 'i':
                if (!s->instance)
                        return value_refuse(c, "has '%%i', which is only for instances of a "
                                               "template, BASE@INSTANCE.vnet");
                *ret = s->instance;
                return 0;
        case 'H':
                if (read_host_name(root, host, HOST_NAME_BYTES) < 0)
                        return value_refuse(c, "has '%%H', but the host has no usable name");
                *ret = host;
                return 0;
        default: return value_refuse(c, "has a '%%' that does not begin %%i, %%n, %%H or %%%%");
        }
}

int specifiers_expand(struct value_context *c, const char *root, const struct source *s,
                      const char *text, const char **ret) {
        char expanded[VALUE_MAX], host[HOST_NAME_BYTES];
        size_t n = 0;

        if (!strchr(text, '%')) {
                *ret = pool_strdup(c->pool, text);
                return *ret ? 0 : -ENOMEM;
        }
        for (const char *p = text; *p; p++) {
                const char *piece = p;
                size_t length = 1;

                if (*p == '%') {
                        int r = specifier(c, root, s, *++p, host, &piece);

                        if (r < 0)
                                return r;
                        length = strlen(piece);
                }
                if (n + length >= sizeof expanded)
                        return value_refuse(c, "is too long once its specifiers are expanded");
                memcpy(expanded + n, piece, length);
                n += length;
        }
        *ret = pool_strndup(c->pool, expanded, n);
        return *ret ? 0 : -ENOMEM;
}
