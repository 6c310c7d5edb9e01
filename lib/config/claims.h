/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Who has claimed what: a hash table in which ranges (subnets, runs of ports) are found by what
 * they overlap. Private to lib/config. */

#include "diag.h"
#include "model.h"

enum claim_kind {
        CLAIM_NETNS,     /* text */
        CLAIM_SERVICE,   /* text */
        CLAIM_INSTANCE,  /* text: a template of which some file names an instance */
        CLAIM_INTERFACE, /* value: name */
        CLAIM_DEVICE, /* value: name of an interface of the host that is moved away, or scope: its hardware address */
        CLAIM_USED,    /* value: name of one that somebody needs on the host; many may */
        CLAIM_UPLINK,  /* value: name of an interface of the host */
        CLAIM_PARENT,  /* the same, of one that cannot be an uplink then; many may have it */
        CLAIM_CABLE,   /* value: name of the end of a cable; text: NAME that has it */
        CLAIM_MAC,     /* value: hardware address; scope: name of the bridge */
        CLAIM_ADDRESS, /* family, value: address; scope: name of the bridge */
        CLAIM_SUBNET,  /* family, value/length: network */
        CLAIM_PORT,    /* family, protocol, value/length: port in two bytes; scope: host address */
        CLAIM_VNI,     /* family, value: network identifier in four bytes, UDP port in two */
        CLAIM_VLAN,    /* value: number; scope: name of the parent */
        CLAIM_MADE,    /* the same, of "eno1.10", which is made for all that name it */
        CLAIM_USE,     /* value: kind of link and mode; scope: name of the parent */
        CLAIM_KINDS,
};

struct claim_key {
        uint8_t kind, family, protocol;
        uint8_t length; /* of a prefix, in bits; 0 for what has no ranges */
        uint8_t value[16], scope[16];
        const char *text; /* lives as long as the model */
};

struct claim {
        struct claim_key key;
        struct origin origin;
        uint32_t mark_of; /* 1 + the number of the item whose mark this is; 0: no mark */
};

struct claims {
        LIST(struct claim) items; /* room for half as many as there are slots */
        uint32_t *slots;          /* 1 + the number of an item; 0: free */
        size_t n_slots;           /* a power of two */
        size_t n_expected;
        bool used_lengths[CLAIM_KINDS][129];
};

/* Has to be called with every key before the first claims_add(): this is how the table learns which
 * lengths of prefixes there are. */
void claims_expect(struct claims *c, const struct claim_key *key);
/* The first claim that overlaps this key, or NULL. It is valid until the next claims_add(). */
const struct claim *claims_find(const struct claims *c, const struct claim_key *key);
/* 0 or -ENOMEM. What is already claimed stays with the first. */
int claims_add(struct claims *c, const struct claim_key *key, const struct origin *origin);
void claims_free(struct claims *c);

/* "X is also …" of a claim that overlaps with other, in the words of its kind. */
void claim_describe(const struct claim_key *key, const struct claim_key *other, char *text,
                    size_t size);
