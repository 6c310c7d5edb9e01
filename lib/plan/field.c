/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints each type of field so that a person can read it, and reads it back as the same value: the
 * record is made of such text. A value that is zero means "unset" and is not printed at all. */

#include "field.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "util.h"
#include "value.h"

static const char *const family_words[] = {
        [FAMILY_NONE] = NULL, [FAMILY_IPV4] = "ipv4", [FAMILY_IPV6] = "ipv6", [FAMILY_BOTH] = "both"
};

static uint64_t number_of(const void *value, enum field_type type) {
        switch (type) {
        case FIELD_U8:
        case FIELD_WORD8: return *(const uint8_t *)value;
        case FIELD_U16: return *(const uint16_t *)value;
        case FIELD_U64: return *(const uint64_t *)value;
        default: return *(const uint32_t *)value;
        }
}

static bool print_hops(const void *value, FILE *out) {
        const struct op_route *r = (const void *)((const char *)value -
                                                  offsetof(struct op_route, hops));
        char address[ADDRESS_MAX];

        for (size_t i = 0; i < r->hops.n; i++) {
                const struct nexthop *h = &r->hops.items[i];

                fprintf(out, "%s%s", i ? ";" : "",
                        h->via.family ? address_print(&h->via, address) : "-");
                fprintf(out, ",%s,%u%s", h->device[0] ? h->device : "-", h->weight,
                        h->onlink ? ",onlink" : "");
        }
        return r->hops.n > 0;
}

/* In the words of ip-route(8). */
static bool show_hops(const struct op_route *r, FILE *out) {
        char address[ADDRESS_MAX];

        for (size_t i = 0; i < r->hops.n; i++) {
                const struct nexthop *h = &r->hops.items[i];

                fputs(r->hops.n > 1 ? " nexthop" : "", out);
                if (h->via.family)
                        fprintf(out, " via %s", address_print(&h->via, address));
                if (h->device[0])
                        fprintf(out, " dev %s", h->device);
                if (r->hops.n > 1)
                        fprintf(out, " weight %u", h->weight);
                fputs(h->onlink ? " onlink" : "", out);
        }
        return r->hops.n > 0;
}

static bool print_prefixes(const void *value, FILE *out) {
        const LIST(struct prefix) *list = value;
        char text[CIDR_MAX];

        list_foreach (p, list)
                fprintf(out, "%s%s", p > list->items ? "," : "", prefix_print(p, text));
        return list->n > 0;
}

static bool print_name(const char *text, FILE *out) {
        if (!text)
                return false;
        fputs(text, out);
        return true;
}

static bool print_text(const char *text, FILE *out) {
        if (!text)
                return false;
        for (; *text; text++)
                if (*text <= ' ' || *text == '%' || *text == 0x7f)
                        fprintf(out, "%%%02x", (unsigned char)*text);
                else
                        fputc(*text, out);
        return true;
}

bool setting_is_given(const struct op *op, const struct field *f) {
        const char *base = op_data(op);

        if (f->given)
                return *(const bool *)(base + f->given);
        if (f->type == FIELD_TRISTATE)
                return *(const enum tristate *)(base + f->offset) != UNSET;
        return number_of(base + f->offset, f->type) != 0;
}

uint32_t setting_value(const struct op *op, const struct field *f) {
        const void *value = (const char *)op_data(op) + f->offset;
        uint64_t n;

        if (!setting_is_given(op, f))
                return f->normal;
        if (f->type == FIELD_TRISTATE)
                return *(const enum tristate *)value == YES;
        n = number_of(value, f->type);
        return f->flags & FIELD_MAX_IS_0 && n == UINT32_MAX ? 0 : (uint32_t)n;
}

bool field_print(const struct op *op, const struct field *f, FILE *out) {
        const void *value = (const char *)op_data(op) + f->offset;
        char buffer[CIDR_MAX];
        uint64_t n;

        switch (f->type) {
        case FIELD_IFNAME: return *(const char *)value && print_text(value, out);
        case FIELD_TEXT: return print_text(*(const char *const *)value, out);
        case FIELD_BOOL: return *(const bool *)value && print_name("yes", out);
        case FIELD_TRISTATE:
                n = *(const enum tristate *)value;
                return n != UNSET && print_name(n == YES ? "yes" : "no", out);
        case FIELD_U8:
        case FIELD_U16:
        case FIELD_U32:
        case FIELD_U64: n = number_of(value, f->type); return n && fprintf(out, "%" PRIu64, n) > 0;
        case FIELD_HEX: n = *(const uint32_t *)value; return n && fprintf(out, "0x%" PRIx64, n) > 0;
        case FIELD_WORD8: return print_name(f->words[*(const uint8_t *)value], out);
        case FIELD_FAMILIES:
                return print_name(family_words[*(const enum families *)value & 3], out);
        case FIELD_FAMILY:
                n = *(const uint8_t *)value;
                return n && print_name(n == AF_INET6 ? "ipv6" : "ipv4", out);
        case FIELD_PROTOCOL: return print_name(protocol_name(*(const uint8_t *)value), out);
        case FIELD_IPPROTO:
                n = *(const uint8_t *)value;
                return print_name(ipproto_name(n), out) || (n && fprintf(out, "%" PRIu64, n) > 0);
        case FIELD_ADDRESS:
                return ((const struct address *)value)->family &&
                       print_name(address_print(value, buffer), out);
        case FIELD_PREFIX:
                return ((const struct prefix *)value)->address.family &&
                       print_name(prefix_print(value, buffer), out);
        case FIELD_MAC:
                return ((const struct mac *)value)->set &&
                       print_name(mac_print(value, buffer), out);
        case FIELD_ACCOUNT:
                return ((const struct account *)value)->set &&
                       fprintf(out, "%u", ((const struct account *)value)->id) > 0;
        case FIELD_HOPS: return print_hops(value, out);
        case FIELD_PREFIXES: return print_prefixes(value, out);
        case FIELD_SET: return print_name(nft_sets[*(const uint8_t *)value].name, out);
        }
        return false;
}

bool field_show(const struct op *op, const struct field *f, FILE *out) {
        const struct prefix *prefix = (const void *)((const char *)op_data(op) + f->offset);

        if (f->type == FIELD_HOPS)
                return show_hops(&op->route, out);
        fprintf(out, " %s=", f->name);
        if (f->flags & FIELD_DEFAULT && prefix->address.family && prefix->length == 0)
                return print_name("default", out);
        return field_print(op, f, out);
}

static int parse_number(const char *text, int base, uint64_t max, uint64_t *ret) {
        char *end;

        errno = 0;
        *ret = strtoull(text, &end, base);
        return errno || end == text || *end || *text == '-' || *ret > max ? -EINVAL : 0;
}

static int hex_digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum { TEXT_MAX = 3 * 255 }; /* more than any name or line of a file; it has to fit a message */

/* The bound is that of what is meant: a record may spell the same text longer or shorter. */
static int parse_text(struct plan *p, const char *text, const char **ret) {
        char *copy, *out;

        copy = out = pool_alloc(&p->pool, strlen(text) + 1);
        if (!copy)
                return -ENOMEM;
        for (; *text; text++)
                if (*text == '%') {
                        int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);

                        if (low < 0 || (high == 0 && low == 0))
                                return -EINVAL;
                        *out++ = (char)(high << 4 | low);
                        text += 2;
                } else
                        *out++ = *text;
        if (out - copy > TEXT_MAX)
                return -EINVAL;
        *ret = copy;
        return 0;
}

static int parse_ifname(struct plan *p, const char *text, char *ret) {
        const char *name;
        int r = parse_text(p, text, &name);

        if (r < 0)
                return r;
        if (!ifname_valid(name))
                return -EINVAL;
        strcpy(ret, name); /* ifname_valid() bounds it */
        return 0;
}

static int parse_hop(struct plan *p, char *text, struct nexthop *h) {
        char *via = strsep(&text, ","), *device = strsep(&text, ","), *weight = strsep(&text, ",");
        uint32_t n;

        if (!device || !weight || parse_u32(weight, 0, 256, &n) < 0)
                return -EINVAL;
        h->weight = n;
        h->onlink = text && streq(text, "onlink");
        if (text && !h->onlink)
                return -EINVAL;
        if (!streq(via, "-") && parse_address(via, &h->via) < 0)
                return -EINVAL;
        return streq(device, "-") ? 0 : parse_ifname(p, device, h->device);
}

static int parse_hops(struct plan *p, const char *text, void *list) {
        _cleanup_free_ char *copy = strdup(text);
        char *rest = copy, *part;

        if (!copy)
                return -ENOMEM;
        for (size_t n = 0; (part = strsep(&rest, ";")); n++) {
                struct nexthop *h = pool_list_add(&p->pool, list, sizeof *h);
                int r;

                if (!h)
                        return -ENOMEM;
                if (n == HOPS_MAX)
                        return -EINVAL;
                r = parse_hop(p, part, h);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int parse_prefixes(struct plan *p, const char *text, void *list) {
        _cleanup_free_ char *copy = strdup(text);
        char *rest = copy, *part;

        if (!copy)
                return -ENOMEM;
        while ((part = strsep(&rest, ","))) {
                struct prefix *prefix = pool_list_add(&p->pool, list, sizeof *prefix);

                if (!prefix)
                        return -ENOMEM;
                if (parse_prefix(part, prefix) < 0)
                        return -EINVAL;
        }
        return 0;
}

static int parse_word(const char *text, const char *const *words, size_t n, uint8_t *ret) {
        for (size_t i = 0; i < n; i++)
                if (words[i] && streq(words[i], text)) {
                        *ret = i;
                        return 0;
                }
        return -EINVAL;
}

static int parse_set(const char *text, uint8_t *ret) {
        for (uint8_t i = 0; i < NFT_SETS; i++)
                if (streq(nft_sets[i].name, text)) {
                        *ret = i;
                        return 0;
                }
        return -EINVAL;
}

static int parse_families(const char *text, enum families *ret) {
        uint8_t n;
        int r = parse_word(text, family_words, ARRAY_SIZE(family_words), &n);

        if (r == 0)
                *ret = n;
        return r;
}

static int parse_numbers(const struct field *f, const char *text, void *value) {
        uint64_t n;

        switch (f->type) {
        case FIELD_U8:
                if (parse_number(text, 10, UINT8_MAX, &n) < 0)
                        return -EINVAL;
                *(uint8_t *)value = n;
                return 0;
        case FIELD_U16:
                if (parse_number(text, 10, UINT16_MAX, &n) < 0)
                        return -EINVAL;
                *(uint16_t *)value = n;
                return 0;
        case FIELD_U64: return parse_number(text, 10, UINT64_MAX, value);
        default:
                if (parse_number(text, f->type == FIELD_HEX ? 16 : 10, UINT32_MAX, &n) < 0)
                        return -EINVAL;
                *(uint32_t *)value = n;
                return 0;
        }
}

int field_parse(struct plan *p, struct op *op, const struct field *f, const char *text) {
        void *value = (char *)op_data(op) + f->offset;
        bool yes;

        switch (f->type) {
        case FIELD_IFNAME: return parse_ifname(p, text, value);
        case FIELD_TEXT: return parse_text(p, text, value);
        case FIELD_BOOL: return parse_bool(text, value);
        case FIELD_TRISTATE:
                if (parse_bool(text, &yes) < 0)
                        return -EINVAL;
                *(enum tristate *)value = yes ? YES : NO;
                return 0;
        case FIELD_U8:
        case FIELD_U16:
        case FIELD_U32:
        case FIELD_U64:
        case FIELD_HEX: return parse_numbers(f, text, value);
        case FIELD_WORD8: return parse_word(text, f->words, field_count_words(f), value);
        case FIELD_FAMILIES: return parse_families(text, value);
        case FIELD_FAMILY:
                *(uint8_t *)value = streq(text, "ipv6")   ? AF_INET6
                                    : streq(text, "ipv4") ? AF_INET
                                                          : 0;
                return *(uint8_t *)value ? 0 : -EINVAL;
        case FIELD_PROTOCOL: return parse_protocol(text, value);
        case FIELD_IPPROTO: return parse_ipproto(text, value);
        case FIELD_ADDRESS: return parse_address(text, value);
        case FIELD_PREFIX: return parse_prefix(text, value);
        case FIELD_MAC: return parse_mac(text, value);
        case FIELD_ACCOUNT: return parse_account(text, value);
        case FIELD_HOPS: return parse_hops(p, text, value);
        case FIELD_PREFIXES: return parse_prefixes(p, text, value);
        case FIELD_SET: return parse_set(text, value);
        }
        return -EINVAL;
}
