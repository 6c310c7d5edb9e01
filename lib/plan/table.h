/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The nftables tables "inet vnet" and "bridge vnet" as data: all that is in them whatever the number
 * of namespaces, so that the cost of a packet does not grow with them. What belongs to one network is
 * an element. The kernel layer makes its messages from these rows, the shell form prints them in the
 * words of nft(8), and a test holds both against each other. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct op_element;

#define NFT_TABLE "vnet" /* of every family that we have one of */
/* The comment of an element is the NAME it belongs to; of the guard's, this, which is no NAME. */
#define GUARD_OWNER "(guard)"

/* Each is made by the first network that has elements in it, and goes with the last. */
enum nft_table {
        TABLE_INET,
        TABLE_BRIDGE, /* what the ports of bridges may send, before the bridge sees it */
        NFT_HOST_TABLES,
        TABLE_INSIDE = NFT_HOST_TABLES, /* in a namespace: what may be opened from outside */
        NFT_TABLES,
};

struct nft_table_info {
        const char *family; /* in the words of nft(8) */
        uint8_t number;     /* NFPROTO_… */
        const char *users;  /* the directory that says whose elements are in it; NULL: inside */
};

enum nft_set {
        SET_TO_NAMESPACES, /* interfaces that lead to namespaces */
        SET_GUARDED4,
        SET_GUARDED6, /* interfaces that were there when we switched forwarding on */
        SET_BRIDGED4,
        SET_BRIDGED6, /* of these the bridges, each with itself */
        SET_GUARDING, /* families whose forwarding we switched on */
        SET_CLOSED,   /* HostAccess=no */
        SET_MASQ4,
        SET_MASQ6, /* subnets that are translated on their way out, by SNATAddress= too */
        SET_HOME4,
        SET_HOME6, /* subnet . its interface: own published ports */
        SET_SNAT4,
        SET_SNAT6, /* subnet → source address */
        SET_PUBLISH4,
        SET_PUBLISH6, /* protocol . port → address . port */
        SET_PUBLISH4_AT,
        SET_PUBLISH6_AT, /* address . protocol . port → address . port */
        SET_PUBLISH4_RANGE,
        SET_PUBLISH6_RANGE, /* protocol . ports → address */
        SET_LEAVE,
        SET_ENTER,    /* interface → verdict */
        SET_CROSS,    /* interface . interface → verdict */
        SET_SEALED,   /* Internal=yes */
        SET_WITHIN,   /* interface . interface: a sealed one and itself */
        SET_OUTBOUND, /* interface . interface: by which a confined one leaves */
        /* of the table bridge: */
        SET_HELD,     /* ports with AntiSpoof=yes */
        SET_PORT_MAC, /* port . its hardware address */
        SET_PORT4,
        SET_PORT6,   /* port . an address of its own */
        SET_TARGET6, /* the same, for what a neighbour advertisement is about */
        /* of the table inside: */
        SET_FACING, /* interfaces with Inbound= */
        SET_OPEN,   /* interface . protocol . ports */
        NFT_SETS,
};

/* What a key or a datum is made of; each names fields of struct op_element. */
enum nft_piece {
        PIECE_END,
        PIECE_SUBNET4,
        PIECE_SUBNET6, /* subnet, as an interval */
        PIECE_HOST4,
        PIECE_HOST6, /* host */
        PIECE_PROTOCOL,
        PIECE_PORT, /* port, or port-last in a set of intervals */
        PIECE_IIF,
        PIECE_OIF,    /* names */
        PIECE_INDEX,  /* index */
        PIECE_FAMILY, /* protocol: AF_INET or AF_INET6, which NFPROTO_… are too */
        PIECE_TO4,
        PIECE_TO6,
        PIECE_TO_PORT,
        PIECE_VERDICT,
        PIECE_MAC,     /* mac */
        PIECE_TARGET6, /* host, which nft(8) has no word for: 16 bytes of a message */
};

enum { PIECES_MAX = 4 };

struct nft_set_info {
        const char *name;
        uint8_t key[PIECES_MAX], data[PIECES_MAX]; /* enum nft_piece; data[0] PIECE_END: a set */
        uint8_t interval;
        uint8_t counted; /* each element counts the packets that it translates: one a connection */
        uint8_t table;   /* enum nft_table */
};

enum nft_verdict {
        VERDICT_NONE,
        VERDICT_ACCEPT,
        VERDICT_DROP,
        VERDICT_ROUTED,   /* jump routed: from outside, not from other networks of ours */
        VERDICT_CONFINED, /* jump confined: by the interfaces of Outbound= alone */
};

enum nft_chain {
        CHAIN_PUBLISH,
        CHAIN_ROUTED,
        CHAIN_CONFINED,
        CHAIN_GUARD,
        CHAIN_SEALED,
        CHAIN_STRAY,
        CHAIN_UNKNOWN,
        CHAIN_PREROUTING,
        CHAIN_OUTPUT,
        CHAIN_POSTROUTING,
        CHAIN_INPUT,
        CHAIN_FORWARD,
        CHAIN_TARGET, /* from here on of the table bridge */
        CHAIN_DISCOVERY,
        CHAIN_SPOOF,
        CHAIN_PORTS,
        CHAIN_STRANGER, /* of the table inside */
        CHAIN_INSIDE_INPUT,
        CHAIN_INSIDE_FORWARD,
        NFT_CHAINS,
};

struct nft_chain_info {
        const char *name;
        const char *type; /* NULL: no base chain */
        const char *hook;
        uint32_t hooknum; /* NF_INET_…, of which those of bridges have the numbers */
        int32_t priority;
        uint8_t table; /* enum nft_table */
};

/* What some kernels are built without. A table without the rules that need it does all else. */
enum { NFT_NEEDS_SOCKET = 1 << 0, NFT_NEEDS_FIB = 1 << 1, NFT_NEEDS = 3 };

struct nft_rule_info {
        enum nft_chain chain;
        const char *text; /* in the words of nft(8) */
        unsigned needs;
};

extern const struct nft_table_info nft_tables[NFT_TABLES];
extern const struct nft_set_info nft_sets[NFT_SETS];
extern const struct nft_chain_info nft_chains[NFT_CHAINS];
/* The chain that a verdict jumps to, NULL: none. */
const char *nft_verdict_chain(uint8_t verdict);
extern const struct nft_rule_info nft_rules[];
extern const size_t nft_n_rules;

/* An empty set whose name is a sum of all rows of the table but the rules that need what the kernel lacks: a
 * table that another version of vnet made does not have it. */
enum { NFT_SHAPE_MAX = 16 };
#define NFT_SHAPE_PREFIX "shape_"
void table_shape(enum nft_table table, unsigned lacking, char ret_name[static NFT_SHAPE_MAX]);

/* Kinds of interfaces that stand for hardware: what is below them is a card, a port or a modem. Other
 * hardware has no kind. */
enum { NFT_HARDWARE_KINDS = 7 };
extern const char nft_hardware_kinds[NFT_HARDWARE_KINDS][8];
/* Is an interface of this kind, "" for none, hardware? */
bool nft_is_hardware(const char *kind);

/* Is it known by an expression that nft(8) has no name for? Then the set says which: "typeof". */
bool nft_is_typeof(const struct nft_set_info *s);

/* --- in the words of nft(8) --- */

/* The whole table as a script for "nft -f": add table, sets, chains, rules. Loading it twice would
 * double the rules: the caller asks first whether the table is there. */
void table_print(FILE *f, enum nft_table table);
/* "tcp . 8080", "172.18.0.0/16 . \"br0\"", … and " : datum" where the set is a map; without braces
 * and comment. */
void element_print_key(FILE *f, const struct op_element *e);
void element_print_data(FILE *f, const struct op_element *e);
