/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who owns something in the table: the comments of all elements of all sets. For cleaning up alone;
 * nothing on the way up or down reads a whole set. */

#include <errno.h>
#include <linux/netfilter/nf_tables.h>

#include "nft-internal.h"
#include "util.h"

struct owners {
        int (*owner)(void *user, const char *name);
        void *user;
};

static int take_elements(const struct nlmsghdr *nlh, void *userdata) {
        const struct owners *o = userdata;
        struct nftnl_set *set = nftnl_set_alloc();
        struct nftnl_set_elems_iter *i = NULL;
        struct nftnl_set_elem *elem;
        int r = -ENOMEM;

        if (set)
                r = nftnl_set_elems_nlmsg_parse(nlh, set) < 0 ? -EBADMSG : 0;
        if (r == 0 && !(i = nftnl_set_elems_iter_create(set)))
                r = -ENOMEM;
        while (r == 0 && (elem = nftnl_set_elems_iter_next(i))) {
                char name[NFT_OWNER_MAX];

                nft_owner_of(elem, name);
                r = o->owner(o->user, name);
        }
        if (i)
                nftnl_set_elems_iter_destroy(i);
        if (set)
                nftnl_set_free(set);
        return r;
}

/* A dump that another table's change interrupted is whole for ours, which is under our lock; and one
 * without that lock is only a first look. */
int nft_each_owner(struct nft *n, int (*owner)(void *user, const char *name), void *user) {
        struct owners o = { owner, user };

        for (enum nft_set set = 0; set < NFT_SETS; set++) {
                char buffer[256] = "";
                struct nlmsghdr *nlh = nft_request(n, buffer, NFT_MSG_GETSETELEM, NLM_F_DUMP);
                int r;

                mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
                mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, nft_sets[set].name);
                r = nft_dump(n, nlh, take_elements, &o);
                if (r != 0 && r != -ENOENT && r != -EINTR)
                        return r;
        }
        return 0;
}
