/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the fuzz targets share. A target is one function of one input, linked twice: with libFuzzer
 * by tests/fuzz/run.sh, and with replay.c as a plain test that runs every file of its corpus. What
 * it asserts beyond "no sanitizer speaks" ends the process by fuzz_assert(). */

#include <stddef.h>
#include <stdint.h>

#include "load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what and where, then abort(). */
void fuzz_fail(const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 3, 4), noreturn));
#define fuzz_assert(condition, ...)                                 \
        do {                                                        \
                if (!(condition))                                   \
                        fuzz_fail(__FILE__, __LINE__, __VA_ARGS__); \
        } while (0)

/* A function that the linker puts in place of another (--wrap): nothing calls it by its own name, so link time optimization would
 * drop it. */
#define _wraps_ __attribute__((used))

/* A terminated copy in memory of exactly that size, so that a sanitizer sees each byte too far. */
char *fuzz_text(const uint8_t *data, size_t size);

/* --- site.c: several files in one input --- */

/* A line "=== NAME.vnet" or "=== NAME.vnet.d/FILE.conf" begins a file, \x01 in it stands for a line
 * feed; what comes before the first is n.vnet. The program that calls it is linked with
 * -Wl,--wrap=search_all_with,--wrap=reader_read,--wrap=gethostname: no file is opened. */
int fuzz_site(const uint8_t *data, size_t size, struct site *ret, struct diags *d);
/* Messages can be shown to people: no control characters but those of file names. */
void fuzz_check_diags(const struct diags *d);
