/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How vnetctl speaks to programs, and how it speaks about trouble: JSON on standard output,
 * sentences on standard error. What is found in files is printed as "file:line: …", which editors
 * understand. */

#include <errno.h>
#include <stdarg.h>

#include "ctl.h"
#include "util.h"
#include "value.h"

/* Names of files are in the text, and those may have any byte. */
static void print_line(char *text) {
        for (char *c = text; *c; c++)
                *c = shown(*c);
        fprintf(stderr, "%s\n", text);
}

void ctl_say(const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list args;
        int n;

        va_start(args, format);
        n = vasprintf(&text, format, args);
        va_end(args);
        fputs("vnetctl: ", stderr);
        if (n < 0) {
                text = NULL;
                fputs("out of memory\n", stderr);
        } else
                print_line(text);
}

void ctl_tell(const struct diags *d, const char *name) {
        for (size_t i = 0; i < d->n; i++) {
                _cleanup_free_ char *text = diag_format(&d->items[i]);

                if (!text)
                        ctl_say("out of memory");
                else if (d->items[i].path)
                        print_line(text);
                else
                        ctl_say("%s%s%s", name ?: "", name ? ": " : "", text);
        }
}

enum status ctl_failed(int error, const struct diags *d, const char *name) {
        if (diag_count(d, DIAG_ERROR, 0) == 0)
                ctl_say("%s%s%s", name ?: "", name ? ": " : "", strerror(-error));
        return error == -ENOENT && name ? STATUS_UNKNOWN : STATUS_FAILED;
}

struct json_object *ctl_json_text(const char *text) {
        _cleanup_free_ char *clean = text ? utf8_clean(strdup(text)) : NULL;

        return clean ? json_object_new_string(clean) : NULL;
}

enum status ctl_print_json(const struct ctl *c, struct json_object *o) {
        int flags = c->json == JSON_PRETTY ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                                           : JSON_C_TO_STRING_PLAIN;
        const char *text = json_object_to_json_string_ext(o,
                                                          flags | JSON_C_TO_STRING_NOSLASHESCAPE);

        if (text)
                puts(text);
        else
                ctl_say("out of memory");
        json_object_put(o);
        return text ? STATUS_DONE : STATUS_FAILED;
}
