/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses what WireGuard links and their peers have. */

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>

#include "base64.h"
#include "util.h"
#include "value-words.h"
#include "value.h"

enum { HOST_NAME_MAX_ = 253, LABEL_MAX = 63 }; /* RFC 1035 */

/* A text of the value's own. */
static int keep(struct value_context *c, const char *text, const char **ret) {
        const char *copy = pool_strdup(c->pool, text);

        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

int value_public_key(struct value_context *c, const char *text, void *field) {
        static const uint8_t zero[KEY_SIZE];
        uint8_t key[KEY_SIZE];

        if (strlen(text) != KEY_TEXT || base64_read(text, key) < 0)
                return value_refuse(c, "is not a key, which is %d characters of base64", KEY_TEXT);
        if (memcmp(key, zero, sizeof zero) == 0)
                return value_refuse(c, "is a key of zeros, which the kernel takes for none");
        return keep(c, text, field);
}

/* Names of credentials are names of files. */
bool key_file_valid(const char *text) {
        const char *name = startswith(text, "@");

        if (name)
                return *name && !strchr(name, '/') && !streq(name, ".") && !streq(name, "..") &&
                       strlen(name) <= NAME_MAX;
        return *text == '/' && strlen(text) < PATH_MAX && text[strlen(text) - 1] != '/';
}

int value_key_file(struct value_context *c, const char *text, void *field) {
        uint8_t key[KEY_SIZE];
        bool is_key = strlen(text) == KEY_TEXT && base64_read(text, key) == 0;

        explicit_bzero(key, sizeof key);
        if (is_key && *text != '/')
                return value_refuse(c, "is a key itself; write it to a file of root's, mode 0600");
        if (!key_file_valid(text))
                return value_refuse(c, "is neither an absolute path nor @ and the name of a "
                                       "credential");
        return keep(c, text, field);
}

static int parse_port(struct value_context *c, const char *text, uint16_t *ret) {
        uint32_t port;

        if (parse_u32(text, 1, UINT16_MAX, &port) < 0)
                return value_refuse(c, "has no port from 1 to 65535");
        *ret = (uint16_t)port;
        return 0;
}

int value_firewall_mark(struct value_context *c, const char *text, void *field) {
        bool hex = startswith(text, "0x") && text[2];
        unsigned long long mark = 0;
        uint32_t decimal;

        if (hex && strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2) &&
            strlen(text) <= 10)
                mark = strtoull(text + 2, NULL, 16);
        else if (parse_u32(text, 1, UINT32_MAX, &decimal) == 0)
                mark = decimal;
        if (!mark)
                return value_refuse(c,
                                    "is not a mark, a number from 1 to 4294967295 or 0xffffffff");
        *(uint32_t *)field = (uint32_t)mark;
        return 0;
}

/* A name of DNS that nobody takes for an address. */
static bool host_name_valid(const char *name) {
        size_t label = 0;
        bool letters = false;

        if (!*name || strlen(name) > HOST_NAME_MAX_)
                return false;
        for (const char *p = name; *p; p++) {
                if (*p == '.' ? label == 0 : !is_alnum(*p) && *p != '-' && *p != '_')
                        return false;
                label = *p == '.' ? 0 : label + 1;
                if (label > LABEL_MAX || (label == 1 && *p == '-'))
                        return false;
                letters = *p == '.' ? letters && !p[1] : letters || *p < '0' || *p > '9';
        }
        return letters; /* of the last label */
}

static int parse_endpoint_address(struct value_context *c, const char *text, struct endpoint *e) {
        static const uint8_t zero[16];
        const struct address *a = &e->address;

        if (parse_address(text, &e->address) < 0)
                return value_refuse(c, "has '%.60s', which is neither an address nor a name", text);
        if (memcmp(a->bytes, zero, address_bytes(a->family)) == 0 ||
            (a->family == AF_INET ? a->bytes[0] >= 0xe0 : a->bytes[0] == 0xff))
                return value_refuse(c, "has '%.60s', which is not the address of a host", text);
        if (a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80)
                return value_refuse(c, "has a link-local address, which says nothing of the link");
        return 0;
}

int value_endpoint(struct value_context *c, const char *text, void *field) {
        const char *colon = strrchr(text, ':');
        char host[HOST_NAME_MAX_ + 3];
        size_t n = colon ? (size_t)(colon - text) : 0;
        struct endpoint e = { .port = 0 };
        int r;

        if (!colon || n == 0 || n >= sizeof host)
                return value_refuse(c, "is not ADDRESS:PORT, [IPV6-ADDRESS]:PORT or NAME:PORT");
        memcpy(host, text, n);
        host[n] = '\0';
        r = parse_port(c, colon + 1, &e.port);
        if (r < 0)
                return r;
        if (host[0] == '[' && host[n - 1] == ']' && strchr(host, ':')) {
                host[n - 1] = '\0';
                r = parse_endpoint_address(c, host + 1, &e);
        } else if (strchr(host, ':'))
                r = value_refuse(c, "has an IPv6 address without brackets: [ADDRESS]:PORT");
        else if (host_name_valid(host))
                r = keep(c, host, &e.name);
        else
                r = parse_endpoint_address(c, host, &e);
        if (r == 0)
                *(struct endpoint *)field = e;
        return r;
}

int value_allowed_ip(struct value_context *c, const char *text, void *field) {
        struct prefix p = { .length = 0 };

        if (parse_prefix(text, &p) < 0) {
                if (parse_address(text, &p.address) < 0)
                        return value_refuse(c, "is neither a network nor an address");
                p.length = (uint8_t)(8 * address_bytes(p.address.family));
        }
        ((struct allowed_ip *)field)->prefix = prefix_network(&p);
        return 0;
}

int value_keepalive(struct value_context *c, const char *text, void *field) {
        uint32_t seconds = 0;

        if (!streq(text, "off") && parse_u32(text, 1, UINT16_MAX, &seconds) < 0)
                return value_refuse(c, "is neither off nor a number from 1 to 65535");
        *(uint16_t *)field = (uint16_t)seconds;
        return 0;
}

int value_route_table(struct value_context *c, const char *text, void *field) {
        uint32_t table;

        if (streq(text, "off"))
                table = ROUTE_TABLE_OFF;
        else if (table_number(text, &table) < 0 || table == ROUTE_TABLE_OFF)
                return value_refuse(c,
                                    "is neither off nor a table: a number or main, local, default");
        *(uint32_t *)field = table;
        return 0;
}
