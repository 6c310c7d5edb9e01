/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command for people. One table of verbs says which options and arguments each verb takes, and
 * the others are refused here, so that no option is ever read and then ignored. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>

#include "config.h"
#include "ctl.h"
#include "util.h"
#include "verbs.h"

static const struct verb {
        const char *name, *arguments;
        int min, max; /* number of arguments; max -1: any */
        unsigned flags;
        ctl_verb *run; /* NULL: not supported yet */
        const char *help;
} verbs[] = {
#define VERB(...)        { __VA_ARGS__ },
#define LATER_VERB(verb) { .name = verb },
#include "verbs.inc"
};

static const struct option options[] = {
#define OPTION(value, word, argument, flag, help) { word, required_argument, NULL, value },
#define SWITCH(value, word, flag, help)           { word, no_argument, NULL, value },
#include "options.inc"
#undef OPTION
#undef SWITCH
        {},
};

static const struct about { /* of the same rows */
        const char *name, *argument;
        unsigned flag;
        const char *help;
} about_options[] = {
#define OPTION(value, word, argument, flag, help) { word, argument, flag, help },
#define SWITCH(value, word, flag, help)           { word, NULL, flag, help },
#include "options.inc"
};

struct line { /* the command line, taken apart */
        struct ctl *c;
        const struct verb *verb;
        char **words; /* what stands behind the verb */
        int n;
        unsigned given; /* OPTION_… that were there */
        bool help, version;
};

/* "list, check: ": the verbs that it goes with. */
static void put_verbs(unsigned flag) {
        const char *before = "";

        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (verbs[i].flags & flag) {
                        printf("%s%s", before, verbs[i].name);
                        before = ", ";
                }
        if (*before)
                fputs(": ", stdout);
}

static void help(void) {
        puts("vnetctl [OPTION...] VERB ...\n\nShow the networks of vnet and work in them; see vnetctl(1).\n");
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (verbs[i].run)
                        printf("  %-6s%-19s%s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
        putchar('\n');
        for (size_t i = 0; i < ARRAY_SIZE(about_options); i++) {
                const struct about *o = &about_options[i];
                int n = 0;

                printf("  ");
                if (options[i].val < LONG_FIRST)
                        n += printf("-%c, ", options[i].val);
                n += printf("--%s", o->name);
                if (o->argument)
                        n += printf("=%s", o->argument);
                printf("%*s", n < 25 ? 25 - n : 1, "");
                put_verbs(o->flag);
                puts(o->help);
        }
}

/* --- options --- */

static int take_json(struct ctl *c, const char *value) {
        static const char *const words[] = {
                [JSON_OFF] = "off", [JSON_SHORT] = "short", [JSON_PRETTY] = "pretty"
        };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(value, words[i])) {
                        c->json = (enum json_mode)i;
                        return 0;
                }
        ctl_say("--json='%s' is not one of short, pretty, off", value);
        return -1;
}

static int take_format(struct ctl *c, const char *value) {
        c->shell = streq(value, "shell");
        if (c->shell || streq(value, "text"))
                return 0;
        ctl_say("--format='%s' is neither text nor shell", value);
        return -1;
}

static void take_root(struct ctl *c, char *value) {
        size_t n = strlen(value);

        while (n > 0 && value[n - 1] == '/')
                value[--n] = '\0';
        c->root = value;
}

static int take_option(struct line *l, int option) {
        switch (option) {
        case 'h': l->help = true; return 0;
        case LONG_VERSION: l->version = true; return 0;
        case LONG_NO_PAGER: l->c->no_pager = true; return 0;
        case LONG_NO_LEGEND:
                l->given |= OPTION_NO_LEGEND;
                l->c->no_legend = true;
                return 0;
        case LONG_JSON: l->given |= OPTION_JSON; return take_json(l->c, optarg);
        case LONG_FORMAT: l->given |= OPTION_FORMAT; return take_format(l->c, optarg);
        case LONG_ROOT:
                l->given |= OPTION_ROOT;
                take_root(l->c, optarg);
                return 0;
        case LONG_DRY_RUN:
                l->given |= OPTION_DRY_RUN;
                l->c->dry_run = true;
                return 0;
        case LONG_ALL: l->given |= OPTION_ALL; return 0;
        case 'q': l->given |= OPTION_QUIET; return 0;
        case LONG_USER:
                l->given |= OPTION_USER;
                l->c->user = optarg;
                return 0;
        default: return -1; /* getopt has said why */
        }
}

static const struct verb *find_verb(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (streq(verbs[i].name, name))
                        return &verbs[i];
        ctl_say("unknown verb '%s'; see vnetctl --help", name);
        return NULL;
}

/* -1: wrong; else whether options may still follow. */
static int take_word(struct line *l, char *word) {
        if (!l->verb) {
                l->verb = find_verb(word);
                return l->verb ? 1 : -1;
        }
        l->words[l->n++] = word;
        return !(l->verb->flags & COMMAND) || l->n < 2;
}

/* Options may stand anywhere, but the words of a command that is to be run are its own. */
static int parse(int argc, char **argv, struct line *l) {
        int more = 1;

        while (optind < argc) {
                int before = optind, option;

                option = more > 0 ? getopt_long(argc, argv, "+hq", options, NULL) : -1;
                if (option != -1) {
                        if (take_option(l, option) < 0)
                                return -1;
                        continue;
                }
                if (more > 0 && optind > before && streq(argv[optind - 1], "--"))
                        more = 0;
                if (optind == argc)
                        break;
                if (more == 0 && l->verb)
                        l->words[l->n++] = argv[optind];
                else {
                        int next = take_word(l, argv[optind]);

                        if (next < 0)
                                return -1;
                        more = more && next;
                }
                optind++;
        }
        return 0;
}

static int check_usage(const struct line *l) {
        const struct verb *v = l->verb;

        if (!v->run) {
                ctl_say("'%s' is not supported yet", v->name);
                return -1;
        }
        for (size_t i = 0; i < ARRAY_SIZE(about_options); i++)
                if (l->given & ~v->flags & about_options[i].flag) {
                        ctl_say("--%s is not for '%s'", about_options[i].name, v->name);
                        return -1;
                }
        if (l->c->json && l->given & OPTION_FORMAT) {
                ctl_say("--json and --format cannot be used together");
                return -1;
        }
        if (l->c->json && l->given & OPTION_QUIET) {
                ctl_say("--json and --quiet cannot be used together");
                return -1;
        }
        if (l->n > 0 && l->given & OPTION_ALL) {
                ctl_say("--all and names cannot be used together");
                return -1;
        }
        if (l->n < v->min || (v->max >= 0 && l->n > v->max)) {
                ctl_say("usage: vnetctl %s %s", v->name, v->arguments);
                return -1;
        }
        return 0;
}

static bool wants_colours(void) {
        const char *term = getenv("TERM");

        return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && !streq(term, "dumb");
}

/* From here on nobody hears anything, a pager included, as it is for terminals. */
static int fall_silent(void) {
        _cleanup_close_ int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

        if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0)
                return 0;
        ctl_say("cannot write to /dev/null: %s", strerror(errno));
        return -1;
}

static enum status run(int argc, char **argv, struct line *l) {
        if (parse(argc, argv, l) < 0)
                return STATUS_USAGE;
        if (l->help) {
                help();
                return STATUS_DONE;
        }
        if (l->version) {
                puts("vnetctl " VNET_VERSION);
                return STATUS_DONE;
        }
        if (!l->verb)
                l->verb = &verbs[0]; /* as networkctl(1) */
        if (check_usage(l) < 0)
                return STATUS_USAGE;
        l->c->quiet = l->given & OPTION_QUIET;
        if (l->c->quiet && fall_silent() < 0)
                return STATUS_FAILED;
        return l->verb->run(l->c, l->n, l->words);
}

int main(int argc, char **argv) {
        _cleanup_free_ char **words = calloc((size_t)argc + 1, sizeof *words);
        struct ctl c = { .root = "", .colours = wants_colours() };
        struct line line = { .c = &c, .words = words };
        enum status status;

        if (!words) {
                ctl_say("out of memory");
                return STATUS_FAILED;
        }
        status = run(argc, argv, &line);
        if (!ctl_finish(&c)) {
                ctl_say("cannot write to standard output");
                return STATUS_FAILED;
        }
        return (int)status;
}
