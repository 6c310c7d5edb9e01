/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files → models → plans, for each file that is good. Each operation is printed and read back and
 * must be equal. The script for sh(1) has to have the same shape as that of the same plan with
 * harmless names: whatever a name or a value holds, it stays a name or a value. */

/* for its printer, as fuzz-record.c does */
#include "state/record.c"

#include "build.h"
#include "fuzz.h"
#include "shell-shape.h"

static void check_line(const char *text) {
        for (const char *p = text; *p; p++)
                fuzz_assert((unsigned char)*p >= ' ' && (unsigned char)*p < 127, "'%s'", text);
}

static void check_round_trip(const struct plan *p) {
        _cleanup_plan_ struct plan *q = plan_new(p->name);

        list_foreach (op, &p->ops) {
                _cleanup_free_ char *text = op_print(p, op, true), *again = NULL;
                _cleanup_free_ char *described = op_describe(op);
                char why[160] = "";
                int r = op_parse(q, text, false, why);

                fuzz_assert(r == 0, "'%s' is not understood: %s", text, why);
                check_line(text);
                again = op_print(q, &q->ops.items[q->ops.n - 1], true);
                fuzz_assert(streq(text, again), "'%s' became '%s'", text, again);
                fuzz_assert(op_equal(op, &q->ops.items[q->ops.n - 1]), "'%s' is not equal", text);
                fuzz_assert(described && *described, "%s", text);
        }
        fuzz_assert(!p->netns == !q->netns && (!p->netns || streq(p->netns, q->netns)), "netns");
}

/* A line for each operation, and the same operations from it, whatever the files are called. */
static void check_record(const struct plan *p) {
        struct diags d = DIAGS_NULL;
        enum stage stage;
        size_t size, lines = 0;
        _cleanup_free_ char *text = print_record(p, &size);
        _cleanup_plan_ struct plan *q = NULL;

        for (size_t i = 0; i < size; i++)
                lines += text[i] == '\n' && startswith(text + i + 1, "op ");
        fuzz_assert(lines == p->ops.n, "%zu operations on %zu lines:\n%s", p->ops.n, lines, text);
        fuzz_assert(record_parse(p->name, "record", text, size, &q, &stage, &d) == 0, "no record");
        fuzz_assert(d.n == 0, "the record is not understood: %s", d.items[0].text);
        fuzz_assert(q->ops.n == p->ops.n, "%zu operations became %zu", p->ops.n, q->ops.n);
        for (size_t i = 0; i < p->ops.n; i++)
                fuzz_assert(op_equal(&p->ops.items[i], &q->ops.items[i]), "operation %zu", i);
}

/* What "vnetctl plan" shows: a line for each operation. */
static void check_text(const struct plan *p) {
        _cleanup_free_ char *text = NULL;
        size_t size = 0, lines = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                abort();
        fuzz_assert(plan_print_text(p, f) == 0, "plan_print_text");
        fclose(f);
        for (size_t i = 0; i < size; i++)
                if (text[i] == '\n')
                        lines++;
                else
                        fuzz_assert((unsigned char)text[i] >= ' ', "control character in\n%s",
                                    text);
        fuzz_assert(lines == p->ops.n, "%zu operations on %zu lines:\n%s", p->ops.n, lines, text);
}

/* --- the script --- */

static bool is_harmless(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Every byte that is neither letter nor digit becomes an x. A key keeps its slashes. */
static void tame(char *text, const char *keep) {
        for (; *text; text++)
                if (!is_harmless(*text) && !strchr(keep, *text))
                        *text = 'x';
}

/* Lists of numbers with a grammar of their own, which check_round_trip() has read. */
static bool has_numbers(const struct op *op) {
        return op->kind == OP_PORT_VLAN || op->kind == OP_UPLINK || op->kind == OP_INBOUND;
}

static void tame_op(struct plan *p, struct op *op) {
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        for (size_t i = 0; i < n; i++) {
                void *value = (char *)op_data(op) + fields[i].offset;

                if (fields[i].type == FIELD_IFNAME)
                        tame(value, "");
                if (fields[i].type == FIELD_TEXT && *(char **)value && !has_numbers(op)) {
                        char *copy = pool_alloc(&p->pool, strlen(*(char **)value) + 1);

                        if (!copy)
                                abort();
                        strcpy(copy, *(char **)value);
                        /* "@NAME" is a credential, and not a path */
                        tame(*copy == '@' && copy[1] ? copy + 1 : copy, "/");
                        *(char **)value = copy;
                }
        }
        if (op->kind == OP_ROUTE)
                list_foreach (h, &op->route.hops)
                        tame(h->device, "");
}

static char *script_of(const struct plan *p, size_t *ret_size) {
        char *text = NULL;
        FILE *f = open_memstream(&text, ret_size);

        if (!f)
                abort();
        fuzz_assert(plan_print_shell(p, f) == 0, "plan_print_shell");
        fclose(f);
        fuzz_assert(!memchr(text, '\0', *ret_size), "a NUL byte");
        for (size_t i = 0; i < *ret_size; i++)
                fuzz_assert((unsigned char)text[i] >= ' ' || text[i] == '\n' || text[i] == '\t',
                            "control character %d in\n%s", text[i], text);
        return text;
}

static size_t count(const char *text, char c) {
        size_t n = 0;

        for (; *text; text++)
                n += *text == c;
        return n;
}

/* The first line that differs, as it stands in the other two texts. */
static void first_difference(const char *a, const char *b, const char *shown_a,
                             const char *shown_b) {
        for (size_t i = 0; a[i] && a[i] == b[i]; i++)
                if (a[i] == '\n') {
                        shown_a = strchrnul(shown_a, '\n') + 1;
                        shown_b = strchrnul(shown_b, '\n') + 1;
                }
        fprintf(stderr, "is    %.*s\nmeant %.*s\n", (int)strcspn(shown_a, "\n"), shown_a,
                (int)strcspn(shown_b, "\n"), shown_b);
}

static void check_script(struct plan *p) {
        size_t size = 0, tame_size = 0;
        _cleanup_free_ char *script = script_of(p, &size), *shape = NULL, *words = NULL;
        _cleanup_free_ char *tamed = NULL, *tame_shape = NULL, *tame_words = NULL;
        char *name = pool_alloc(&p->pool, strlen(p->name) + 1);

        shape = shell_shape(script, size, &words);
        fuzz_assert(shape, "an open quote in\n%s", script);
        list_foreach (op, &p->ops) {
                const char *before = op->kind == OP_PEER ? op->peer.name : NULL;

                tame_op(p, op);
                list_foreach (other, &p->ops)
                        if (before && other->peer_netns == before)
                                other->peer_netns = op->peer.name;
        }
        strcpy(name, p->name);
        tame(name, "");
        p->name = name;
        if (p->netns)
                p->netns = plan_find(p, OP_NETNS)->netns.name;
        tamed = script_of(p, &tame_size);
        tame_shape = shell_shape(tamed, tame_size, &tame_words);
        if (!streq(shape, tame_shape))
                first_difference(shape, tame_shape, script, tamed);
        fuzz_assert(streq(shape, tame_shape), "a name is more than a name in\n%s", script);
        if (!streq(words, tame_words))
                first_difference(words, tame_words, words, tame_words);
        fuzz_assert(streq(words, tame_words), "words differ in\n%s", script);
        /* nft(8) reads one more time what sh hands it */
        fuzz_assert(count(script, '"') == count(tamed, '"'), "a quote in\n%s", script);
}

static void check_plan(const struct site *s, struct vnet *v) {
        struct bridge_facts *bridges = calloc(v->ns.links.n + 1, sizeof *bridges);
        struct partner_facts *partners = calloc(v->ns.links.n + 1, sizeof *partners);
        struct facts facts = { .machine_id = "0123456789abcdef0123456789abcdef",
                               .bridges = bridges,
                               .partners = partners };
        _cleanup_plan_ struct plan *p = NULL;
        struct diags d = DIAGS_NULL;

        if (!bridges || !partners)
                abort();
        for (size_t i = 0; i < v->ns.links.n; i++) {
                const struct link *l = &v->ns.links.items[i];
                const char *name = l->bridge;
                const struct vnet *bridge = *name ? site_find_bridge(s, name) : NULL;

                if (link_partner(l))
                        partners[i] = facts_of_partner(v, l, site_find(s, link_partner(l)));

                if (bridge)
                        bridges[i] = facts_of_bridge(bridge);
        }
        fuzz_assert(plan_build(v, &facts, &p, &d) == 0, "%s: no plan", v->name);
        check_round_trip(p);
        check_record(p);
        check_text(p);
        check_script(p);
        diags_free(&d);
        free(bridges);
        free(partners);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct diags d = DIAGS_NULL;
        struct site s;

        fuzz_site(data, size, &s, &d);
        for (size_t i = 0; i < s.n; i++)
                if (!s.items[i]->refused)
                        check_plan(&s, s.items[i]);
        site_free(&s);
        diags_free(&d);
        return 0;
}
