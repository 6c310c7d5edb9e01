/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* inih behind a guard. The inih of the distributions splits long lines and parses their tails as
 * new keys, cuts lines at NUL, joins indented lines, drops " ;" comments and takes ':' for '='
 * (all of this was tried; inih issue 145). The guard hands it one line at a time and refuses all
 * of that, with the number of the line. */

#include "diag.h"

enum { FILE_SIZE_MAX = 256 * 1024 };

/* Called for each section header (key and value NULL) and each assignment (value may be ""). The
 * strings are gone after the call. Return 0, or a negative errno to end the reading. */
typedef int reader_entry(void *user, const struct origin *at, const char *section, const char *key,
                         const char *value);

/* Reads a regular file of at most FILE_SIZE_MAX bytes; never blocks (O_NONBLOCK: a FIFO is refused)
 * and never follows anything but a link to such a file. 0, or a negative errno with the reason in
 * d; -ENODATA, of which d says nothing, for an empty file. After the first bad line the rest is
 * not read. */
int reader_read(const char *path, reader_entry *entry, void *user, struct diags *d);
/* The same from memory; path is only for messages and origins. */
int reader_parse(const char *text, size_t size, const char *path, reader_entry *entry, void *user,
                 struct diags *d);
