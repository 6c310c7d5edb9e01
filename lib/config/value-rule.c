/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses Rule= in the words of ip-rule(8). The kernel keeps rules by family, and a rule without
 * addresses does not say which family it means: ip(8) has "ip -6 rule" for that, and here it is the
 * word inet6. */

#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "value-words.h"

struct rule_parse {
        struct words w;
        struct rule *rule;
        unsigned seen; /* bits of rule_words */
        bool inet6;
};

static int rule_prefix(struct rule_parse *p, const char *of, struct prefix *ret) {
        int r = words_argument(&p->w, of);

        if (r < 0)
                return r;
        return streq(p->w.word, "all") ? 0 : words_network(&p->w, ret);
}

static int word_from(struct rule_parse *p) {
        return rule_prefix(p, "from", &p->rule->from);
}
static int word_to(struct rule_parse *p) {
        return rule_prefix(p, "to", &p->rule->to);
}
static int word_iif(struct rule_parse *p) {
        return words_ifname(&p->w, "iif", p->rule->iif);
}
static int word_table(struct rule_parse *p) {
        return words_table(&p->w, &p->rule->table);
}
static int word_priority(struct rule_parse *p) {
        p->rule->has_priority = true;
        return words_u32(&p->w, "priority", 0, UINT32_MAX, &p->rule->priority);
}
static int word_inet6(struct rule_parse *p) {
        p->inet6 = true;
        return 0;
}

/* Marks are mostly written in hexadecimal. */
static int parse_mark(const char *text, uint32_t *ret) {
        const char *digits = startswith(text, "0x");
        uint32_t value = 0;

        if (!digits)
                return parse_u32(text, 0, UINT32_MAX, ret);
        if (!*digits || strlen(digits) > 8 ||
            strspn(digits, "0123456789abcdefABCDEF") != strlen(digits))
                return -EINVAL;
        for (const char *p = digits; *p; p++)
                value = value << 4 | (uint32_t)(*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
        *ret = value;
        return 0;
}

static int word_fwmark(struct rule_parse *p) {
        char *slash;
        int r = words_argument(&p->w, "fwmark");

        if (r < 0)
                return r;
        p->rule->has_mark = true;
        p->rule->mask = UINT32_MAX;
        slash = strchr(p->w.word, '/');
        if (slash)
                *slash = '\0';
        if (parse_mark(p->w.word, &p->rule->mark) < 0 ||
            (slash && parse_mark(slash + 1, &p->rule->mask) < 0))
                return value_refuse(p->w.c, "has a firewall mark that is not MARK or MARK/MASK");
        if (p->rule->mask == 0)
                return value_refuse(p->w.c, "has a mask of 0, which is that of every packet");
        return 0;
}

static const struct rule_word {
        const char *name;
        int (*parse)(struct rule_parse *p);
} rule_words[] = {
        { "from", word_from },   { "to", word_to },       { "fwmark", word_fwmark },
        { "iif", word_iif },     { "table", word_table }, { "priority", word_priority },
        { "inet6", word_inet6 },
};

static const char *const later[] = {
        "not", "oif", "ipproto", "sport", "dport", "uidrange", "suppress_prefixlength",
};

static int rule_word(struct rule_parse *p) {
        for (size_t i = 0; i < ARRAY_SIZE(rule_words); i++) {
                if (!streq(p->w.word, rule_words[i].name))
                        continue;
                if (p->seen & (1u << i))
                        return value_refuse(p->w.c, "has '%s' twice", rule_words[i].name);
                p->seen |= 1u << i;
                return rule_words[i].parse(p);
        }
        for (size_t i = 0; i < ARRAY_SIZE(later); i++)
                if (streq(p->w.word, later[i]))
                        return value_refuse(p->w.c, "has '%s', which is not supported yet",
                                            p->w.word);
        return value_refuse(p->w.c, "has the unknown word '%s'", p->w.word);
}

static int rule_check(struct value_context *c, struct rule *rule, bool inet6) {
        uint8_t from = rule->from.address.family, to = rule->to.address.family;

        rule->family = from ?: to ?: inet6 ? AF_INET6 : AF_INET;
        if ((from && from != rule->family) || (to && to != rule->family) ||
            (inet6 && rule->family != AF_INET6))
                return value_refuse(c, "mixes IPv4 and IPv6");
        if (!rule->table)
                return value_refuse(c, "has no table");
        return 0;
}

int value_rule(struct value_context *c, const char *text, void *field) {
        struct rule_parse p = { .w = { .c = c, .rest = text }, .rule = field };
        int r;

        while ((r = words_next(&p.w)) > 0) {
                r = rule_word(&p);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        return rule_check(c, field, p.inet6);
}
