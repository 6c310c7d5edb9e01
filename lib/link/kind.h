/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an interface can be: one row a kind, in a file of its own. Nothing else asks which kind a link is. */

#include <stddef.h>

#include "device.h"
#include "fields.h"

/* Where a link is made. */
enum link_birth {
        BORN_BY_KERNEL, /* it is there with its namespace */
        BORN_AS_PAIR,   /* one message on the host makes both ends, the inner one inside */
        BORN_INSIDE,    /* by a socket in its namespace */
        BORN_ON_HOST,   /* nobody made it: it is the host's, and is moved in */
        BORN_OVER, /* by a socket where its parent is, on the host into the namespace, or inside */
};

/* What a parent is to the links on it. Different uses exclude each other, but for the first. */
enum parent_use { USE_ANY, USE_MACVLAN, USE_IPVLAN };

/* An attribute with flags and their mask. */
struct link_flags {
        uint16_t attribute; /* of IFLA_INFO_DATA; 0: none */
        uint32_t flags;
        const char *ip; /* the words of ip-link(8) */
};

struct link_kind_info {
        const char *name;    /* Kind=; NULL: cannot be asked for. See link_kernel_kind() */
        const char *what;    /* for messages */
        const char *lacking; /* what a kernel without it lacks */
        const char *
                refusal; /* what its parent cannot be, where the kernel says EINVAL and no more; or NULL */
        const struct field *fields; /* of struct device, in the order in which they are printed */
        uint8_t n_fields;
        uint8_t birth;   /* enum link_birth */
        const char *key; /* that must be given beside Kind=; or NULL */
        const char
                *taken; /* what an EEXIST of the kernel means that gives a reason for it; or NULL */
        uint16_t port;  /* UDP, where DestinationPort= is not given */
        uint8_t headers; /* bytes in front of what it sends, by IPv4; 20 more by IPv6 */
        uint8_t mode;    /* the word where Mode= is not given */
        uint8_t use;     /* enum parent_use */
        uint8_t tun;     /* IFF_TUN, IFF_TAP: what /dev/net/tun makes of it; 0: netlink makes it */
        bool faces_host; /* its other end is on the host: in a bridge, or with addresses of its own */
        bool is_master; /* other links of the namespace may join it, as ports of a bridge */
        bool is_vrf; /* any may join it, but those that others join so; they keep their addresses */
        bool is_port;      /* it may join a bridge */
        bool needs_parent; /* Parent= must be given */
        bool keeps_mac; /* it has one already: another is given to it only where MACAddress= says so */
        bool lacks_mac; /* no hardware address: there is nothing to give it, and nobody to announce it to */
        bool implied; /* made because of another key: Kind= does not know it, and it comes and goes by reload */
        bool one_mode;           /* the mode is the parent's: all links on it have the same */
        uint16_t alone;          /* bits of modes that want the parent for one link */
        uint16_t shares_mac;     /* bits of modes with which it has its parent's MAC */
        struct link_flags flags; /* that it always has */
        bool dies_late; /* outlives its namespace's name for a moment, in the way of its successor */
        bool mtu_follows; /* its MTU is that of its ports until somebody sets it: a setting, not with what it is made */
};

extern const struct link_kind_info *const link_kinds[LINK_KINDS];

/* KIND_… by the word of Kind=; LINK_KINDS: none has it. */
enum link_kind link_kind_of(const char *name);

/* The field of a kind that is a word of its own, Mode=; NULL: it has none. */
const struct field *link_mode_of(enum link_kind kind);

/* Is the parent told among what is the kind's own? Else as the interface's link. */
bool link_has_own_parent(enum link_kind kind);
/* Which of its words this is; 0: none. */
uint8_t link_mode_by_word(enum link_kind kind, const char *word);

/* Has it a MAC of its own with this mode? */
bool link_has_mac(enum link_kind kind, uint8_t mode);

/* A link of a kind and a mode, and one that may stand on the same parent or not. */
struct link_use {
        enum link_kind kind;
        uint8_t mode;
};
/* Why not; NULL: it may. */
const char *link_clash(struct link_use a, struct link_use b);

/* Does it live in the namespace, although what brings it there is a message on the host? */
static inline bool link_comes_from_host(const struct link_kind_info *k) {
        return k->birth == BORN_OVER || k->birth == BORN_ON_HOST;
}

/* IFLA_INFO_KIND of the kernel. */
static inline const char *link_kernel_kind(const struct link_kind_info *k) {
        return k->tun ? "tun" : k->name;
}

/* Bytes in front of each packet that it sends by its parent. */
uint32_t link_headers(const struct device *d);

/* Bits of enum link_kind. */
#define LINK_KIND_BIT(kind) (1U << KIND_##kind)

#define DEVICE_FIELD(name, type_, member, ...) \
        { name, .type = type_, .offset = offsetof(struct device, member), __VA_ARGS__ }
#define DEVICE_NAME \
        DEVICE_FIELD("name", FIELD_IFNAME, name, .flags = FIELD_SUBJECT | FIELD_NEEDED | FIELD_KEY)
#define DEVICE_FIELDS(list) .fields = list, .n_fields = sizeof list / sizeof *list
/* Who may open it, and by how many queues: netlink tells it (IFLA_TUN_*) and cannot be told. */
#define TUN_FIELDS                                                \
        DEVICE_FIELD("user", FIELD_ACCOUNT, user),                \
                DEVICE_FIELD("group", FIELD_ACCOUNT, user_group), \
                DEVICE_FIELD("multi-queue", FIELD_BOOL, multi_queue)
