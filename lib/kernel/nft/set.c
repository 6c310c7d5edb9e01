/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the messages for the sets and maps of the table from the rows of lib/plan/table.h. The
 * types of a set's fields are one number that only nft(8) understands, six bits for each field, and
 * the byte order stands in user data. Without both nft could not print our elements, and what "nft
 * list ruleset" saves would not load again. */

#include "nft/internal.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include "util.h"

enum {
        TYPE_BITS = 6,              /* of nft: room of one field in the type of a concatenation */
        TYPE_CT_STATE = 26,         /* of nft */
        STATE_ESTABLISHED = 1 << 1, /* NF_CT_STATE_BIT(), which the kernel's uapi lacks */
        STATE_RELATED = 1 << 2,
        STATE_INVALID = 1 << 0,
        STATE_UNTRACKED = 1 << 6,
        SHAPE_ID = 0xffff, /* of no other set of a batch */
};

static inline void set_freep(struct nftnl_set **s) {
        if (*s)
                nftnl_set_free(*s);
}

static inline void udata_freep(struct nftnl_udata_buf **u) {
        if (*u)
                nftnl_udata_buf_free(*u);
}

uint32_t nft_set_id(uint32_t set) {
        return set + 1;
}

/* The type of a key or datum, its length in the kernel and its byte order for nft. */
static struct nft_piece_type type_of(const uint8_t pieces[static PIECES_MAX]) {
        struct nft_piece_type t = { 0 };

        if (!nft_is_concatenation(pieces))
                return nft_piece_types[pieces[0]];
        for (size_t i = 0; i < PIECES_MAX && pieces[i] != PIECE_END; i++) {
                const struct nft_piece_type *piece = &nft_piece_types[pieces[i]];

                t.type = t.type << TYPE_BITS | piece->type;
                t.length += (uint8_t)NLMSG_ALIGN(piece->length);
        }
        return t;
}

static int set_fields(struct nftnl_set *set, const uint8_t key[static PIECES_MAX]) {
        uint8_t lengths[PIECES_MAX];
        uint32_t n = 0;

        for (; n < PIECES_MAX && key[n] != PIECE_END; n++)
                lengths[n] = nft_piece_types[key[n]].length;
        return nftnl_set_set_data(set, NFTNL_SET_DESC_CONCAT, lengths, n);
}

/* What nft(8) writes of an expression of which a set takes the type: the numbers are its own. */
enum {
        TYPEOF_EXPR = 0, /* which kind of expression */
        TYPEOF_DATA = 1, /* its numbers, or those of a concatenation one by one */
        EXPR_PAYLOAD = 7,
        EXPR_META = 9,
        EXPR_CONCAT = 13,
        META_KEY = 0,
        PAYLOAD_DESC = 0, /* of no protocol that has a name */
        PAYLOAD_TYPE = 1,
        PAYLOAD_BASE = 2,
        PAYLOAD_OFFSET = 3, /* bits */
        PAYLOAD_LEN = 4,
        BASE_TRANSPORT = 3,
};

static bool put_expression(struct nftnl_udata_buf *u, uint8_t index, uint8_t piece) {
        struct nftnl_udata *nest = nftnl_udata_nest_start(u, index), *data;
        bool target = piece == PIECE_TARGET6, ok;

        ok = nftnl_udata_put_u32(u, TYPEOF_EXPR, target ? EXPR_PAYLOAD : EXPR_META);
        data = nftnl_udata_nest_start(u, TYPEOF_DATA);
        if (target)
                ok = ok && nftnl_udata_put_u32(u, PAYLOAD_DESC, 0) &&
                     nftnl_udata_put_u32(u, PAYLOAD_TYPE, 0) &&
                     nftnl_udata_put_u32(u, PAYLOAD_BASE, BASE_TRANSPORT) &&
                     nftnl_udata_put_u32(u, PAYLOAD_OFFSET, 64) &&
                     nftnl_udata_put_u32(u, PAYLOAD_LEN, 128);
        else
                ok = ok && nftnl_udata_put_u32(u, META_KEY, NFT_META_IIFNAME);
        nftnl_udata_nest_end(u, data);
        nftnl_udata_nest_end(u, nest);
        return ok;
}

/* Of a concatenation whose pieces are the name of an interface and what has no type of its own. */
static bool put_typeof(struct nftnl_udata_buf *u, const uint8_t key[static PIECES_MAX]) {
        struct nftnl_udata *nest = nftnl_udata_nest_start(u, NFTNL_UDATA_SET_KEY_TYPEOF), *data;
        bool ok = nftnl_udata_put_u32(u, TYPEOF_EXPR, EXPR_CONCAT);

        data = nftnl_udata_nest_start(u, TYPEOF_DATA);
        for (uint8_t i = 0; ok && i < PIECES_MAX && key[i] != PIECE_END; i++)
                ok = put_expression(u, i, key[i]);
        nftnl_udata_nest_end(u, data);
        nftnl_udata_nest_end(u, nest);
        return ok;
}

/* s NULL: of no set of the table. */
static int set_userdata(struct nftnl_set *set, uint32_t key, bool map, uint32_t data,
                        const struct nft_set_info *s) {
        _cleanup_(udata_freep) struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(
                NFT_USERDATA_MAXLEN);

        if (!u || !nftnl_udata_put_u32(u, NFTNL_UDATA_SET_KEYBYTEORDER, key) ||
            (map && !nftnl_udata_put_u32(u, NFTNL_UDATA_SET_DATABYTEORDER, data)) ||
            (s && nft_is_typeof(s) && !put_typeof(u, s->key)))
                return -1;
        return nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(u),
                                  nftnl_udata_buf_len(u));
}

/* A set with what every set has; NULL without memory. */
static struct nftnl_set *new_set(const char *name, uint32_t id, uint32_t flags,
                                 const struct nft_piece_type *key,
                                 const struct nft_piece_type *data, const struct nft_set_info *s) {
        _cleanup_(set_freep) struct nftnl_set *set = nftnl_set_alloc();

        if (!set || nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE) < 0 ||
            nftnl_set_set_str(set, NFTNL_SET_NAME, name) < 0)
                return NULL;
        nftnl_set_set_u32(set, NFTNL_SET_ID, id);
        nftnl_set_set_u32(set, NFTNL_SET_FLAGS, data ? flags | NFT_SET_MAP : flags);
        nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, key->type);
        nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, key->length);
        if (data) {
                nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, data->type);
                nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, data->length);
        }
        if (set_userdata(set, key->byteorder, data, data ? data->byteorder : 0, s) < 0)
                return NULL;
        return TAKE_PTR(set);
}

int nft_add_set(struct nft *n, enum nft_set which) {
        const struct nft_set_info *s = &nft_sets[which];
        struct nft_piece_type key = type_of(s->key), data = type_of(s->data);
        bool fields = s->interval && nft_is_concatenation(s->key);
        uint32_t flags = (s->interval ? NFT_SET_INTERVAL : 0) | (fields ? NFT_SET_CONCAT : 0);
        _cleanup_(set_freep) struct nftnl_set *set = NULL;
        struct nlmsghdr *nlh;

        set = new_set(s->name, nft_set_id(which), flags, &key,
                      s->data[0] != PIECE_END ? &data : NULL, s);
        if (!set || (fields && set_fields(set, s->key) < 0) ||
            (s->counted && nft_count_set(set) < 0))
                return -ENOMEM;
        nlh = nft_message(n, (enum nft_table)s->table, NFT_MSG_NEWSET, NLM_F_CREATE, SIZE_MAX);
        if (!nlh)
                return -ENOMEM;
        nftnl_set_nlmsg_build_payload(nlh, set);
        nft_message_end(n, nlh);
        return 0;
}

/* chain NULL: accept */
static int add_state(struct nftnl_set *set, uint32_t state, const char *chain) {
        struct nftnl_set_elem *elem = nft_elem_new((const uint8_t *)&state, NULL, sizeof state);

        if (!elem)
                return -ENOMEM;
        nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_VERDICT,
                               chain ? (uint32_t)NFT_JUMP : NF_ACCEPT);
        nftnl_set_elem_add(set, elem);
        return chain && nftnl_set_elem_set_str(elem, NFTNL_SET_ELEM_CHAIN, chain) < 0 ? -ENOMEM : 0;
}

static int add_states(struct nftnl_set *set) {
        const char *stray = nft_chains[CHAIN_STRAY].name;
        int r = add_state(set, STATE_INVALID, stray);

        if (r == 0)
                r = add_state(set, STATE_ESTABLISHED, NULL);
        if (r == 0)
                r = add_state(set, STATE_RELATED, NULL);
        return r < 0 ? r : add_state(set, STATE_UNTRACKED, stray);
}

/* The set of a rule with its elements. */
static int send_anonymous(struct nft *n, struct nftnl_set *set, uint32_t size) {
        struct nlmsghdr *nlh;

        nftnl_set_set_u32(set, NFTNL_SET_DESC_SIZE, size);
        nlh = nft_message(n, TABLE_INET, NFT_MSG_NEWSET, NLM_F_CREATE, SIZE_MAX);
        if (!nlh)
                return -ENOMEM;
        nftnl_set_nlmsg_build_payload(nlh, set);
        nft_message_end(n, nlh);

        nlh = nft_message(n, TABLE_INET, NFT_MSG_NEWSETELEM, NLM_F_CREATE, SIZE_MAX);
        if (!nlh)
                return -ENOMEM;
        nftnl_set_elems_nlmsg_build_payload(nlh, set);
        nft_message_end(n, nlh);
        return 0;
}

int nft_add_states(struct nft *n, uint32_t id) {
        const struct nft_piece_type key = { TYPE_CT_STATE, sizeof(uint32_t), 1 },
                                    data = nft_piece_types[PIECE_VERDICT];
        _cleanup_(set_freep) struct nftnl_set *set = new_set(
                NFT_STATES_NAME, id, NFT_SET_ANONYMOUS | NFT_SET_CONSTANT, &key, &data, NULL);

        return !set || add_states(set) < 0 ? -ENOMEM : send_anonymous(n, set, 4);
}

int nft_add_kinds(struct nft *n, uint32_t id) {
        const struct nft_piece_type *key = &nft_piece_types[PIECE_IIF];
        _cleanup_(set_freep) struct nftnl_set *set = new_set(
                NFT_KINDS_NAME, id, NFT_SET_ANONYMOUS | NFT_SET_CONSTANT, key, NULL, NULL);

        for (size_t i = 0; set && i < NFT_HARDWARE_KINDS; i++) {
                uint8_t name[IFNAMSIZ] = { 0 };
                struct nftnl_set_elem *elem;

                memcpy(name, nft_hardware_kinds[i], sizeof nft_hardware_kinds[i]);
                elem = nft_elem_new(name, NULL, sizeof name);
                if (!elem)
                        return -ENOMEM;
                nftnl_set_elem_add(set, elem);
        }
        return set ? send_anonymous(n, set, NFT_HARDWARE_KINDS) : -ENOMEM;
}

int nft_add_shape(struct nft *n, enum nft_table table) {
        _cleanup_(set_freep) struct nftnl_set *set = NULL;
        char name[NFT_SHAPE_MAX];
        struct nlmsghdr *nlh;

        table_shape(table, n->lacking, name);
        set = new_set(name, SHAPE_ID, 0, &nft_piece_types[PIECE_IIF], NULL, NULL);
        nlh = set ? nft_message(n, table, NFT_MSG_NEWSET, NLM_F_CREATE, SIZE_MAX) : NULL;
        if (!nlh)
                return -ENOMEM;
        nftnl_set_nlmsg_build_payload(nlh, set);
        nft_message_end(n, nlh);
        return 0;
}

/* No element at all for its set of the shape: the kernel looks for the set and does nothing. */
int nft_expect_shape(struct nft *n, enum nft_table table) {
        char name[NFT_SHAPE_MAX];
        struct nlmsghdr *nlh = nft_message(n, table, NFT_MSG_NEWSETELEM, NLM_F_CREATE, SIZE_MAX);

        if (!nlh)
                return -ENOMEM;
        table_shape(table, n->lacking, name);
        mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
        mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, name);
        mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS));
        nft_message_end(n, nlh);
        return 0;
}
