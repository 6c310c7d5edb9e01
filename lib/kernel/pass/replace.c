/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Decides for a reload in which order the old and the new operations make way for each other. What
 * comes overwrites what has the same key; what the kernel would take for a conflict leaves first;
 * all else leaves last. */

#include "pass/replace.h"

#include <errno.h>

#include "util.h"

static bool in_the_way(const struct op *old, const struct op *new) {
        op_conflicts *conflicts = op_infos[old->kind].conflicts;

        return conflicts && old->kind == new->kind &&
               old->place == new->place &&conflicts(old, new);
}

const struct op *change_replaced(const struct change *c, const struct op *op) {
        size_t i = c ? c->replaced[op - c->to->ops.items] : 0;

        return i > 0 ? &c->from->ops.items[i - 1] : NULL;
}

bool change_inherits(const struct change *c, const struct op *op) {
        for (size_t i = 0; c && i < c->from->ops.n; i++)
                if (c->goes[i] && op_shares_ports(&c->from->ops.items[i], op))
                        return true;
        return false;
}

/* A port at one address leaves, and the same port of the same target stays published at all addresses: so its
 * connections go on, and the element that stays has never counted them. It is made once more, as an heir. */
static void renew_heir(struct change *c, const struct op *gone, size_t i) {
        const struct op *stays = &c->from->ops.items[i];

        if (c->goes[i] || !op_shares_ports(gone, stays) ||
            !address_equal(&gone->element.to, &stays->element.to))
                return;
        for (size_t j = 0; j < c->to->ops.n; j++)
                if (!c->comes[j] && op_equal(&c->to->ops.items[j], stays))
                        c->goes[i] = c->comes[j] = true;
}

static void renew_heirs(struct change *c) {
        for (size_t i = 0; i < c->from->ops.n; i++)
                for (size_t j = 0; c->goes[i] && j < c->from->ops.n; j++)
                        renew_heir(c, &c->from->ops.items[i], j);
}

static void free_texts(char **texts, const struct plan *p) {
        for (size_t i = 0; texts && i < p->ops.n; i++)
                free(texts[i]);
        free(texts);
}

/* op_key() of the operations that are wanted; the others have none. NULL without memory. */
static char **keys_of(const struct plan *p, const bool *wanted) {
        char **keys = calloc(p->ops.n + 1, sizeof *keys);

        for (size_t i = 0; keys && i < p->ops.n; i++) {
                keys[i] = wanted[i] ? op_key(&p->ops.items[i]) : NULL;
                if (wanted[i] && !keys[i]) {
                        free_texts(keys, p);
                        keys = NULL;
                }
        }
        return keys;
}

/* Operation i of from, which goes, against all that come. */
static enum change_part match(struct change *c, size_t i, const char *key, char *const *keys) {
        const struct op *old = &c->from->ops.items[i];
        enum change_part part = CHANGE_AFTER;

        for (size_t j = 0; j < c->to->ops.n; j++) {
                const struct op *new = &c->to->ops.items[j];
                bool same;

                if (!c->comes[j] || old->kind != new->kind)
                        continue;
                same = *key && streq(key, keys[j]);
                if (same && c->replaced[j] == 0)
                        c->replaced[j] = i + 1;
                if (in_the_way(old, new))
                        part = CHANGE_BEFORE;
                else if (part == CHANGE_AFTER && (same || op_infos[old->kind].together))
                        part = CHANGE_WITHIN;
        }
        return part;
}

int change_find_order(struct change *c) {
        char **from, **to;
        bool whole;

        renew_heirs(c);
        from = keys_of(c->from, c->goes);
        to = keys_of(c->to, c->comes);
        c->parts = calloc(c->from->ops.n + 1, sizeof *c->parts);
        c->replaced = calloc(c->to->ops.n + 1, sizeof *c->replaced);
        c->saved = calloc(c->to->ops.n + 1, sizeof *c->saved);
        whole = from && to && c->parts && c->replaced && c->saved;
        for (size_t i = 0; whole && i < c->from->ops.n; i++)
                if (c->goes[i])
                        c->parts[i] = match(c, i, from[i], to);
        free_texts(from, c->from);
        free_texts(to, c->to);
        return whole ? 0 : -ENOMEM;
}

void change_free(struct change *c) {
        free_texts(c->saved, c->to);
        free(c->parts);
        free(c->replaced);
}
