/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The state record: any text is read without harm, and what was read comes back the same when it is
 * written. The printer is private to record.c, which is therefore included. Operations that are
 * read must be whole: "down" hands them to the kernel layer as they are. */

#include "state/record.c"

#include "fuzz.h"

static struct plan *parse(const char *text, size_t size, enum stage *stage, struct diags *d) {
        _cleanup_free_ char *copy = malloc(size + 1);
        struct plan *p = NULL;
        int r;

        if (!copy)
                abort();
        memcpy(copy, text, size);
        copy[size] = '\0';
        r = record_parse("n", "/run/vnet/state/n", copy, size, &p, stage, d);
        fuzz_assert(r == 0 || r == -EPROTONOSUPPORT, "record_parse: %d", r);
        fuzz_assert(r == 0 || d->n > 0, "refused without a reason");
        return p;
}

/* What the functions that undo it take for granted. */
static void check_whole(const struct plan *p, const struct op *op) {
        _cleanup_free_ char *described = op_describe(op);
        const struct field *fields;
        size_t n;

        fuzz_assert(op->kind < OP_KINDS && described, "kind %d", op->kind);
        fields = op_fields(op, &n);
        fuzz_assert(op->place == PLACE_HOST || op_netns(p, op), "%s is inside of nothing",
                    op_name(op));
        for (size_t i = 0; i < n; i++) {
                const void *value = (const char *)op_data(op) + fields[i].offset;

                if (fields[i].type == FIELD_TEXT)
                        fuzz_assert(*(const char *const *)value, "%s without %s", op_name(op),
                                    fields[i].name);
                if (fields[i].type == FIELD_IFNAME && *(const char *)value)
                        fuzz_assert(ifname_valid(value), "%s: %s='%.16s'", op_name(op),
                                    fields[i].name, (const char *)value);
        }
}

/* Control characters in a path become '?' when it is printed. */
static bool same_origin(const struct origin *a, const struct origin *b) {
        const char *p = a->path, *q = b->path;

        if (!p || !q)
                return p == q;
        while (*p && (*p == *q || *q == '?'))
                p++, q++;
        return *p == *q && a->line == b->line;
}

static void check_same(const struct plan *a, const struct plan *b) {
        fuzz_assert(a->ops.n == b->ops.n, "%zu operations became %zu", a->ops.n, b->ops.n);
        for (size_t i = 0; i < a->ops.n; i++) {
                const struct op *x = &a->ops.items[i], *y = &b->ops.items[i];
                _cleanup_free_ char *p = op_print(a, x, true), *q = op_print(b, y, true);

                fuzz_assert(streq(p, q), "'%s' became '%s'", p, q);
                fuzz_assert(op_equal(x, y), "'%s' is not equal to itself", p);
                fuzz_assert(same_origin(&x->origin, &y->origin), "'%s' comes from elsewhere", p);
        }
}

/* Whose namespaces a line may name. */
static void take_peers(struct plan *q, const struct plan *p, size_t n) {
        for (size_t i = 0; i < n && i < p->ops.n; i++) {
                struct op *op = NULL;

                if (p->ops.items[i].kind != OP_PEER)
                        continue;
                op = plan_add(q, OP_PEER, PLACE_HOST, NULL);
                if (!op)
                        abort();
                *op = p->ops.items[i];
        }
}

/* Each line means the same whatever stands in front of it, refused lines above all; but for the namespaces that are
 * known there. */
static void check_alone(const struct plan *p, const char *text, size_t size) {
        const char *netns = NULL, *end = text + size, *feed;
        bool intact = is_intact(text, size);
        size_t n = 0;

        for (; (feed = memchr(text, '\n', (size_t)(end - text))); text = feed + 1) {
                _cleanup_free_ char *line = strndup(text, (size_t)(feed - text));
                _cleanup_plan_ struct plan *q = plan_new("n");
                const struct op *op;
                char why[160];

                if (!line || !q)
                        abort();
                if (!startswith(line, "op "))
                        continue;
                line[strcspn(line, "\t")] = '\0';
                q->netns = netns;
                take_peers(q, p, n);
                if (op_parse(q, line + strlen("op "), intact, why) != 0)
                        continue;
                op = &p->ops.items[n++];
                fuzz_assert(n <= p->ops.n, "'%s' is left out", line);
                fuzz_assert(op_equal(op, &q->ops.items[q->ops.n - 1]),
                            "'%s' is another operation by itself", line);
                if (op->kind == OP_NETNS)
                        netns = op->netns.name;
        }
        fuzz_assert(n == p->ops.n, "%zu operations of %zu lines", p->ops.n, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct diags d = DIAGS_NULL;
        enum stage stage = STAGE_BEGUN, again = STAGE_BEGUN;
        _cleanup_plan_ struct plan *p = NULL, *q = NULL;
        _cleanup_free_ char *text = NULL;
        size_t length;

        p = parse((const char *)data, size, &stage, &d);
        if (p) {
                list_foreach (op, &p->ops)
                        check_whole(p, op);
                check_alone(p, (const char *)data, size);
                text = print_record(p, &length);
                diags_free(&d);
                q = parse(text, length, &again, &d);
                fuzz_assert(d.n == 0, "what was written is not understood: %s", d.items[0].text);
                fuzz_assert(q, "what was written is refused");
                check_same(p, q);
        }
        diags_free(&d);
        return 0;
}
