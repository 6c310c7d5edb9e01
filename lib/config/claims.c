/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Remembers what the files of a site have claimed, so that a second file that wants the same is
 * found, at boot and among ten thousand. What is hard about it are ranges: two prefixes overlap if
 * one contains the other. So a claim is looked for under its own prefix and under each shorter one;
 * and a claim that is made leaves a mark at each shorter prefix ("something is beneath"), by which
 * a wider claim finds it. Only the lengths that occur at all are asked and marked, in practice one
 * or two, so ten thousand files cost some ten thousand look-ups each way. A run of ports is a
 * handful of prefixes of 16 bits. */

#include "claims.h"

#include <errno.h>

#include "util.h"

enum { BENEATH = 0x80 }; /* in the kind of a key: the mark, not the claim */

static bool has_ranges(const struct claim_key *key) {
        return key->kind == CLAIM_SUBNET || key->kind == CLAIM_PORT;
}

static struct claim_key shortened(const struct claim_key *key, uint8_t length) {
        struct claim_key k = *key;

        k.length = length;
        for (unsigned i = 0; i < sizeof k.value; i++) {
                unsigned bits = length > i * 8 ? length - i * 8u : 0;

                if (bits < 8)
                        k.value[i] &= (uint8_t)(0xff00 >> bits);
        }
        return k;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        return hash ^ (hash >> 29);
}

static uint64_t hash_key(const struct claim_key *key) {
        uint64_t words[4], hash;

        memcpy(words, key->value, 16);
        memcpy(words + 2, key->scope, 16);
        hash = mix(0, (uint64_t)key->kind << 24 | (uint64_t)key->family << 16 |
                              (uint64_t)key->protocol << 8 | key->length);
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                hash = mix(hash, words[i]);
        for (const char *p = key->text; p && *p; p++)
                hash = mix(hash, (uint64_t)(unsigned char)*p);
        return hash;
}

static bool key_equal(const struct claim_key *a, const struct claim_key *b) {
        return a->kind == b->kind && a->family == b->family && a->protocol == b->protocol &&
               a->length == b->length && memcmp(a->value, b->value, sizeof a->value) == 0 &&
               memcmp(a->scope, b->scope, sizeof a->scope) == 0 &&
               (a->text == b->text || (a->text && b->text && streq(a->text, b->text)));
}

/* The slot that has the key or is free for it; there is always a free one. */
static uint32_t *find_slot(const struct claims *c, const struct claim_key *key) {
        size_t i = hash_key(key) & (c->n_slots - 1);

        while (c->slots[i] && !key_equal(&c->items.items[c->slots[i] - 1].key, key))
                i = (i + 1) & (c->n_slots - 1);
        return &c->slots[i];
}

static const struct claim *look_up(const struct claims *c, const struct claim_key *key) {
        uint32_t slot = c->n_slots ? *find_slot(c, key) : 0;

        return slot ? &c->items.items[slot - 1] : NULL;
}

static int grow(struct claims *c) {
        size_t n = c->n_slots ? c->n_slots * 2 : 64;
        uint32_t number = 0, *slots;
        struct claim *items;

        while (n < c->n_expected * 2)
                n *= 2;
        items = reallocarray(c->items.items, n / 2, sizeof *items);
        if (!items)
                return -ENOMEM;
        c->items.items = items;
        slots = calloc(n, sizeof *slots);
        if (!slots)
                return -ENOMEM;
        free(c->slots);
        c->slots = slots;
        c->n_slots = n;
        list_foreach (item, &c->items)
                *find_slot(c, &item->key) = ++number;
        return 0;
}

/* *ret is the number of the item that has the key now, and 1. */
static int insert(struct claims *c, const struct claim *new, uint32_t *ret) {
        uint32_t *slot;

        if (c->items.n * 2 >= c->n_slots && grow(c) < 0)
                return -ENOMEM;
        slot = find_slot(c, &new->key);
        if (!*slot) {
                c->items.items[c->items.n++] = *new;
                *slot = (uint32_t)c->items.n;
        }
        *ret = *slot;
        return 0;
}

void claims_expect(struct claims *c, const struct claim_key *key) {
        c->used_lengths[key->kind][key->length] = true;
        c->n_expected++;
}

const struct claim *claims_find(const struct claims *c, const struct claim_key *key) {
        const struct claim *found = look_up(c, key);
        struct claim_key k;

        if (found || !has_ranges(key))
                return found;
        for (unsigned length = 0; !found && length < key->length; length++)
                if (c->used_lengths[key->kind][length]) {
                        k = shortened(key, (uint8_t)length);
                        found = look_up(c, &k);
                }
        if (found)
                return found;
        k = *key;
        k.kind |= BENEATH;
        found = look_up(c, &k);
        return found ? &c->items.items[found->mark_of - 1] : NULL;
}

int claims_add(struct claims *c, const struct claim_key *key, const struct origin *origin) {
        struct claim claim = { .key = *key, .origin = *origin };
        uint32_t number, mark;
        int r = insert(c, &claim, &number);

        for (unsigned length = 0; has_ranges(key) && r >= 0 && length < key->length; length++)
                if (c->used_lengths[key->kind][length]) {
                        claim.key = shortened(key, (uint8_t)length);
                        claim.key.kind |= BENEATH;
                        claim.mark_of = number;
                        r = insert(c, &claim, &mark);
                }
        return r;
}

void claims_free(struct claims *c) {
        free(c->items.items);
        free(c->slots);
        *c = (struct claims){ 0 };
}
