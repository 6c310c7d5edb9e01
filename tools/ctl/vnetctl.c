/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command for people. One table of verbs says which options and arguments each verb takes, and
 * the others are refused here, so that no option is ever read and then ignored. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>

#include "config.h"
#include "ctl.h"
#include "util.h"

enum {
        OPTION_JSON = 1 << 0,
        OPTION_ROOT = 1 << 1,
        OPTION_FORMAT = 1 << 2,
        OPTION_USER = 1 << 3,
        OPTION_DRY_RUN = 1 << 4,
        OPTION_ALL = 1 << 5,
        OPTION_QUIET = 1 << 6,
        COMMAND = 1 << 7, /* what follows the NAME is a command with options of its own */
};

static const struct verb {
        const char *name, *arguments;
        int min, max; /* number of arguments; max -1: any */
        unsigned flags;
        ctl_verb *run; /* NULL: not supported yet */
        const char *help;
} verbs[] = {
        { "list", "", 0, 0, OPTION_JSON | OPTION_ROOT, ctl_list, "all namespaces and bridges" },
        { "check", "[FILE...]", 0, -1, OPTION_JSON | OPTION_ROOT | OPTION_QUIET, ctl_check,
          "what is wrong in the files" },
        { "plan", "NAME", 1, 1, OPTION_JSON | OPTION_ROOT | OPTION_FORMAT, ctl_plan,
          "what 'up' would do" },
        { "diff", "NAME...|--all", 0, -1, OPTION_JSON | OPTION_ALL | OPTION_QUIET, ctl_diff,
          "what is up and not as it should be" },
        { "cat", "NAME...", 1, -1, OPTION_ROOT, ctl_cat, "the file and its drop-ins" },
        { "exec", "NAME [--] [CMD...]", 1, -1, OPTION_USER | COMMAND, ctl_exec,
          "run a program, or a shell, inside" },
        { "gc", "", 0, 0, OPTION_DRY_RUN, ctl_gc, "remove what belongs to no record" },
        { .name = "status" },
        { .name = "up" },
        { .name = "down" },
        { .name = "reload" },
        { .name = "edit" },
        { .name = "graph" },
        { .name = "stats" },
        { .name = "doctor" },
        { .name = "new" },
        { .name = "import" },
};

enum {
        LONG_VERSION = 256,
        LONG_JSON,
        LONG_NO_PAGER,
        LONG_NO_LEGEND,
        LONG_ROOT,
        LONG_FORMAT,
        LONG_USER,
        LONG_DRY_RUN,
        LONG_ALL
};

static const struct option options[] = {
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, LONG_VERSION },
        { "json", required_argument, NULL, LONG_JSON },
        { "no-pager", no_argument, NULL, LONG_NO_PAGER },
        { "no-legend", no_argument, NULL, LONG_NO_LEGEND },
        { "root", required_argument, NULL, LONG_ROOT },
        { "format", required_argument, NULL, LONG_FORMAT },
        { "user", required_argument, NULL, LONG_USER },
        { "dry-run", no_argument, NULL, LONG_DRY_RUN },
        { "all", no_argument, NULL, LONG_ALL },
        { "quiet", no_argument, NULL, 'q' },
        {},
};

static const char option_help[] =
        "  --json=short|pretty|off  list, check, plan, diff: as JSON\n"
        "  --format=text|shell      plan: one operation a line, or a script for sh(1)\n"
        "  --user=USER              exec: as this user\n"
        "  --all                    diff: all that are up, which is also meant by no NAME\n"
        "  --dry-run                gc: only say what would be removed\n"
        "  --root=DIR               list, check, plan, cat: the files below DIR, nothing of this system\n"
        "  -q, --quiet              check, diff: no text, the exit status alone\n"
        "  --no-pager               do not pipe output into a pager\n"
        "  --no-legend              list, check, diff: no head line and no summary\n"
        "  -h, --help               this text\n"
        "  --version                the version\n";

struct line { /* the command line, taken apart */
        struct ctl *c;
        const struct verb *verb;
        char **words; /* what stands behind the verb */
        int n;
        unsigned given; /* OPTION_… that were there */
        bool help, version;
};

static void help(void) {
        puts("vnetctl [OPTION...] VERB ...\n\nShow the networks of vnet and work in them; see vnetctl(1).\n");
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                if (verbs[i].run)
                        printf("  %-6s%-19s%s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
        printf("\n%s", option_help);
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
        case LONG_NO_LEGEND: l->c->no_legend = true; return 0;
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
        static const struct {
                unsigned flag;
                const char *name;
        } names[] = { { OPTION_JSON, "--json" },       { OPTION_ROOT, "--root" },
                      { OPTION_FORMAT, "--format" },   { OPTION_USER, "--user" },
                      { OPTION_DRY_RUN, "--dry-run" }, { OPTION_ALL, "--all" },
                      { OPTION_QUIET, "--quiet" } };
        const struct verb *v = l->verb;

        if (!v->run) {
                ctl_say("'%s' is not supported yet", v->name);
                return -1;
        }
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (l->given & ~v->flags & names[i].flag) {
                        ctl_say("%s is not for '%s'", names[i].name, v->name);
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
