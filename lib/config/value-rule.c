/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses Rule= in the words of ip-rule(8). The kernel keeps rules by family, and a rule without
 * addresses does not say which family it means: ip(8) has "ip -6 rule" for that, and here it is the
 * word inet6. */

#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "value-words.h"

/* Nobody is asked: /etc/protocols may have other names, or not be there. */
static const struct {
        uint8_t number;
        const char *name;
} protocols[] = {
        { IPPROTO_ICMP, "icmp" },       { IPPROTO_IGMP, "igmp" }, { IPPROTO_TCP, "tcp" },
        { IPPROTO_UDP, "udp" },         { IPPROTO_DCCP, "dccp" }, { IPPROTO_GRE, "gre" },
        { IPPROTO_ESP, "esp" },         { IPPROTO_AH, "ah" },     { IPPROTO_ICMPV6, "ipv6-icmp" },
        { IPPROTO_ICMPV6, "icmpv6" },   { 89, "ospf" },           { IPPROTO_SCTP, "sctp" },
        { IPPROTO_UDPLITE, "udplite" },
};

const char *ipproto_name(uint8_t number) {
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (protocols[i].number == number)
                        return protocols[i].name;
        return NULL;
}

int parse_ipproto(const char *text, uint8_t *ret) {
        uint32_t n;

        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (streq(protocols[i].name, text)) {
                        *ret = protocols[i].number;
                        return 0;
                }
        if (parse_u32(text, 1, UINT8_MAX, &n) < 0)
                return -EINVAL;
        *ret = (uint8_t)n;
        return 0;
}

struct rule_parse {
        struct words w;
        struct routing_rule *rule;
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
static int word_oif(struct rule_parse *p) {
        return words_ifname(&p->w, "oif", p->rule->oif);
}
static int word_not(struct rule_parse *p) {
        p->rule->invert = true;
        return 0;
}
static int word_table(struct rule_parse *p) {
        return words_table(&p->w, &p->rule->table);
}
static int word_priority(struct rule_parse *p) {
        p->rule->has_priority = true;
        return words_u32(&p->w, "priority", 0, UINT32_MAX, &p->rule->priority);
}
static int word_suppress(struct rule_parse *p) {
        p->rule->has_suppress = true;
        return words_u32(&p->w, "suppress_prefixlength", 0, 128, &p->rule->suppress);
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

static int word_ipproto(struct rule_parse *p) {
        int r = words_argument(&p->w, "ipproto");

        if (r < 0 || parse_ipproto(p->w.word, &p->rule->protocol) == 0)
                return r;
        return value_refuse(p->w.c,
                            "has '%s' after 'ipproto', which is neither a known protocol nor a "
                            "number from 1 to 255",
                            p->w.word);
}

/* The kernel takes neither 0 nor 65535 (fib_rule_port_range_valid()). */
static int rule_ports(struct rule_parse *p, const char *of, struct port_range *ret) {
        uint32_t first, last;
        int r = words_argument(&p->w, of);

        if (r < 0)
                return r;
        if (parse_range(p->w.word, 1, UINT16_MAX - 1, &first, &last) < 0)
                return value_refuse(p->w.c,
                                    "has '%s' after '%s', which is neither a port from 1 to 65534 "
                                    "nor FIRST-LAST",
                                    p->w.word, of);
        *ret = (struct port_range){ (uint16_t)first, last == first ? 0 : (uint16_t)last };
        return 0;
}

static int word_sport(struct rule_parse *p) {
        return rule_ports(p, "sport", &p->rule->sport);
}
static int word_dport(struct rule_parse *p) {
        return rule_ports(p, "dport", &p->rule->dport);
}

/* The greatest number is none of a user (uid_valid() of the kernel). */
static int word_uidrange(struct rule_parse *p) {
        int r = words_argument(&p->w, "uidrange");

        if (r < 0)
                return r;
        p->rule->has_uids = true;
        if (!strchr(p->w.word, '-') ||
            parse_range(p->w.word, 0, UINT32_MAX - 1, &p->rule->first_uid, &p->rule->last_uid) < 0)
                return value_refuse(p->w.c, "has '%s' after 'uidrange', which is not FIRST-LAST",
                                    p->w.word);
        return 0;
}

static const struct rule_word {
        const char *name;
        int (*parse)(struct rule_parse *p);
} rule_words[] = {
        { "not", word_not },
        { "from", word_from },
        { "to", word_to },
        { "fwmark", word_fwmark },
        { "iif", word_iif },
        { "oif", word_oif },
        { "ipproto", word_ipproto },
        { "sport", word_sport },
        { "dport", word_dport },
        { "uidrange", word_uidrange },
        { "table", word_table },
        { "suppress_prefixlength", word_suppress },
        { "priority", word_priority },
        { "inet6", word_inet6 },
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
        return value_refuse(p->w.c, "has the unknown word '%s'", p->w.word);
}

static bool picks(const struct routing_rule *r) {
        return r->from.length || r->to.length || r->has_mark || r->iif[0] || r->oif[0] ||
               r->protocol || r->sport.first || r->dport.first || r->has_uids;
}

static int rule_check(struct value_context *c, struct routing_rule *rule, bool inet6) {
        uint8_t from = rule->from.address.family, to = rule->to.address.family;

        rule->family = from ?: to ?: inet6 ? AF_INET6 : AF_INET;
        if ((from && from != rule->family) || (to && to != rule->family) ||
            (inet6 && rule->family != AF_INET6))
                return value_refuse(c, "mixes IPv4 and IPv6");
        if (!rule->table)
                return value_refuse(c, "has no table");
        if (rule->family == AF_INET && rule->suppress > 32)
                return value_refuse(c,
                                    "has '%u' after 'suppress_prefixlength', and IPv4 has 32 bits",
                                    rule->suppress);
        if (rule->invert && !picks(rule))
                return value_refuse(c, "is 'not' for any packet, since nothing else picks some");
        return 0;
}

int value_rule(struct value_context *c, const char *text, void *field) {
        struct rule *rule = field;
        struct rule_parse p = { .w = { .c = c, .rest = text }, .rule = &rule->rule };
        int r;

        while ((r = words_next(&p.w)) > 0) {
                r = rule_word(&p);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        return rule_check(c, &rule->rule, p.inet6);
}
