/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* cmocka, which wants these headers before its own, and what several tests need. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* keep cmocka last */
#include <cmocka.h>

#include "diag.h"

/* A directory of its own below $TMPDIR; the text is static. */
const char *test_root(void);
/* Writes a file below the root, with the directories it needs. text NULL: a link to /dev/null. */
void test_file(const char *path, const char *text);
void test_link(const char *path, const char *target);
void test_clean(void); /* removes the root and all that is in it */

/* All messages, one a line, without the root; valid until the next call. */
const char *test_diags(const struct diags *d);
/* Fails with the messages where the part is not among them. */
void test_expect(const struct diags *d, const char *part);
