/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All that nftables has in a network namespace, as picture-netlink.c has the rest. */

#include "picture.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

struct kind {
        const char *what;
        int get;
        struct rule rules[4];
};
static const struct kind kinds[] = {
        { "nft table", NFT_MSG_GETTABLE, { { NFTA_TABLE_HANDLE, SKIP, NULL } } },
        { "nft chain", NFT_MSG_GETCHAIN, { { NFTA_CHAIN_HANDLE, SKIP, NULL } } },
        { "nft set", NFT_MSG_GETSET, { { NFTA_SET_HANDLE, SKIP, NULL } } },
        { "nft rule",
          NFT_MSG_GETRULE,
          { { NFTA_RULE_HANDLE, SKIP, NULL }, { NFTA_RULE_POSITION, SKIP, NULL } } },
        { "nft object", NFT_MSG_GETOBJ, { { NFTA_OBJ_HANDLE, SKIP, NULL } } },
};
enum { SETS_MOST = 256, TYPE_IFINDEX = 20 /* as nft(8) has it for a key's type */ };
struct set {
        int family;
        bool by_index; /* of an interface */
        char table[64], name[64];
};
struct sets {
        const struct kind *kind;
        struct set items[SETS_MOST];
        size_t n;
        unsigned rules;
};

static struct nlmsghdr *begin_nft(void *buffer, int get, int family) {
        struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
        struct nfgenmsg *m;

        h->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | get);
        h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        m = mnl_nlmsg_put_extra_header(h, sizeof *m);
        m->nfgen_family = (uint8_t)family;
        m->version = NFNETLINK_V0;
        return h;
}

static void remember_set(struct sets *sets, const struct nlmsghdr *h) {
        const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
        struct set *set = &sets->items[sets->n++];
        const struct nlattr *attr;

        if (sets->n == SETS_MOST)
                die("too many sets");
        *set = (struct set){ .family = m->nfgen_family };
        mnl_attr_for_each(attr, h, sizeof *m) {
                if (mnl_attr_get_type(attr) == NFTA_SET_TABLE)
                        snprintf(set->table, sizeof set->table, "%s", mnl_attr_get_str(attr));
                if (mnl_attr_get_type(attr) == NFTA_SET_KEY_TYPE)
                        set->by_index = ntohl(mnl_attr_get_u32(attr)) == TYPE_IFINDEX;
                if (mnl_attr_get_type(attr) == NFTA_SET_NAME)
                        snprintf(set->name, sizeof set->name, "%s", mnl_attr_get_str(attr));
        }
}

/* Rules have numbers, since the lines are sorted. */
static int print_nft(const struct nlmsghdr *h, void *user) {
        const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
        struct sets *sets = user;

        begin_line(sets->kind->what);
        fprintf(out, " family %u", m->nfgen_family);
        if (sets->kind->get == NFT_MSG_GETRULE)
                fprintf(out, " number %u", sets->rules++);
        if (sets->kind->get == NFT_MSG_GETSET)
                remember_set(sets, h);
        end_line(sets->kind->rules, h, sizeof *m);
        return MNL_CB_OK;
}

static const struct rule value_rules[] = { { NFTA_DATA_VALUE, INDEX, NULL }, { 0 } };
/* A counter is the same whatever it has counted. */
static const struct rule expr_rules[] = { { NFTA_EXPR_DATA, SKIP, NULL }, { 0 } };
static const struct rule rules[] = { { NFTA_SET_ELEM_USERDATA, SKIP, NULL },
                                     { NFTA_SET_ELEM_EXPR, NESTED, expr_rules },
                                     { 0 } };
static const struct rule by_index_rules[] = { { NFTA_SET_ELEM_USERDATA, SKIP, NULL },
                                              { NFTA_SET_ELEM_KEY, NESTED, value_rules },
                                              { 0 } };

/* Type, length, value; without the mark of elements whose count is one from the beginning (nft/count.c),
 * which is no other element. */
static void print_userdata(const struct nlattr *element) {
        const struct nlattr *attr;

        mnl_attr_for_each_nested(attr, element) {
                const uint8_t *data = mnl_attr_get_payload(attr);
                size_t size = mnl_attr_get_payload_len(attr);

                if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_USERDATA)
                        continue;
                for (size_t i = 0; i + 2 <= size; i += 2u + data[i + 1]) {
                        if (data[i] == 'v')
                                continue;
                        fprintf(out, " user%u=", data[i]);
                        for (size_t j = 0; j < data[i + 1] && i + 2 + j < size; j++)
                                fprintf(out, "%02x", data[i + 2 + j]);
                }
        }
}

static int print_elements(const struct nlmsghdr *h, void *user) {
        const struct set *set = user;
        const struct nlattr *attr, *list = NULL;

        mnl_attr_for_each(attr, h, sizeof(struct nfgenmsg)) {
                if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_LIST_ELEMENTS)
                        list = attr;
        }
        if (!list)
                return MNL_CB_OK;
        mnl_attr_for_each_nested(attr, list) {
                begin_line("nft element");
                fprintf(out, " family %d %s %s", set->family, set->table, set->name);
                print_attributes(set->by_index ? by_index_rules : rules, mnl_attr_get_payload(attr),
                                 mnl_attr_get_payload_len(attr));
                print_userdata(attr);
                fputc('\n', out);
        }
        return MNL_CB_OK;
}

void dump_nft(void) {
        static struct sets sets;
        char buffer[256];

        sets.n = sets.rules = 0;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
                sets.kind = &kinds[i];
                memset(buffer, 0, sizeof buffer);
                ask(NETLINK_NETFILTER, begin_nft(buffer, kinds[i].get, AF_UNSPEC), print_nft,
                    &sets);
        }
        for (size_t i = 0; i < sets.n; i++) {
                struct set *set = &sets.items[i];
                struct nlmsghdr *h;

                memset(buffer, 0, sizeof buffer);
                h = begin_nft(buffer, NFT_MSG_GETSETELEM, set->family);
                mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, set->table);
                mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, set->name);
                ask(NETLINK_NETFILTER, h, print_elements, set);
        }
}
