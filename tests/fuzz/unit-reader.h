/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A reader of unit files that shares nothing with the program: systemd.syntax(7) in its own words,
 * strict where systemd is lenient. It ends the process at anything that is not plain. */

#include <stddef.h>

struct setting {
        char section[16], key[32];
        const char *value; /* with "%%" as "%" */
        size_t line;
};

struct unit_file {
        struct setting *items;
        size_t n, next; /* next: the first that nobody has asked for */
        char *text;
};

/* Keys that stand once for each unit or address that they name: a value is one word. */
void unit_file_read(struct unit_file *u, const char *text, size_t size);
void unit_file_free(struct unit_file *u);
/* The next setting is this one, with this value; end: there is none. */
void unit_file_expect(struct unit_file *u, const char *section, const char *key, const char *value);
void unit_file_end(const struct unit_file *u);
