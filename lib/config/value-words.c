/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads a value word by word, for Route= and Rule=, which share most of their words. Every refusal
 * names the word and its value, since a route has a dozen of them on one line. */

#include "value-words.h"

#include <errno.h>
#include <netinet/in.h>

#include "util.h"

int words_next(struct words *w) {
        int r = next_word(&w->rest, w->word);

        return r < 0 ? value_refuse(w->c, "has a word that is too long") : r > 0;
}

int words_argument(struct words *w, const char *of) {
        int r = words_next(w);

        return r == 0 ? value_refuse(w->c, "has nothing after '%s'", of) : r < 0 ? r : 0;
}

int words_u32(struct words *w, const char *of, uint32_t min, uint32_t max, uint32_t *ret) {
        int r = words_argument(w, of);

        if (r < 0)
                return r;
        if (parse_u32(w->word, min, max, ret) < 0)
                return value_refuse(w->c,
                                    "has '%s' after '%s', which is not a number from %u to %u",
                                    w->word, of, min, max);
        return 0;
}

int table_number(const char *text, uint32_t *ret) {
        static const struct {
                const char *name;
                uint32_t number;
        } tables[] = { { "default", 253 }, { "main", 254 }, { "local", 255 } };

        for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
                if (streq(text, tables[i].name)) {
                        *ret = tables[i].number;
                        return 0;
                }
        return parse_u32(text, 1, UINT32_MAX, ret);
}

int words_table(struct words *w, uint32_t *ret) {
        int r = words_argument(w, "table");

        if (r < 0)
                return r;
        if (table_number(w->word, ret) < 0)
                return value_refuse(w->c,
                                    "has the table '%s', which is neither a number nor main, "
                                    "local or default",
                                    w->word);
        return 0;
}

int words_ifname(struct words *w, const char *of, char ret[IFNAMSIZ]) {
        int r = words_argument(w, of);

        if (r < 0)
                return r;
        if (!ifname_valid(w->word))
                return value_refuse(w->c,
                                    "has '%s' after '%s', which is not a valid interface name",
                                    w->word, of);
        memcpy(ret, w->word, strlen(w->word) + 1);
        return 0;
}

int words_address(struct words *w, const char *of, struct address *ret) {
        static const uint8_t zero[16];
        struct address a;
        int r = words_argument(w, of);

        if (r < 0)
                return r;
        if (parse_address(w->word, &a) < 0)
                return value_refuse(w->c, "has '%s' after '%s', which is not an address", w->word,
                                    of);
        if (memcmp(a.bytes, zero, sizeof zero) == 0 ||
            (a.family == AF_INET ? (a.bytes[0] & 0xf0) == 0xe0 : a.bytes[0] == 0xff))
                return value_refuse(w->c, "has '%s' after '%s', which is not the address of a host",
                                    w->word, of);
        *ret = a;
        return 0;
}

int words_network(struct words *w, struct prefix *ret) {
        char network[CIDR_MAX];
        struct prefix p;

        if (parse_prefix(w->word, &p) < 0) {
                if (parse_address(w->word, &p.address) < 0)
                        return value_refuse(w->c, "has '%s', which is not a network", w->word);
                p.length = (uint8_t)(address_bytes(p.address.family) * 8);
        }
        *ret = prefix_network(&p);
        if (!address_equal(&ret->address, &p.address))
                return value_refuse(w->c, "has '%s', which is a host; its network is %s", w->word,
                                    prefix_print(ret, network));
        return 0;
}
