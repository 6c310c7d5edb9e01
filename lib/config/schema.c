/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The one table of the language. To add a key: a field in model.h, a row in the .inc file of its
 * section, what plan_build() makes of it. The rows stand in files of their own because their help
 * texts are the manual; the macros keep a row to what differs. */

#include "schema.h"

#include <errno.h>
#include <stddef.h>

#include "util.h"

const struct schema_section schema_sections[SECTIONS] = {
        [SECTION_UNIT] = { "Unit", false, true,
                           "Generic settings of the unit that brings the network up. All keys are "
                           "those of systemd.unit(5). Anything more goes into a drop-in of systemd "
                           "itself, /etc/systemd/system/vnet@NAME.service.d/*.conf." },
        [SECTION_INSTALL] = { "Install", false, true,
                              "Says which units pull the network in at boot. There is no need to "
                              "enable anything: the file itself is enough." },
        [SECTION_NAMESPACE] = { "Namespace", false, true,
                                "Makes the file that of a network namespace. A file has exactly "
                                "one of [Namespace] and [Bridge]." },
        [SECTION_LINK] = { "Link", true, true,
                           "One interface inside the namespace; the section may be repeated, the "
                           "interfaces are made in the order of the file. In a drop-in a section "
                           "with the name of an existing link changes that link, any other adds "
                           "one." },
        [SECTION_BRIDGE] = { "Bridge", false, true,
                             "Makes the file that of a bridge on the host, which namespaces join "
                             "with Bridge=." },
        [SECTION_WIREGUARD_PEER] = { "WireGuardPeer", true, true,
                                     "A peer of the link above it, which is of Kind=wireguard; the section "
                                     "may be repeated. In a drop-in it stands below a section with the name "
                                     "of the link; with the PublicKey= of an existing peer it changes that "
                                     "one, any other adds one. A reload changes peers one by one: the "
                                     "sessions of the others go on." },
};

#define SCALAR(section, name, parser, type, field, word, text, ...)                             \
        {                                                                                       \
                section, name, parser, offsetof(type, field), sizeof(((type *)NULL)->field), 0, \
                        word, text, __VA_ARGS__                                                 \
        }
#define LISTED(section, name, parser, type, field, flags, word, text, ...)                    \
        {                                                                                     \
                section, name, parser, offsetof(type, field),                                 \
                        sizeof(*((type *)NULL)->field.items), KEY_LIST | (flags), word, text, \
                        __VA_ARGS__                                                           \
        }
#define LATER(section, name, word, text) \
        { section, name, NULL, 0, 0, KEY_UNSUPPORTED, word, text, 0, 0 }

const struct schema_key schema_keys[] = {
/* In the manual's order, which clang-format keeps across empty lines. */
#include "keys-unit.inc"

#include "keys-namespace.inc"

#include "keys-link.inc"

#include "keys-kinds.inc"

#include "keys-bridge.inc"

#include "keys-wireguard.inc"
};
const size_t schema_n_keys = ARRAY_SIZE(schema_keys);

/* The first row of a section, by halving: the rows are ordered by section. */
static const struct schema_key *first_row(enum section section) {
        size_t low = 0, high = ARRAY_SIZE(schema_keys);

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (schema_keys[middle].section < section)
                        low = middle + 1;
                else
                        high = middle;
        }
        return &schema_keys[low];
}

const struct schema_key *schema_find(enum section section, const char *key) {
        const struct schema_key *end = schema_keys + ARRAY_SIZE(schema_keys);

        for (const struct schema_key *k = first_row(section); k < end && k->section == section; k++)
                if (k->name[0] == key[0] && streq(k->name, key))
                        return k;
        return NULL;
}

static bool is_same_key(const struct schema_key *a, const struct schema_key *b) {
        return b < schema_keys + ARRAY_SIZE(schema_keys) && a->section == b->section &&
               streq(a->name, b->name);
}

bool schema_depends_on_kind(const struct schema_key *row) {
        return is_same_key(row, row + 1);
}

const struct schema_key *schema_of_kind(const struct schema_key *row, enum link_kind kind) {
        for (const struct schema_key *k = row; is_same_key(row, k); k++)
                if (k->kinds & 1U << kind)
                        return k;
        return row;
}

int schema_find_section(const char *name, enum section *ret) {
        for (size_t i = 0; i < SECTIONS; i++)
                if (streq(schema_sections[i].name, name)) {
                        *ret = (enum section)i;
                        return 0;
                }
        return -ENOENT;
}
