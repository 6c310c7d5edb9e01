/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks for single elements of the table: whether one is there, and whose it is. The kernel looks an
 * element up as fast as a packet does. So nothing is dumped, but for the two questions that have no
 * key: which single ports lie in a range, and who owns anything at all. */

#include "nft/internal.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "netlink/socket.h"
#include "util.h"

enum { DUMP_ATTEMPTS = 3 };

static inline void set_freep(struct nftnl_set **s) {
        if (*s)
                nftnl_set_free(*s);
}

static inline void iter_freep(struct nftnl_set_elems_iter **i) {
        if (*i)
                nftnl_set_elems_iter_destroy(*i);
}

/* --- one message, one answer --- */

/* Sends a request that is answered by one object or an error, and finds the answer. */
static int exchange(struct nft *n, const struct nlmsghdr *request, const struct nlmsghdr **ret) {
        int r = nft_send(n, request, request->nlmsg_len);

        while (r >= 0) {
                ssize_t k = nft_receive(n, true);
                int rest = (int)k;

                if (k < 0)
                        return (int)k;
                for (const struct nlmsghdr *nlh = (const void *)n->reply; mnl_nlmsg_ok(nlh, rest);
                     nlh = mnl_nlmsg_next(nlh, &rest)) {
                        if (nlh->nlmsg_seq != request->nlmsg_seq)
                                continue;
                        if (nlh->nlmsg_type < NLMSG_MIN_TYPE) { /* an error, or no object at all */
                                r = nl_error(nlh);
                                return r < 0 ? r : -EBADMSG;
                        }
                        *ret = nlh;
                        return 0;
                }
        }
        return r;
}

int nft_table_exists(struct nft *n, enum nft_table table) {
        char buffer[256] = "";
        const struct nlmsghdr *answer;
        struct nlmsghdr *nlh = nft_request(n, table, buffer, NFT_MSG_GETTABLE, 0);
        int r;

        mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, NFT_TABLE);
        r = exchange(n, nlh, &answer);
        return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static const struct nlattr *attribute_of(const struct nlmsghdr *nlh, uint16_t type) {
        const struct nlattr *a;

        mnl_attr_for_each(a, nlh,
                          sizeof(struct nfgenmsg)) if (mnl_attr_get_type(a) == type) return a;
        return NULL;
}

/* 1: this is a set that only we have. The name of one tells of which shape the table is; before there were such, of a rule's. */
static int match_own_set(const struct nlmsghdr *nlh, void *userdata) {
        const struct nlattr *a = attribute_of(nlh, NFTA_SET_NAME);
        enum nft_table table = *(const enum nft_table *)userdata;
        const char *name;

        if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
                return 0;
        name = mnl_attr_get_str(a);
        for (size_t i = 0; i < NFT_SETS; i++)
                if (nft_sets[i].table == table && streq(nft_sets[i].name, name))
                        return 1;
        return startswith(name, NFT_SHAPE_PREFIX) ? 1 : 0;
}

static int has_own_set(struct nft *n, enum nft_table table) {
        int r = -EINTR;

        for (unsigned i = 0; r == -EINTR && i < DUMP_ATTEMPTS; i++) {
                char buffer[256] = "";
                struct nlmsghdr *nlh = nft_request(n, table, buffer, NFT_MSG_GETSET, NLM_F_DUMP);

                mnl_attr_put_strz(nlh, NFTA_SET_TABLE, NFT_TABLE);
                r = nft_dump(n, nlh, match_own_set, &table);
        }
        return r == -EINTR ? 1 : r;
}

int nft_table_is_foreign(struct nft *n, enum nft_table table) {
        char buffer[256] = "";
        struct nlmsghdr *nlh = nft_request(n, table, buffer, NFT_MSG_GETTABLE, 0);
        const struct nlmsghdr *answer;
        const struct nlattr *use;
        int r;

        mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, NFT_TABLE);
        r = exchange(n, nlh, &answer);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        use = attribute_of(answer, NFTA_TABLE_USE);
        if (use && mnl_attr_validate(use, MNL_TYPE_U32) >= 0 && mnl_attr_get_u32(use) == 0)
                return 0; /* an empty one is nobody's loss */
        r = has_own_set(n, table);
        return r == -ENOENT ? 0 : r < 0 ? r : !r;
}

static enum nft_table table_of(enum nft_set set) {
        return (enum nft_table)nft_sets[set].table;
}

static void put_set(struct nlmsghdr *nlh, enum nft_set set) {
        mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
        mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, nft_sets[set].name);
}

static int parse_elements(const struct nlmsghdr *nlh, struct nftnl_set **ret) {
        _cleanup_(set_freep) struct nftnl_set *set = nftnl_set_alloc();

        if (!set)
                return -ENOMEM;
        if (nftnl_set_elems_nlmsg_parse(nlh, set) < 0)
                return -EBADMSG;
        *ret = TAKE_PTR(set);
        return 0;
}

/* What contains the key, as a set with that one element. */
static int look_up(struct nft *n, enum nft_set set, const uint8_t *key, const uint8_t *upper,
                   uint8_t length, struct nftnl_set **ret) {
        char buffer[1024] = "";
        const struct nlmsghdr *answer;
        struct nlmsghdr *nlh = nft_request(n, table_of(set), buffer, NFT_MSG_GETSETELEM, 0);
        struct nftnl_set_elem *elem = nft_elem_new(key, upper, length);
        struct nlattr *list, *item;
        int r;

        if (!elem)
                return -ENOMEM;
        put_set(nlh, set);
        list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
        item = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
        nftnl_set_elem_nlmsg_build_payload(nlh, elem);
        mnl_attr_nest_end(nlh, item);
        mnl_attr_nest_end(nlh, list);
        nftnl_set_elem_free(elem);

        r = exchange(n, nlh, &answer);
        return r < 0 ? r : parse_elements(answer, ret);
}

/* *ret NULL: it has none. */
static int first_element(const struct nftnl_set *set, struct nftnl_set_elem **ret) {
        _cleanup_(iter_freep) struct nftnl_set_elems_iter *i = nftnl_set_elems_iter_create(set);

        if (!i)
                return -ENOMEM;
        *ret = nftnl_set_elems_iter_cur(i);
        return 0;
}

/* --- is this element there? --- */

static bool attribute_is(struct nftnl_set_elem *elem, uint16_t attribute, const void *value,
                         uint8_t length) {
        uint32_t n = 0;
        const void *have = nftnl_set_elem_get(elem, attribute, &n);

        return have && n == length && memcmp(have, value, length) == 0;
}

static bool same_data(struct nftnl_set_elem *elem, const struct op_element *e) {
        struct nft_data data = nft_data_of(e);
        const char *chain;

        if (data.length > 0)
                return attribute_is(elem, NFTNL_SET_ELEM_DATA, data.bytes, data.length);
        if (nft_sets[e->set].data[0] != PIECE_VERDICT)
                return true;
        if (!nftnl_set_elem_is_set(elem, NFTNL_SET_ELEM_VERDICT) ||
            (int32_t)nftnl_set_elem_get_u32(elem, NFTNL_SET_ELEM_VERDICT) !=
                    nft_verdict_code(e->verdict))
                return false;
        chain = nftnl_set_elem_get_str(elem, NFTNL_SET_ELEM_CHAIN);
        return !nft_verdict_chain(e->verdict) ||
               (chain && streq(chain, nft_verdict_chain(e->verdict)));
}

/* In a tree a bound alone cannot be asked for reliably: where neighbours meet, two elements have
 * its key. So ask what contains the last address, and what the one behind it. */
static int reaches_behind(struct nft *n, const struct op_element *e, const struct nft_key *k) {
        _cleanup_(set_freep) struct nftnl_set *set = NULL;
        struct nftnl_set_elem *elem;
        int r;

        if (!k->tree || k->open)
                return 0;
        r = look_up(n, (enum nft_set)e->set, k->behind, NULL, k->length, &set);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = first_element(set, &elem);
        if (r < 0)
                return r;
        return elem && attribute_is(elem, NFTNL_SET_ELEM_KEY, k->first, k->length);
}

/* 0: the very key; -EEXIST: what contains it is another one, or has other data. ret, if wanted, is e with the data
 * that this key has. */
static int get_element(struct nft *n, const struct op_element *e, struct op_element *ret,
                       char ret_owner[static 128]) {
        _cleanup_(set_freep) struct nftnl_set *set = NULL;
        struct nft_key k = nft_key_of(e);
        bool range = nft_sets[e->set].interval && k.concatenation, same;
        struct nftnl_set_elem *elem;
        char owner[NFT_OWNER_MAX];
        int r;

        r = look_up(n, (enum nft_set)e->set, k.tree ? k.last : k.first, range ? k.last : NULL,
                    k.length, &set);
        if (r < 0)
                return r;
        r = first_element(set, &elem);
        if (r < 0)
                return r;
        if (!elem)
                return -ENOENT;
        nft_owner_of(elem, owner);

        same = attribute_is(elem, NFTNL_SET_ELEM_KEY, k.first, k.length) &&
               (!range || attribute_is(elem, NFTNL_SET_ELEM_KEY_END, k.last, k.length));
        r = same ? reaches_behind(n, e, &k) : 1;
        if (r < 0)
                return r;
        if (r == 0 && ret) {
                *ret = *e;
                nft_take_data(elem, ret);
        }
        memcpy(ret_owner, owner, sizeof owner);
        return r == 0 && (ret || same_data(elem, e)) ? 0 : -EEXIST;
}

int nft_get_element(struct nft *n, const struct op_element *e, char ret_owner[static 128]) {
        return get_element(n, e, NULL, ret_owner);
}

int nft_look_element(struct nft *n, const struct op_element *e, struct op_element *ret,
                     char ret_owner[static 128]) {
        int r = get_element(n, e, ret, ret_owner);

        return r == -EEXIST ? -ENOENT : r;
}

/* --- is a port taken by another kind of element? --- */

struct range_query {
        uint8_t protocol;
        uint16_t first, last;
        uint8_t offset; /* of the protocol in the key; the port is in the next four bytes */
        char owner[NFT_OWNER_MAX];
};

static uint16_t port_at(const uint8_t *key) {
        return (uint16_t)(key[0] << 8 | key[1]);
}

static bool overlaps(struct nftnl_set_elem *elem, const struct range_query *q) {
        uint32_t n = 0, n_end = 0;
        const uint8_t *key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY, &n);
        const uint8_t *end = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY_END, &n_end);
        size_t port = q->offset + sizeof(uint32_t), size = port + sizeof(uint16_t);

        if (!key || n < size || key[q->offset] != q->protocol)
                return false;
        if (!end || n_end < size)
                end = key;
        return port_at(key + port) <= q->last && port_at(end + port) >= q->first;
}

/* Calls back for each element of a message; a return other than 0 ends it and is returned. */
static int each_element(const struct nlmsghdr *nlh,
                        int (*take)(void *user, struct nftnl_set_elem *elem), void *user) {
        _cleanup_(set_freep) struct nftnl_set *set = NULL;
        _cleanup_(iter_freep) struct nftnl_set_elems_iter *i = NULL;
        struct nftnl_set_elem *elem;
        int r = parse_elements(nlh, &set);

        if (r < 0)
                return r;
        i = nftnl_set_elems_iter_create(set);
        if (!i)
                return -ENOMEM;
        while (r == 0 && (elem = nftnl_set_elems_iter_next(i)))
                r = take(user, elem);
        return r;
}

static int match_port(void *user, struct nftnl_set_elem *elem) {
        struct range_query *q = user;

        if (!overlaps(elem, q))
                return 0;
        nft_owner_of(elem, q->owner);
        return 1;
}

static int match_ports(const struct nlmsghdr *nlh, void *userdata) {
        return each_element(nlh, match_port, userdata);
}

/* What changes meanwhile is other tables, since ours is under the caller's lock: so a dump that is
 * always interrupted is as good as one that is not. */
static int search_set(struct nft *n, enum nft_set set, nft_message_cb *cb, void *userdata) {
        int r = -EINTR;

        for (unsigned i = 0; r == -EINTR && i < DUMP_ATTEMPTS; i++) {
                char buffer[256] = "";
                struct nlmsghdr *nlh = nft_request(n, table_of(set), buffer, NFT_MSG_GETSETELEM,
                                                   NLM_F_DUMP);

                put_set(nlh, set);
                r = nft_dump(n, nlh, cb, userdata);
        }
        return r == -EINTR ? 0 : r;
}

static int range_taken(struct nft *n, const struct op_element *e, char ret_owner[static 128]) {
        bool six = e->set == SET_PUBLISH6_RANGE;
        const struct {
                enum nft_set set;
                uint8_t offset;
        } sets[] = {
                { six ? SET_PUBLISH6 : SET_PUBLISH4, 0 },
                { six ? SET_PUBLISH6_AT : SET_PUBLISH4_AT, six ? 16 : 4 },
                { six ? SET_PUBLISH6_RANGE : SET_PUBLISH4_RANGE, 0 },
        };
        struct range_query q = { .protocol = e->protocol, .first = e->port, .last = e->port };

        if (e->last > e->port)
                q.last = e->last;
        for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
                int r;

                q.offset = sets[i].offset;
                r = search_set(n, sets[i].set, match_ports, &q);
                if (r > 0)
                        memcpy(ret_owner, q.owner, sizeof q.owner);
                if (r != 0)
                        return r == -ENOENT ? 0 : r;
        }
        return 0;
}

int nft_port_taken(struct nft *n, const struct op_element *e, char ret_owner[static 128]) {
        _cleanup_(set_freep) struct nftnl_set *set = NULL;
        struct op_element single = *e;
        struct nftnl_set_elem *elem;
        struct nft_key k;
        int r;

        switch (e->set) {
        case SET_PUBLISH4:
        case SET_PUBLISH4_AT: single.set = SET_PUBLISH4_RANGE; break;
        case SET_PUBLISH6:
        case SET_PUBLISH6_AT: single.set = SET_PUBLISH6_RANGE; break;
        case SET_PUBLISH4_RANGE:
        case SET_PUBLISH6_RANGE: return range_taken(n, e, ret_owner);
        default: return 0;
        }
        single.last = single.port;
        k = nft_key_of(&single);
        r = look_up(n, (enum nft_set)single.set, k.first, k.last, k.length, &set);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = first_element(set, &elem);
        if (r < 0)
                return r;
        if (elem)
                nft_owner_of(elem, ret_owner);
        return elem ? 1 : 0;
}

/* --- whose elements are there? For cleaning up alone: nothing on the way up or down reads all sets. --- */

struct owners {
        nft_owner_cb *owner;
        void *user;
        enum nft_table table;
};

static int take_owner(void *user, struct nftnl_set_elem *elem) {
        const struct owners *o = user;
        char name[NFT_OWNER_MAX];

        nft_owner_of(elem, name);
        return o->owner(o->user, o->table, name);
}

static int take_owners(const struct nlmsghdr *nlh, void *userdata) {
        return each_element(nlh, take_owner, userdata);
}

int nft_each_owner(struct nft *n, nft_owner_cb *owner, void *user) {
        for (enum nft_set set = 0; set < NFT_SETS; set++) {
                struct owners o = { owner, user, table_of(set) };
                int r = search_set(n, set, take_owners, &o);

                if (r != 0 && r != -ENOENT)
                        return r;
        }
        return 0;
}
