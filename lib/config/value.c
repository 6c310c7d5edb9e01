/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses the values that are not addresses: booleans, words of a small set, numbers, time spans. It
 * is strict on purpose. A number with a sign, with a leading zero (which ip(8) takes for octal) or
 * with anything behind it is refused, since a typing error that passes here becomes a network that
 * is subtly wrong. */

#include "value.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>

#include "util.h"

int value_refuse(struct value_context *c, const char *format, ...) {
        va_list args;

        va_start(args, format);
        vsnprintf(c->why, sizeof c->why, format, args);
        va_end(args);
        return -EINVAL;
}

int next_word(const char **text, char ret[WORD_MAX]) {
        const char *start = *text + strspn(*text, " \t");
        size_t n = strcspn(start, " \t");

        if (n >= WORD_MAX)
                return -EINVAL;
        memcpy(ret, start, n);
        ret[n] = '\0';
        *text = start + n;
        return (int)n;
}

int parse_bool(const char *text, bool *ret) {
        static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(text, words[i])) {
                        *ret = i % 2;
                        return 0;
                }
        return -EINVAL;
}

int parse_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret) {
        uint64_t value = 0;
        size_t n = strlen(text);

        if (n == 0 || n > 10 || (n > 1 && text[0] == '0'))
                return -EINVAL;
        for (const char *p = text; *p; p++) {
                if (*p < '0' || *p > '9')
                        return -EINVAL;
                value = value * 10 + (uint64_t)(*p - '0');
        }
        if (value < min || value > max)
                return -EINVAL;
        *ret = (uint32_t)value;
        return 0;
}

int parse_range(const char *text, uint32_t min, uint32_t max, uint32_t *ret_first,
                uint32_t *ret_last) {
        size_t n = strcspn(text, "-");
        uint32_t first, last;
        char number[16];

        if (n >= sizeof number)
                return -EINVAL;
        memcpy(number, text, n);
        number[n] = '\0';
        if (parse_u32(number, min, max, &first) < 0)
                return -EINVAL;
        last = first;
        if (text[n] && parse_u32(text + n + 1, first, max, &last) < 0)
                return -EINVAL;
        *ret_first = first;
        *ret_last = last;
        return 0;
}

static const struct {
        uint8_t number;
        const char *name;
} protocols[] = { { IPPROTO_TCP, "tcp" }, { IPPROTO_UDP, "udp" }, { IPPROTO_SCTP, "sctp" } };

const char *protocol_name(uint8_t protocol) {
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (protocols[i].number == protocol)
                        return protocols[i].name;
        return NULL;
}

int parse_protocol(const char *text, uint8_t *ret) {
        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (streq(text, protocols[i].name)) {
                        *ret = protocols[i].number;
                        return 0;
                }
        return -EINVAL;
}

int value_bool(struct value_context *c, const char *text, void *field) {
        if (parse_bool(text, field) < 0)
                return value_refuse(c, "is neither yes nor no");
        return 0;
}

int value_negated_bool(struct value_context *c, const char *text, void *field) {
        bool yes = false;
        int r = value_bool(c, text, &yes);

        if (r == 0)
                *(bool *)field = !yes;
        return r;
}

int value_tristate(struct value_context *c, const char *text, void *field) {
        bool yes = false;
        int r = value_bool(c, text, &yes);

        if (r == 0)
                *(enum tristate *)field = yes ? YES : NO;
        return r;
}

int value_families(struct value_context *c, const char *text, void *field) {
        enum families *ret = field;
        bool yes = false;

        if (streq(text, "ipv4"))
                *ret = FAMILY_IPV4;
        else if (streq(text, "ipv6"))
                *ret = FAMILY_IPV6;
        else if (streq(text, "both"))
                *ret = FAMILY_BOTH;
        else if (parse_bool(text, &yes) == 0)
                *ret = yes ? FAMILY_BOTH : FAMILY_NONE;
        else
                return value_refuse(c, "is not one of no, ipv4, ipv6, both");
        return 0;
}

int value_inbound(struct value_context *c, const char *text, void *field) {
        if (!streq(text, "published") && !streq(text, "any"))
                return value_refuse(c, "is neither published nor any");
        *(bool *)field = streq(text, "any");
        return 0;
}

int value_kind(struct value_context *c, const char *text, void *field) {
        enum link_kind kind = link_kind_of(text);

        if (kind == LINK_KINDS || link_kinds[kind]->implied)
                return value_refuse(c, "is not a kind of link");
        *(enum link_kind *)field = kind;
        return 0;
}

/* Of which kind the link is may stand below: whether it has the word is looked at when all has been read. */
int value_mode(struct value_context *c, const char *text, void *field) {
        for (enum link_kind k = 0; k < LINK_KINDS; k++) {
                const struct field *mode = link_mode_of(k);
                uint8_t i = link_mode_by_word(k, text);

                if (i) {
                        *(const char **)field = mode->words[i];
                        return 0;
                }
        }
        return value_refuse(c, "is not a mode of any kind of link");
}

/* 0 is what the kernel takes for "no VLAN, but a priority" and accepts. */
int value_vlan_id(struct value_context *c, const char *text, void *field) {
        uint32_t n;

        if (parse_u32(text, 1, 4094, &n) < 0)
                return value_refuse(c, "is not a number from 1 to 4094");
        *(uint16_t *)field = (uint16_t)n;
        return 0;
}

int value_mtu(struct value_context *c, const char *text, void *field) {
        if (parse_u32(text, 68, 65535, field) < 0)
                return value_refuse(c, "is not a number from 68 to 65535");
        return 0;
}

int value_queue_length(struct value_context *c, const char *text, void *field) {
        uint32_t length;

        if (parse_u32(text, 0, UINT32_MAX - 1, &length) < 0)
                return value_refuse(c, "is not a number from 0 to 4294967294");
        *(uint32_t *)field = length ?: UINT32_MAX; /* zero already means unset */
        return 0;
}

int value_pvid(struct value_context *c, const char *text, void *field) {
        uint32_t id = 0;

        if (!streq(text, "none") && parse_u32(text, 0, 4094, &id) < 0)
                return value_refuse(c, "is neither none nor a number from 1 to 4094");
        *(uint16_t *)field = (uint16_t)id;
        return 0;
}

/* The units of systemd.time(7), in microseconds; no unit means seconds. */
static uint64_t time_unit(const char *name) {
        static const struct {
                const char *names;
                uint64_t us;
        } units[] = {
                { " us usec ", 1 },
                { " ms msec ", 1000 },
                { "  s sec second seconds ", 1000000 },
                { " m min minute minutes ", 60 * UINT64_C(1000000) },
                { " h hr hour hours ", 3600 * UINT64_C(1000000) },
                { " d day days ", 86400 * UINT64_C(1000000) },
                { " w week weeks ", 7 * 86400 * UINT64_C(1000000) },
        };
        char word[16];

        if (snprintf(word, sizeof word, " %s ", name) >= (int)sizeof word)
                return 0;
        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
                if (strstr(units[i].names, word))
                        return units[i].us;
        return 0;
}

/* One "NUMBER[.FRACTION][UNIT]" of a span; moves *text behind it. What is less than a microsecond
 * falls away. Without a unit it is the whole span. -ERANGE: longer than anything. */
static int parse_span_part(const char **text, uint64_t *ret_us) {
        const char *p = *text;
        uint64_t whole = 0, fraction = 0, scale = 1, unit;
        char name[16] = "";
        size_t n;

        if (*p < '0' || *p > '9')
                return -EINVAL;
        for (; *p >= '0' && *p <= '9'; p++) {
                whole = whole * 10 + (uint64_t)(*p - '0');
                if (whole > UINT32_MAX)
                        return -ERANGE;
        }
        if (*p == '.')
                for (p++; *p >= '0' && *p <= '9'; p++)
                        if (scale < 1000000) {
                                scale *= 10;
                                fraction = fraction * 10 + (uint64_t)(*p - '0');
                        }
        if (p[-1] == '.')
                return -EINVAL;
        p += strspn(p, " \t");
        n = strspn(p, "abcdefghijklmnopqrstuvwxyz");
        if (n >= sizeof name || (n == 0 && *p))
                return -EINVAL;
        memcpy(name, p, n);
        unit = time_unit(n ? name : "s");
        if (unit == 0)
                return -EINVAL;
        p += n;
        if (whole > UINT64_MAX / 4 / unit)
                return -ERANGE;
        *ret_us = whole * unit + fraction * unit / scale;
        *text = p + strspn(p, " \t");
        return 0;
}

int value_centiseconds(struct value_context *c, const char *text, void *field) {
        const char *p = text;
        uint64_t sum = 0;

        do {
                uint64_t us = 0;
                int r = parse_span_part(&p, &us);

                if (r == -EINVAL)
                        return value_refuse(c, "is not a time span such as 15s");
                sum += us;
                if (r < 0 || sum / 10000 > UINT32_MAX)
                        return value_refuse(c, "is too long");
        } while (*p);
        if (sum > 0 && sum < 10000) /* none at all mostly means something else */
                return value_refuse(c, "is less than a hundredth of a second");
        *(uint32_t *)field = (uint32_t)(sum / 10000);
        return 0;
}

static int centiseconds_within(struct value_context *c, const char *text, uint32_t min_sec,
                               uint32_t max_sec, uint32_t *ret) {
        uint32_t span;
        int r = value_centiseconds(c, text, &span);

        if (r < 0)
                return r;
        if (span < min_sec * 100 || span > max_sec * 100)
                return value_refuse(c, "is not between %u and %u seconds", min_sec, max_sec);
        *ret = span;
        return 0;
}

int value_forward_delay(struct value_context *c, const char *text, void *field) {
        return centiseconds_within(c, text, 2, 30, field);
}

int value_ageing_time(struct value_context *c, const char *text, void *field) {
        return centiseconds_within(c, text, 0, 1000000, field);
}
