/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each value parser of the language, driven by the schema's table: an input is KEY=VALUE and
 * goes to the key of that name in each section. A key that is added to the table is fuzzed by that. */

#include <errno.h>

#include "fuzz.h"
#include "schema.h"
#include "specifier.h"
#include "util.h"

static bool is_printable(const char *text) {
        for (; *text; text++)
                if ((unsigned char)*text < ' ' || *text == 127)
                        return false;
        return true;
}

/* What units, paths, messages and scripts are built from as it stands. */
static void check_name(const struct schema_key *k, const char *text) {
        fuzz_assert(text && *text, "%s: nothing", k->name);
        fuzz_assert(is_printable(text) && !strpbrk(text, " \"'"), "%s: '%s'", k->name, text);
        fuzz_assert(text[strlen(text) - 1] != '\\', "%s: '%s'", k->name, text);
}

static void check_sysctl(const struct sysctl *s) {
        fuzz_assert(startswith(s->key, "net/"), "key '%s'", s->key);
        fuzz_assert(!strstr(s->key, "/../") && !strstr(s->key, "//"), "key '%s'", s->key);
        fuzz_assert(s->key[strlen(s->key) - 1] != '/', "key '%s'", s->key);
        fuzz_assert(strlen(s->key) < 3 || !streq(s->key + strlen(s->key) - 3, "/.."), "key '%s'",
                    s->key);
        fuzz_assert(*s->value, "%s: no value", s->key);
}

static void check_prefix(const struct schema_key *k, const struct prefix *p) {
        fuzz_assert(p->length <= address_bytes(p->address.family) * 8, "%s: /%u", k->name,
                    p->length);
}

static void check_item(const struct schema_key *k, const void *item) {
        if (k->parse == value_ifname)
                fuzz_assert(ifname_valid(item), "'%.16s'", (const char *)item);
        else if (k->parse == value_device) {
                const struct named_device *device = item;

                fuzz_assert(device->address.set ? !device->name[0] : ifname_valid(device->name),
                            "'%.16s'", device->name);
        } else if (k->parse == value_netns_name)
                fuzz_assert(name_valid(*(const char *const *)item), "%s", k->name);
        else if (k->parse == value_unit_name || k->parse == value_service_name ||
                 k->parse == value_documentation || k->parse == value_interface_list_name)
                check_name(k, ((const struct text *)item)->text);
        else if (k->parse == value_sysctl)
                check_sysctl(item);
        else if (k->parse == value_address_peer)
                check_prefix(k, &((const struct ip_address *)item)->prefix);
        else if (k->parse == value_publish) {
                const struct publish *p = item;

                fuzz_assert(p->count > 0 && p->port > 0 && p->host_port > 0, "no port");
                fuzz_assert(p->port + p->count <= 65536 && p->host_port + p->count <= 65536,
                            "past the last port");
        } else if (k->parse == value_route)
                check_prefix(k, &((const struct route *)item)->destination);
}

/* The item is alone in memory of its size; the first field of a list's is its origin. */
static void try(const struct schema_key *k, const char *text) {
        struct pool pool = POOL_NULL;
        struct value_context c = { .pool = &pool };
        uint8_t *item = calloc(1, k->item);
        int r;

        if (!item)
                abort();
        r = k->parse(&c, text, item);
        fuzz_assert(r == 0 || r == -EINVAL, "%s='%s': %d", k->name, text, r);
        fuzz_assert(r == 0 || c.why[0], "%s='%s' is refused without a word", k->name, text);
        for (size_t i = 0; r < 0 && !(k->flags & KEY_LIST) && i < k->item; i++)
                fuzz_assert(item[i] == 0, "%s='%s' is refused and filled", k->name, text);
        fuzz_assert(r == 0 || is_printable(c.why) || !is_printable(text), "'%s'", c.why);
        if (r == 0)
                check_item(k, item);
        pool_free(&pool);
        free(item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *equals = size > 0 ? memchr(data, '=', size) : NULL;
        _cleanup_free_ char *key = NULL, *text = NULL;

        if (!equals)
                return 0;
        key = fuzz_text(data, (size_t)(equals - data));
        text = fuzz_text(equals + 1, (size_t)(data + size - equals - 1));
        if (strlen(text) >= VALUE_MAX) /* the loader hands out no longer ones */
                return 0;
        for (size_t i = 0; i < schema_n_keys; i++)
                if (schema_keys[i].parse && streq(schema_keys[i].name, key))
                        try(&schema_keys[i], text);
        return 0;
}
