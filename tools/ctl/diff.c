/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl diff holds three things against each other: what the kernel has, what the record says was made, and
 * what the file says now. "+" is what a reload would put, "-" what it would take; behind it stands
 * whether that is because the kernel lost it or because the file changed. */

#include <errno.h>

#include "ctl.h"
#include "gather.h"
#include "state/record.h"
#include "util.h"
#include "value.h"
#include "verb/diff.h"
#include "verb/reload.h"

enum cause { CAUSE_KERNEL, CAUSE_FILE };

struct comparison {
        struct ctl *c;
        struct json_object *all; /* of --json=; else NULL */
        size_t differences, unseen;
        bool failed; /* no memory */

        /* of one network */
        const char *name;
        struct plan *record, *file; /* file NULL: there is none, or none that can be compared */
        const struct vnet *model;
        bool *goes, *comes; /* by the file: of record, of file */
        bool begun;         /* its head is printed */
        bool restart;
};

/* --- speaking --- */

static void print_head(struct comparison *x) {
        const struct ctl *c = x->c;

        if (x->begun)
                return;
        x->begun = true;
        printf("%s--- %s as it is%s\n", ctl_colour(c, COLOUR_HEAD), x->name,
               ctl_colour(c, COLOUR_NONE));
        printf("%s+++ %s as %s says%s\n", ctl_colour(c, COLOUR_HEAD), x->name,
               x->model ? x->model->path : "its record", ctl_colour(c, COLOUR_NONE));
}

static void print_line(struct comparison *x, char sign, const struct op *op, const char *why) {
        _cleanup_free_ char *text = op_show(x->record, op, KIND_WIDTH);

        if (!text) {
                x->failed = true;
                return;
        }
        printf("%s%c%s", ctl_colour(x->c, sign == '+' ? COLOUR_GOOD : COLOUR_BAD), sign, text);
        fputs(ctl_colour(x->c, COLOUR_NONE), stdout);
        fputs("  # ", stdout);
        if (sign == '+' && op->origin.path) {
                origin_print(&op->origin, stdout);
                fputs(": ", stdout);
        }
        puts(why);
}

static struct json_object *text_of(struct comparison *x, const struct op *op) {
        _cleanup_free_ char *text = op ? op_show(x->record, op, 0) : NULL;

        x->failed |= op && !text;
        return ctl_json_text(text);
}

static void add_json(struct comparison *x, enum cause cause, const struct op *have,
                     const struct op *want) {
        const struct origin *at = want ? &want->origin : NULL;
        _cleanup_free_ char *object = op_describe(want ?: have);
        struct json_object *o = json_object_new_object();

        json_object_object_add(o, "network", json_object_new_string(x->name));
        json_object_object_add(o, "object", ctl_json_text(object));
        json_object_object_add(o, "what",
                               json_object_new_string(!have   ? "missing"
                                                      : !want ? "foreign"
                                                              : "differs"));
        json_object_object_add(o, "cause",
                               json_object_new_string(cause == CAUSE_FILE ? "file" : "kernel"));
        json_object_object_add(o, "have", text_of(x, have));
        json_object_object_add(o, "want", text_of(x, want));
        json_object_object_add(o, "file", ctl_json_text(at ? at->path : NULL));
        json_object_object_add(o, "line", at && at->path ? json_object_new_int64(at->line) : NULL);
        json_object_array_add(x->all, o);
}

/* have NULL: nothing is there; want NULL: nothing shall be. */
static void tell(struct comparison *x, enum cause cause, const struct op *have,
                 const struct op *want) {
        const char *why = cause == CAUSE_FILE    ? "file changed"
                          : !have                ? "lost in the kernel"
                          : op_equal(have, want) ? "not whole in the kernel"
                                                 : "differs in the kernel";

        if (x->all) {
                add_json(x, cause, have, want);
                return;
        }
        print_head(x);
        if (have)
                print_line(x, '-', have, why);
        if (want)
                print_line(x, '+', want, why);
}

/* --- one network --- */

/* What the file no longer wants is its change, and none where the kernel has lost it already. */
static void take_state(void *user, size_t i, enum diff_state state, const struct op *have) {
        struct comparison *x = user;
        const struct op *op = &x->record->ops.items[i];

        x->unseen += state == DIFF_UNSEEN;
        if (x->goes && x->goes[i]) {
                if (state == DIFF_MISSING || state == DIFF_IMPLIED)
                        x->goes[i] = false;
                return;
        }
        if (state == DIFF_MISSING) {
                x->differences++;
                x->restart |= op->kind == OP_NETNS;
                tell(x, CAUSE_KERNEL, NULL, op);
        } else if (state == DIFF_DIFFERS) {
                x->differences++;
                tell(x, CAUSE_KERNEL, have, op);
        }
}

/* The operation whose place a new one takes, as in a reload: it is told with that. */
static const struct op *take_old(struct comparison *x, const struct op *new) {
        _cleanup_free_ char *key = op_key(new);

        for (size_t i = 0; key && *key && i < x->record->ops.n; i++) {
                _cleanup_free_ char *other = x->goes[i] ? op_key(&x->record->ops.items[i]) : NULL;

                if (other && streq(other, key)) {
                        x->goes[i] = false;
                        return &x->record->ops.items[i];
                }
        }
        return NULL;
}

static void tell_file(struct comparison *x) {
        _cleanup_free_ const struct op **old = calloc(x->file->ops.n + 1, sizeof *old);

        if (!old) {
                x->failed = true;
                return;
        }
        for (size_t i = 0; i < x->record->ops.n; i++)
                x->restart |= x->goes[i] && !reload_can_take(x->record, x->goes, i, x->file);
        for (size_t i = 0; i < x->file->ops.n; i++)
                if (x->comes[i])
                        old[i] = take_old(x, &x->file->ops.items[i]);
        for (size_t i = 0; i < x->record->ops.n; i++)
                if (x->goes[i]) {
                        x->differences++;
                        tell(x, CAUSE_FILE, &x->record->ops.items[i], NULL);
                }
        for (size_t i = 0; i < x->file->ops.n; i++)
                if (x->comes[i]) {
                        x->restart |= !reload_can_bring(x->file, x->comes, i, x->record);
                        x->differences++;
                        tell(x, CAUSE_FILE, old[i], &x->file->ops.items[i]);
                }
}

static enum status compare(struct comparison *x) {
        size_t before = x->differences;
        struct diags d = DIAGS_NULL;
        enum status status = STATUS_DONE;
        int e = 0;

        if (x->file) {
                x->goes = plan_difference(x->record, x->file);
                x->comes = plan_difference(x->file, x->record);
                e = x->goes && x->comes ? 0 : -ENOMEM;
        }
        if (e == 0)
                e = diff_plan(x->record, take_state, x, &d);
        ctl_tell(&d, x->name);
        if (e < 0)
                status = ctl_failed(e, &d, NULL);
        if (x->file && x->goes && x->comes)
                tell_file(x);
        if (x->differences > before)
                status = STATUS_FAILED;
        free(x->goes);
        free(x->comes);
        diags_free(&d);
        return status;
}

/* The file is part of the answer, but not of the question: one that is refused is told, and what it once said is
 * still compared. */
static enum status read_file(struct comparison *x, struct vnet **ret) {
        struct diags d = DIAGS_NULL;
        enum status status = STATUS_DONE;
        int e = gather_plan("", x->name, false, &x->file, ret, &d);

        if (e < 0 && e != -ENOENT) {
                ctl_tell(&d, x->name);
                status = ctl_failed(e, &d, NULL);
        } else if (e == -ENOENT) {
                ctl_say("%s is up, but has no file any more", x->name);
                status = STATUS_FAILED;
        }
        x->model = *ret;
        diags_free(&d);
        return status;
}

static enum status say_not_up(const char *name) {
        _cleanup_plan_ struct plan *p = NULL;
        struct diags d = DIAGS_NULL;
        enum status status;
        int e = gather_plan("", name, false, &p, NULL, &d);

        if (e == -ENOENT) {
                ctl_tell(&d, name);
                status = ctl_failed(e, &d, name);
        } else {
                ctl_say("%s is not up: 'systemctl start vnet@%s' starts it", name, name);
                status = STATUS_FAILED;
        }
        diags_free(&d);
        return status;
}

static void print_end(const struct comparison *x) {
        if (!x->begun || x->c->no_legend)
                return;
        if (x->restart)
                printf("'systemctl restart vnet@%s' makes it so.\n", x->name);
        else
                printf("'systemctl reload vnet@%s' makes it so.\n", x->name);
}

/* No difference, and so no word of the answer. */
static void say_awaited(void *user, const char *network) {
        const struct comparison *x = user;

        if (!x->c->quiet)
                ctl_say("%s waits for %s with its links there; 'systemctl start vnet@%s' starts it",
                        x->name, network, network);
}

static enum status diff(struct comparison *x, const char *name, bool asked) {
        _cleanup_plan_ struct plan *record = NULL, *file = NULL;
        _cleanup_vnet_ struct vnet *model = NULL;
        struct diags d = DIAGS_NULL;
        enum status status, compared;
        enum stage stage;
        int e = record_read(name, &record, &stage, &d);

        ctl_tell(&d, name);
        status = e < 0 && e != -ENOENT ? ctl_failed(e, &d, NULL) : STATUS_DONE;
        diags_free(&d);
        if (e == -ENOENT)
                return asked ? say_not_up(name) : STATUS_DONE; /* it has just been stopped */
        if (e < 0)
                return status;
        if (stage != STAGE_COMPLETE) {
                ctl_say("%s is being changed, or was interrupted; 'systemctl restart vnet@%s' cleans "
                        "up and starts it",
                        name, name);
                return STATUS_FAILED;
        }
        x->name = name;
        x->record = record;
        x->file = NULL;
        x->goes = x->comes = NULL;
        x->begun = x->restart = false;
        status = read_file(x, &model);
        file = x->file;
        compared = compare(x);
        print_end(x);
        ctl_each_awaited(record, say_awaited, x);
        return status == STATUS_DONE ? compared : status;
}

/* --- all of them --- */

/* One that is unknown weighs more than one that differs. */
static enum status heavier(enum status a, enum status b) {
        return a > b ? a : b;
}

static enum status diff_all(struct comparison *x, char **names, size_t n, bool asked) {
        enum status status = STATUS_DONE;

        for (size_t i = 0; i < n; i++)
                status = heavier(status, diff(x, names[i], asked));
        return status;
}

static enum status finish(struct comparison *x, enum status status) {
        if (x->failed) {
                ctl_say("out of memory");
                status = heavier(status, STATUS_FAILED);
        }
        if (x->unseen && geteuid() != 0) {
                ctl_say("not looked into (needs root): namespaces, nftables");
                if (x->c->quiet && status == STATUS_DONE)
                        status = STATUS_NOT_ROOT; /* which cannot be said otherwise */
        }
        if (x->all)
                status = heavier(status, ctl_print_json(x->c, x->all));
        return status;
}

enum status ctl_diff(struct ctl *c, int argc, char **argv) {
        struct comparison x = { .c = c, .all = c->json ? json_object_new_array() : NULL };
        enum status status;
        char **names = argv;
        size_t n = (size_t)argc;
        int e = 0;

        for (int i = 0; i < argc; i++)
                if (!name_valid(argv[i])) {
                        ctl_say("'%s' is not a valid name", argv[i]);
                        json_object_put(x.all);
                        return STATUS_USAGE;
                }
        if (argc == 0)
                e = record_names(&names, &n);
        if (e < 0) {
                ctl_say("cannot read " STATE_DIR ": %s", strerror(-e));
                json_object_put(x.all);
                return STATUS_FAILED;
        }
        if (!c->json)
                ctl_page(c);
        status = finish(&x, diff_all(&x, names, n, argc > 0));
        if (argc == 0)
                record_free_names(names, n);
        return status;
}
