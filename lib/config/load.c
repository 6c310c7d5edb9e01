/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes of one NAME, its file and its drop-ins, a model that has been checked by itself. A file is
 * first collected and then applied section by section, since the name of a [Link], which says what
 * link the section is about, may stand on its last line. Reading goes on past a bad value, so that
 * one run tells all that is wrong; but a line that is not plain text ends it. */

#include "load.h"

#include <errno.h>
#include <strings.h>

#include "reader.h"
#include "salvage.h"
#include "schema.h"
#include "specifier.h"
#include "util.h"
#include "verify.h"

enum { LINKS_MAX = 1024 };

struct assignment {
        const struct schema_key *key;
        struct origin origin;
        const char *value;
};

struct postponed { /* one whose meaning hangs on the kind of its link */
        size_t link;
        struct assignment assignment;
};

struct block { /* from one section header to the next */
        enum section section;
        struct origin origin;
        size_t first, n; /* in assignments */
};

struct loader {
        const char *root;
        const struct source *source;
        struct vnet *v;
        struct diags *d;
        bool failed;
        bool lost;           /* there may be names of services that were not understood */
        struct pool scratch; /* of what is needed until the file is applied */
        LIST(struct postponed) postponed;
        /* of the file that is being read */
        LIST(struct block) blocks;
        LIST(struct assignment) assignments;
        bool ignoring; /* in a section of which nothing is kept */
        bool is_drop_in;
        /* the first header of each */
        struct origin namespace_at, bridge_at;
};

#define loader_error(l, at, key, ...)                                    \
        ({                                                               \
                (l)->failed = true;                                      \
                (void)diag_error((l)->d, -EINVAL, at, key, __VA_ARGS__); \
                0;                                                       \
        })

/* --- collecting a file --- */

/* Services= where it means nothing, or with a slip of the pen in it, which must not pass for a warning:
 * its units would run on the host's network. */
static bool is_lost_services(const char *key) {
        return suggest_is_near(key, "Services") && !startswith(key, "X-");
}

static int unknown_key(struct loader *l, const struct origin *at, const char *section,
                       const char *key) {
        char hint[SUGGESTION_MAX];

        if (is_lost_services(key) && !startswith(section, "X-")) {
                l->lost = true;
                return streq(key, "Services")
                               ? loader_error(l, at, key, "belongs in [Namespace], not in [%s]",
                                              section)
                               : loader_error(l, at, key, "unknown key; did you mean Services=?");
        }
        if (!l->ignoring && !startswith(key, "X-")) {
                suggest_key(l->blocks.items[l->blocks.n - 1].section, key, hint);
                diag_warn(l->d, at, key, "unknown key in [%s], ignored%s", section, hint);
        }
        return 0;
}

static int collect_header(struct loader *l, const struct origin *at, const char *name) {
        struct block *b;
        enum section section;

        l->ignoring = true;
        if (schema_find_section(name, &section) < 0) {
                char hint[SUGGESTION_MAX];

                suggest_section(name, hint);
                if (!startswith(name, "X-"))
                        diag_warn(l->d, at, NULL, "unknown section [%s], ignored%s", name, hint);
                return 0;
        }
        if (!schema_sections[section].supported)
                return loader_error(l, at, NULL, "section [%s] is not supported yet", name);
        l->ignoring = false;
        b = list_add(&l->scratch, &l->blocks);
        if (!b)
                return -ENOMEM;
        *b = (struct block){ .section = section, .origin = *at, .first = l->assignments.n };
        if (section == SECTION_NAMESPACE && !l->namespace_at.line)
                l->namespace_at = *at;
        if (section == SECTION_BRIDGE && !l->bridge_at.line)
                l->bridge_at = *at;
        return 0;
}

static int collect(void *user, const struct origin *at, const char *section, const char *key,
                   const char *value) {
        struct loader *l = user;
        struct value_context c = { .pool = &l->v->pool };
        const struct schema_key *row;
        struct assignment *a;
        const char *expanded;
        struct block *b;
        int r;

        if (!key)
                return collect_header(l, at, section);
        b = l->ignoring ? NULL : &l->blocks.items[l->blocks.n - 1];
        row = b ? schema_find(b->section, key) : NULL;
        if (!row)
                return unknown_key(l, at, section, key);
        if (row->flags & KEY_UNSUPPORTED)
                return loader_error(l, at, key, "is not supported yet");
        if (!utf8_valid(value)) {
                l->lost = true;
                return loader_error(l, at, key, "the value is not UTF-8 or has control characters");
        }
        r = specifiers_expand(&c, l->root, l->source, value, &expanded);
        if (r == -EINVAL) {
                l->lost = true;
                return loader_error(l, at, key, "'%s' %s", value, c.why);
        }
        if (r < 0)
                return r;
        a = list_add(&l->scratch, &l->assignments);
        if (!a)
                return -ENOMEM;
        *a = (struct assignment){ row, *at, expanded };
        b->n++;
        return 0;
}

/* --- applying it --- */

/* 0, 1 where the value was refused and that is told, or -ENOMEM. */
static int parse_value(struct loader *l, const struct assignment *a, const char *text,
                       void *field) {
        struct value_context c = { .pool = &l->v->pool, .origin = a->origin };
        int r = a->key->parse(&c, text, field);
        char hint[SUGGESTION_MAX];

        if (r != -EINVAL)
                return r;
        l->lost = l->lost || a->key->parse == value_service_name;
        suggest_value(a->key, text, hint);
        (void)loader_error(l, &a->origin, a->key->name, "'%s' %s%s", text, c.why, hint);
        return 1;
}

/* Adds an item to a LIST() of any type and parses into it; takes it back if that fails. */
static int add_item(struct loader *l, const struct assignment *a, const char *text, void *list) {
        struct origin *item = pool_list_add(&l->v->pool, list, a->key->item);
        struct list shorter;
        int r;

        if (!item)
                return -ENOMEM;
        *item = a->origin;
        r = parse_value(l, a, text, item);
        if (r == 0)
                return 0;
        memcpy(&shorter, list, sizeof shorter);
        shorter.n--;
        memcpy(list, &shorter, sizeof shorter);
        return r < 0 ? r : 0;
}

static int add_words(struct loader *l, const struct assignment *a, void *list) {
        const char *between = a->key->flags & KEY_COMMAS ? " \t," : " \t";

        for (const char *p = a->value + strspn(a->value, between); *p; p += strspn(p, between)) {
                size_t n = strcspn(p, between);
                char word[VALUE_MAX];
                int r;

                if (*p == '#') {
                        l->lost = l->lost || a->key->parse == value_service_name;
                        return loader_error(l, &a->origin, a->key->name,
                                            "a comment needs a line of its own");
                }
                memcpy(word, p, n);
                word[n] = '\0';
                r = add_item(l, a, word, list);
                if (r < 0)
                        return r;
                p += n;
        }
        return 0;
}

static int apply_list(struct loader *l, const struct assignment *a, void *list, bool *set) {
        bool no = false, is_no = a->key->flags & KEY_NO && parse_bool(a->value, &no) == 0 && !no;

        if (set)
                *set = a->key->flags & KEY_NO ? is_no : true;
        if (!*a->value || is_no || (a->key->flags & KEY_ANY && streq(a->value, "any"))) {
                memset(list, 0, sizeof(struct list));
                return 0;
        }
        if (a->key->flags & KEY_WORDS)
                return add_words(l, a, list);
        return add_item(l, a, a->value, list);
}

static int apply(struct loader *l, const struct assignment *a, void *base) {
        const struct schema_key *key = a->key;
        void *field = (char *)base + key->field;
        bool *set = key->set ? (bool *)((char *)base + key->set) : NULL;
        int r;

        if (key->flags & KEY_LIST)
                return apply_list(l, a, field, set);
        if (!*a->value) { /* back to the default */
                memset(field, 0, key->item);
                r = 1;
        } else
                r = parse_value(l, a, a->value, field);
        if (r < 0)
                return r;
        if (set)
                *set = r == 0;
        if (key->origin)
                *(struct origin *)((char *)base +
                                   key->origin) = r == 0 ? a->origin : (struct origin){ NULL, 0 };
        return 0;
}

/* What a [Link] section is about: Name=, or its place among the sections of the file. False where
 * Name= is refused. */
static bool block_name(struct loader *l, const struct block *b, unsigned *position,
                       char ret[IFNAMSIZ]) {
        const struct assignment *name = NULL;

        for (size_t i = b->first; i < b->first + b->n; i++)
                if (l->assignments.items[i].key->field == offsetof(struct link, name))
                        name = &l->assignments.items[i];
        if (name && streq(name->value, "lo")) {
                memcpy(ret, "lo", 3);
                return true;
        }
        snprintf(ret, IFNAMSIZ, "eth%u", (*position)++);
        return !name || !*name->value || parse_value(l, name, name->value, ret) == 0;
}

static int find_link(struct loader *l, const struct block *b, const char *name, struct link **ret) {
        struct link *new;

        *ret = NULL;
        list_foreach (link, &l->v->ns.links) {
                if (!streq(link->name, name))
                        continue;
                if (!l->is_drop_in)
                        return loader_error(l, &b->origin, NULL,
                                            "there is a link '%s' already, at %s:%u", name,
                                            link->origin.path, link->origin.line);
                *ret = link;
                return 0;
        }
        if (l->v->ns.links.n == LINKS_MAX)
                return loader_error(l, &b->origin, NULL, "there are more than %d links", LINKS_MAX);
        new = list_add(&l->v->pool, &l->v->ns.links);
        if (!new)
                return -ENOMEM;
        new->origin = b->origin;
        memcpy(new->name, name, IFNAMSIZ);
        if (streq(name, "lo"))
                new->kind = KIND_LOOPBACK;
        *ret = new;
        return 0;
}

/* Whether the key goes with the link is known when all has been read. An empty value takes it back. */
static int give(struct loader *l, const struct assignment *a, struct link *link) {
        struct given_key *given;
        size_t n = 0;

        if (!*a->value) {
                list_foreach (g, &link->given)
                        if (g->key != a->key)
                                link->given.items[n++] = *g;
                link->given.n = n;
                return 0;
        }
        given = list_add(&l->v->pool, &link->given);
        if (!given)
                return -ENOMEM;
        *given = (struct given_key){ a->origin, a->key };
        return 0;
}

/* Kind= may stand below it, or in a drop-in. */
static int postpone(struct loader *l, const struct assignment *a, const struct link *link) {
        struct postponed *p = list_add(&l->scratch, &l->postponed);

        if (!p)
                return -ENOMEM;
        *p = (struct postponed){ (size_t)(link - l->v->ns.links.items), *a };
        return 0;
}

static int apply_to_link(struct loader *l, const struct assignment *a, struct link *link) {
        int r = apply(l, a, link);

        return r >= 0 && a->key->kinds ? give(l, a, link) : r;
}

static int apply_postponed(struct loader *l) {
        int r = 0;

        list_foreach (p, &l->postponed) {
                struct link *link = &l->v->ns.links.items[p->link];
                struct assignment *a = &p->assignment;

                a->key = schema_of_kind(a->key, link->kind);
                if (r >= 0)
                        r = apply_to_link(l, a, link);
        }
        return r;
}

/* *ret: the link, or NULL where it is refused. */
static int apply_link(struct loader *l, const struct block *b, unsigned *position,
                      struct link **ret) {
        char name[IFNAMSIZ] = "";
        struct link *link;
        int r;

        *ret = NULL;
        if (!block_name(l, b, position, name))
                return 0;
        r = find_link(l, b, name, &link);
        *ret = link;
        for (size_t i = b->first; r >= 0 && link && i < b->first + b->n; i++) {
                const struct assignment *a = &l->assignments.items[i];

                if (a->key->field == offsetof(struct link, name)) {
                        link->named |= b->origin.path == link->origin.path &&
                                       b->origin.line == link->origin.line;
                        continue;
                }
                if (streq(link->name, "lo") && !(a->key->flags & KEY_LOOPBACK))
                        r = loader_error(l, &a->origin, a->key->name,
                                         "is not for the loopback interface");
                else if (schema_depends_on_kind(a->key))
                        r = postpone(l, a, link);
                else
                        r = apply_to_link(l, a, link);
        }
        return r;
}

/* Of the link above it, the one with that key, which only a drop-in can find. */
static struct wireguard_peer *find_peer(struct loader *l, const struct block *b,
                                        struct link *link) {
        const char *key = NULL;
        struct wireguard_peer *new;

        for (size_t i = b->first; i < b->first + b->n; i++)
                if (l->assignments.items[i].key->field ==
                    offsetof(struct wireguard_peer, public_key))
                        key = l->assignments.items[i].value;
        list_foreach (p, &link->peers)
                if (l->is_drop_in && key && p->public_key && streq(p->public_key, key))
                        return p;
        new = list_add(&l->v->pool, &link->peers);
        if (new)
                new->origin = b->origin;
        return new;
}

/* above: the file has a [Link] before; link: NULL where that is refused. */
static int apply_peer(struct loader *l, const struct block *b, bool above, struct link *link) {
        struct wireguard_peer *peer;
        int r = 0;

        if (!above)
                return loader_error(l, &b->origin, NULL,
                                    "[WireGuardPeer] stands below the [Link] that it is a peer of");
        if (!link)
                return 0;
        if (link->peers.n == LINKS_MAX)
                return loader_error(l, &b->origin, NULL, "there are more than %d peers", LINKS_MAX);
        peer = find_peer(l, b, link);
        if (!peer)
                return -ENOMEM;
        for (size_t i = b->first; r >= 0 && i < b->first + b->n; i++)
                r = apply(l, &l->assignments.items[i], peer);
        return r;
}

static int apply_file(struct loader *l) {
        void *const bases[SECTIONS] = {
                [SECTION_UNIT] = &l->v->unit,
                [SECTION_INSTALL] = &l->v->unit,
                [SECTION_NAMESPACE] = &l->v->ns,
                [SECTION_BRIDGE] = &l->v->bridge,
        };
        struct link *link = NULL;
        unsigned position = 0;
        bool above = false;
        int r = 0;

        list_foreach (b, &l->blocks) {
                if (b->section == SECTION_LINK) {
                        r = apply_link(l, b, &position, &link);
                        above = true;
                } else if (b->section == SECTION_WIREGUARD_PEER)
                        r = apply_peer(l, b, above, link);
                for (size_t i = b->first; bases[b->section] && r >= 0 && i < b->first + b->n; i++)
                        r = apply(l, &l->assignments.items[i], bases[b->section]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- the whole --- */

static int read_file(struct loader *l, const char *path) {
        int r;

        memset(&l->blocks, 0, sizeof l->blocks);
        memset(&l->assignments, 0, sizeof l->assignments);
        l->ignoring = true;
        r = reader_read(path, collect, l, l->d);
        if (r == -ENOMEM || (r == -ENODATA && !l->is_drop_in))
                return r;
        if (r < 0 && r != -ENODATA)
                l->failed = l->lost = true;
        return apply_file(l);
}

static int read_all(struct loader *l) {
        int r;

        r = read_file(l, l->v->path);
        l->is_drop_in = true;
        list_foreach (path, &l->source->drop_ins) {
                struct text *copy = list_add(&l->v->pool, &l->v->drop_ins);

                if (!copy || !(copy->text = pool_strdup(&l->v->pool, *path)))
                        return -ENOMEM;
                if (r >= 0)
                        r = read_file(l, copy->text);
        }
        return r < 0 ? r : apply_postponed(l);
}

/* A link of which nobody wrote the name is no parent: "eth0" is the host's own then, which may be called so too. */
static void settle_parents(struct vnet *v) {
        list_foreach (l, &v->ns.links)
                for (const struct link *o = v->ns.links.items; o < l && l->parent[0]; o++)
                        l->parent_inside |= link_kinds[l->kind]->needs_parent &&
                                            !l->parent_network && o->named &&
                                            streq(o->name, l->parent);
}

static int set_subject(struct loader *l) {
        struct vnet *v = l->v;
        const struct link *first = v->ns.links.items;
        bool ns = l->namespace_at.line, bridge = l->bridge_at.line;

        if (ns && bridge)
                return loader_error(l, &l->bridge_at, NULL,
                                    "[Bridge] cannot be in the same file as [Namespace], at %s:%u",
                                    l->namespace_at.path, l->namespace_at.line);
        if (!ns && !bridge)
                return l->failed ? 0
                                 : loader_error(l, &(struct origin){ v->path, 0 }, NULL,
                                                "has neither [Namespace] nor [Bridge]");
        v->subject = ns ? SUBJECT_NAMESPACE : SUBJECT_BRIDGE;
        v->origin = ns ? l->namespace_at : l->bridge_at;
        if (!v->ns.name)
                v->ns.name = v->name;
        if (bridge && first)
                return loader_error(l, &first->origin, NULL,
                                    "[Link] belongs in the file of a namespace, not of a bridge");
        if (bridge && !v->bridge.name[0]) {
                if (!ifname_valid(v->name))
                        return loader_error(
                                l, &v->origin, NULL,
                                "file name '%s' is too long for an interface; set Name= "
                                "in [Bridge]",
                                v->name);
                memcpy(v->bridge.name, v->name, strlen(v->name) + 1);
        }
        return 0;
}

/* What must be known of a file that is refused: its reasons, and whom it wanted inside. */
static int refuse(struct loader *l, size_t first) {
        struct vnet *v = l->v;
        int r = l->lost ? salvage_services(l->root, l->source, v) : 0;

        if (!v->ns.name && !l->source->bad_name)
                v->ns.name = v->name;
        return r < 0 ? r : vnet_refuse(v, l->d, first);
}

static int read_source(struct loader *l) {
        const struct source *s = l->source;
        int r;

        if (s->bad_name) {
                l->lost = true;
                return loader_error(
                        l, &(struct origin){ s->path, 0 }, NULL,
                        "the file name is not a valid name: up to 63 letters, digits, '_', '.', '@', '-', a letter or digit first");
        }
        if (s->closed)
                (void)loader_error(l, &(struct origin){ s->closed, 0 }, NULL,
                                   "cannot be listed: %s", strerror(-s->closed_error));
        r = read_all(l);
        settle_parents(l->v);
        if (r >= 0)
                r = set_subject(l);
        if (r >= 0 && !l->failed)
                r = verify_vnet(l->v, l->d);
        return r;
}

int load_source(const char *root, const struct source *s, struct vnet **ret, struct diags *d) {
        _cleanup_vnet_ struct vnet *v = vnet_new(s->name, s->path);
        struct loader l = { .root = root, .source = s, .v = v, .d = d };
        size_t first = d ? d->n : 0;
        int r;

        if (!v)
                return -ENOMEM;
        r = read_source(&l);
        pool_free(&l.scratch);
        l.failed = l.failed || r == -EINVAL;
        if (r != -ENOMEM && l.failed)
                r = refuse(&l, first);
        if (r >= 0)
                r = vnet_warn(v, d, first);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(v);
        return l.failed ? -EINVAL : 0;
}
