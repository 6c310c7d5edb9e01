/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "unit-reader.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static bool is_control(char c) {
        return ((unsigned char)c < ' ') || c == 127;
}

static void check_section(const char *line, size_t n, char section[16]) {
        static const char *const known[] = { "Unit", "Service", "Socket" };

        fuzz_assert(n > 2 && line[n - 1] == ']', "no header: '%.*s'", (int)n, line);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (strlen(known[i]) == n - 2 && memcmp(line + 1, known[i], n - 2) == 0) {
                        fuzz_assert(strcmp(section, known[i]) != 0, "[%s] twice", known[i]);
                        strcpy(section, known[i]);
                        return;
                }
        fuzz_fail(__FILE__, __LINE__, "a section '%.*s'", (int)n, line);
}

/* In place; a '%' alone would be a specifier. */
static void take_specifiers(char *value) {
        char *out = value;

        for (const char *p = value; *p; p++) {
                if (*p == '%') {
                        p++;
                        fuzz_assert(*p == '%', "a specifier '%%%c'", *p);
                }
                *out++ = *p;
        }
        *out = '\0';
}

static void check_value(const char *key, const char *value) {
        size_t n = strlen(value);
        bool free_text = strcmp(key, "Description") == 0 || strcmp(key, "SourcePath") == 0 ||
                         strcmp(key, "ExecReload") == 0 || strcmp(key, "ExecStartPost") == 0 ||
                         strcmp(key, "ExecStopPost") == 0;

        /* An empty one would clear the list; blanks at the ends are cut off. */
        fuzz_assert(n > 0, "%s= is empty", key);
        fuzz_assert(value[0] != ' ' && value[n - 1] != ' ', "%s='%s' has blanks", key, value);
        fuzz_assert(value[n - 1] != '\\', "%s='%s' goes on in the next line", key, value);
        for (const char *p = value; *p && !free_text; p++)
                fuzz_assert(*p > ' ' && *p <= '~' && !strchr("\"'", *p), "%s='%s' is not one word",
                            key, value);
}

static void add_setting(struct unit_file *u, const char *section, char *line, size_t number) {
        char *equals = strchr(line, '=');
        struct setting *s;

        fuzz_assert(*section, "'%s' before any section", line);
        fuzz_assert(equals && equals > line, "no assignment: '%s'", line);
        for (const char *p = line; p < equals; p++)
                fuzz_assert((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'), "a key '%s'",
                            line);
        *equals = '\0';
        u->items = realloc(u->items, (u->n + 1) * sizeof *u->items);
        s = &u->items[u->n++];
        *s = (struct setting){ .value = equals + 1, .line = number };
        strcpy(s->section, section);
        fuzz_assert(strlen(line) < sizeof s->key, "a key '%s'", line);
        strcpy(s->key, line);
        take_specifiers(equals + 1);
        check_value(s->key, s->value);
}

void unit_file_read(struct unit_file *u, const char *text, size_t size) {
        char section[16] = "", *p;
        size_t number = 0;

        *u = (struct unit_file){ .text = malloc(size + 1) };
        fuzz_assert(size > 0 && text[size - 1] == '\n', "the last line has no end");
        fuzz_assert(!memchr(text, '\0', size), "a NUL byte");
        memcpy(u->text, text, size);
        u->text[size] = '\0';
        for (p = u->text; *p; number++) {
                char *feed = strchr(p, '\n');

                for (const char *q = p; q < feed; q++)
                        fuzz_assert(!is_control(*q), "a control character in line %zu:\n%s", number,
                                    text);
                *feed = '\0';
                if (*p == '[')
                        check_section(p, (size_t)(feed - p), section);
                else if (*p && *p != '#')
                        add_setting(u, section, p, number);
                p = feed + 1;
        }
}

void unit_file_free(struct unit_file *u) {
        free(u->items);
        free(u->text);
}

void unit_file_expect(struct unit_file *u, const char *section, const char *key,
                      const char *value) {
        const struct setting *s = &u->items[u->next];

        fuzz_assert(u->next < u->n, "no [%s] %s=%s", section, key, value);
        fuzz_assert(strcmp(s->section, section) == 0 && strcmp(s->key, key) == 0 &&
                            strcmp(s->value, value) == 0,
                    "[%s] %s=%s where [%s] %s=%s was meant", s->section, s->key, s->value, section,
                    key, value);
        u->next++;
}

void unit_file_end(const struct unit_file *u) {
        fuzz_assert(u->next == u->n, "[%s] %s=%s was not meant", u->items[u->next].section,
                    u->items[u->next].key, u->items[u->next].value);
}
