/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes and deletes a table as a whole, from the rows of lib/plan/table.h: it comes with the
 * first network that needs it and goes with the last. */

#include "nft/internal.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include "util.h"

static inline void table_freep(struct nftnl_table **t) {
        if (*t)
                nftnl_table_free(*t);
}

static inline void chain_freep(struct nftnl_chain **c) {
        if (*c)
                nftnl_chain_free(*c);
}

static int table_message(struct nft *n, enum nft_table table, uint16_t type, uint16_t flags) {
        _cleanup_(table_freep) struct nftnl_table *t = nftnl_table_alloc();
        struct nlmsghdr *nlh = nft_message(n, table, type, flags, SIZE_MAX);

        if (!t || !nlh || nftnl_table_set_str(t, NFTNL_TABLE_NAME, NFT_TABLE) < 0) {
                n->broken = true;
                return -ENOMEM;
        }
        nftnl_table_nlmsg_build_payload(nlh, t);
        nft_message_end(n, nlh);
        return 0;
}

/* --- chains --- */

static int add_chain(struct nft *n, const struct nft_chain_info *c) {
        _cleanup_(chain_freep) struct nftnl_chain *chain = nftnl_chain_alloc();
        struct nlmsghdr *nlh;

        if (!chain || nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, NFT_TABLE) < 0 ||
            nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, c->name) < 0 ||
            (c->type && nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, c->type) < 0))
                return -ENOMEM;
        if (c->type) {
                nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, c->hooknum);
                nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, c->priority);
        }
        nlh = nft_message(n, (enum nft_table)c->table, NFT_MSG_NEWCHAIN, NLM_F_CREATE, SIZE_MAX);
        if (!nlh)
                return -ENOMEM;
        nftnl_chain_nlmsg_build_payload(nlh, chain);
        nft_message_end(n, nlh);
        return 0;
}

/* --- the whole --- */

int nft_add_table(struct nft *n, enum nft_table table) {
        int r = table_message(n, table, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);

        for (size_t i = 0; r >= 0 && i < NFT_SETS; i++)
                if (nft_sets[i].table == table)
                        r = nft_add_set(n, (enum nft_set)i);
        if (r >= 0)
                r = nft_add_shape(n, table);
        for (size_t i = 0; r >= 0 && i < NFT_CHAINS; i++)
                if (nft_chains[i].table == table)
                        r = add_chain(n, &nft_chains[i]);
        if (r >= 0)
                r = nft_add_rules(n, table);
        if (r < 0)
                n->broken = true;
        return r;
}

bool nft_do_without(struct nft *n) {
        n->lacking = n->lacking < NFT_NEEDS ? n->lacking + 1 : 0;
        return n->lacking != 0;
}

unsigned nft_lacking(const struct nft *n) {
        return n->lacking;
}

int nft_delete_table(struct nft *n, enum nft_table table) {
        return table_message(n, table, NFT_MSG_DELTABLE, 0);
}

/* It is made first, so that deleting it cannot fail whoever flushes at this moment. */
int nft_clear_table(struct nft *n, enum nft_table table) {
        int r = table_message(n, table, NFT_MSG_NEWTABLE, NLM_F_CREATE);

        return r < 0 ? r : nft_delete_table(n, table);
}
