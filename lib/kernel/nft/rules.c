/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The rules of lib/plan/table.c as the kernel runs them, in the same order. Each row here is what
 * nft(8) makes of the text there, so that a start needs no parser of rules. Registers are chosen as
 * nft chooses them: 1, 2, … hold 16 bytes each, and 8, 9, … are the same memory in pieces of four.
 * A concatenated key lies in one piece from register 1 on, and what a map answers overwrites it
 * there. */

#include "nft/internal.h"

#include <assert.h>
#include <errno.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

#include "util.h"

/* Registers by the number of bytes ahead of them. */
enum {
        R1 = NFT_REG_1,
        R_4 = NFT_REG32_01,
        R_8 = NFT_REG32_02,
        R_16 = NFT_REG_2,
        R_20 = NFT_REG32_05,
};

enum {
        EXPRESSIONS_MAX = 10,
        NFT_STATES = NFT_SETS, /* beside the sets of the table, those without a name */
        NFT_KINDS,
        TYPE_LOCAL = 2,         /* RTN_LOCAL of rtnetlink(7) */
        STATE_INVALID = 1 << 0, /* NF_CT_STATE_BIT() and the like, which the kernel's uapi lacks */
        STATE_NEW = 1 << 3,
        ROUTER_ADVERT = 134, /* of ICMPv6; netinet/icmp6.h and linux/in.h exclude each other */
        NEIGHBOR_SOLICIT = 135,
        NEIGHBOR_ADVERT = 136,
        LISTENER_REPORT = 143, /* MLDv2 */
};

enum kind {
        END,
        X_META,
        X_CT,
        X_PAYLOAD,
        X_FIB,
        X_SOCKET,
        X_CMP,
        X_CMP_NUMBER,
        X_MASK,
        X_PREFIX,
        X_LOOKUP,
        X_VERDICT,
        X_NAT,
        X_MASQUERADE,
};

/* No pointers: the loader of a position-independent program would have to write to each page of the
 * table below, at every start, for what only the first network needs. */
struct expression {
        uint8_t kind;
        uint8_t reg, to; /* source or destination; where a map puts its datum */
        uint8_t length;  /* of a load or a comparison; address family of a translation */
        uint8_t op;      /* comparison, or how a lookup ends */
        uint8_t value[16];
        uint32_t what; /* meta or conntrack key, offset, set, verdict, kind of translation */
};

static int build_meta(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, x->what);
        nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, x->reg);
        return 0;
}

static int build_ct(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, x->what);
        nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, x->reg);
        return 0;
}

static int build_payload(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, x->op);
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, x->what);
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, x->length);
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, x->reg);
        return 0;
}

static int build_fib(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, x->what);
        nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, x->op);
        nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, x->reg);
        return 0;
}

static int build_socket(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_KEY, x->what);
        nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_DREG, x->reg);
        return 0;
}

static int build_cmp(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, x->reg);
        nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, x->op);
        return nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, x->value, x->length);
}

/* Numbers in the host's byte order. */
static int build_cmp_number(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, x->reg);
        nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, x->op);
        return nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, &x->what, sizeof x->what);
}

static int build_mask(struct nftnl_expr *e, const struct expression *x) {
        const uint32_t none = 0;

        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, x->reg);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, x->reg);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof x->what);
        if (nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &x->what, sizeof x->what) < 0)
                return -1;
        return nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &none, sizeof none);
}

static int build_prefix(struct nftnl_expr *e, const struct expression *x) {
        static const uint8_t none[sizeof x->value];

        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, x->reg);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, x->reg);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof x->value);
        if (nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, x->value, sizeof x->value) < 0)
                return -1;
        return nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, none, sizeof none);
}

enum { LOOKUP_IN, LOOKUP_NOT_IN, LOOKUP_MAP };

/* What a map answers goes to a register; a verdict to that with the number 0. */
static int build_lookup(struct nftnl_expr *e, const struct expression *x) {
        const char *name = x->what == NFT_STATES  ? NFT_STATES_NAME
                           : x->what == NFT_KINDS ? NFT_KINDS_NAME
                                                  : nft_sets[x->what].name;

        nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, x->reg);
        if (x->op == LOOKUP_MAP)
                nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, x->to);
        if (x->op == LOOKUP_NOT_IN)
                nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
        if (x->what < NFT_SETS) /* else the caller knows */
                nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, nft_set_id(x->what));
        return nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, name);
}

static int build_verdict(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
        nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, x->what);
        if ((int32_t)x->what != NFT_JUMP)
                return 0;
        return nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, nft_chains[x->op].name);
}

/* to: the register of the port, or 0 where the port stays. */
static int build_nat(struct nftnl_expr *e, const struct expression *x) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, x->what);
        nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, x->length);
        nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, x->reg);
        if (x->to > 0)
                nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, x->to);
        return 0;
}

static int build_masquerade(_unused_ struct nftnl_expr *e, _unused_ const struct expression *x) {
        return 0;
}

static const struct {
        const char *name; /* in libnftnl */
        int (*build)(struct nftnl_expr *e, const struct expression *x);
} kinds[] = {
        [X_META] = { "meta", build_meta },
        [X_CT] = { "ct", build_ct },
        [X_PAYLOAD] = { "payload", build_payload },
        [X_FIB] = { "fib", build_fib },
        [X_SOCKET] = { "socket", build_socket },
        [X_CMP] = { "cmp", build_cmp },
        [X_CMP_NUMBER] = { "cmp", build_cmp_number },
        [X_MASK] = { "bitwise", build_mask },
        [X_PREFIX] = { "bitwise", build_prefix },
        [X_LOOKUP] = { "lookup", build_lookup },
        [X_VERDICT] = { "immediate", build_verdict },
        [X_NAT] = { "nat", build_nat },
        [X_MASQUERADE] = { "masq", build_masquerade },
};

/* --- words --- */

#define META(key, r) \
        { X_META, .what = NFT_META_##key, .reg = (r) }
#define CT(key) \
        { X_CT, .what = NFT_CT_##key, .reg = R1 }
#define LOAD(header, offset, n, r)                                                               \
        {                                                                                        \
                X_PAYLOAD, .op = NFT_PAYLOAD_##header##_HEADER, .what = (offset), .length = (n), \
                           .reg = (r)                                                            \
        }
#define COMPARE(cmp, n, ...)                                                                   \
        {                                                                                      \
                X_CMP, .reg = R1, .op = NFT_CMP_##cmp, .length = (n), .value = { __VA_ARGS__ } \
        }
#define EQUAL(n, ...) COMPARE(EQ, n, __VA_ARGS__)
/* of an IPv6 address */
#define PREFIX(...)                                           \
        {                                                     \
                X_PREFIX, .reg = R1, .value = { __VA_ARGS__ } \
        }
#define NUMBER(cmp, n) \
        { X_CMP_NUMBER, .reg = R1, .op = NFT_CMP_##cmp, .what = (n) }
#define MASK(bits) \
        { X_MASK, .reg = R1, .what = (bits) }
#define IN(set) \
        { X_LOOKUP, .reg = R1, .what = (set) }
#define NOT_IN(set) \
        { X_LOOKUP, .reg = R1, .what = (set), .op = LOOKUP_NOT_IN }
#define MAP(set, r) \
        { X_LOOKUP, .reg = R1, .what = (set), .op = LOOKUP_MAP, .to = (r) }
#define VERDICT(v) \
        { X_VERDICT, .what = (uint32_t)(v) }
#define JUMP(chain) \
        { X_VERDICT, .what = (uint32_t)NFT_JUMP, .op = (chain) }
#define NAT(kind, family, port) \
        { X_NAT, .what = NFT_NAT_##kind, .length = NFPROTO_##family, .reg = R1, .to = (port) }
#define MASQUERADE \
        { X_MASQUERADE }

#define IPV4       META(NFPROTO, R1), EQUAL(1, NFPROTO_IPV4)
#define IPV6       META(NFPROTO, R1), EQUAL(1, NFPROTO_IPV6)
#define SADDR4     LOAD(NETWORK, 12, 4, R1)
#define SADDR6     LOAD(NETWORK, 8, 16, R1)
#define DADDR4     LOAD(NETWORK, 16, 4, R1)
#define DADDR6     LOAD(NETWORK, 24, 16, R1)
#define L4PROTO(r) META(L4PROTO, r)
#define DPORT(r)   LOAD(TRANSPORT, 2, 2, r)
#define VMAP(set)  MAP(set, NFT_REG_VERDICT)
#define ACCEPT     VERDICT(NF_ACCEPT)
#define RETURN     VERDICT(NFT_RETURN)
#define DROP       VERDICT(NF_DROP)
#define FIB_LOCAL                                                                      \
        { X_FIB, .what = NFT_FIB_RESULT_ADDRTYPE, .op = NFTA_FIB_F_DADDR, .reg = R1 }, \
                NUMBER(EQ, TYPE_LOCAL)
#define CT_DNAT    CT(STATUS), MASK(IPS_DST_NAT), NUMBER(NEQ, 0)
#define CT_NEW     CT(STATE), MASK(STATE_NEW), NUMBER(NEQ, 0)
#define CT_BEGINS  CT(STATE), MASK(STATE_NEW | STATE_INVALID), NUMBER(NEQ, 0)
#define CT_INVALID CT(STATE), MASK(STATE_INVALID), NUMBER(NEQ, 0)
/* of bridged frames; how nft(8) asks for it depends on what stands behind it */
#define ETHER(...) LOAD(LL, 12, 2, R1), EQUAL(2, __VA_ARGS__)
#define ETHER_ARP  ETHER(0x08, 0x06)
#define PROTOCOL6  META(PROTOCOL, R1), EQUAL(2, 0x86, 0xdd)
#define NO_SADDR6  PROTOCOL6, SADDR6, EQUAL(16, 0)
#define ICMPV6(type) \
        L4PROTO(R1), EQUAL(1, IPPROTO_ICMPV6), LOAD(TRANSPORT, 0, 1, R1), EQUAL(1, type)
/* breaks the rule where there is no socket */
#define ANY_SOCKET { X_SOCKET, .reg = R1, .what = NFT_SOCKET_TRANSPARENT }, COMPARE(GTE, 1, 0)

static const struct expression rules[][EXPRESSIONS_MAX] = {
        /* publish */
        { IPV4, LOAD(NETWORK, 16, 1, R1), EQUAL(1, 127), RETURN },
        { IPV6, DADDR6, EQUAL(16, [15] = 1), RETURN },
        { IPV6, DADDR6, PREFIX(0xff, 0xc0), EQUAL(16, 0xfe, 0x80), RETURN },
        { IPV4, DADDR4, L4PROTO(R_4), DPORT(R_8), MAP(SET_PUBLISH4_AT, R1), NAT(DNAT, IPV4, R_4) },
        { IPV6, DADDR6, L4PROTO(R_16), DPORT(R_20), MAP(SET_PUBLISH6_AT, R1),
          NAT(DNAT, IPV6, R_16) },
        { IPV4, L4PROTO(R1), DPORT(R_4), MAP(SET_PUBLISH4, R1), NAT(DNAT, IPV4, R_4) },
        { IPV6, L4PROTO(R1), DPORT(R_4), MAP(SET_PUBLISH6, R1), NAT(DNAT, IPV6, R_16) },
        { IPV4, L4PROTO(R1), DPORT(R_4), MAP(SET_PUBLISH4_RANGE, R1), NAT(DNAT, IPV4, 0) },
        { IPV6, L4PROTO(R1), DPORT(R_4), MAP(SET_PUBLISH6_RANGE, R1), NAT(DNAT, IPV6, 0) },
        /* routed */
        { META(IIFNAME, R1), IN(SET_TO_NAMESPACES), DROP },
        { ACCEPT },
        /* confined */
        { META(IIFNAME, R1), META(OIFNAME, R_16), IN(SET_OUTBOUND), RETURN },
        { DROP },
        /* guard */
        { IPV4, META(IIF, R1), META(OIF, R_4), IN(SET_BRIDGED4), RETURN },
        { IPV6, META(IIF, R1), META(OIF, R_4), IN(SET_BRIDGED6), RETURN },
        { IPV4, META(IIF, R1), NOT_IN(SET_GUARDED4), META(IIFKIND, R1), NOT_IN(NFT_KINDS), RETURN },
        { IPV4, META(OIF, R1), NOT_IN(SET_GUARDED4), META(OIFKIND, R1), NOT_IN(NFT_KINDS), RETURN },
        { IPV6, META(IIF, R1), NOT_IN(SET_GUARDED6), META(IIFKIND, R1), NOT_IN(NFT_KINDS), RETURN },
        { IPV6, META(OIF, R1), NOT_IN(SET_GUARDED6), META(OIFKIND, R1), NOT_IN(NFT_KINDS), RETURN },
        { DROP },
        /* sealed */
        { META(IIFNAME, R1), META(OIFNAME, R_16), IN(SET_WITHIN), RETURN },
        { DROP },
        /* stray */
        { META(OIFNAME, R1), IN(SET_TO_NAMESPACES), RETURN },
        { IPV4, SADDR4, IN(SET_MASQ4), DROP },
        { IPV6, SADDR6, IN(SET_MASQ6), DROP },
        /* unknown */
        { L4PROTO(R1), COMPARE(NEQ, 1, IPPROTO_TCP), RETURN },
        { ANY_SOCKET, RETURN },
        { DROP },
        /* prerouting, output */
        { FIB_LOCAL, JUMP(CHAIN_PUBLISH) },
        { FIB_LOCAL, JUMP(CHAIN_PUBLISH) },
        /* postrouting */
        { CT_DNAT, IPV4, SADDR4, META(OIFNAME, R_4), IN(SET_HOME4), MASQUERADE },
        { CT_DNAT, IPV6, SADDR6, META(OIFNAME, R_16), IN(SET_HOME6), MASQUERADE },
        { META(OIFNAME, R1), IN(SET_TO_NAMESPACES), ACCEPT },
        { IPV4, SADDR4, MAP(SET_SNAT4, R1), NAT(SNAT, IPV4, 0) },
        { IPV6, SADDR6, MAP(SET_SNAT6, R1), NAT(SNAT, IPV6, 0) },
        { IPV4, SADDR4, IN(SET_MASQ4), MASQUERADE },
        { IPV6, SADDR6, IN(SET_MASQ6), MASQUERADE },
        /* input */
        { META(IIFNAME, R1), IN(SET_CLOSED), CT_NEW, DROP },
        { CT_INVALID, JUMP(CHAIN_UNKNOWN) },
        /* forward */
        { CT(STATE), VMAP(NFT_STATES) },
        { META(IIFNAME, R1), IN(SET_SEALED), JUMP(CHAIN_SEALED) },
        { CT_DNAT, ACCEPT },
        { META(IIFNAME, R1), META(OIFNAME, R_16), VMAP(SET_CROSS) },
        { META(IIFNAME, R1), VMAP(SET_LEAVE) },
        { META(OIFNAME, R1), VMAP(SET_ENTER) },
        { META(NFPROTO, R1), IN(SET_GUARDING), JUMP(CHAIN_GUARD) },
        /* target */
        { META(IIFNAME, R1), LOAD(TRANSPORT, 8, 16, R_16), NOT_IN(SET_TARGET6), DROP },
        /* discovery */
        { ETHER(0x86, 0xdd), ICMPV6(ROUTER_ADVERT), DROP },
        { ETHER(0x86, 0xdd), ICMPV6(NEIGHBOR_ADVERT), JUMP(CHAIN_TARGET) },
        { NO_SADDR6, ICMPV6(NEIGHBOR_SOLICIT), JUMP(CHAIN_TARGET) },
        /* spoof */
        { META(IIFNAME, R1), LOAD(LL, 6, 6, R_16), NOT_IN(SET_PORT_MAC), DROP },
        { ETHER(0x81, 0x00), DROP },
        { ETHER(0x88, 0xa8), DROP },
        { META(PROTOCOL, R1), EQUAL(2, 0x08, 0x00), META(IIFNAME, R1), LOAD(NETWORK, 12, 4, R_16),
          IN(SET_PORT4), ACCEPT },
        { ETHER_ARP, META(IIFNAME, R1), LOAD(NETWORK, 8, 6, R_16), NOT_IN(SET_PORT_MAC), DROP },
        { ETHER_ARP, META(IIFNAME, R1), LOAD(NETWORK, 14, 4, R_16), IN(SET_PORT4), ACCEPT },
        { ETHER_ARP, LOAD(NETWORK, 14, 4, R1), EQUAL(4, 0), META(IIFNAME, R1),
          LOAD(NETWORK, 24, 4, R_16), IN(SET_PORT4), ACCEPT },
        { L4PROTO(R1), EQUAL(1, IPPROTO_ICMPV6), JUMP(CHAIN_DISCOVERY) },
        { PROTOCOL6, META(IIFNAME, R1), LOAD(NETWORK, 8, 16, R_16), IN(SET_PORT6), ACCEPT },
        { NO_SADDR6, ICMPV6(NEIGHBOR_SOLICIT), ACCEPT },
        { NO_SADDR6, ICMPV6(LISTENER_REPORT), ACCEPT },
        { DROP },
        /* ports */
        { META(IIFNAME, R1), IN(SET_HELD), JUMP(CHAIN_SPOOF) },
        /* inside: stranger, input, forward */
        { META(IIFNAME, R1), L4PROTO(R_16), DPORT(R_20), IN(SET_OPEN), ACCEPT },
        { L4PROTO(R1), EQUAL(1, IPPROTO_ICMP), ACCEPT },
        { L4PROTO(R1), EQUAL(1, IPPROTO_ICMPV6), ACCEPT },
        { DROP },
        { META(IIFNAME, R1), IN(SET_FACING), CT_BEGINS, JUMP(CHAIN_STRANGER) },
        { CT_DNAT, ACCEPT },
        { META(IIFNAME, R1), IN(SET_FACING), CT_BEGINS, DROP },
};

/* --- messages --- */

static inline void rule_freep(struct nftnl_rule **r) {
        if (*r)
                nftnl_rule_free(*r);
}

/* anonymous: of the rule's own set. */
static int add_expression(struct nftnl_rule *rule, const struct expression *x, uint32_t anonymous) {
        struct nftnl_expr *e = nftnl_expr_alloc(kinds[x->kind].name);

        if (!e)
                return -ENOMEM;
        if (kinds[x->kind].build(e, x) < 0) {
                nftnl_expr_free(e);
                return -ENOMEM;
        }
        if (x->kind == X_LOOKUP && x->what >= NFT_SETS)
                nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, anonymous);
        nftnl_rule_add_expr(rule, e);
        return 0;
}

static int add_rule(struct nft *n, enum nft_chain chain, const struct expression *x,
                    uint32_t anonymous) {
        _cleanup_(rule_freep) struct nftnl_rule *rule = nftnl_rule_alloc();
        struct nlmsghdr *nlh;

        if (!rule || nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, NFT_TABLE) < 0 ||
            nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, nft_chains[chain].name) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < EXPRESSIONS_MAX && x[i].kind != END; i++) {
                int r = add_expression(rule, &x[i], anonymous);

                if (r < 0)
                        return r;
        }
        nlh = nft_message(n, (enum nft_table)nft_chains[chain].table, NFT_MSG_NEWRULE,
                          NLM_F_CREATE | NLM_F_APPEND, SIZE_MAX);
        if (!nlh)
                return -ENOMEM;
        nftnl_rule_nlmsg_build_payload(nlh, rule);
        nft_message_end(n, nlh);
        return 0;
}

static int add_anonymous(struct nft *n, const struct expression *x, uint32_t id) {
        for (size_t i = 0; i < EXPRESSIONS_MAX && x[i].kind != END; i++)
                if (x[i].kind == X_LOOKUP && x[i].what >= NFT_SETS)
                        return x[i].what == NFT_STATES ? nft_add_states(n, id)
                                                       : nft_add_kinds(n, id);
        return 0;
}

int nft_add_rules(struct nft *n, enum nft_table table) {
        assert(nft_n_rules == ARRAY_SIZE(rules));
        for (uint32_t i = 0; i < nft_n_rules; i++) {
                uint32_t anonymous = nft_set_id(NFT_SETS + i);
                int r;

                if (nft_chains[nft_rules[i].chain].table != table ||
                    nft_rules[i].needs & n->lacking)
                        continue;
                r = add_anonymous(n, rules[i], anonymous);
                if (r >= 0)
                        r = add_rule(n, nft_rules[i].chain, rules[i], anonymous);
                if (r < 0)
                        return r;
        }
        return 0;
}
