/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses Route= in the words of ip-route(8), so that a line that works with ip(8) can be moved into
 * a file. Each word is a row of a table; words may come in any order and each of them once, as
 * ip(8) takes them. What a route needs of its link, such as a gateway that can be reached, is not
 * judged here but by verify and the kernel. */

#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "value-words.h"

struct route_parse {
        struct words w;
        struct route *route;
        struct nexthop *hop;     /* the one that via, dev, weight and onlink belong to */
        unsigned seen, hop_seen; /* bits of route_words */
        bool has_nexthops;
};

static int route_hop(struct route_parse *p, bool fresh) {
        if (p->hop && !fresh)
                return 0;
        if (p->route->hops.n == HOPS_MAX)
                return value_refuse(p->w.c, "has more than %d nexthops", HOPS_MAX);
        p->hop = list_add(p->w.c->pool, &p->route->hops);
        p->hop_seen = 0;
        if (!p->hop)
                return -ENOMEM;
        p->hop->weight = 1;
        return 0;
}

static int word_via(struct route_parse *p) {
        return words_address(&p->w, "via", &p->hop->via);
}
static int word_dev(struct route_parse *p) {
        return words_ifname(&p->w, "dev", p->hop->device);
}
static int word_onlink(struct route_parse *p) {
        p->hop->onlink = true;
        return 0;
}
static int word_weight(struct route_parse *p) {
        return words_u32(&p->w, "weight", 1, 256, &p->hop->weight);
}
static int word_metric(struct route_parse *p) {
        return words_u32(&p->w, "metric", 0, UINT32_MAX, &p->route->metric);
}
static int word_table(struct route_parse *p) {
        return words_table(&p->w, &p->route->table);
}
static int word_src(struct route_parse *p) {
        return words_address(&p->w, "src", &p->route->source);
}
static int word_mtu(struct route_parse *p) {
        return words_u32(&p->w, "mtu", 68, 65535, &p->route->mtu);
}

/* "nexthop" opens a new hop; the words of the hops before it must have been of a nexthop as
 * well. */
static int word_nexthop(struct route_parse *p) {
        if (p->hop && !p->has_nexthops)
                return value_refuse(p->w.c, "has a gateway or device besides its nexthops");
        p->has_nexthops = true;
        return route_hop(p, true);
}

static const struct route_word {
        const char *name;
        int (*parse)(struct route_parse *p);
        bool of_hop, of_nexthop; /* belongs to a hop; only behind "nexthop" */
        bool of_any_type;        /* goes with blackhole and its like, too */
} route_words[] = {
        { "via", word_via, true, false, false },       { "dev", word_dev, true, false, false },
        { "onlink", word_onlink, true, false, false }, { "weight", word_weight, true, true, false },
        { "metric", word_metric, false, false, true }, { "table", word_table, false, false, true },
        { "src", word_src, false, false, false },      { "mtu", word_mtu, false, false, false },
};

static int route_word(struct route_parse *p, const struct route_word *word) {
        unsigned bit = 1u << (word - route_words);
        unsigned *seen = word->of_hop ? &p->hop_seen : &p->seen;
        int r;

        if (p->route->type != ROUTE_UNICAST && !word->of_any_type)
                return value_refuse(p->w.c, "has '%s', which a route of this type cannot have",
                                    word->name);
        if (word->of_nexthop && !p->has_nexthops)
                return value_refuse(p->w.c, "has '%s' without nexthop", word->name);
        if (word->of_hop) {
                r = route_hop(p, false);
                if (r < 0)
                        return r;
        }
        if (*seen & bit)
                return value_refuse(p->w.c, "has '%s' twice", word->name);
        *seen |= bit;
        return word->parse(p);
}

static int route_words_parse(struct route_parse *p) {
        int r;

        while ((r = words_next(&p->w)) > 0) {
                const struct route_word *word = NULL;

                for (size_t i = 0; i < ARRAY_SIZE(route_words); i++)
                        if (streq(p->w.word, route_words[i].name))
                                word = &route_words[i];
                if (streq(p->w.word, "nexthop") && p->route->type == ROUTE_UNICAST)
                        r = word_nexthop(p);
                else if (word)
                        r = route_word(p, word);
                else
                        r = value_refuse(p->w.c, "has the unknown word '%s'", p->w.word);
                if (r < 0)
                        return r;
        }
        return r;
}

/* [TYPE] DESTINATION; "default" leaves the family open. */
static int route_destination(struct route_parse *p, bool *ret_default) {
        static const char *const types[] = {
                [ROUTE_UNICAST] = "unicast",
                [ROUTE_BLACKHOLE] = "blackhole",
                [ROUTE_UNREACHABLE] = "unreachable",
                [ROUTE_PROHIBIT] = "prohibit",
        };
        int r = words_next(&p->w);

        for (size_t i = ROUTE_BLACKHOLE; r > 0 && i < ARRAY_SIZE(types); i++)
                if (streq(p->w.word, types[i])) {
                        p->route->type = (enum route_type)i;
                        r = words_next(&p->w);
                        break;
                }
        if (r <= 0)
                return r < 0 ? r : value_refuse(p->w.c, "has no destination");
        *ret_default = streq(p->w.word, "default");
        return *ret_default ? 0 : words_network(&p->w, &p->route->destination);
}

static int route_check(struct value_context *c, struct route *route, bool is_default) {
        uint8_t family = route->destination.address.family;

        list_foreach (hop, &route->hops)
                if (is_default && family == 0)
                        family = hop->via.family;
        if (is_default && family == 0)
                family = route->source.family ?: AF_INET;
        route->destination.address.family = family;
        list_foreach (hop, &route->hops) {
                if (hop->via.family && hop->via.family != family)
                        return value_refuse(c, "has a gateway of another family than its "
                                               "destination, which is not supported yet");
                if (!hop->via.family && (hop->onlink || (route->hops.n > 1 && !hop->device[0])))
                        return value_refuse(
                                c, hop->onlink ? "has 'onlink' without 'via'"
                                               : "has a nexthop without gateway and device");
        }
        if (route->source.family && route->source.family != family)
                return value_refuse(c, "has a source of another family than its destination");
        if (family == AF_INET6 && route->mtu && route->mtu < 1280)
                return value_refuse(c, "has an MTU below 1280, the least that IPv6 allows");
        return 0;
}

int value_route(struct value_context *c, const char *text, void *field) {
        struct route *route = field;
        struct route_parse p = { .w = { .c = c, .rest = text }, .route = route };
        bool is_default;
        int r;

        r = route_destination(&p, &is_default);
        if (r < 0)
                return r;
        r = route_words_parse(&p);
        if (r < 0)
                return r;
        return route_check(c, route, is_default);
}
