/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A network may have thousands of addresses and routes, and whoever looks for one of them has to ask for
 * all: the kernel finds a route for a packet, but tells a single one only with what else it knows better.
 * So all are asked for once and kept in the order of a hash of their names. */

#include "pass/seen.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#include "util.h"

static const struct {
        uint16_t type;        /* of the question */
        uint8_t header;       /* bytes in front of the attributes; the first is the family */
        uint16_t name, other; /* the attribute that names it, and which it is without that */
} whats[SEEN_WHATS] = {
        [SEEN_ADDRESSES] = { RTM_GETADDR, sizeof(struct ifaddrmsg), IFA_LOCAL, IFA_ADDRESS },
        [SEEN_NEIGHBORS] = { RTM_GETNEIGH, sizeof(struct ndmsg), NDA_DST, 0 },
        [SEEN_FDB] = { RTM_GETNEIGH, sizeof(struct ndmsg), NDA_DST, 0 },
        [SEEN_ROUTES] = { RTM_GETROUTE, sizeof(struct rtmsg), RTA_DST, 0 },
        [SEEN_RULES] = { RTM_GETRULE, sizeof(struct fib_rule_hdr), FRA_TABLE, 0 },
};

/* Who is inside may add as many routes as he likes: they are not to take the memory of all. */
enum { HEADER_MAX = 16, FAMILIES = 2, MESSAGES_MAX = 64 * 1024 * 1024 };

struct entry {
        uint64_t hash;
        size_t at; /* in the messages */
};

struct dump {
        bool asked;
        int error; /* with which the answer ended */
        enum seen_what what;
        char *messages;
        size_t used, size;
        struct entry *entries; /* by hash, then as they came */
        size_t n, max;
};

struct interface {
        struct interface *next;
        size_t place;
        char name[IFNAMSIZ];
        struct nlmsghdr *message; /* NULL: there is none */
};

struct seen {
        struct pool pool;
        struct interface *links;
        size_t n_places;
        struct dump dumps[][SEEN_WHATS][FAMILIES];
};

struct seen *seen_new(size_t n_places) {
        struct seen *s = calloc(1, sizeof *s + n_places * sizeof s->dumps[0]);

        if (s)
                s->n_places = n_places;
        return s;
}

static void forget_dump(void *user) {
        struct dump *d = user;

        d->used = d->n = 0;
        d->asked = false;
}

static void each_dump(struct seen *s, void (*f)(void *dump)) {
        for (size_t place = 0; place < s->n_places; place++)
                for (size_t what = 0; what < SEEN_WHATS; what++)
                        for (size_t family = 0; family < FAMILIES; family++)
                                f(&s->dumps[place][what][family]);
}

void seen_forget(struct seen *s) {
        if (!s)
                return;
        each_dump(s, forget_dump);
        for (struct interface *l = s->links, *next; l; l = next) {
                next = l->next;
                free(l->message);
                free(l);
        }
        s->links = NULL;
}

static void free_dump(void *user) {
        struct dump *d = user;

        free(d->messages);
        free(d->entries);
}

struct seen *seen_free(struct seen *s) {
        if (!s)
                return NULL;
        seen_forget(s);
        each_dump(s, free_dump);
        pool_free(&s->pool);
        free(s);
        return NULL;
}

struct pool *seen_pool(struct seen *s) {
        return &s->pool;
}

/* --- dumps --- */

static bool reserve(struct dump *d, size_t more) {
        if (d->size - d->used < more) {
                size_t size = 2 * (d->size + more);
                char *messages = realloc(d->messages, size);

                if (!messages)
                        return false;
                d->messages = messages;
                d->size = size;
        }
        if (d->n == d->max) {
                size_t max = d->max ? 2 * d->max : 64;
                struct entry *entries = reallocarray(d->entries, max, sizeof *entries);

                if (!entries)
                        return false;
                d->entries = entries;
                d->max = max;
        }
        return true;
}

static uint64_t hash_of(const struct nlmsghdr *h, enum seen_what what) {
        const struct nlattr *a, *name = NULL, *other = NULL;

        mnl_attr_for_each(a, h, whats[what].header) {
                uint16_t type = mnl_attr_get_type(a);

                if (type == whats[what].name)
                        name = a;
                else if (type == whats[what].other)
                        other = a;
        }
        name = name ?: other;
        return name ? hash_bytes(FNV_BASIS, mnl_attr_get_payload(name),
                                 mnl_attr_get_payload_len(name))
                    : FNV_BASIS;
}

static int keep(void *user, const struct nlmsghdr *h) {
        struct dump *d = user;

        if (d->used > MESSAGES_MAX)
                return -EFBIG;
        if (!reserve(d, NLMSG_ALIGN(h->nlmsg_len)))
                return -ENOMEM;
        d->entries[d->n++] = (struct entry){ hash_of(h, d->what), d->used };
        memcpy(d->messages + d->used, h, h->nlmsg_len);
        d->used += NLMSG_ALIGN(h->nlmsg_len);
        return 0;
}

static int compare(const void *a, const void *b) {
        const struct entry *x = a, *y = b;

        if (x->hash != y->hash)
                return x->hash < y->hash ? -1 : 1;
        return x->at < y->at ? -1 : x->at > y->at;
}

/* A failure is an answer too: it would cost as much time again. */
static void ask(struct dump *d, struct nl *nl, uint8_t family) {
        const char header[HEADER_MAX] = { (char)family };

        d->error = nl_dump_whole(nl, whats[d->what].type, header, whats[d->what].header, keep,
                                 forget_dump, d);
        if (d->error < 0)
                forget_dump(d);
        if (d->n > 0)
                qsort(d->entries, d->n, sizeof *d->entries, compare);
        d->asked = true;
}

static size_t first_of(const struct dump *d, uint64_t hash) {
        size_t low = 0, high = d->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (d->entries[middle].hash < hash)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

bool seen_has(const struct seen *s, size_t place, enum seen_what what, uint8_t family) {
        return s->dumps[place][what][family == AF_INET6].asked;
}

int seen_each(struct seen *s, struct nl *nl, size_t place, enum seen_what what, uint8_t family,
              const void *name, size_t size, nl_object *object, void *user) {
        struct dump *d = &s->dumps[place][what][family == AF_INET6];
        uint64_t hash = hash_bytes(FNV_BASIS, name, size);
        int e;

        d->what = what;
        if (!d->asked)
                ask(d, nl, family);
        e = d->error;
        for (size_t i = first_of(d, hash); e >= 0 && i < d->n && d->entries[i].hash == hash; i++)
                e = object(user, (const void *)(d->messages + d->entries[i].at));
        return e < 0 ? e : 0;
}

/* --- interfaces: few of a network's, among perhaps thousands of the host --- */

static struct interface *find_link(const struct seen *s, size_t place, const char *name) {
        struct interface *l = s->links;

        while (l && (l->place != place || !streq(l->name, name)))
                l = l->next;
        return l;
}

bool seen_has_link(const struct seen *s, size_t place, const char *name) {
        return find_link(s, place, name);
}

static void put_name(struct nlmsghdr *h, const void *name) {
        mnl_attr_put_strz(h, IFLA_IFNAME, name);
        mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static int keep_link(void *user, const struct nlmsghdr *h) {
        struct interface *l = user;

        free(l->message);
        l->message = malloc(NLMSG_ALIGN(h->nlmsg_len));
        if (!l->message)
                return -ENOMEM;
        memcpy(l->message, h, h->nlmsg_len);
        return 0;
}

static int ask_link(struct seen *s, struct nl *nl, size_t place, const char *name,
                    struct interface **ret) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct interface *l = calloc(1, sizeof *l);
        int e;

        if (!l)
                return -ENOMEM;
        e = nl_ask(nl, RTM_GETLINK, 0, &m, sizeof m, put_name, name, keep_link, l);
        if (e < 0 && e != -ENODEV) {
                free(l->message);
                free(l);
                return e;
        }
        l->place = place;
        snprintf(l->name, sizeof l->name, "%s", name);
        l->next = s->links;
        *ret = s->links = l;
        return 0;
}

int seen_link(struct seen *s, struct nl *nl, size_t place, const char *name,
              const struct nlmsghdr **ret) {
        struct interface *l = find_link(s, place, name);
        int e = l ? 0 : ask_link(s, nl, place, name, &l);

        if (e < 0)
                return e;
        if (!l->message)
                return -ENODEV;
        *ret = l->message;
        return 0;
}
