/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints operations as lines of text, and reads them back. The state record is made of these lines,
 * so what is printed here must be read by every later version: fields may be added, but never
 * renamed. */

#include <errno.h>

#include "field.h"
#include "plan.h"
#include "shell.h"
#include "util.h"
#include "value.h"

/* " name=value" for each of these fields that is set. */
static void print_fields(const struct op *op, unsigned flags, unsigned without, FILE *f) {
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        for (size_t i = 0; i < n; i++) {
                const struct field *field = &fields[i];
                long start = ftell(f);

                if ((field->flags & flags) != flags || field->flags & without)
                        continue;
                fprintf(f, " %s=", field->name);
                if (!field_print(op, field, f))
                        fseek(f, start, SEEK_SET);
        }
}

void op_write(const struct plan *p, const struct op *op, bool learned, FILE *f) {
        fputs(op_name(op), f);
        if (op->place != PLACE_HOST)
                fprintf(f, " in %s", op_netns(p, op));
        print_fields(op, 0, learned ? 0 : FIELD_LEARNED, f);
        if (learned && op->unknown)
                fputs(op->unknown, f);
}

char *op_print(const struct plan *p, const struct op *op, bool learned) {
        _cleanup_fclose_ FILE *f = NULL;
        char *text = NULL;
        size_t size;

        f = memstream_open(&text, &size);
        if (!f)
                return NULL;
        op_write(p, op, learned, f);
        fputc('\0', f); /* what was printed and taken back may lie behind */
        return memstream_end(&f, &text);
}

static bool has_key(const struct op *op) {
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        for (size_t i = 0; i < n; i++)
                if (fields[i].flags & FIELD_KEY)
                        return true;
        return false;
}

char *op_key(const struct op *op) {
        _cleanup_fclose_ FILE *f = NULL;
        struct op whole = *op;
        char *text = NULL;
        size_t size;

        f = memstream_open(&text, &size);
        if (!f)
                return NULL;
        if (op_infos[op->kind].complete)
                op_infos[op->kind].complete(&whole);
        if (has_key(op)) {
                fprintf(f, "%s%s%s", op_name(op), op->place == PLACE_HOST ? "" : " in ",
                        op->place == PLACE_PEER ? op->peer_netns : "");
                print_fields(&whole, FIELD_KEY, 0, f);
                fputc('\0', f);
        }
        return memstream_end(&f, &text);
}

char *op_describe(const struct op *op) {
        _cleanup_fclose_ FILE *f = NULL;
        const struct field *fields;
        char *text = NULL;
        size_t size, n;

        f = memstream_open(&text, &size);
        if (!f)
                return NULL;
        fields = op_fields(op, &n);
        fputs(op_what(op), f);
        for (unsigned pass = FIELD_SUBJECT; pass <= FIELD_DEVICE; pass <<= 1)
                for (size_t i = 0; i < n; i++) {
                        long start = ftell(f);

                        if (!(fields[i].flags & pass))
                                continue;
                        fputs(pass == FIELD_DEVICE ? " on " : " ", f);
                        if (!field_print(op, &fields[i], f))
                                fseek(f, start, SEEK_SET);
                }
        fputc('\0', f);
        return memstream_end(&f, &text);
}

/* The kind of operation with this name; the name of a kind of link means a device of that kind. */
static bool find_kind(const char *name, enum op_kind *ret, enum link_kind *ret_link) {
        *ret_link = link_kind_of(name);
        for (enum op_kind k = 0; k < OP_KINDS; k++)
                if (k == OP_DEVICE ? *ret_link != LINK_KINDS : streq(op_infos[k].name, name)) {
                        *ret = k;
                        return true;
                }
        return false;
}

/* "NAME=VALUE" behind what is kept already; value[-1] was the '='. */
static int keep_field(struct plan *p, struct op *op, const char *name, const char *value) {
        _cleanup_free_ char *text = NULL;

        if (asprintf(&text, "%s %s=%s", op->unknown ?: "", name, value) < 0)
                return -ENOMEM;
        op->unknown = pool_strdup(&p->pool, text);
        return op->unknown ? 0 : -ENOMEM;
}

static int keep_operation(struct plan *p, const char *line) {
        const char **kept = list_add(&p->pool, &p->unknown);

        if (!kept || !(*kept = pool_strdup(&p->pool, line)))
                return -ENOMEM;
        return 1;
}

static int parse_field(struct plan *p, struct op *op, char *word, bool intact,
                       char why[static 160]) {
        char *value = strchr(word, '=');
        const struct field *fields;
        size_t n;
        int r;

        if (!value) {
                snprintf(why, 160, "'%.40s' is not a field", word);
                return -EINVAL;
        }
        *value++ = '\0';
        fields = op_fields(op, &n);
        for (size_t i = 0; i < n; i++)
                if (streq(fields[i].name, word)) {
                        r = field_parse(p, op, &fields[i], value);
                        if (r == -EINVAL)
                                snprintf(why, 160, "%s: '%.60s' is not a value for %s", op_name(op),
                                         value, word);
                        return r;
                }
        if (intact)
                return keep_field(p, op, word, value);
        snprintf(why, 160, "%s has no field '%.40s'", op_name(op), word);
        return -EINVAL;
}

static bool lacks(const struct op *op, const struct field *f) {
        const void *value = (const char *)op_data(op) + f->offset;

        return f->type == FIELD_TEXT ? !(f->flags & (FIELD_LEARNED | FIELD_MAY_LACK)) &&
                                               !*(const char *const *)value
                                     : f->flags & FIELD_NEEDED && !*(const char *)value;
}

/* A garbled line may leave out what nobody checks later, such as names of files. */
static bool is_whole(const struct op *op, char why[static 160]) {
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        for (size_t i = 0; i < n; i++)
                if (lacks(op, &fields[i])) {
                        snprintf(why, 160, "%s lacks its %s", op_name(op), fields[i].name);
                        return false;
                }
        return !op_infos[op->kind].valid || op_infos[op->kind].valid(op, why);
}

/* The namespace of the plan, or one that an operation before this one has brought in. */
static bool find_place(const struct plan *p, struct op *op, const char *netns,
                       char why[static 160]) {
        op->place = PLACE_OWN;
        if (p->netns && streq(p->netns, netns))
                return true;
        op->place = PLACE_PEER;
        list_foreach (other, &p->ops)
                if (other->kind == OP_PEER && streq(other->peer.name, netns)) {
                        op->peer_netns = other->peer.name;
                        return true;
                }
        snprintf(why, 160, "%s is in a namespace that the record lacks", op_name(op));
        return false;
}

/* What is said to be in a namespace has to be in the same one wherever the record says it: a plan has one
 * namespace of its own, and no other network's is called like that. */
static bool is_clear(const struct plan *p, const struct op *op, char why[static 160]) {
        if (op->kind == OP_PEER && p->netns && streq(op->peer.name, p->netns)) {
                snprintf(why, 160, "'%.60s' is not the namespace of another network",
                         op->peer.name);
                return false;
        }
        if (op->kind != OP_NETNS)
                return true;
        if (p->netns && !streq(op->netns.name, p->netns)) {
                snprintf(why, 160, "'%.60s' is a second namespace", op->netns.name);
                return false;
        }
        list_foreach (other, &p->ops)
                if (other->kind == OP_PEER && streq(other->peer.name, op->netns.name)) {
                        snprintf(why, 160, "'%.60s' is the namespace of another network",
                                 op->netns.name);
                        return false;
                }
        return true;
}

int op_parse(struct plan *p, const char *line, bool intact, char why[static 160]) {
        _cleanup_free_ char *copy = strdup(line);
        char *rest = copy, *word;
        enum link_kind link;
        enum op_kind kind;
        bool known;
        struct op *op;

        if (!copy)
                return -ENOMEM;
        word = strsep(&rest, " ");
        known = find_kind(word, &kind, &link);
        if (!known && intact)
                return keep_operation(p, line);
        if (!known) {
                snprintf(why, 160, "'%.40s' is not an operation", word);
                return -EINVAL;
        }
        op = plan_add(p, kind, false, NULL);
        if (!op)
                return -ENOMEM;
        if (kind == OP_DEVICE)
                op->device.kind = link;
        if (rest && startswith(rest, "in ")) {
                strsep(&rest, " ");
                if (!find_place(p, op, strsep(&rest, " ") ?: "", why)) {
                        p->ops.n--;
                        return -EINVAL;
                }
        }
        while ((word = strsep(&rest, " "))) {
                int r = *word ? parse_field(p, op, word, intact, why) : 0;

                if (r < 0) {
                        p->ops.n--; /* half an operation is none */
                        return r;
                }
        }
        if (!is_whole(op, why) || !is_clear(p, op, why)) {
                p->ops.n--;
                return -EINVAL;
        }
        if (kind == OP_NETNS)
                p->netns = op->netns.name;
        return 0;
}

/* A line feed in the name of a drop-in would begin a line of its own, in the state record too. */
void origin_print(const struct origin *at, FILE *f) {
        for (const char *p = at->path; *p; p++)
                fputc(shown(*p), f);
        fprintf(f, ":%u", at->line);
}

/* The same facts as in the record, but nobody has to read this back: "via 172.18.0.1" instead of "hops=…",
 * and no "has-priority" where the priority follows. */
char *op_show(const struct plan *p, const struct op *op, int width) {
        _cleanup_fclose_ FILE *f = NULL;
        const struct field *fields;
        char *text = NULL;
        size_t size, n;

        f = memstream_open(&text, &size);
        if (!f)
                return NULL;
        fields = op_fields(op, &n);
        fprintf(f, "%-*s", width, op_name(op));
        if (op->place != PLACE_HOST)
                fprintf(f, " in %s", op_netns(p, op));
        for (size_t i = 0; i < n; i++) {
                const struct field *field = &fields[i];
                long start = ftell(f);
                bool by_next = startswith(field->name, "has-") && field_show(op, field + 1, f);

                fseek(f, start, SEEK_SET);
                if (!by_next && !(field->flags & FIELD_LEARNED) && !field_show(op, field, f))
                        fseek(f, start, SEEK_SET);
        }
        fputc('\0', f);
        return memstream_end(&f, &text);
}

int plan_print_text(const struct plan *p, FILE *f) {
        list_foreach (op, &p->ops) {
                _cleanup_free_ char *text = op_show(p, op, KIND_WIDTH);

                if (!text)
                        return -ENOMEM;
                fputs(text, f);
                if (op->origin.path) {
                        fputs("  # ", f);
                        origin_print(&op->origin, f);
                }
                fputc('\n', f);
        }
        return ferror(f) ? -EIO : 0;
}

static const struct plan anywhere = { .netns = "" };

bool op_equal(const struct op *a, const struct op *b) {
        _cleanup_free_ char *x = NULL, *y = NULL;

        if (a->kind != b->kind || a->place != b->place)
                return false;
        x = op_print(&anywhere, a, false);
        y = op_print(&anywhere, b, false);
        return x && y && streq(x, y);
}

static int compare_texts(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

bool *plan_difference(const struct plan *a, const struct plan *b) {
        _cleanup_free_ char **texts = calloc(b->ops.n + 1, sizeof *texts);
        _cleanup_free_ bool *only = calloc(a->ops.n + 1, sizeof *only);
        bool whole = texts && only;

        for (size_t i = 0; whole && i < b->ops.n; i++) {
                texts[i] = op_print(&anywhere, &b->ops.items[i], false);
                whole = texts[i];
        }
        if (whole)
                qsort(texts, b->ops.n, sizeof *texts, compare_texts);
        for (size_t i = 0; whole && i < a->ops.n; i++) {
                _cleanup_free_ char *text = op_print(&anywhere, &a->ops.items[i], false);
                char *key = text;

                whole = text;
                only[i] = whole && !bsearch(&key, texts, b->ops.n, sizeof *texts, compare_texts);
        }
        for (size_t i = 0; texts && i < b->ops.n; i++)
                free(texts[i]);
        return whole ? TAKE_PTR(only) : NULL;
}

/* An older program may have put them in another order. */
static bool same_in_any_order(const struct plan *a, const struct plan *b) {
        _cleanup_free_ bool *more = plan_difference(a, b), *less = plan_difference(b, a);
        bool same = more && less;

        for (size_t i = 0; same && i < a->ops.n; i++)
                same = !more[i] && !less[i];
        return same;
}

bool plan_same(const struct plan *a, const struct plan *b) {
        if (a->ops.n != b->ops.n)
                return false;
        for (size_t i = 0; i < a->ops.n; i++)
                if (!op_equal(&a->ops.items[i], &b->ops.items[i]))
                        return same_in_any_order(a, b);
        return true;
}

bool settings_are_given(const struct op *op) {
        const struct op_info *info = &op_infos[op->kind];

        for (size_t i = 0; i < info->n_fields; i++)
                if (info->fields[i].nest != NEST_NONE && setting_is_given(op, &info->fields[i]))
                        return true;
        return false;
}

int plan_print_shell(const struct plan *p, FILE *f) {
        fprintf(f,
                "#!/bin/sh -e\n# what 'vnet-helper up %s' does, in ip(8), nft(8) and sysctl(8)\n",
                p->name);
        list_foreach (op, &p->ops) {
                const struct op_info *info = &op_infos[op->kind];

                if (info->shell)
                        info->shell(f, p, op);
                else
                        shell_settings(f, p, op, info);
        }
        return ferror(f) ? -EIO : 0;
}
