/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Files and links below the one directory that a generator may write to. */

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

struct output {
        const char *path; /* of the directory, for messages and dry runs */
        int dir;          /* -1: a dry run, which prints what would be written */
        struct diags *d;
};

/* A directory and a name in it; both are single components of a path. */
struct place {
        const char *dir, *name;
};

int output_file(struct output *o, struct place at, const char *text, size_t size);
int output_link(struct output *o, struct place at, const char *target);
