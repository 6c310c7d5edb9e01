/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns an element from our words (struct op_element) into the bytes that the kernel compares. The
 * fields of a concatenation are padded to four bytes. A range in a concatenation is one element
 * with two keys, first and last. In a set of one field the kernel keeps a tree of bounds instead:
 * an element for the first address, and one, marked as an end, for the address behind the last.
 * Both bounds of neighbours may have the same key. */

#include "nft/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/socket.h>

#include "util.h"

enum {
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
        [PIECE_MAC] = { 9, 6, BYTEORDER_BIG },        [PIECE_TARGET6] = { 4, 16, BYTEORDER_BIG },
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
        case PIECE_TARGET6:
        case PIECE_HOST6: memcpy(first, e->host.bytes, 16); break;
        case PIECE_MAC: memcpy(first, e->mac.bytes, 6); break;
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

static void take_piece(struct op_element *e, uint8_t piece, const uint8_t *from) {
        switch (piece) {
        case PIECE_TO4:
        case PIECE_TO6:
                e->to.family = piece == PIECE_TO4 ? AF_INET : AF_INET6;
                memcpy(e->to.bytes, from, nft_piece_types[piece].length);
                break;
        case PIECE_TO_PORT: e->to_port = (uint16_t)(from[0] << 8 | from[1]); break;
        }
}

static uint8_t verdict_of(struct nftnl_set_elem *elem) {
        int32_t code = (int32_t)nftnl_set_elem_get_u32(elem, NFTNL_SET_ELEM_VERDICT);
        const char *chain = nftnl_set_elem_get_str(elem, NFTNL_SET_ELEM_CHAIN);

        switch (code) {
        case NF_ACCEPT: return VERDICT_ACCEPT;
        case NF_DROP: return VERDICT_DROP;
        default:
                for (enum nft_verdict v = VERDICT_ROUTED; v <= VERDICT_CONFINED; v++)
                        if (code == NFT_JUMP && chain && streq(chain, nft_verdict_chain(v)))
                                return v;
                return VERDICT_NONE;
        }
}

void nft_take_data(struct nftnl_set_elem *elem, struct op_element *ret) {
        const uint8_t *pieces = nft_sets[ret->set].data;
        uint32_t length = 0, at = 0;
        const uint8_t *data = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_DATA, &length);

        if (pieces[0] == PIECE_VERDICT) {
                ret->verdict = nftnl_set_elem_is_set(elem, NFTNL_SET_ELEM_VERDICT)
                                       ? verdict_of(elem)
                                       : VERDICT_NONE;
                return;
        }
        for (size_t i = 0; data && i < PIECES_MAX && pieces[i] != PIECE_END; i++) {
                uint32_t size = nft_piece_types[pieces[i]].length;

                if (at + size <= length)
                        take_piece(ret, pieces[i], data + at);
                at += NLMSG_ALIGN(size);
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
