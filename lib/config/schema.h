/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The language as one table. The loader, the man page, the fuzz dictionary and
 * the hints of "vnetctl edit" are made from it; nothing else lists keys. */

#include "model.h"
#include "value.h"

enum section {
        SECTION_UNIT,
        SECTION_INSTALL,
        SECTION_NAMESPACE,
        SECTION_LINK,
        SECTION_BRIDGE,
        SECTION_WIREGUARD_PEER,
        SECTIONS
};

struct schema_section {
        const char *name;
        bool repeated;  /* each header starts another one: [Link] */
        bool supported; /* false: in the specification, refused as "not supported yet" */
        const char *help;
};

enum {
        KEY_LIST = 1 << 0,        /* repeats add, an empty assignment clears; field is a LIST() */
        KEY_WORDS = 1 << 1,       /* with KEY_LIST: white space separates items */
        KEY_UNSUPPORTED = 1 << 2, /* in the specification, refused as "not supported yet" */
        KEY_LOOPBACK = 1 << 3,    /* of [Link]: goes with Name=lo */
        KEY_NO = 1 << 4,     /* with KEY_LIST: the word "no" clears it and sets "set" instead */
        KEY_COMMAS = 1 << 5, /* with KEY_WORDS: so do commas */
        KEY_ANY = 1 << 6,    /* with KEY_LIST: the word "any" clears it, as nothing does */
};

struct schema_key {
        enum section section;
        const char *name;
        value_parser *parse;
        uint16_t
                field; /* offset in struct unit, namespace, link, bridge or wireguard_peer, by section */
        uint16_t item; /* size of the field; KEY_LIST: of an item, which begins with its origin */
        unsigned flags;
        const char *type; /* for the manual: CIDR, BOOL, … */
        const char *help; /* one or more sentences for the manual, in roff without macros */
        uint16_t origin;  /* offset of a struct origin to fill with the key's place, or 0 */
        uint16_t set; /* that of a bool to set when the key is given (a scalar: not empty), or 0 */
        unsigned
                kinds; /* of [Link]: LINK_KIND_BIT()s of those that have it; 0: all that are made. Rows of one
                        * name, which mean something else to each kind, stand one behind the other */
};

extern const struct schema_section schema_sections[SECTIONS];
extern const struct schema_key schema_keys[]; /* ordered by section, in the manual's order */
extern const size_t schema_n_keys;

/* NULL: no such key, no such section. Of several rows the first. */
const struct schema_key *schema_find(enum section section, const char *key);
/* Of the rows that have its name the one for that kind; row itself where there is none. */
const struct schema_key *schema_of_kind(const struct schema_key *row, enum link_kind kind);
bool schema_depends_on_kind(
        const struct schema_key *row); /* of the first of them: is there another? */
int schema_find_section(const char *name, enum section *ret); /* 0 or -ENOENT */

/* "; did you mean Address=?", "; it belongs in [Link]", or "" where nothing is like it. */
enum { SUGGESTION_MAX = 160 };
void suggest_key(enum section section, const char *key, char ret[SUGGESTION_MAX]);
bool suggest_is_near(const char *written, const char *name); /* by a slip of the pen */
void suggest_section(const char *name, char ret[SUGGESTION_MAX]);
/* The same for a value that was refused: a comment behind it, quotes, several on one line. */
void suggest_value(const struct schema_key *key, const char *text, char ret[SUGGESTION_MAX]);
