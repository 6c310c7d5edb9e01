/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All kinds of links, by their number. */

#include "kind.h"

#include <string.h>
#include <sys/socket.h>

#define LINK_KIND(kind, name) extern const struct link_kind_info link_##name;
#include "kinds.inc"
#undef LINK_KIND

const struct link_kind_info *const link_kinds[LINK_KINDS] = {
#define LINK_KIND(kind, name) [KIND_##kind] = &link_##name,
#include "kinds.inc"
#undef LINK_KIND
};

enum link_kind link_kind_of(const char *name) {
        enum link_kind kind = 0;

        while (kind < LINK_KINDS &&
               !(link_kinds[kind]->name && strcmp(link_kinds[kind]->name, name) == 0))
                kind++;
        return kind;
}

const struct field *link_mode_of(enum link_kind kind) {
        const struct link_kind_info *k = link_kinds[kind];

        for (size_t i = 0; i < k->n_fields; i++)
                if (k->fields[i].words)
                        return &k->fields[i];
        return NULL;
}

bool link_has_own_parent(enum link_kind kind) {
        const struct link_kind_info *k = link_kinds[kind];

        for (size_t i = 0; i < k->n_fields; i++)
                if (k->fields[i].type == FIELD_IFNAME && k->fields[i].nest == NEST_INFO)
                        return true;
        return false;
}

uint32_t link_headers(const struct device *d) {
        enum { MORE_OF_IPV6 = 20 };
        uint32_t headers = link_kinds[d->kind]->headers;

        if (headers && (d->local.family == AF_INET6 || d->group.family == AF_INET6))
                headers += MORE_OF_IPV6;
        return headers;
}

uint8_t link_mode_by_word(enum link_kind kind, const char *word) {
        const struct field *f = link_mode_of(kind);

        for (uint8_t i = 1; f && i < field_count_words(f); i++)
                if (strcmp(f->words[i], word) == 0)
                        return i;
        return 0;
}

bool link_has_mac(enum link_kind kind, uint8_t mode) {
        return !(link_kinds[kind]->shares_mac & 1U << mode);
}

const char *link_clash(struct link_use a, struct link_use b) {
        const struct link_kind_info *x = link_kinds[a.kind], *y = link_kinds[b.kind];

        if (!x->use || !y->use)
                return NULL;
        if (x->use != y->use)
                return "macvlan and ipvlan exclude each other";
        if (x->one_mode && a.mode != b.mode)
                return "all links of this kind on it have one mode";
        if (x->alone & 1U << a.mode || y->alone & 1U << b.mode)
                return "Mode=passthru wants it alone";
        return NULL;
}
