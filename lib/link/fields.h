/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One value of an interface or of an operation, as a row: how it is printed and read back, and if it is a setting, how
 * the kernel is told. */

#include <stdint.h>

enum field_type {
        FIELD_IFNAME, /* char[IFNAMSIZ] */
        FIELD_TEXT, /* const char *, which every operation of its kind has but for FIELD_MAY_LACK */
        FIELD_BOOL, /* bool: "yes", absent for no */
        FIELD_TRISTATE, /* enum tristate */
        FIELD_U8,
        FIELD_U16,
        FIELD_U32,
        FIELD_U64,      /* absent for 0 */
        FIELD_HEX,      /* uint32_t in hexadecimal */
        FIELD_WORD8,    /* uint8_t, an index into words */
        FIELD_FAMILIES, /* enum families */
        FIELD_FAMILY,   /* uint8_t: AF_INET, AF_INET6 */
        FIELD_PROTOCOL, /* uint8_t: IPPROTO_…, one of those whose ports are published */
        FIELD_IPPROTO, /* uint8_t: IPPROTO_…, any of them; by its number where it has no name here */
        FIELD_ADDRESS,
        FIELD_PREFIX,
        FIELD_MAC,
        FIELD_ACCOUNT,  /* struct account: a number, absent where it is not set */
        FIELD_HOPS,     /* the hops of a route */
        FIELD_PREFIXES, /* LIST(struct prefix) */
        FIELD_SET,      /* uint8_t: enum nft_set */
};

/* Where a setting stands in a message about its interface (rtnetlink(7), linux/if_link.h). */
enum field_nest {
        NEST_NONE,  /* the field is no setting */
        NEST_LINK,  /* an attribute of the message itself */
        NEST_FLAG,  /* a bit of ifi_flags */
        NEST_NOT,   /* the same, and the bit says no */
        NEST_INFO,  /* of IFLA_INFO_DATA, of the kind that op_info names */
        NEST_SLAVE, /* of IFLA_INFO_SLAVE_DATA, likewise */
        NEST_INET,  /* of IFLA_INET_CONF, which is /proc/sys/net/ipv4/conf/IF */
};

struct field {
        const char *name;
        const char *const *words; /* FIELD_WORD8: NULL-terminated; the first may be NULL: unset */
        uint16_t
                offset; /* in what the rows are of: struct device, or the parameters of an operation */
        uint8_t type; /* enum field_type */
        uint16_t flags;

        /* a setting: how it is set, read, and taken back */
        uint8_t nest;        /* enum field_nest */
        uint8_t width;       /* of the attribute, in bytes */
        uint16_t attribute;  /* its number; NEST_FLAG, NEST_NOT: the bit */
        uint16_t attribute6; /* FIELD_ADDRESS: the number for IPv6 */
        uint16_t given;  /* offset of the bool that says whether it is set; 0: it is unless zero */
        uint32_t normal; /* what the kernel begins with */
        const char *ip;  /* the word of ip-link(8); NEST_INET: the sysctl's name */
};

enum {
        FIELD_LEARNED = 1 << 0, /* filled while doing; no part of what the file asked for */
        FIELD_SUBJECT = 1 << 1, /* names the object: for messages */
        FIELD_DEVICE = 1 << 2,  /* the interface the object is on: for messages */
        FIELD_KEY = 1 << 3,     /* of several objects with the same of these only one can be there,
                                 * and the kernel overwrites one with the next */
        FIELD_FIRST =
                1 << 4, /* a kernel may lack it, and refuses what follows in the message then */
        FIELD_MAX_IS_0 = 1 << 5, /* the greatest number stands for 0, as 0 is "unset" */
        FIELD_NEEDED = 1 << 6,   /* the name of an interface that every operation of its kind has */
        FIELD_MAY_LACK = 1 << 9, /* of a text: there may be none */
        FIELD_BIT = 1 << 8,      /* of a word: the kernel's number is the bit 1 << (number - 1) */
        FIELD_FROM_0 = 1 << 12,  /* of a word: the kernel counts from 0 */
        FIELD_LIVE = 1 << 10,    /* of a device: the kernel changes it while it lives */
        FIELD_DEFAULT = 1 << 7,  /* a prefix that people call "default" where it is everything */
        FIELD_NETWORK_ORDER = 1 << 11, /* so the kernel wants it */
};

/* The kernel's number of a word. */
static inline uint32_t field_number(const struct field *f, uint32_t value) {
        if (f->flags & FIELD_BIT)
                return 1U << (value - 1);
        return f->flags & FIELD_FROM_0 ? value - 1 : value;
}

/* How many words there are; the first may be NULL, "unset", and counts. */
static inline uint8_t field_count_words(const struct field *f) {
        uint8_t n = 1;

        while (f->words[n])
                n++;
        return n;
}

/* The word of a number of the kernel's; 0, unset: there is none. */
static inline uint8_t field_word(const struct field *f, uint32_t number) {
        for (uint8_t i = 1; i < field_count_words(f); i++)
                if (field_number(f, i) == number)
                        return i;
        return 0;
}
