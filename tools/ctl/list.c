/* SPDX-License-Identifier: GPL-2.0-or-later */

/* vnetctl list has three sources and one row for each NAME. Files say what shall be, records what
 * has been done, and systemd how that went. None of the three need be there. */

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "ctl.h"
#include "gather.h"
#include "load.h"
#include "netlink/socket.h"
#include "state/record.h"
#include "system/netns.h"
#include "util.h"

enum { USEC = 1000 * 1000, TIME_MAX = 64 };

enum network_state {
        STATE_DOWN,
        STATE_UP,
        STATE_CHANGED,
        STATE_DRIFTED,
        STATE_FAILED,
        STATE_REFUSED
};

static const struct {
        const char *name;
        enum colour colour;
} states[] = {
        [STATE_DOWN] = { "down", COLOUR_DIM },
        [STATE_UP] = { "up", COLOUR_GOOD },
        [STATE_CHANGED] = { "changed", COLOUR_CHANGED },
        [STATE_FAILED] = { "failed", COLOUR_BAD },
        [STATE_REFUSED] = { "refused", COLOUR_BAD },
        [STATE_DRIFTED] = { "drifted", COLOUR_CHANGED },
};

struct network {
        const char *name;
        const struct vnet *file; /* NULL: there is none */
        struct plan *record;     /* owned; NULL: there is none */
        enum stage stage;
        enum network_state state;
        uint64_t since;
        struct diags errors; /* why it is refused, where the model does not say */
};

struct listing {
        const struct ctl *c;
        struct site site;
        char **records;
        size_t n_records;
        struct unit_states units;
        struct nl *nl; /* NULL: the kernel cannot be asked */
        struct network *items;
        size_t n;
        struct diags d;
};

/* --- states --- */

/* Of what is up: do the files still say it? */
static enum network_state compare(struct network *n, const char *root) {
        _cleanup_plan_ struct plan *wanted = NULL;
        int r;

        if (!n->file)
                return STATE_CHANGED;
        r = gather_plan(root, n->name, false, &wanted, NULL, &n->errors);
        if (r == -EINVAL)
                return STATE_REFUSED;
        return r < 0 || plan_same(wanted, n->record) ? STATE_UP : STATE_CHANGED;
}

/* Is what others hang on still there: the namespace and the interfaces of the host? */
static bool is_whole(const struct plan *p, struct nl *nl) {
        list_foreach (op, &p->ops) {
                const char *device = op_creates(op);
                char path[sizeof NETNS_DIR + 256];
                struct stat st;

                if (device && nl && nl_index(nl, device) == -ENODEV)
                        return false;
                if (op->kind != OP_NETNS || !op->netns.inode)
                        continue;
                snprintf(path, sizeof path, NETNS_DIR "/%.255s", op->netns.name);
                if (stat(path, &st) == 0 ? st.st_ino != op->netns.inode : errno == ENOENT)
                        return false;
        }
        return true;
}

static enum network_state judge(struct network *n, const struct unit_state *unit, struct nl *nl,
                                const char *root) {
        if (n->file && n->file->refused)
                return STATE_REFUSED;
        if (unit && unit->busy)
                return STATE_DOWN; /* on its way: what stands in the record may not be there */
        if (unit && unit->failed)
                return STATE_FAILED;
        if (!n->record)
                return unit && unit->active ? STATE_DRIFTED : STATE_DOWN;
        if (n->stage != STAGE_COMPLETE)
                return STATE_FAILED;
        return is_whole(n->record, nl) ? compare(n, root) : STATE_DRIFTED;
}

static void look_at(struct listing *l, struct network *n, bool has_record) {
        const struct unit_state *unit = bus_find(&l->units, n->name);

        if (has_record)
                (void)record_read(n->name, &n->record, &n->stage, &l->d);
        n->since = unit && unit->active && n->record ? unit->since : 0;
        n->state = judge(n, unit, l->nl, l->c->root);
}

/* Files and records are both sorted by name. */
static void merge(struct listing *l) {
        size_t f = 0, r = 0;

        while (f < l->site.n || r < l->n_records) {
                int order = f == l->site.n      ? 1
                            : r == l->n_records ? -1
                                                : strcmp(l->site.items[f]->name, l->records[r]);
                struct network *n = &l->items[l->n++];

                n->name = order <= 0 ? l->site.items[f]->name : l->records[r];
                n->file = order <= 0 ? l->site.items[f++] : NULL;
                r += order >= 0;
                look_at(l, n, order >= 0);
        }
}

/* With --root= it is about another system: its files are known, nothing else. */
static int collect(struct listing *l) {
        struct diags known = DIAGS_NULL; /* those of each file are kept with it */
        int r = load_site(l->c->root, &l->site, &known);

        diags_free(&known);
        if (r < 0 && r != -EINVAL)
                return r;
        if (!*l->c->root) {
                r = record_names(&l->records, &l->n_records);
                if (r < 0)
                        return r;
                bus_units(&l->units, &l->d);
                (void)nl_open(&l->nl);
        }
        l->items = calloc(l->site.n + l->n_records + 1, sizeof *l->items);
        if (!l->items)
                return -ENOMEM;
        merge(l);
        return 0;
}

static void listing_free(struct listing *l) {
        for (size_t i = 0; i < l->n; i++) {
                plan_free(l->items[i].record);
                diags_free(&l->items[i].errors);
        }
        free(l->items);
        record_free_names(l->records, l->n_records);
        bus_free(&l->units);
        nl_close(l->nl);
        site_free(&l->site);
        diags_free(&l->d);
}

/* --- columns --- */

static const char *kind_of(const struct network *n) {
        if (n->file && n->file->subject)
                return n->file->subject == SUBJECT_BRIDGE ? "bridge" : "namespace";
        if (n->record && n->record->ops.n)
                return n->record->netns ? "namespace" : "bridge";
        return NULL;
}

typedef void take_address(void *user, const char *text);

static void each_address(const struct network *n, take_address *take, void *user) {
        char text[CIDR_MAX];

        if (n->record) {
                list_foreach (op, &n->record->ops)
                        if (op->kind == OP_ADDRESS &&
                            (op->place == PLACE_OWN) == !!n->record->netns)
                                take(user, prefix_print(&op->address.prefix, text));
                return;
        }
        if (!n->file)
                return;
        list_foreach (link, &n->file->ns.links)
                list_foreach (a, &link->addresses)
                        take(user, prefix_print(&a->prefix, text));
        list_foreach (a, &n->file->bridge.addresses)
                take(user, prefix_print(&a->prefix, text));
}

struct shown {
        char first[CIDR_MAX];
        size_t n;
};

static void take_first(void *user, const char *text) {
        struct shown *s = user;

        if (s->n++ == 0)
                snprintf(s->first, sizeof s->first, "%s", text);
}

/* The first one, cut in its middle where it is very long, and how many more: a row is to fit 80 columns. All
 * of them are in the JSON. */
static char *addresses_text(const struct network *n) {
        enum { WIDTH = 28, TAIL = 9 };
        struct shown s = { .n = 0 };
        const char *dots = "", *tail = "";
        size_t length, head;
        char *text;
        int r;

        each_address(n, take_first, &s);
        if (s.n == 0)
                return NULL;
        head = length = strlen(s.first);
        if (length > WIDTH) {
                head = WIDTH - TAIL - 3;
                dots = "...";
                tail = s.first + length - TAIL;
        }
        if (s.n > 1)
                r = asprintf(&text, "%.*s%s%s +%zu", (int)head, s.first, dots, tail, s.n - 1);
        else
                r = asprintf(&text, "%.*s%s%s", (int)head, s.first, dots, tail);
        return r < 0 ? NULL : text;
}

/* As systemctl(1): the two largest units. */
static char *since_text(uint64_t since) {
        static const struct {
                uint64_t seconds;
                const char *name;
        } units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
        uint64_t now = (uint64_t)time(NULL), then = since / USEC;
        uint64_t age = now > then ? now - then : 0;
        char text[TIME_MAX] = "";
        int n = 0, parts = 0;

        if (!since)
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(units) && parts < 2; i++) {
                if (age < units[i].seconds && parts == 0 && units[i].seconds > 1)
                        continue;
                n += snprintf(text + n, sizeof text - (size_t)n, "%" PRIu64 "%s ",
                              age / units[i].seconds, units[i].name);
                age %= units[i].seconds;
                parts++;
        }
        strcpy(text + n, "ago");
        return strdup(text);
}

static bool add_row(struct table *t, const struct network *n) {
        const char *kind = kind_of(n);
        struct cell *row = ctl_table_row(t);

        if (!row)
                return false;
        row[0].text = strdup(n->name);
        row[1].text = kind ? strdup(kind) : NULL;
        row[2] = (struct cell){ strdup(states[n->state].name), states[n->state].colour };
        row[3].text = addresses_text(n);
        row[4].text = since_text(n->since);
        return row[0].text && row[2].text;
}

/* --- what to do about it --- */

static int compare_network(const void *key, const void *item) {
        return strcmp(key, ((const struct network *)item)->name);
}

/* The bridge by whose failure it is down; systemd says no more than "dependency". */
static const struct network *bad_bridge(const struct listing *l, const struct network *n) {
        if (n->state != STATE_DOWN || !n->file)
                return NULL;
        list_foreach (link, &n->file->ns.links) {
                const struct vnet *v = link->bridge[0] ? site_find_bridge(&l->site, link->bridge)
                                                       : NULL;
                const struct network *bridge = v ? bsearch(v->name, l->items, l->n,
                                                           sizeof *l->items, compare_network)
                                                 : NULL;

                if (bridge && bridge->state == STATE_FAILED)
                        return bridge;
        }
        return NULL;
}

enum { HINTS = 5 };

struct waiting {
        const char *name;
        size_t hints;
};

static void print_awaited(void *user, const char *network) {
        struct waiting *w = user;

        if (w->hints++ < HINTS)
                printf("%s waits for %s with its links there.\n", w->name, network);
}

/* What is on its way or undone looks for itself. */
static bool may_wait(const struct network *n) {
        return n->record && n->stage == STAGE_COMPLETE;
}

static void print_hints(const struct listing *l) {
        struct waiting w = { .hints = 0 };
        size_t failed = 0, refused = 0, hints = 0;
        const char *name = NULL;

        for (size_t i = 0; i < l->n; i++) {
                failed += l->items[i].state == STATE_FAILED;
                refused += l->items[i].state == STATE_REFUSED;
                if (l->items[i].state == STATE_FAILED)
                        name = name ?: l->items[i].name;
        }
        if (refused)
                printf("%zu refused: 'vnetctl check' says why.\n", refused);
        if (failed)
                printf("%zu failed: 'journalctl -u vnet@%s' says why.\n", failed,
                       failed == 1 ? name : "NAME");
        for (size_t i = 0; failed && i < l->n && hints < HINTS; i++) {
                const struct network *bridge = bad_bridge(l, &l->items[i]);

                if (bridge && hints++ < HINTS)
                        printf("%s is down, as its bridge %s has failed.\n", l->items[i].name,
                               bridge->name);
        }
        for (size_t i = 0; i < l->n; i++) {
                w.name = l->items[i].name;
                if (may_wait(&l->items[i]))
                        ctl_each_awaited(l->items[i].record, print_awaited, &w);
        }
}

static enum status print_text(struct ctl *c, const struct listing *l) {
        static const char *const heads[] = { "NAME", "KIND", "STATE", "ADDRESSES", "SINCE", NULL };
        struct table t = { .heads = heads };
        bool good = true;

        for (size_t i = 0; good && i < l->n; i++)
                good = add_row(&t, &l->items[i]);
        if (good) {
                ctl_page(c);
                ctl_table_print(c, &t);
        } else
                ctl_say("out of memory");
        if (good && !c->no_legend) {
                printf("\n%zu network%s listed.\n", l->n, l->n == 1 ? "" : "s");
                print_hints(l);
        }
        ctl_table_free(&t);
        return good ? STATUS_DONE : STATUS_FAILED;
}

/* --- JSON --- */

static void append_json(void *user, const char *text) {
        json_object_array_add(user, json_object_new_string(text));
}

static struct json_object *errors_json(const struct network *n) {
        struct json_object *errors = json_object_new_array();

        list_foreach (reason, &n->file->reasons)
                json_object_array_add(errors, json_object_new_string(reason->text));
        for (size_t i = 0; i < n->errors.n; i++) {
                _cleanup_free_ char *text = diag_format(&n->errors.items[i]);

                if (n->errors.items[i].level == DIAG_ERROR && text)
                        json_object_array_add(errors, json_object_new_string(text));
        }
        return errors;
}

static struct json_object *network_json(const struct network *n) {
        struct json_object *o = json_object_new_object(), *addresses = json_object_new_array(),
                           *waits = json_object_new_array();

        each_address(n, append_json, addresses);
        json_object_object_add(o, "name", json_object_new_string(n->name));
        json_object_object_add(o, "kind", ctl_json_text(kind_of(n)));
        json_object_object_add(o, "state", json_object_new_string(states[n->state].name));
        json_object_object_add(o, "addresses", addresses);
        json_object_object_add(o, "since", n->since ? json_object_new_uint64(n->since) : NULL);
        json_object_object_add(o, "file", ctl_json_text(n->file ? n->file->path : NULL));
        if (may_wait(n))
                ctl_each_awaited(n->record, append_json, waits);
        json_object_object_add(o, "waits", waits);
        if (n->state == STATE_REFUSED)
                json_object_object_add(o, "errors", errors_json(n));
        return o;
}

static enum status print_json(const struct ctl *c, const struct listing *l) {
        struct json_object *all = json_object_new_array();

        for (size_t i = 0; i < l->n; i++)
                json_object_array_add(all, network_json(&l->items[i]));
        return ctl_print_json(c, all);
}

enum status ctl_list(struct ctl *c, int argc _unused_, char **argv _unused_) {
        struct listing l = { .c = c };
        enum status status;
        int r = collect(&l);

        ctl_tell(&l.d, NULL);
        if (r < 0)
                status = ctl_failed(r, &l.d, NULL);
        else
                status = c->json ? print_json(c, &l) : print_text(c, &l);
        listing_free(&l);
        return status;
}
