/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "shell-shape.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shape {
        FILE *shape, *words;
        bool in_word;
};

static bool is_alnum(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What stands for itself without quotes, wherever in a word. */
static bool is_plain(char c) {
        return is_alnum(c) || (c && strchr("-_./:@,+%=", c));
}

static void literal(struct shape *s, char c) {
        if (!s->in_word)
                fputc('w', s->shape);
        s->in_word = true;
        fputc(is_alnum(c) ? c : 'x', s->words);
}

static void special(struct shape *s, char c) {
        if (s->in_word)
                fputc('\n', s->words);
        s->in_word = false;
        fputc(c, s->shape);
}

/* Behind the closing quote, or NULL. */
static const char *single_quoted(struct shape *s, const char *p, const char *end) {
        for (; p < end && *p != '\''; p++)
                literal(s, *p);
        return p < end ? p + 1 : NULL;
}

/* Where '$', '`' and a backslash go on meaning something. */
static const char *double_quoted(struct shape *s, const char *p, const char *end) {
        for (; p < end && *p != '"'; p++)
                if (*p == '\\' && p + 1 < end && strchr("$`\"\\", p[1]))
                        literal(s, *++p);
                else if (strchr("$`\\", *p)) {
                        special(s, *p);
                        s->in_word = true;
                } else
                        literal(s, *p);
        return p < end ? p + 1 : NULL;
}

static const char *next(struct shape *s, const char *p, const char *end) {
        char c = *p++;

        switch (c) {
        case '\'':
                if (!s->in_word)
                        fputc('w', s->shape);
                s->in_word = true;
                return single_quoted(s, p, end);
        case '"':
                if (!s->in_word)
                        fputc('w', s->shape);
                s->in_word = true;
                return double_quoted(s, p, end);
        case '\\':
                if (p == end)
                        return NULL;
                literal(s, *p);
                return p + 1;
        default:
                if (is_plain(c))
                        literal(s, c);
                else
                        special(s, c);
                return p;
        }
}

char *shell_shape(const char *script, size_t size, char **ret_words) {
        const char *p = script, *end = script + size;
        char *shape = NULL, *words = NULL;
        size_t shape_size, words_size;
        struct shape s = { .shape = open_memstream(&shape, &shape_size),
                           .words = open_memstream(&words, &words_size) };

        while (p && p < end)
                p = next(&s, p, end);
        fclose(s.shape);
        fclose(s.words);
        if (!p) {
                free(shape);
                free(words);
                return NULL;
        }
        *ret_words = words;
        return shape;
}
