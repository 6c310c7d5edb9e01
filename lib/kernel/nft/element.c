/* SPDX-License-Identifier: GPL-2.0-or-later */

/* struct op_element to what the kernel compares. Fields of a concatenation are padded to four
 * bytes. A range in a concatenation is one element with two keys (first and last); in a set of one
 * field the kernel keeps a tree of bounds: an element for the first address and one, marked as an
 * end, for the address behind the last. Both bounds of neighbours may have the same key. */

#include "nft/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "util.h"

enum {
        GROUP_SIZE = 32768, /* the list is one attribute: less than 64 KiB */
        BYTEORDER_HOST = 1,
        BYTEORDER_BIG = 2,
};

/* The numbers are enum datatypes of nft. */
const struct nft_piece_type nft_piece_types[] = {
        [PIECE_SUBNET4] = { 7, 4, BYTEORDER_BIG },    [PIECE_SUBNET6] = { 8, 16, BYTEORDER_BIG },
        [PIECE_HOST4] = { 7, 4, BYTEORDER_BIG },      [PIECE_HOST6] = { 8, 16, BYTEORDER_BIG },
        [PIECE_PROTOCOL] = { 12, 1, BYTEORDER_BIG },  [PIECE_PORT] = { 13, 2, BYTEORDER_BIG },
        [PIECE_IIF] = { 41, 16, BYTEORDER_HOST },     [PIECE_OIF] = { 41, 16, BYTEORDER_HOST },
        [PIECE_INDEX] = { 20, 4, BYTEORDER_HOST },    [PIECE_TO4] = { 7, 4, BYTEORDER_BIG },
        [PIECE_TO6] = { 8, 16, BYTEORDER_BIG },       [PIECE_TO_PORT] = { 13, 2, BYTEORDER_BIG },
        [PIECE_VERDICT] = { NFT_DATA_VERDICT, 0, 0 }, [PIECE_FAMILY] = { 2, 1, BYTEORDER_HOST },
};

bool nft_is_concatenation(const uint8_t pieces[static PIECES_MAX]) {
        return pieces[0] != PIECE_END && pieces[1] != PIECE_END;
}

/* --- keys and data --- */

static void put_u16(uint8_t *at, uint16_t value) {
        value = htons(value);
        memcpy(at, &value, sizeof value);
}

static void put_subnet(const struct prefix *p, uint8_t *first, uint8_t *last) {
        struct prefix network = prefix_network(p);
        size_t length = address_bytes(network.address.family);

        memcpy(first, network.address.bytes, length);
        for (size_t i = 0; i < length; i++) {
                unsigned bits = p->length > i * 8 ? p->length - (unsigned)i * 8 : 0;

                last[i] = first[i] | (bits < 8 ? 0xff >> bits : 0);
        }
}

static void put_piece(const struct op_element *e, uint8_t piece, uint8_t *first, uint8_t *last) {
        switch (piece) {
        case PIECE_SUBNET4:
        case PIECE_SUBNET6: put_subnet(&e->subnet, first, last); return;
        case PIECE_PORT:
                put_u16(first, e->port);
                put_u16(last, nft_sets[e->set].interval && e->last > e->port ? e->last : e->port);
                return;
        case PIECE_HOST4: memcpy(first, e->host.bytes, 4); break;
        case PIECE_HOST6: memcpy(first, e->host.bytes, 16); break;
        case PIECE_FAMILY:
        case PIECE_PROTOCOL: *first = e->protocol; break;
        case PIECE_IIF: memcpy(first, e->iif, strnlen(e->iif, IFNAMSIZ - 1)); break;
        case PIECE_OIF: memcpy(first, e->oif, strnlen(e->oif, IFNAMSIZ - 1)); break;
        case PIECE_INDEX: memcpy(first, &e->index, 4); break;
        case PIECE_TO4: memcpy(first, e->to.bytes, 4); break;
        case PIECE_TO6: memcpy(first, e->to.bytes, 16); break;
        case PIECE_TO_PORT: put_u16(first, e->to_port); break;
        }
        memcpy(last, first, nft_piece_types[piece].length);
}

/* The pieces one behind the other; first and last are zeroed. Returns their length. */
static uint8_t put_pieces(const struct op_element *e, const uint8_t pieces[static PIECES_MAX],
                          uint8_t *first, uint8_t *last) {
        uint8_t length = 0;

        for (size_t i = 0; i < PIECES_MAX && pieces[i] != PIECE_END; i++) {
                put_piece(e, pieces[i], first + length, last + length);
                length += nft_piece_types[pieces[i]].length;
                if (nft_is_concatenation(pieces))
                        length = (uint8_t)NLMSG_ALIGN(length);
        }
        return length;
}

struct nft_key nft_key_of(const struct op_element *e) {
        const struct nft_set_info *s = &nft_sets[e->set];
        struct nft_key k = { .concatenation = nft_is_concatenation(s->key) };

        k.length = put_pieces(e, s->key, k.first, k.last);
        if (!s->interval || k.concatenation)
                return k;
        k.tree = k.open = true;
        memcpy(k.behind, k.last, sizeof k.behind);
        for (size_t i = k.length; k.open && i-- > 0;)
                k.open = ++k.behind[i] == 0;
        return k;
}

struct nft_data nft_data_of(const struct op_element *e) {
        uint8_t unused[NFT_KEY_MAX] = { 0 };
        struct nft_data d = { 0 };

        d.length = put_pieces(e, nft_sets[e->set].data, d.bytes, unused);
        return d;
}

int32_t nft_verdict_code(uint8_t verdict) {
        switch (verdict) {
        case VERDICT_ACCEPT: return NF_ACCEPT;
        case VERDICT_DROP: return NF_DROP;
        default: return NFT_JUMP;
        }
}

/* --- libnftnl's elements --- */

struct nftnl_set_elem *nft_elem_new(const uint8_t *key, const uint8_t *upper, uint8_t length) {
        struct nftnl_set_elem *elem = nftnl_set_elem_alloc();

        if (!elem)
                return NULL;
        if (nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, key, length) < 0 ||
            (upper && nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY_END, upper, length) < 0)) {
                nftnl_set_elem_free(elem);
                return NULL;
        }
        return elem;
}

static int set_data(struct nftnl_set_elem *elem, const struct op_element *e) {
        struct nft_data data = nft_data_of(e);

        if (data.length > 0)
                return nftnl_set_elem_set(elem, NFTNL_SET_ELEM_DATA, data.bytes, data.length);
        if (nft_sets[e->set].data[0] != PIECE_VERDICT)
                return 0;
        nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_VERDICT,
                               (uint32_t)nft_verdict_code(e->verdict));
        if (e->verdict != VERDICT_ROUTED)
                return 0;
        return nftnl_set_elem_set_str(elem, NFTNL_SET_ELEM_CHAIN, nft_chains[CHAIN_ROUTED].name);
}

/* User data is nft's alone: the comment, and a flag without which it would not show the end. */
static int set_userdata(struct nftnl_set_elem *elem, const char *owner, bool open, bool fresh) {
        struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
        char comment[NFT_OWNER_MAX];
        int r = 0;

        if (!u)
                return -1;
        snprintf(comment, sizeof comment, "%s", owner);
        if (!nftnl_udata_put_strz(u, NFTNL_UDATA_SET_ELEM_COMMENT, comment) ||
            (open &&
             !nftnl_udata_put_u32(u, NFTNL_UDATA_SET_ELEM_FLAGS, NFTNL_SET_ELEM_F_INTERVAL_OPEN)) ||
            (fresh && nft_count_mark(u) < 0))
                r = -1;
        else
                r = nftnl_set_elem_set(elem, NFTNL_SET_ELEM_USERDATA, nftnl_udata_buf_data(u),
                                       nftnl_udata_buf_len(u));
        nftnl_udata_buf_free(u);
        return r;
}

const char *nft_udata_of(struct nftnl_set_elem *elem, uint8_t type, uint8_t *ret_length) {
        uint32_t length = 0;
        const char *data = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_USERDATA, &length);

        /* type, length, value: written by whoever made the element, so nothing is taken for sure */
        for (uint32_t at = 0; data && at + 2 <= length;) {
                uint8_t n = (uint8_t)data[at + 1];

                if (at + 2 + n > length)
                        return NULL;
                if ((uint8_t)data[at] == type) {
                        *ret_length = n;
                        return data + at + 2;
                }
                at += 2u + n;
        }
        return NULL;
}

void nft_owner_of(struct nftnl_set_elem *elem, char ret_owner[static NFT_OWNER_MAX]) {
        uint8_t length = 0;
        const char *comment = nft_udata_of(elem, NFTNL_UDATA_SET_ELEM_COMMENT, &length);

        snprintf(ret_owner, NFT_OWNER_MAX, "%.*s", length, comment ?: "");
}

/* --- messages --- */

static void close_list(struct nft *n) {
        struct nlmsghdr *nlh = (void *)(n->batch + n->group.message);
        struct nlattr *list = (void *)(n->batch + n->group.list);

        list->nla_len = (uint16_t)(n->batch + n->used - (char *)list);
        nlh->nlmsg_len = (uint32_t)(n->batch + n->used - (char *)nlh);
}

/* Opens a message for elements, or leaves the last one open for one more. */
static int open_list(struct nft *n, uint16_t type, uint8_t set, size_t tag) {
        bool more = n->group.type == type && n->group.set == set &&
                    n->n_tags >= NFT_SINGLE_MESSAGES && n->used - n->group.list < GROUP_SIZE;
        uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE | NLM_F_EXCL : 0;
        struct nlmsghdr *nlh;

        if (more)
                return nft_room(n, NFT_ROOM);
        nlh = nft_message(n, type, flags, tag);
        if (!nlh)
                return -ENOMEM;
        mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
        mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, nft_sets[set].name);
        n->group = (struct nft_group){ type, set, n->used, n->used + nlh->nlmsg_len };
        mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
        nft_message_end(n, nlh);
        return 0;
}

/* The builder of libnftnl writes behind the end of a message: one of no length does. */
static void append(struct nft *n, struct nftnl_set_elem *elem) {
        struct nlmsghdr *nlh = (void *)(n->batch + n->group.message);
        struct nlattr *item;

        close_list(n);
        item = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
        nftnl_set_elem_nlmsg_build_payload(nlh, elem);
        mnl_attr_nest_end(nlh, item);
        n->used = n->group.message + nlh->nlmsg_len;
        close_list(n);
}

/* owner NULL: for deletion. */
static int append_bounds(struct nft *n, const struct op_element *e, const char *owner, bool fresh) {
        struct nft_key k = nft_key_of(e);
        bool range = nft_sets[e->set].interval && k.concatenation;
        struct nftnl_set_elem *elem;
        int r = 0;

        elem = nft_elem_new(k.first, range ? k.last : NULL, k.length);
        if (!elem)
                return -ENOMEM;
        if (owner && (set_data(elem, e) < 0 || set_userdata(elem, owner, k.open, fresh) < 0))
                r = -ENOMEM;
        else
                append(n, elem);
        nftnl_set_elem_free(elem);
        if (r < 0 || !k.tree || k.open)
                return r;

        elem = nft_elem_new(k.behind, NULL, k.length);
        if (!elem)
                return -ENOMEM;
        nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
        append(n, elem);
        nftnl_set_elem_free(elem);
        return 0;
}

static int add_message(struct nft *n, uint16_t type, const struct op_element *e, const char *owner,
                       bool fresh, size_t tag) {
        int r = open_list(n, type, e->set, tag);

        if (r >= 0)
                r = append_bounds(n, e, owner, fresh && nft_sets[e->set].counted);
        if (r < 0)
                n->broken = true;
        return r;
}

int nft_add_element(struct nft *n, const struct op_element *e, const char *owner, size_t tag) {
        return add_message(n, NFT_MSG_NEWSETELEM, e, owner, false, tag);
}

int nft_add_fresh(struct nft *n, const struct op_element *e, const char *owner, size_t tag) {
        return add_message(n, NFT_MSG_NEWSETELEM, e, owner, true, tag);
}

int nft_delete_element(struct nft *n, const struct op_element *e, size_t tag) {
        int r = add_message(n, NFT_MSG_DELSETELEM, e, NULL, false, tag);

        if (r >= 0)
                nft_count_ask(n, e);
        return r;
}
