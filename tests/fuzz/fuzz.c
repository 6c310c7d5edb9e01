/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fuzz.h"

#include <stdarg.h>

#include "util.h"

void fuzz_fail(const char *file, int line, const char *format, ...) {
        va_list args;

        fprintf(stderr, "%s:%d: ", file, line);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
        abort();
}

char *fuzz_text(const uint8_t *data, size_t size) {
        char *text = malloc(size + 1);

        if (!text)
                abort();
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}
