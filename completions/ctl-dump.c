/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the completions of vnetctl: FILE with its line "@TABLES@" replaced by what the tables of verbs and options say, in the words
 * of that shell, so that nothing lists them a second time. It is a program of the build and never installed.
 *
 *      ctl-dump --bash|--zsh FILE */

#include <errno.h>

#include "util.h"
#include "verbs.h"

static const struct verb {
        const char *name, *arguments;
        unsigned flags;
        const char *help;
} verbs[] = {
#define VERB(name, arguments, min, max, flags, run, help) { name, arguments, flags, help },
#define LATER_VERB(name)
#include "verbs.inc"
};

static const struct option {
        int value;
        const char *name, *argument;
        unsigned flag;
        const char *help;
} options[] = {
#define OPTION(value, name, argument, flag, help) { value, name, argument, flag, help },
#define SWITCH(value, name, flag, help)           { value, name, NULL, flag, help },
#include "options.inc"
};

static bool goes_with(const struct option *o, const struct verb *v) {
        return !o->flag || v->flags & o->flag;
}

/* Without what ends the single quotes that it stands in, and without what _arguments and _describe of zsh take for a sign. */
static void put_quoted(const char *text) {
        for (; *text; text++)
                if (*text == '\'')
                        fputs("'\\''", stdout);
                else {
                        if (strchr(":[]\\", *text))
                                putchar('\\');
                        putchar(*text);
                }
}

/* --- bash --- */

/* "--json=" where a value follows. */
static void put_option(const struct option *o) {
        if (o->value < LONG_FIRST)
                printf(" -%c", o->value);
        printf(" --%s%s", o->name, o->argument ? "=" : "");
}

static void dump_bash(void) {
        puts("_vnetctl_of_verb() { # VERB, or nothing: its options, and how its arguments are written");
        puts("        case $1 in");
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
                printf("        %s) options='", verbs[i].name);
                for (size_t k = 0; k < ARRAY_SIZE(options); k++)
                        if (goes_with(&options[k], &verbs[i]))
                                put_option(&options[k]);
                printf("' arguments='%s' ;;\n", verbs[i].arguments);
        }
        printf("        *) options='");
        for (size_t k = 0; k < ARRAY_SIZE(options); k++)
                put_option(&options[k]);
        printf("' arguments=''\n           verbs='");
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                printf("%s%s", i ? " " : "", verbs[i].name);
        puts("' ;;\n        esac\n}");
        puts("_vnetctl_of_option() { # OPTION: how its value is written; it has none: 1");
        puts("        case $1 in");
        for (size_t k = 0; k < ARRAY_SIZE(options); k++)
                if (options[k].argument)
                        printf("        --%s) value='%s' ;;\n", options[k].name,
                               options[k].argument);
        puts("        *) return 1 ;;\n        esac\n}");
}

/* --- zsh --- */

/* What _arguments completes the value of an option with. */
static void put_action(const char *argument) {
        if (streq(argument, "DIR"))
                fputs("directory:_directories", stdout);
        else if (streq(argument, "USER"))
                fputs("user:_users", stdout);
        else {
                fputs("word:(", stdout);
                for (; *argument; argument++)
                        putchar(*argument == '|' ? ' ' : *argument);
                putchar(')');
        }
}

static void put_spec(const struct option *o) {
        printf("                ");
        if (o->value < LONG_FIRST)
                printf("'(-%c --%s)'{-%c,--%s}'[", o->value, o->name, o->value, o->name);
        else
                printf("'--%s%s[", o->name, o->argument ? "=" : "");
        put_quoted(o->help);
        putchar(']');
        if (o->argument) {
                putchar(':');
                put_action(o->argument);
        }
        puts("'");
}

static void dump_zsh(void) {
        puts("_vnetctl_verbs=(");
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
                printf("        '%s:", verbs[i].name);
                put_quoted(verbs[i].help);
                puts("'");
        }
        puts(")\n_vnetctl_of_verb() { # VERB, or nothing: its options, and how its arguments are written\n        case $1 in");
        for (size_t i = 0; i <= ARRAY_SIZE(verbs); i++) {
                bool all = i == ARRAY_SIZE(verbs);

                printf("        %s)\n                arguments='%s'\n                specs=(\n",
                       all ? "*" : verbs[i].name, all ? "" : verbs[i].arguments);
                for (size_t k = 0; k < ARRAY_SIZE(options); k++)
                        if (all || goes_with(&options[k], &verbs[i]))
                                put_spec(&options[k]);
                puts("                )\n                ;;");
        }
        puts("        esac\n}");
}

/* --- both --- */

static int dump(const char *path, void (*tables)(void)) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        bool replaced = false;

        if (!f) {
                fprintf(stderr, "ctl-dump: %s: %s\n", path, strerror(errno));
                return -errno;
        }
        while (getline(&line, &size, f) >= 0) {
                if (!streq(line, "@TABLES@\n")) {
                        fputs(line, stdout);
                        continue;
                }
                tables();
                replaced = true;
        }
        if (!replaced) {
                fprintf(stderr, "ctl-dump: %s: has no line @TABLES@\n", path);
                return -EINVAL;
        }
        return fflush(stdout) == 0 ? 0 : -errno;
}

int main(int argc, char **argv) {
        bool zsh = argc == 3 && streq(argv[1], "--zsh");

        if (!zsh && (argc != 3 || !streq(argv[1], "--bash"))) {
                fputs("usage: ctl-dump --bash|--zsh FILE\n", stderr);
                return 2;
        }
        return dump(argv[2], zsh ? dump_zsh : dump_bash) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
