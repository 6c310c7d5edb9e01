/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints what the table of the language says in the forms that others read, so that nothing lists
 * the keys a second time. It is a program of the build and never installed.
 *
 *      schema-dump --man FILE  FILE with its lines "@OPTIONS SECTION@" and "@UNSUPPORTED@" replaced
 *      schema-dump --dict      tokens for a fuzzer, in the form of libFuzzer and AFL */

#include <errno.h>

#include "schema.h"
#include "util.h"

/* --- the manual, in mdoc(7) --- */

/* In roff a bare "-" is a hyphen; in names and numbers to be copied it has to be a minus. Paths, keys
 * and references to other manuals are not to be broken at the end of a line. */
static void put_plain(const char *text, size_t n) {
        for (size_t i = 0; i < n; i++) {
                size_t word = strcspn(text + i, " ");

                if ((i == 0 || text[i - 1] == ' ') && strcspn(text + i, "/=()") < word)
                        fputs("\\%", stdout);
                if (text[i] == '-' && (i == 0 || text[i - 1] != '\\'))
                        putchar('\\');
                putchar(text[i]);
        }
}

/* The end of the sentence: a full stop behind a word and in front of a space. */
static size_t sentence(const char *text) {
        const char *stop = text;

        while ((stop = strstr(stop + 1, ". ")))
                if (stop[-1] != ' ' && stop[-1] != '.')
                        return (size_t)(stop + 1 - text);
        return strlen(text);
}

/* Each sentence on a line of its own, none of which may look like a macro. */
static void put_sentences(const char *text) {
        while (*text) {
                size_t n = sentence(text);

                if (*text == '.' || *text == '\'')
                        fputs("\\&", stdout);
                put_plain(text, n);
                putchar('\n');
                text += n;
                text += strspn(text, " ");
        }
}

/* One argument of a macro. */
static void put_argument(const char *text) {
        putchar('"');
        for (; *text; text++)
                switch (*text) {
                case '"': fputs("\\(dq", stdout); break;
                case '-': fputs("\\-", stdout); break;
                default: putchar(*text);
                }
        putchar('"');
}

static void put_options(enum section section) {
        const struct schema_section *s = &schema_sections[section];

        put_sentences(s->help);
        puts(".Bl -tag -width Ds");
        for (size_t i = 0; i < schema_n_keys; i++) {
                const struct schema_key *k = &schema_keys[i];

                if (k->section != section || k->flags & KEY_UNSUPPORTED)
                        continue;
                printf(".It Cm %s= Ns Ar ", k->name);
                put_argument(k->type);
                putchar('\n');
                put_sentences(k->help);
        }
        puts(".El");
}

static bool has_unsupported(enum section section) {
        for (size_t i = 0; i < schema_n_keys; i++)
                if (schema_keys[i].section == section && schema_keys[i].flags & KEY_UNSUPPORTED)
                        return true;
        return false;
}

/* "in [Link] A=, B=; in [Bridge] C=; the whole section [X].": the end of a sentence. */
static void put_unsupported(void) {
        const char *between = "";

        for (unsigned s = 0; s < SECTIONS; s++) {
                if (!schema_sections[s].supported) {
                        printf("%s%sthe whole section\n.Cm [%s]", between, *between ? "\n" : "",
                               schema_sections[s].name);
                        between = " ;";
                        continue;
                }
                if (!has_unsupported((enum section)s))
                        continue;
                printf("%s%sin\n.Cm [%s]", between, *between ? "\n" : "", schema_sections[s].name);
                between = "";
                for (size_t i = 0; i < schema_n_keys; i++)
                        if (schema_keys[i].section == s && schema_keys[i].flags & KEY_UNSUPPORTED) {
                                printf("%s\n.Cm %s=", between, schema_keys[i].name);
                                between = " ,";
                        }
                between = " ;";
        }
        puts(*between ? " ." : "none.");
}

/* Replaces a line that is a name between two '@'. 1: replaced, 0: an ordinary line. */
static int replace(char *line) {
        size_t n = strlen(line);
        enum section section;
        const char *name;

        if (n < 2 || line[0] != '@' || line[n - 1] != '@')
                return 0;
        line[n - 1] = '\0';
        if (streq(line, "@UNSUPPORTED")) {
                put_unsupported();
                return 1;
        }
        name = startswith(line, "@OPTIONS ");
        if (!name || schema_find_section(name, &section) < 0) {
                fprintf(stderr, "schema-dump: '%s@' names nothing to put there\n", line);
                return -EINVAL;
        }
        put_options(section);
        return 1;
}

static int dump_man(const char *path) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        size_t size = 0;

        if (!f) {
                fprintf(stderr, "schema-dump: %s: %s\n", path, strerror(errno));
                return -errno;
        }
        while (getline(&line, &size, f) >= 0) {
                int r;

                line[strcspn(line, "\n")] = '\0';
                r = replace(line);
                if (r < 0)
                        return r;
                if (r == 0)
                        puts(line);
        }
        return 0;
}

/* --- words for fuzzers --- */

/* With what is refused, too: the refusal is code as well. */
static void dump_dict(void) {
        for (unsigned s = 0; s < SECTIONS; s++)
                printf("\"[%s]\"\n", schema_sections[s].name);
        for (size_t i = 0; i < schema_n_keys; i++)
                printf("\"%s=\"\n", schema_keys[i].name);
}

static int usage(void) {
        fputs("usage: schema-dump --man FILE | --dict\n", stderr);
        return 2;
}

int main(int argc, char **argv) {
        if (argc == 3 && streq(argv[1], "--man")) {
                if (dump_man(argv[2]) < 0)
                        return EXIT_FAILURE;
                return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
        if (argc == 2 && streq(argv[1], "--dict")) {
                dump_dict();
                return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
        return usage();
}
