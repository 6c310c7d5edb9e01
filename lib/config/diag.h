/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What there is to say to the user. Libraries fill a list of these at the depth where the knowledge
 * is; only the mains print them. */

#include <stddef.h>

/* The file and line in which something was asked for. The path is owned by the model or plan it
 * is in. NULL and 0 say that there is no single place. */
struct origin {
        const char *path;
        unsigned line;
};

enum diag_level {
        DIAG_ERROR,   /* something was refused or failed */
        DIAG_WARNING, /* something was ignored or will not work as written */
        DIAG_INFO,
};

struct diag {
        enum diag_level level;
        char *path; /* owned; NULL: none; as utf8_clean() leaves it */
        unsigned line;
        char *key;  /* owned; NULL: none */
        char *text; /* owned; lower case, no full stop */
};

struct diags {
        struct diag *items;
        size_t n;
};

#define DIAGS_NULL \
        { NULL, 0 }

/* Adds an entry; origin and key may be NULL, the text is copied. Always returns the negative
 * errno it was given, so that "return diag_add(d, -EINVAL, …)" reports and fails in one step.
 * d may be NULL: then nothing is kept. */
int diag_add(struct diags *d, int error, enum diag_level level, const struct origin *at,
             const char *key, const char *format, ...) __attribute__((format(printf, 6, 7)));

#define diag_error(d, error, at, key, ...) diag_add(d, error, DIAG_ERROR, at, key, __VA_ARGS__)

#define diag_warn(d, at, key, ...) ((void)diag_add(d, 0, DIAG_WARNING, at, key, __VA_ARGS__))

/* The number of entries of that level, from entry number first on. */
size_t diag_count(const struct diags *d, enum diag_level level, size_t first);

/* "path:line: key: text" with the parts that are there; the caller frees; NULL without memory. */
char *diag_format(const struct diag *d);

void diags_free(struct diags *d);
