/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out in which order systemd can bring up the networks of a site. Most come up before
 * vnet.target, which is before network.target. A network that waits for somebody else's bridge, or
 * for a unit that is itself after network.target, would close a cycle there, and systemd breaks a
 * cycle by leaving out one of its units. Such a network is "late": it comes up after vnet.target,
 * and so does whatever is ordered after it. Cycles that the files make among themselves are
 * refused. */

#include "order.h"

#include <errno.h>

#include "early-units.h"
#include "util.h"
#include "vlan-set.h"

enum { UNIT_NAME_MAX = 256 };

/* NAME of "vnet@NAME.service", in a buffer of UNIT_NAME_MAX. */
static bool network_of(const char *unit, char *name) {
        const char *rest = startswith(unit, "vnet@");
        size_t n = rest ? strlen(rest) : 0, suffix = strlen(".service");

        if (n <= suffix || n - suffix >= UNIT_NAME_MAX || !streq(rest + n - suffix, ".service"))
                return false;
        memcpy(name, rest, n - suffix);
        name[n - suffix] = '\0';
        return true;
}

const char *link_ground(const struct site *s, const struct link *l, char ret[static IFNAMSIZ]) {
        const char *base = link_base(l);
        uint16_t id;

        if (l->bridge[0] || site_find_bridge(s, base) || !vlan_of_name(base, ret, &id))
                snprintf(ret, IFNAMSIZ, "%s", base);
        return ret;
}

bool base_is_foreign(const struct site *s, const struct link *l) {
        char ground[IFNAMSIZ];

        return *link_ground(s, l, ground) && !site_find_bridge(s, ground);
}

static bool has_partner(const struct vnet *v, const struct vnet *partner) {
        list_foreach (l, &v->ns.links)
                if (link_partner(l) && streq(link_partner(l), partner->name))
                        return true;
        return false;
}

int each_earlier_partner(const struct site *s, const struct vnet *v,
                         int (*user)(void *data, struct vnet *earlier), void *data) {
        int r = 0;

        for (size_t i = 0; v->has_partner && r >= 0 && i < s->n_partners; i++) {
                struct vnet *other = s->partners[i];

                if (strcmp(other->name, v->name) < 0 &&
                    (has_partner(v, other) || has_partner(other, v)))
                        r = user(data, other);
        }
        return r;
}

/* Whoever says Before=vnet.target knows that what the network is after is not late. */
static bool says_before_target(const struct vnet *v) {
        list_foreach (t, &v->unit.before)
                if (streq(t->text, "vnet.target"))
                        return true;
        return false;
}

static bool waits(const struct site *s, const struct vnet *v) {
        if (says_before_target(v))
                return false;
        list_foreach (l, &v->ns.links)
                if (base_is_foreign(s, l) || l->device.name[0] || l->device.address.set)
                        return true;
        list_foreach (t, &v->unit.after)
                if (unit_may_be_late(t->text))
                        return true;
        return false;
}

/* --- what is after what --- */

struct edge {
        struct vnet *later, *earlier;
        struct vnet *said_by; /* NULL: it follows from the links */
        const struct text *text;
        const char *key;
};

/* A network in a walk from each to all that it is after. */
struct node {
        size_t first, next, end; /* its edges */
        const struct edge *by;   /* by which the walk came; NULL: it began here */
        enum { NEW, OPEN, DONE } state;
};

struct order {
        struct site *site;
        struct diags *d;
        struct pool pool;
        LIST(struct edge) edges;
        struct node *nodes; /* as site->items */
};

static int add_edge(struct order *o, struct edge e) {
        struct edge *new;

        if (!e.later || !e.earlier)
                return 0;
        new = list_add(&o->pool, &o->edges);
        if (!new)
                return -ENOMEM;
        *new = e;
        return 0;
}

static int add_said(struct order *o, struct vnet *v, const struct text *t, bool before) {
        char name[UNIT_NAME_MAX];
        struct vnet *other = network_of(t->text, name) ? site_find(o->site, name) : NULL;

        return add_edge(o, before ? (struct edge){ other, v, v, t, "Before" }
                                  : (struct edge){ v, other, v, t, "After" });
}

struct partner_edges {
        struct order *o;
        struct vnet *later;
};

static int add_partner(void *data, struct vnet *earlier) {
        const struct partner_edges *p = data;

        return add_edge(p->o, (struct edge){ p->later, earlier });
}

/* As unit_network() of the generator writes it. */
static int add_edges(struct order *o, struct vnet *v) {
        int r = 0;

        list_foreach (t, &v->unit.after)
                r = add_said(o, v, t, false) ?: r;
        list_foreach (t, &v->unit.before)
                r = add_said(o, v, t, true) ?: r;
        list_foreach (l, &v->ns.links) {
                char ground[IFNAMSIZ];
                struct edge e = { v, *link_ground(o->site, l, ground)
                                             ? site_find_bridge(o->site, ground)
                                             : NULL };

                r = add_edge(o, e) ?: r;
        }
        if (r >= 0)
                r = each_earlier_partner(o->site, v, add_partner, &(struct partner_edges){ o, v });
        list_foreach (from, &v->bridge.allow_from) {
                struct edge e = { v, site_find_bridge(o->site, from->text) };

                if (e.earlier && strcmp(e.earlier->name, v->name) < 0)
                        r = add_edge(o, e) ?: r;
        }
        return r;
}

static int compare_edges(const void *a, const void *b) {
        const struct edge *x = a, *y = b;

        if (x->later != y->later)
                return x->later->number < y->later->number ? -1 : 1;
        return x->earlier->number < y->earlier->number ? -1 : x->earlier != y->earlier;
}

/* --- the walk --- */

static struct node *node_of(const struct order *o, const struct vnet *v) {
        return &o->nodes[v->number];
}

static int refuse(struct order *o, struct vnet *v, const struct text *t, const char *key,
                  const char *text) {
        size_t first = o->d ? o->d->n : 0;
        int r;

        (void)diag_error(o->d, -EINVAL, &t->origin, key, "%s", text);
        r = vnet_refuse(v, o->d, first);
        return r < 0 ? r : 1;
}

/* Back along the walk from the edge that closes the cycle. Of the files that say it the last by name
 * loses. */
static int refuse_cycle(struct order *o, const struct edge *last) {
        const struct edge *loser = NULL, *e = last;
        char text[320] = "makes a cycle";
        size_t n = strlen(text);

        for (;;) {
                if (e->said_by && (!loser || strcmp(e->said_by->name, loser->said_by->name) > 0))
                        loser = e;
                if (n < sizeof text)
                        n += (size_t)snprintf(text + n, sizeof text - n, "%s %s is after %s",
                                              e == last ? ":" : ",", e->later->name,
                                              e->earlier->name);
                if (e->later == last->earlier)
                        break;
                e = node_of(o, e->later)->by;
        }
        /* What follows from links alone has no cycle. */
        return loser ? refuse(o, loser->said_by, loser->text, loser->key, text) : 0;
}

static int refuse_early(struct order *o, struct vnet *v, const struct vnet *earlier) {
        char text[320];

        snprintf(text, sizeof text,
                 "makes a cycle: it is after '%s', which waits for something that comes later",
                 earlier->name);
        list_foreach (t, &v->unit.before)
                if (streq(t->text, "vnet.target"))
                        return refuse(o, v, t, "Before", text);
        return 0;
}

/* All that v is after has been seen. */
static int leave(struct order *o, struct vnet *v) {
        struct node *node = node_of(o, v);

        node->state = DONE;
        for (size_t i = node->first; i < node->end; i++) {
                const struct vnet *earlier = o->edges.items[i].earlier;

                if (!earlier->late || earlier->refused)
                        continue;
                if (says_before_target(v))
                        return refuse_early(o, v, earlier);
                v->late = true;
        }
        return 0;
}

/* 0; 1: something was refused, and all is to be looked at once more; or -ENOMEM. */
static int walk_from(struct order *o, struct vnet *v) {
        struct vnet *start = v;

        node_of(o, v)->state = OPEN;
        for (;;) {
                struct node *node = node_of(o, v);
                const struct edge *e;
                int r;

                if (node->next == node->end) {
                        r = leave(o, v);
                        if (r != 0 || v == start)
                                return r;
                        v = node->by->later;
                        continue;
                }
                e = &o->edges.items[node->next++];
                if (e->earlier->refused || node_of(o, e->earlier)->state == DONE)
                        continue;
                if (node_of(o, e->earlier)->state == OPEN) {
                        r = refuse_cycle(o, e);
                        if (r != 0)
                                return r;
                        continue;
                }
                v = e->earlier;
                *node_of(o, v) = (struct node){ node_of(o, v)->first, node_of(o, v)->first,
                                                node_of(o, v)->end, e, OPEN };
        }
}

static int walk_all(struct order *o) {
        const struct site *s = o->site;
        int r = 0;

        for (size_t i = 0; i < s->n; i++) {
                struct node *node = &o->nodes[i];

                node->state = NEW;
                node->next = node->first;
                node->by = NULL;
                s->items[i]->late = waits(s, s->items[i]);
        }
        for (size_t i = 0; i < s->n && r == 0; i++)
                if (!s->items[i]->refused && o->nodes[i].state == NEW)
                        r = walk_from(o, s->items[i]);
        return r;
}

static int prepare(struct order *o) {
        struct site *s = o->site;
        int r = 0;

        for (size_t i = 0; i < s->n && r >= 0; i++)
                r = add_edges(o, s->items[i]);
        o->nodes = pool_alloc(&o->pool, s->n * sizeof *o->nodes + 1);
        if (r < 0 || !o->nodes)
                return -ENOMEM;
        if (o->edges.n)
                qsort(o->edges.items, o->edges.n, sizeof *o->edges.items, compare_edges);
        list_foreach (e, &o->edges) {
                struct node *node = node_of(o, e->later);
                size_t i = (size_t)(e - o->edges.items);

                if (node->end == 0)
                        node->first = i;
                node->end = i + 1;
        }
        return 0;
}

/* Most sites have nothing of all this. */
static bool is_plain(struct site *s) {
        bool plain = true;

        for (size_t i = 0; i < s->n; i++) {
                struct vnet *v = s->items[i];
                char name[UNIT_NAME_MAX];

                v->number = i;
                v->late = waits(s, v);
                plain = plain && !v->late;
                list_foreach (t, &v->unit.after)
                        plain = plain && !network_of(t->text, name);
                list_foreach (t, &v->unit.before)
                        plain = plain && !network_of(t->text, name);
        }
        return plain;
}

int order_site(struct site *s, struct diags *d) {
        struct order o = { .site = s, .d = d };
        int r;

        if (is_plain(s))
                return 0;
        r = prepare(&o);
        if (r >= 0)
                do
                        r = walk_all(&o);
                while (r > 0);
        pool_free(&o.pool);
        return r;
}
