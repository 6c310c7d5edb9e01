/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The program behind vnet@NAME.service: one verb, one NAME, one process, no child. What it has to
 * say goes to standard error, one fact on each line, with the priority in front where the journal
 * reads it (sd-daemon(3)); the unit adds the other fields of the journal. */

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "advice.h"
#include "config.h"
#include "diag.h"
#include "gather.h"
#include "refused.h"
#include "sandbox.h"
#include "util.h"
#include "value.h"
#include "verb/other-firewalls.h"
#include "verb/verbs.h"

enum status {
        STATUS_DONE = 0,
        STATUS_FAILED = 1,
        STATUS_USAGE = 2,
        STATUS_NOT_ROOT = 3,
        STATUS_UNKNOWN = 4
};

/* For the exit status only a missing file is ENOENT; what failed has been told. */
static int status_only(int e) {
        return e == -ENOENT ? -EIO : e;
}

/* legacy was read before the sandbox */
static int verb_up(const char *name, const struct legacy_tables *legacy, struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        _cleanup_vnet_ struct vnet *v = NULL;
        int e = refused_read(name, d);

        if (e == 0)
                e = gather_plan("", name, true, &p, &v, d);
        if (e < 0)
                return e;
        advise_start(name, v, d);
        e = apply_up(p, d);
        if (e < 0) {
                advise_failure(v, d);
                advise_line(d);
        } else {
                warn_of_legacy_firewalls(legacy, p, d);
        }
        return status_only(e);
}

static int verb_reload(const char *name, const struct legacy_tables *l _unused_, struct diags *d) {
        _cleanup_plan_ struct plan *p = NULL;
        int e = refused_read(name, d);

        if (e == 0)
                e = gather_plan("", name, true, &p, NULL, d);
        if (e < 0)
                return e;
        e = apply_reload(p, d);
        if (e < 0)
                advise_line(d);
        return status_only(e);
}

static int verb_down(const char *name, const struct legacy_tables *l _unused_, struct diags *d) {
        return status_only(apply_down(name, d));
}

static int verb_join(const char *name, const struct legacy_tables *l _unused_, struct diags *d) {
        return status_only(apply_join(name, d));
}

/* Whoever flushed our rules has loaded some of his own. */
static int verb_restore(const char *name _unused_, const struct legacy_tables *legacy,
                        struct diags *d) {
        int e = apply_restore(d);

        if (e == 0)
                warn_all_of_other_firewalls(legacy, d);
        return status_only(e);
}

static const struct verb {
        const char *name;
        bool takes_name;
        enum sandbox sandbox;
        int (*run)(const char *name, const struct legacy_tables *legacy, struct diags *d);
        const char *help;
        bool names_firewalls; /* and is handed what iptables-legacy has; others get empty tables */
} verbs[] = {
        { "up", true, SANDBOX_UP, verb_up, "create what NAME.vnet describes", true },
        { "down", true, SANDBOX_DOWN, verb_down, "undo what up did; of all that is up: --all" },
        { "reload", true, SANDBOX_RELOAD, verb_reload,
          "mend what was lost, apply what has changed in the file" },
        { "join", true, SANDBOX_RELOAD, verb_join,
          "do what waited for interfaces that have appeared" },
        { "restore", false, SANDBOX_RESTORE, verb_restore,
          "make the nftables table again after a flush", true },
};

static void usage(FILE *f) {
        fputs("usage: vnet-helper VERB [NAME]\n\nRun by vnet@NAME.service; see vnet@.service(8).\n\n",
              f);
        for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
                fprintf(f, "  %-8s%-6s%s\n", verbs[i].name, verbs[i].takes_name ? "NAME" : "",
                        verbs[i].help);
        fputs("\n  --version\n", f);
}

static void print_diags(const struct diags *d, const char *name) {
        static const char *const priorities[] = {
                [DIAG_ERROR] = "<3>", [DIAG_WARNING] = "<4>", [DIAG_INFO] = "<6>"
        };
        bool journal = getenv("JOURNAL_STREAM");

        for (size_t i = 0; i < d->n; i++) {
                _cleanup_free_ char *text = diag_format(&d->items[i]);

                fprintf(stderr, "%s%s%s%s\n", journal ? priorities[d->items[i].level] : "",
                        name ?: "", name ? ": " : "", text ?: d->items[i].text);
        }
}

static const struct verb *find_verb(int argc, char **argv) {
        for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++)
                if (streq(verbs[i].name, argv[1]) && argc == 2 + verbs[i].takes_name)
                        return &verbs[i];
        return NULL;
}

/* Not a NAME, but perhaps what the generator made of the name of a file (lib/config/search.c): the unit
 * is there to say why. Nothing of it was ever up. */
static enum status run_invalid(const struct verb *verb, const char *name, struct diags *d) {
        if (refused_read(name, d) == 0) {
                fprintf(stderr, "vnet-helper: '%s' is not a valid name\n", name);
                return STATUS_USAGE;
        }
        if (verb->run != verb_down)
                return STATUS_FAILED;
        diags_free(d);
        return STATUS_DONE;
}

static enum status status_of(int e, struct diags *d, const char *name) {
        if (e == 0)
                return STATUS_DONE;
        if (diag_count(d, DIAG_ERROR, 0) == 0)
                diag_error(d, e, NULL, NULL, "%s", strerror(-e));
        return e == -ENOENT && name ? STATUS_UNKNOWN : STATUS_FAILED;
}

static enum status run(const struct verb *verb, const char *name, struct diags *d) {
        struct legacy_tables legacy = { .v4.entries = NULL };
        int e;

        /* by sockets of IPv4 and IPv6; nothing of anybody's has been read yet */
        if (verb->names_firewalls)
                legacy_tables_read(&legacy);
        e = sandbox_enter(verb->sandbox);
        if (e < 0)
                diag_error(d, e, NULL, NULL, "cannot set up the sandbox: %s", strerror(-e));
        else if (!name || name_valid(name))
                e = verb->run(name, &legacy, d);
        legacy_tables_free(&legacy);
        if (e == 0 && name && !name_valid(name))
                return run_invalid(verb, name, d);
        return status_of(e, d, name);
}

/* Each NAME has its own lines and, where something failed, its own reason. */
static void told_of_one(const char *name, const struct diags *d) {
        print_diags(d, name);
}

static enum status run_down_all(struct diags *d) {
        int e = sandbox_enter(SANDBOX_DOWN);

        if (e < 0)
                diag_error(d, e, NULL, NULL, "cannot set up the sandbox: %s", strerror(-e));
        else
                e = apply_down_all(told_of_one, d);
        return e < 0 ? STATUS_FAILED : STATUS_DONE;
}

int main(int argc, char **argv) {
        const struct verb *verb = find_verb(argc, argv);
        bool all = verb && verb->run == verb_down && streq(argv[2], "--all");
        const char *name = verb && verb->takes_name && !all ? argv[2] : NULL;
        struct diags d = DIAGS_NULL;
        enum status status;

        if (argc == 2 && streq(argv[1], "--version")) {
                puts("vnet " VNET_VERSION);
                return STATUS_DONE;
        }
        if (argc == 2 && streq(argv[1], "--help")) {
                usage(stdout);
                return STATUS_DONE;
        }
        if (!verb) {
                usage(stderr);
                return STATUS_USAGE;
        }
        if (geteuid() != 0) {
                fputs("vnet-helper: only root can do this\n", stderr);
                return STATUS_NOT_ROOT;
        }
        umask(0022);
        signal(SIGPIPE, SIG_IGN); /* a journal that goes away is no reason to stop half-way */
        status = all ? run_down_all(&d) : run(verb, name, &d);
        print_diags(&d, name);
        diags_free(&d);
        return status;
}
