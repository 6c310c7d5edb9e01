/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the parsers of Route= and Rule= share: to read a text word by word. Private to
 * lib/config. */

#include "value.h"

struct words {
        struct value_context *c;
        const char *rest;
        char word[WORD_MAX]; /* the one that was read last */
};

/* 1: w->word is the next word; 0: none is left; -EINVAL: one that is too long. */
int words_next(struct words *w);

/* The value behind the word "of", which must be there: 0, or -EINVAL with the reason in the
 * context. */
int words_u32(struct words *w, const char *of, uint32_t min, uint32_t max, uint32_t *ret);
int words_table(struct words *w, uint32_t *ret);
int table_number(const char *text, uint32_t *ret); /* or one of its names; 0 or -EINVAL */
int words_ifname(struct words *w, const char *of, char ret[IFNAMSIZ]);
int words_address(struct words *w, const char *of, struct address *ret);
int words_argument(struct words *w, const char *of); /* left in w->word */

/* w->word as a network, or as a single address. Host bits must be clear, as the kernel wants
 * them. */
int words_network(struct words *w, struct prefix *ret);
