/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Did a connection ever use an element that has been withdrawn? If none did, nobody has to walk through
 * conntrack for its connections. Each element of the maps of published ports has a counter, which a lookup
 * in a nat chain raises (nft_lookup_eval() of Linux 5.7 and later), and that is once for a connection.
 *
 * The count that decides is the one after the withdrawal, or a connection could begin between looking and
 * withdrawing: with NLM_F_ECHO the kernel sends us what it tells everybody of a transaction, when the
 * elements are out of sight of packets and not yet freed. That a processor is held up between finding an
 * element and counting it is as unlikely as that it is between finding it and having a connection that a
 * walk would see.
 *
 * A count says nothing of connections that are older than its element: of those from before a flush, say,
 * when vnet-restore or "nft -f" with a saved ruleset made the element once more. So an element whose port
 * nobody can have used before has a mark in its user data. It is of a type that nft(8) passes over and does
 * not write down, so no element that nft makes has it. */

#include "nft/internal.h"

#include <errno.h>
#include <libnftnl/expr.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "util.h"

enum {
        UDATA_FRESH = 'v', /* nft's own types are 0 and 1 */
        DELSETELEM = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM,
};

int nft_count_set(struct nftnl_set *set) {
        struct nftnl_expr *counter = nftnl_expr_alloc("counter");

        if (!counter)
                return -ENOMEM;
        nftnl_set_add_expr(set, counter);
        return 0;
}

int nft_count_mark(struct nftnl_udata_buf *u) {
        static const uint8_t yes = 1;

        return nftnl_udata_put(u, UDATA_FRESH, sizeof yes, &yes) ? 0 : -ENOMEM;
}

/* Only elements that are alone in their message: the answers of a thousand ports would not fit into the
 * socket, and with them the acknowledgement would be lost. To walk costs little there, beside the rest. */
void nft_count_ask(struct nft *n, const struct op_element *e) {
        struct nlmsghdr *nlh = (void *)(n->batch + n->group.message);

        if (!nft_sets[e->set].counted || n->n_tags >= NFT_SINGLE_MESSAGES)
                return;
        nlh->nlmsg_flags |= NLM_F_ECHO;
        n->counted[n->n_counted++] = (struct nft_counted){ .element = e };
}

static bool is_fresh(struct nftnl_set_elem *elem) {
        uint8_t length;

        return nft_udata_of(elem, UDATA_FRESH, &length) != NULL;
}

static bool is_zero(struct nftnl_set_elem *elem) {
        uint32_t length = 0;
        const struct nftnl_expr *e = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_EXPR, &length);
        const char *name = e ? nftnl_expr_get_str(e, NFTNL_EXPR_NAME) : NULL;

        return name && streq(name, "counter") && nftnl_expr_is_set(e, NFTNL_EXPR_CTR_PACKETS) &&
               nftnl_expr_get_u64(e, NFTNL_EXPR_CTR_PACKETS) == 0;
}

static bool is_of(struct nftnl_set_elem *elem, const char *set, const struct op_element *e) {
        uint32_t length = 0;
        const void *key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY, &length);
        struct nft_key k = nft_key_of(e);

        return streq(set, nft_sets[e->set].name) && key && length == k.length &&
               memcmp(key, k.first, length) == 0;
}

struct echo {
        struct nft *nft;
        const char *set;
};

/* Newer kernels put together what several messages delete, and answer without the number of any (6.18), so
 * the key says which it is. */
static int take(struct nftnl_set_elem *elem, void *data) {
        const struct echo *echo = data;
        struct nft *n = echo->nft;

        for (size_t i = 0; i < n->n_counted; i++)
                if (is_of(elem, echo->set, n->counted[i].element))
                        n->counted[i].unused = is_fresh(elem) && is_zero(elem);
        return 0;
}

void nft_count_take(struct nft *n, const struct nlmsghdr *nlh) {
        bool counts = nlh->nlmsg_type == DELSETELEM && !n->late;
        struct nftnl_set *set = counts ? nftnl_set_alloc() : NULL;
        struct echo echo = { .nft = n };

        if (!set)
                return;
        if (nftnl_set_elems_nlmsg_parse(nlh, set) >= 0) {
                echo.set = nftnl_set_get_str(set, NFTNL_SET_NAME);
                if (echo.set)
                        nftnl_set_elem_foreach(set, take, &echo);
        }
        nftnl_set_free(set);
}

bool nft_was_unused(const struct nft *n, const struct op_element *e) {
        for (size_t i = 0; i < n->n_counted; i++)
                if (n->counted[i].element == e)
                        return n->counted[i].unused;
        return false;
}
