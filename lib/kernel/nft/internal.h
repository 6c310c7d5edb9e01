/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of this directory share: the batch that grows, the exchange of messages, and the
 * binary form of an element's key and data. */

#include <libmnl/libmnl.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <stdbool.h>
#include <stdint.h>

#include "nft/nft.h"

enum {                         /* in bytes */
       NFT_REPLY_SIZE = 32768, /* the kernel fills no dump buffer beyond that */
       NFT_ROOM = 4096,        /* no message of ours but a group of elements is larger */
       NFT_KEY_MAX = 64,       /* NFT_DATA_VALUE_MAXLEN of the kernel */
       NFT_OWNER_MAX = 128,
       /* up to here each element has a message, and so a tag, of its own */
       NFT_SINGLE_MESSAGES = 64,
};

/* The last element message, while further elements of the same set may follow in it. */
struct nft_group {
        uint16_t type; /* 0: none */
        uint8_t set;
        size_t message, list; /* offsets in the batch */
};

/* An element that leaves in this transaction, and is told of when it has left. */
struct nft_counted {
        const struct op_element *element;
        bool unused; /* which is known; else it may have been used */
};

struct nft {
        struct mnl_socket *socket;
        uint32_t seq; /* of the last message made */

        char *batch;
        size_t used, size;
        size_t clean;   /* what lies behind has never been written to */
        size_t last;    /* offset of the last message */
        bool broken;    /* a message could not be made: nothing is sent */
        uint32_t first; /* seq of the message that opens the batch */
        size_t *tags;   /* of the messages behind it */
        size_t n_tags, max_tags;
        struct nft_group group;
        unsigned lacking; /* NFT_NEEDS_…: of which rules the table is without */
        bool late;        /* answers to an earlier transaction may come yet */
        size_t n_counted;
        struct nft_counted counted[NFT_SINGLE_MESSAGES];

        char reply[NFT_REPLY_SIZE];
};

/* --- nft.c --- */

/* A message at the end of the batch, with NFT_ROOM bytes for the caller to fill; NULL without
 * memory. nft_message_end() makes it part of the batch. */
struct nlmsghdr *nft_message(struct nft *n, enum nft_table table, uint16_t type, uint16_t flags,
                             size_t tag);
void nft_message_end(struct nft *n, const struct nlmsghdr *nlh);
/* At least that many free bytes behind the last message. 0 or -ENOMEM. */
int nft_room(struct nft *n, size_t bytes);

/* One message of a question, in a buffer of its own, with NLM_F_REQUEST and these flags. */
struct nlmsghdr *nft_request(struct nft *n, enum nft_table table, void *buffer, uint16_t type,
                             uint16_t flags);
int nft_send(struct nft *n, const void *buffer, size_t length);
/* Receives the next datagram into n->reply: its length in bytes, or a negative errno: -ETIMEDOUT
 * where none has come in time, -EAGAIN where none is there and nobody waits. */
ssize_t nft_receive(struct nft *n, bool wait);

/* Called with each message that is neither error nor end. 0 to go on, 1: enough, or an error. */
typedef int nft_message_cb(const struct nlmsghdr *nlh, void *userdata);
/* Sends a dump request and reads to its end. 0, 1 from the callback, or an error; -EINTR where the
 * kernel's tables changed meanwhile and the answer may have holes. */
int nft_dump(struct nft *n, const struct nlmsghdr *request, nft_message_cb *cb, void *userdata);

/* --- key.c --- */

struct nft_key {
        uint8_t first[NFT_KEY_MAX], last[NFT_KEY_MAX]; /* equal where nothing is an interval */
        uint8_t length;
        bool concatenation;
        bool tree; /* an interval set of one field: the kernel keeps both ends as elements */
        bool open; /* tree: ends with the highest address, the upper end does not exist */
        uint8_t behind[16]; /* tree, not open: last + 1 */
};

struct nft_data {
        uint8_t bytes[NFT_KEY_MAX];
        uint8_t length; /* 0: a verdict, or none */
};

/* For set.c: how a piece of a key looks to nft(8). */
struct nft_piece_type {
        uint32_t type; /* nft's number */
        uint8_t length;
        uint8_t byteorder; /* enum byteorder of nft: 1 host, 2 big endian, 0 neither */
};
extern const struct nft_piece_type nft_piece_types[];

bool nft_is_concatenation(const uint8_t pieces[static PIECES_MAX]);
struct nft_key nft_key_of(const struct op_element *e);
struct nft_data nft_data_of(const struct op_element *e);
int32_t nft_verdict_code(uint8_t verdict); /* enum nft_verdict → NF_…, NFT_… */
/* The other way: what an element has into the fields of its data. */
void nft_take_data(struct nftnl_set_elem *elem, struct op_element *ret);
/* An element of this key, upper end NULL where it is no range; NULL without memory. */
struct nftnl_set_elem *nft_elem_new(const uint8_t *key, const uint8_t *upper, uint8_t length);
/* What is in an element's user data by this type, NULL: nothing. */
const char *nft_udata_of(struct nftnl_set_elem *elem, uint8_t type, uint8_t *ret_length);
/* The comment of an element, "" without. */
void nft_owner_of(struct nftnl_set_elem *elem, char ret_owner[static NFT_OWNER_MAX]);

/* --- count.c --- */

/* Gives each element of this set, which is yet to be made, a counter of its own. 0 or -ENOMEM. */
int nft_count_set(struct nftnl_set *set);
/* The mark of an element whose count is one from the beginning. */
int nft_count_mark(struct nftnl_udata_buf *u);
/* The element of the last message, which is to be deleted: its count shall be told. */
void nft_count_ask(struct nft *n, const struct op_element *e);
/* Any message that comes before the transaction is acknowledged. */
void nft_count_take(struct nft *n, const struct nlmsghdr *nlh);

/* --- rules.c --- */

int nft_add_rules(struct nft *n, enum nft_table table);

/* --- set.c --- */

uint32_t nft_set_id(uint32_t set); /* within a batch */
/* "{ … }" in a rule is a set, or map, without a name: made before the rule, and for it alone. */
#define NFT_STATES_NAME "__map%d" /* of conntrack: { established : accept, … } */
#define NFT_KINDS_NAME  "__set%d" /* of hardware */
int nft_add_states(struct nft *n, uint32_t id);
int nft_add_kinds(struct nft *n, uint32_t id);
int nft_add_set(struct nft *n, enum nft_set which);
/* The empty set whose name says of which shape the table is. */
int nft_add_shape(struct nft *n, enum nft_table table);
