/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses names and free text. What passes here goes into unit files, file names and the kernel log
 * as it stands, so each grammar is the strictest that its users can live with: no unit file, path
 * or message that is built from such a name ever needs another escape than "%%" for "%". */

#include <errno.h>

#include "util.h"
#include "value.h"

enum {
        UNIT_NAME_BYTES = 255,
        DROP_IN_BYTES = 253, /* a file's name less ".d": a unit with a longer one has no drop-ins */
        TEXT_BYTES = 120,
};

bool is_alnum(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool name_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > 63 || !is_alnum(name[0]))
                return false;
        for (const char *p = name; *p; p++)
                if (!is_alnum(*p) && *p != '-' && *p != '_' && *p != '.' && *p != '@')
                        return false;
        return true;
}

/* Narrower than dev_valid_name() of the kernel: what a shell, nft(8) or a unit file would read as
 * more than a name is no name. nft takes a trailing '*' for a pattern, ip(8) a leading '-' for an
 * option; a number or a directory of /proc/sys/net/ipv4/conf misleads everybody. */
bool ifname_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n >= IFNAMSIZ || streq(name, ".") || streq(name, "..") ||
            streq(name, "all") || streq(name, "default"))
                return false;
        for (const char *p = name; *p; p++)
                if (!is_alnum(*p) && !strchr("_.-+@", *p))
                        return false;
        if (*name == '-')
                return false;
        return strspn(name, "0123456789") < n;
}

int value_ifname(struct value_context *c, const char *text, void *field) {
        if (!ifname_valid(text))
                return value_refuse(c, "is not a valid interface name (at most 15 bytes)");
        memcpy(field, text, strlen(text) + 1);
        return 0;
}

static int keep(struct value_context *c, const char *text, const char **ret) {
        const char *copy = pool_strdup(c->pool, text);

        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

int value_interface_list_name(struct value_context *c, const char *text, void *field) {
        if (!ifname_valid(text))
                return value_refuse(c, "is not a valid interface name (at most 15 bytes)");
        return keep(c, text, &((struct text *)field)->text);
}

int value_netns_name(struct value_context *c, const char *text, void *field) {
        if (!name_valid(text))
                return value_refuse(
                        c,
                        "is not a valid name: up to 63 letters, digits, '_', '.', '@', '-', a letter or digit first");
        return keep(c, text, field);
}

/* The length of one UTF-8 sequence, 0 where it is none: RFC 3629, shortest form only, no
 * surrogates. */
static size_t utf8_sequence(const unsigned char *s, uint32_t *ret) {
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
        uint32_t code = s[0];

        if (n == 0 || s[0] > 0xf4)
                return 0;
        if (n > 1)
                code &= 0x7fu >> n;
        for (size_t i = 1; i < n; i++) {
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (s[i] & 0x3f);
        }
        if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return 0;
        *ret = code;
        return n;
}

/* The length of one character that is fit for people to see, else 0. */
static size_t visible_character(const char *p) {
        uint32_t code = (unsigned char)*p;
        size_t n = code < 0x80 ? 1 : utf8_sequence((const unsigned char *)p, &code);

        return (code < ' ' && code != '\t') || (code >= 0x7f && code < 0xa0) ? 0 : n;
}

bool utf8_valid(const char *text) {
        for (size_t n; *text; text += n) {
                n = visible_character(text);
                if (n == 0)
                        return false;
        }
        return true;
}

char *utf8_clean(char *text) {
        size_t n;

        for (char *p = text; p && *p; p += n ?: 1) {
                n = visible_character(p);
                if (n == 0)
                        *p = '?';
        }
        return text;
}

int value_text(struct value_context *c, const char *text, void *field) {
        size_t n = strlen(text);

        if (n > TEXT_BYTES)
                return value_refuse(c, "is longer than %d bytes", TEXT_BYTES);
        if (!utf8_valid(text) || strchr(text, '\t'))
                return value_refuse(c, "is not UTF-8 or has control characters");
        if (n && text[n - 1] == '\\')
                return value_refuse(c, "ends in a backslash");
        return keep(c, text, field);
}

static const char *const unit_types[] = {
        ".service", ".socket", ".target", ".device", ".mount", ".automount",
        ".swap",    ".timer",  ".path",   ".slice",  ".scope",
};

static bool has_unit_characters(const char *name) {
        for (const char *p = name; *p; p++)
                if (!is_alnum(*p) && !strchr(":_.@\\-", *p))
                        return false;
        return *name && strlen(name) <= UNIT_NAME_BYTES;
}

/* "foo@.service", which stands for all its instances. */
static bool is_unit_template(const char *name) {
        const char *at = strchr(name, '@');

        return at && at + 1 == strrchr(name, '.');
}

bool unit_name_valid(const char *name) {
        const char *dot = strrchr(name, '.');

        if (!dot || dot == name || *name == '@' || !has_unit_characters(name) ||
            is_unit_template(name)) /* a template is no unit */
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(unit_types); i++)
                if (streq(dot, unit_types[i]))
                        return true;
        return false;
}

bool service_name_valid(const char *name) {
        const char *dot = strrchr(name, '.');

        return dot && dot > name && *name != '@' && !startswith(name, "vnet@") &&
               !streq(name, "vnet-restore.service") && has_unit_characters(name) &&
               strlen(name) <= DROP_IN_BYTES && (streq(dot, ".service") || streq(dot, ".socket"));
}

int value_unit_name(struct value_context *c, const char *text, void *field) {
        if (!unit_name_valid(text))
                return value_refuse(c, "is not the name of a unit, such as nginx.service");
        return keep(c, text, &((struct text *)field)->text);
}

int value_service_name(struct value_context *c, const char *text, void *field) {
        if (startswith(text, "vnet@") || streq(text, "vnet-restore.service"))
                return value_refuse(c, "is a unit of vnet itself");
        if (!service_name_valid(text))
                return value_refuse(c, "is not the name of a .service or .socket unit%s",
                                    name_valid(text) && !strchr(text, '.')
                                            ? "; write it with .service at its end"
                                            : "");
        return keep(c, text, &((struct text *)field)->text);
}

int value_documentation(struct value_context *c, const char *text, void *field) {
        static const char *const schemes[] = { "http://", "https://", "file:/", "info:", "man:" };
        bool known = false;

        for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
                const char *rest = startswith(text, schemes[i]);

                known = known || (rest && *rest);
        }
        for (const char *p = text; *p; p++)
                if (*p <= ' ' || *p > '~' || strchr("\"'\\", *p))
                        known = false;
        if (!known || strlen(text) > UNIT_NAME_BYTES)
                return value_refuse(c, "is not an http:, https:, file:, info: or man: address");
        return keep(c, text, &((struct text *)field)->text);
}
