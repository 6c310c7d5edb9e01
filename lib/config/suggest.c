/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Guesses what somebody meant who wrote a name that the language does not have: the same name in
 * another section, or the nearest one. It is called only for what is ignored with a warning, so it
 * may be slow. */

#include <limits.h>
#include <strings.h>

#include "schema.h"
#include "specifier.h"
#include "util.h"

enum { NAME_BYTES = 32 }; /* no name of the language is that long */

static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static unsigned least(unsigned a, unsigned b) {
        return a < b ? a : b;
}

/* How many letters are missing, too many, wrong or swapped with their neighbour; case is free. */
static unsigned distance(const char *a, const char *b) {
        unsigned rows[3][NAME_BYTES + 1] = { 0 }, *before = rows[0], *last = rows[1],
                                      *row = rows[2];
        size_t n = strlen(a), m = strlen(b);

        if (n > NAME_BYTES || m > NAME_BYTES)
                return UINT_MAX;
        for (unsigned k = 0; k <= m; k++)
                last[k] = k;
        for (unsigned i = 1; i <= n; i++) {
                unsigned *free_row = before;

                row[0] = i;
                for (unsigned k = 1; k <= m; k++) {
                        bool same = lower(a[i - 1]) == lower(b[k - 1]);

                        row[k] = least(least(row[k - 1], last[k]) + 1, last[k - 1] + !same);
                        if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) &&
                            lower(a[i - 2]) == lower(b[k - 1]))
                                row[k] = least(row[k], before[k - 2] + 1);
                }
                before = last;
                last = row;
                row = free_row;
        }
        return last[m];
}

/* 0: the same but for case; UINT_MAX: too far to be meant. "MTU" is near to "MTUBytes" as well. */
static unsigned strangeness(const char *written, const char *name) {
        unsigned n = (unsigned)strlen(written), d = distance(written, name);

        if (d <= 2 && d * 3 <= n)
                return d;
        if (n >= 3 && (strcasestr(name, written) || strcasestr(written, name)))
                return 10 + d;
        return UINT_MAX;
}

bool suggest_is_near(const char *written, const char *name) {
        unsigned d = distance(written, name);

        return d <= 2 && d * 3 <= strlen(written);
}

static const struct schema_key *nearest_key(enum section section, const char *key) {
        const struct schema_key *best = NULL;
        unsigned least_strange = UINT_MAX;

        for (size_t i = 0; i < schema_n_keys; i++) {
                const struct schema_key *row = &schema_keys[i];
                unsigned s = row->section == section ? strangeness(key, row->name) : UINT_MAX;

                if (s < least_strange) {
                        least_strange = s;
                        best = row;
                }
        }
        return best;
}

/* Where else would it have a meaning? In the file of a namespace [Link] and not [Bridge]. */
static bool is_elsewhere(enum section here, enum section there) {
        if (there == here || !schema_sections[there].supported)
                return false;
        return there != SECTION_BRIDGE || (here != SECTION_NAMESPACE && here != SECTION_LINK);
}

void suggest_key(enum section section, const char *key, char ret[SUGGESTION_MAX]) {
        const struct schema_key *near = nearest_key(section, key);
        size_t n = 0;

        *ret = '\0';
        for (enum section s = 0; s < SECTIONS; s++)
                if (is_elsewhere(section, s) && schema_find(s, key))
                        n += (size_t)snprintf(ret + n, SUGGESTION_MAX - n, "%s[%s]",
                                              n ? " or " : "; it belongs in ",
                                              schema_sections[s].name);
        if (n)
                return;
        if (near)
                snprintf(ret, SUGGESTION_MAX, "; did you mean %s=?", near->name);
        for (enum section s = 0; s < SECTIONS && !near; s++) {
                near = is_elsewhere(section, s) ? nearest_key(s, key) : NULL;
                if (near)
                        snprintf(ret, SUGGESTION_MAX, "; did you mean %s= in [%s]?", near->name,
                                 schema_sections[s].name);
        }
}

void suggest_section(const char *name, char ret[SUGGESTION_MAX]) {
        static const char *const others[][2] = {
                /* of systemd.network(5), systemd.netdev(5) and units */
                { "Network", "[Namespace] or [Link]" },
                { "NetDev", "[Link] or [Bridge]" },
                { "Address", "Address= in [Link]" },
                { "Route", "Route= in [Link]" },
                { "RoutingPolicyRule", "Rule= in [Link]" },
                { "Neighbor", "Neighbor= in [Link]" },
                { "Interface", "[Link]" },
        };
        unsigned least_strange = UINT_MAX;

        *ret = '\0';
        if (strcasecmp(name, "Service") == 0)
                snprintf(ret, SUGGESTION_MAX,
                         "; settings of the unit go into a drop-in of systemd, "
                         "/etc/systemd/system/vnet@NAME.service.d/*.conf");
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (strcasecmp(name, others[i][0]) == 0)
                        snprintf(ret, SUGGESTION_MAX, "; did you mean %s?", others[i][1]);
        for (enum section s = 0; s < SECTIONS && !*ret; s++)
                least_strange = least(least_strange, strangeness(name, schema_sections[s].name));
        for (enum section s = 0; s < SECTIONS && !*ret && least_strange != UINT_MAX; s++)
                if (strangeness(name, schema_sections[s].name) == least_strange)
                        snprintf(ret, SUGGESTION_MAX, "; did you mean [%s]?",
                                 schema_sections[s].name);
}

/* Is each of its parts a value of this key? */
static bool is_several(const struct schema_key *key, const char *text) {
        _cleanup_free_ void *item = calloc(1, key->item);
        struct pool pool = { 0 };
        unsigned parts = 0;
        bool good = item;

        for (const char *p = text; good && *p; p += strspn(p, " \t,;")) {
                struct value_context c = { .pool = &pool };
                char part[VALUE_MAX];
                size_t n = strcspn(p, " \t,;");

                memcpy(part, p, n);
                part[n] = '\0';
                memset(item, 0, key->item);
                good = key->parse(&c, part, item) == 0;
                p += n;
                parts++;
        }
        pool_free(&pool);
        return good && parts > 1;
}

void suggest_value(const struct schema_key *key, const char *text, char ret[SUGGESTION_MAX]) {
        size_t n = strlen(text);
        bool quoted = n > 1 && strchr("\"'", text[0]);

        *ret = '\0';
        if (strstr(text, " #") || strstr(text, "\t#"))
                snprintf(ret, SUGGESTION_MAX, "; a comment needs a line of its own");
        else if (quoted)
                snprintf(ret, SUGGESTION_MAX, "; write it without quotes");
        else if (key->flags & KEY_WORDS && strchr(text, ','))
                snprintf(ret, SUGGESTION_MAX, "; separate them with spaces, not commas");
        else if (key->flags & KEY_LIST && n < VALUE_MAX && is_several(key, text))
                snprintf(ret, SUGGESTION_MAX, "; repeat %s= for each, on a line of its own",
                         key->name);
}
