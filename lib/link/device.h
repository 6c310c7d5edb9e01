/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is known of an interface whatever its kind, in the file and in the plan alike. Zero means unset. */

#include <net/if.h> /* IFNAMSIZ */
#include <stdbool.h>
#include <stdint.h>

enum tristate { UNSET = 0, NO = 1, YES = 2 };

struct mac {
        bool set;
        uint8_t bytes[6];
};

struct address {
        uint8_t family; /* AF_INET, AF_INET6; 0: unset */
        uint8_t bytes[16];
};

struct account { /* the number of a user or of a group, of which 0 is one too */
        bool set;
        uint32_t id;
};

/* Numbers that the kernel keeps of an object and that can change while it lives; what is unset is left alone. A
 * plan has the same structs. Each has a row in lib/plan/operations.c, by which it is printed, set and taken back. */
struct bridge_settings {
        enum tristate stp, multicast_snooping, vlan_filtering;
        bool has_forward_delay, has_ageing_time, has_default_pvid;
        uint32_t forward_delay, ageing_time; /* in 1/100 s, the kernel's unit */
        uint16_t default_pvid;
};

struct link_settings {
        uint32_t mtu;
        uint32_t queue_length; /* UINT32_MAX: none at all, 0: unset */
        enum tristate arp, promiscuous, all_multicast;
        uint8_t rp_filter; /* of IPv4, ip-sysctl.rst of the kernel; only in plans */
};

struct vxlan_settings {
        enum tristate learning;
};

struct port_settings { /* of a bridge's port, bridge(8) */
        enum tristate hairpin, isolated;
};

/* Each row of kinds.inc has its KIND_…; the first is what a link is if nothing is said. */
enum link_kind {
#define LINK_KIND(kind, name) KIND_##kind,
#include "kinds.inc"
#undef LINK_KIND
        LINK_KINDS
};

/* Words of Mode=, of macvlan and macvtap, and of ipvlan. */
enum device_mode { MODE_UNSET, MODE_PRIVATE, MODE_VEPA, MODE_BRIDGE, MODE_PASSTHRU };
enum device_ipmode { MODE_L2 = 1, MODE_L3, MODE_L3S };

/* An interface of the host that is moved in; all but the first two is learned as that is done. */
struct lent_card {
        char device[IFNAMSIZ]; /* by which it is asked for: its name, or */
        struct mac address;    /* its hardware address */
        uint32_t index;        /* inside, and wherever the kernel puts it when the namespace ends */
        uint32_t host_index;
        char host_name[IFNAMSIZ];
        const char *host_names; /* alternative ones, each with a space behind it */
        struct mac permanent;   /* unset: it has none */
        struct mac host_mac;
        uint32_t host_mtu, host_queue;
        uint32_t
                host_addrgen; /* how it makes link-local addresses, and one more; 0: it has no IPv6 */
        bool host_up;
};

/* An interface to be made. Which of these matter is said by the fields of its kind. */
struct device {
        char name[IFNAMSIZ]; /* of a pair: on the host */
        struct mac mac;
        char peer[IFNAMSIZ]; /* of a pair: inside */
        struct mac peer_mac;
        char master[IFNAMSIZ]; /* bridge of the host that the outer end joins; empty: none */
        char parent[IFNAMSIZ]; /* interface on which it stands, where it is made */
        uint32_t mtu;          /* of both ends; 0: the kernel's */
        uint16_t id;           /* of a VLAN */
        uint8_t mode;          /* which of the words of its kind; 0: unset */
        uint8_t kind;          /* enum link_kind */
        uint32_t vni;          /* of a vxlan */
        struct address local;  /* from which it sends; all zero: whatever the host chooses */
        struct address group;  /* multicast, to which it sends what it knows no address for */
        uint16_t port;         /* UDP, of all its peers */
        uint32_t table;        /* of a vrf */
        struct account user, user_group; /* who may open it, of a tun */
        bool multi_queue;
        struct lent_card card;
};
