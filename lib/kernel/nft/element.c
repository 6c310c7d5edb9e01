/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the messages that add elements to a set and take them from it. Elements of one set that
 * follow each other go in one message. */

#include "nft/internal.h"

#include <errno.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>

#include "util.h"

enum { GROUP_SIZE = 32768 }; /* the list is one attribute: less than 64 KiB */

static int set_data(struct nftnl_set_elem *elem, const struct op_element *e) {
        struct nft_data data = nft_data_of(e);

        if (data.length > 0)
                return nftnl_set_elem_set(elem, NFTNL_SET_ELEM_DATA, data.bytes, data.length);
        if (nft_sets[e->set].data[0] != PIECE_VERDICT)
                return 0;
        nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_VERDICT,
                               (uint32_t)nft_verdict_code(e->verdict));
        if (!nft_verdict_chain(e->verdict))
                return 0;
        return nftnl_set_elem_set_str(elem, NFTNL_SET_ELEM_CHAIN, nft_verdict_chain(e->verdict));
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
        nlh = nft_message(n, (enum nft_table)nft_sets[set].table, type, flags, tag);
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
