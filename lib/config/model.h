/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What one .vnet file with its drop-ins means. This header is the design: the schema fills these
 * structs from text, plan_build() turns them into operations. A model knows no text (strings are
 * names and free text, everything else is parsed) and no kernel (no index, no handle).
 *
 * Everything in a struct vnet is allocated from its pool and lives as long as it does. Zero means
 * unset everywhere; addresses are in network byte order, numbers in host byte order. */

#include <net/if.h> /* IFNAMSIZ */
#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "kind.h"
#include "pool.h"

/* Address families as a set: masquerading, forwarding, published ports. */
enum families { FAMILY_NONE = 0, FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_BOTH = 3 };

struct prefix {
        struct address address; /* host bits are kept: Address= needs them */
        uint8_t length;
};

struct text {
        struct origin origin;
        const char *text;
};

struct ip_address { /* Address=, HostAddress= */
        struct origin origin;
        struct prefix prefix;
        struct address peer; /* unset: none */
};

struct ip_gateway { /* Gateway=, SNATAddress=, Remote= */
        struct origin origin;
        struct address address;
};

enum { HOPS_MAX = 64 }; /* of one route */

enum route_type { ROUTE_UNICAST, ROUTE_BLACKHOLE, ROUTE_UNREACHABLE, ROUTE_PROHIBIT };

struct nexthop {
        struct address via; /* unset: on link */
        char device[IFNAMSIZ];
        uint32_t weight; /* 1 … 256, as ip-route(8) */
        bool onlink;
};

struct route { /* Route=, the words of ip-route(8) */
        struct origin origin;
        enum route_type type;
        struct prefix destination;
        LIST(struct nexthop) hops; /* none: straight out of the link; more than one: ECMP */
        struct address source;
        uint32_t metric, table, mtu;
};

struct port_range {
        uint16_t first, last; /* first 0: none is given; last 0: it is the first alone */
};

/* A rule of policy routing, in the file and in a plan. What is not given fits every packet. */
struct routing_rule {
        uint8_t family;
        bool invert; /* it is for packets that the rest does not fit */
        struct prefix from, to;
        bool has_mark, has_uids, has_suppress, has_priority;
        uint32_t mark, mask;
        char iif[IFNAMSIZ], oif[IFNAMSIZ];
        uint8_t protocol; /* IPPROTO_…; 0: any */
        struct port_range sport, dport;
        uint32_t first_uid, last_uid; /* of whose socket it is */
        uint32_t table;
        uint32_t
                suppress; /* routes of the table with so long a prefix or a shorter one do not count */
        uint32_t priority;
};

struct rule { /* Rule=, the words of ip-rule(8) */
        struct origin origin;
        struct routing_rule rule;
};

struct neighbor { /* Neighbor= */
        struct origin origin;
        struct address address;
        struct mac mac;
};

struct sysctl { /* Sysctl=; key with slashes and below net/, as in /proc/sys */
        struct origin origin;
        const char *key, *value;
};

struct publish { /* PublishPort= */
        struct origin origin;
        struct address host; /* unset: every local address */
        uint16_t host_port, port, count;
        uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
};

struct owner { /* User=, Group= of a link: a name is looked up as the network is started */
        const char *name; /* NULL: it was a number */
        struct account id;
};

struct endpoint { /* Endpoint=: an address, or a name that somebody else has to look up */
        struct address address;
        const char *name; /* where the address is unset; NULL: neither */
        uint16_t port;
};

struct allowed_ip { /* AllowedIPs= */
        struct origin origin;
        struct prefix prefix; /* without host bits, as the kernel keeps it */
};

#define ROUTE_TABLE_OFF UINT32_MAX /* of a peer: no table at all */

struct wireguard_peer {       /* [WireGuardPeer] */
        struct origin origin; /* of the section's header */
        const char *public_key;
        struct origin public_key_origin;
        const char *preshared_key_file;
        struct endpoint endpoint;
        struct origin endpoint_origin;
        LIST(struct allowed_ip) allowed;
        uint16_t keepalive;
        uint32_t table; /* for routes to what is allowed; 0: main, ROUTE_TABLE_OFF: none are made */
};

struct vlan_range { /* VLANTrunk=, UplinkVLAN= */
        struct origin origin;
        uint16_t first, last;
};

struct inbound { /* Inbound= of a link */
        struct origin origin;
        uint16_t first, last;
        uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
};

struct given_key { /* with its place, for "Mode= does not go with Kind=veth": Kind= may stand last */
        struct origin origin;
        const struct schema_key *key;
};

struct rate {           /* RateIn=, RateOut= */
        uint64_t bits;  /* a second; 0: unset */
        uint32_t burst; /* bytes; 0: follows from the rate, rate_burst() */
};
enum {
        RATE_FRAME = 14, /* what is counted of a packet beyond the MTU: the header of Ethernet */
        MTU_NORMAL = 1500,
};

/* An interface by its name, or by its hardware address. */
struct named_device {
        char name[IFNAMSIZ];
        struct mac address;
};

struct link {                 /* [Link] */
        struct origin origin; /* of the section's header */
        char name[IFNAMSIZ];
        enum link_kind kind;
        LIST(struct given_key) given; /* keys that not every kind has */

        LIST(struct ip_address) addresses;
        bool no_gateway; /* Gateway=no */
        LIST(struct ip_gateway) gateways;
        LIST(struct route) routes;
        LIST(struct rule) rules;
        LIST(struct neighbor) neighbors;

        struct mac mac;
        struct origin mac_origin;
        struct link_settings settings;
        bool accept_ra, dad;
        struct rate rate_in, rate_out; /* as the namespace sees it */
        struct origin rate_in_origin, rate_out_origin;

        LIST(struct inbound)
        inbound; /* what may be opened by it; none: all, or with no_inbound nothing */
        bool no_inbound;

        char master[IFNAMSIZ]; /* a link of the same namespace that this one joins */
        struct origin master_origin;
        char parent[IFNAMSIZ]; /* on which this one stands */
        struct origin parent_origin;
        bool parent_inside; /* it is an earlier link that the file names, not one of the host */
        bool named;         /* Name= was given */
        const char *mode;   /* a word of one of the kinds; NULL: that of its kind */
        uint16_t id;        /* of a vlan */
        const char *parent_network; /* NAME of the network that has the parent; NULL: the host */
        struct origin parent_network_origin;

        const char *peer_network; /* NAME of the network that has the outer end; NULL: the host */
        struct origin peer_network_origin;
        char peer_name[IFNAMSIZ]; /* of the outer end, there */
        struct origin peer_name_origin;
        struct named_device device;    /* of the host, which is moved in */
        struct owner user, user_group; /* of a tun */
        struct origin user_origin, user_group_origin;
        bool multi_queue;

        /* a vxlan */
        uint32_t vni;
        struct address local, group;
        LIST(struct ip_gateway) remotes;
        uint16_t udp_port;
        struct vxlan_settings vxlan;

        uint32_t table; /* a vrf */

        const char *private_key_file; /* of WireGuard; "@NAME": a credential of the unit */
        uint16_t listen_port;
        struct origin listen_port_origin;
        uint32_t firewall_mark;
        LIST(struct wireguard_peer) peers;

        /* the outer end of a veth */
        char bridge[IFNAMSIZ];
        struct origin bridge_origin;
        char host_name[IFNAMSIZ];
        struct origin host_name_origin;
        LIST(struct ip_address) host_addresses;
        struct mac host_mac;
        enum families masquerade;
        struct port_settings port; /* hairpin unset: on where a port is published */
        uint16_t vlan;             /* of frames without a tag; 0: unset */
        struct origin vlan_origin;
        LIST(struct vlan_range) vlan_trunk; /* of frames with a tag */
        bool anti_spoof;                    /* the port sends under its own addresses alone */
        struct origin anti_spoof_origin;
};

struct bridge {              /* [Bridge] */
        char name[IFNAMSIZ]; /* always set after loading */
        LIST(struct ip_address) addresses;
        struct mac mac;
        uint32_t mtu;
        enum families masquerade;
        LIST(struct ip_gateway) snat;
        LIST(struct text) allow_from;         /* names of other bridges' interfaces */
        LIST(struct text) uplinks;            /* interfaces of the host that are its ports */
        LIST(struct vlan_range) uplink_vlans; /* none: all, if it looks at VLANs */
        char proxy_ndp[IFNAMSIZ]; /* one on whose wire the host answers for its namespaces */
        struct origin proxy_ndp_origin;
        LIST(struct text) outbound; /* interfaces of the host, none: any */
        bool internal, inbound_any, no_host_access;
        bool no_outbound; /* Outbound=no */
        struct bridge_settings settings;
};

struct namespace {        /* [Namespace] */
        const char *name; /* below /run/netns; always set after loading */
        LIST(struct publish) publish;
        LIST(struct text) services; /* unit names */
        LIST(struct sysctl) sysctls;
        bool forward4, forward6;
        LIST(struct link) links;
};

struct unit { /* [Unit] and [Install] */
        const char *description;
        LIST(struct text) documentation;
        LIST(struct text) after, before, wants, requires, binds_to, part_of, conflicts;
        bool has_wanted_by; /* WantedBy= was given, perhaps empty */
        LIST(struct text) wanted_by, required_by;
};

enum subject { SUBJECT_NONE, SUBJECT_NAMESPACE, SUBJECT_BRIDGE };

struct vnet {
        struct pool pool;
        const char *name;           /* NAME: the file's name without ".vnet" */
        const char *path;           /* the main file */
        LIST(struct text) drop_ins; /* paths, in the order in which they were read */
        struct origin origin;       /* of the subject's section */
        enum subject subject;
        struct unit unit;
        struct namespace ns;        /* SUBJECT_NAMESPACE */
        struct bridge bridge;       /* SUBJECT_BRIDGE */
        bool has_partner;           /* it has a part in another's link, or another in one of its */
        bool late;                  /* up after vnet.target, not before it: see order.c */
        size_t number;              /* in its site */
        bool refused;               /* an error was reported for it; nothing may be made of it */
        LIST(struct text) reasons;  /* why: "path:line: key: text"; only the text is set */
        LIST(struct text) warnings; /* the same for what was ignored; of refused files too */
};

/* Everything zero but the pool's first strings; NULL without memory. */
struct vnet *vnet_new(const char *name, const char *path);
struct vnet *vnet_free(struct vnet *v); /* NULL is fine; returns NULL */
/* Marks it refused for the errors in d from entry number first on. 0 or -ENOMEM. */
int vnet_refuse(struct vnet *v, const struct diags *d, size_t first);
/* Keeps the warnings there. */
int vnet_warn(struct vnet *v, const struct diags *d, size_t first);

static inline void vnet_freep(struct vnet **v) {
        vnet_free(*v);
}
#define _cleanup_vnet_ _cleanup_(vnet_freep)

/* --- derived facts that more than one layer needs --- */

/* The families of a list of addresses. */
#define families_of(list)                                            \
        ({                                                           \
                unsigned _f = FAMILY_NONE;                           \
                list_foreach (_a, list)                              \
                        _f |= family_bit(_a->prefix.address.family); \
                (enum families) _f;                                  \
        })

enum families family_bit(uint8_t family);                 /* AF_INET, AF_INET6 → FAMILY_… */
uint8_t address_bytes(uint8_t family);                    /* 4 or 16 */
bool mac_equal(const struct mac *a, const struct mac *b); /* and both are set */
bool address_equal(const struct address *a, const struct address *b);
bool is_link_local(const struct address *a); /* fe80::/10 */
/* Clears the host bits. */
struct prefix prefix_network(const struct prefix *p);
bool prefix_overlap(const struct prefix *a, const struct prefix *b);
bool prefix_contains(const struct prefix *p, const struct address *a);

/* Text of an address, "a/len"; buffers of ADDRESS_MAX, CIDR_MAX; return the buffer. */
enum { ADDRESS_MAX = 46, CIDR_MAX = 50, MAC_MAX = 18 };
const char *address_print(const struct address *a, char *buffer);
const char *prefix_print(const struct prefix *p, char *buffer);
const char *mac_print(const struct mac *m, char *buffer);

/* The default routes of a table that a file gives: of the main one (0), or of a vrf. One of them switches off all
 * that would come into it by themselves, those of the other family too: a tunnel for one family must not leak the
 * other. */
struct given_default {
        const struct vnet *of;
        uint32_t table;
        enum families families;
        const struct origin *origin; /* of the first; NULL: none is given */
        const char *key;
};
struct given_default given_default(const struct vnet *v, uint32_t table);

/* Would the kernel, asked to delete the one, take the other where it comes first? At the same priority, of which this
 * knows nothing: what is not given is not compared, nor is "not" (rule_find() in net/core/fib_rules.c). */
bool rule_finds(const struct routing_rule *asked, const struct routing_rule *other);

/* Is it in a network of the link's own addresses? */
bool link_has_on_link(const struct link *l, const struct address *a);

/* Is nothing that comes from its namespaces forwarded off it? */
static inline bool bridge_lets_nothing_out(const struct bridge *b) {
        return b->internal || b->no_outbound;
}

/* The table for the routes to a peer, 0 for main. */
uint32_t peer_table(const struct vnet *v, const struct link *l, const struct wireguard_peer *p);
/* Is there a route on the link to what a peer of it is allowed? Not where they are switched off, and not to a network
 * that an Address= of the link makes in the same table. */
bool peer_makes_route(const struct vnet *v, const struct link *l, const struct wireguard_peer *p,
                      const struct allowed_ip *a);

/* The VLAN of frames that come to a bridge without a tag, and of the host there; 0: none. */
static inline uint16_t bridge_pvid(const struct bridge *b) {
        return b->settings.has_default_pvid ? b->settings.default_pvid : 1;
}

/* The interface of the host that the link needs, its bridge or its parent; "": none. */
static inline const char *link_base(const struct link *l) {
        return l->bridge[0] ? l->bridge : l->parent_network || l->parent_inside ? "" : l->parent;
}
/* Is its other end on the host: in a bridge, or with addresses of its own? */
static inline bool link_faces_host(const struct link *l) {
        return link_kinds[l->kind]->faces_host && !l->peer_network;
}

/* Is what it sends slowed down on the host, by an interface of kind ifb? */
static inline bool link_needs_ifb(const struct link *l) {
        return l->rate_out.bits && link_faces_host(l);
}
/* NAME of the other network that has a part in it; NULL: none. */
static inline const char *link_partner(const struct link *l) {
        return l->peer_network ?: l->parent_network;
}
/* Of two files of which one has a link to the other: the link of peer that is the other end of the same cable, as each
 * names the other; NULL: there is none. */
const struct link *link_other_end(const struct vnet *v, const struct link *l,
                                  const struct vnet *peer);

/* The place of a key that not every kind has; that of the section where it is not given. */
const struct origin *link_place(const struct link *l, const char *key);

/* The table of a vrf, and of the links that join it: their addresses and routes are there. 0: of no vrf. */
uint32_t link_table(const struct vnet *v, const struct link *l);

/* The family of what a vxlan sends on the host. */
uint8_t link_underlay(const struct link *l);
/* What Mode= is of its kind, given or not; 0: it has none. */
uint8_t link_mode(const struct link *l);

/* The outer end's interface name: HostName=, or where that is not given "vn-NAME" for the first
 * veth of a namespace, "vn-NAME-LINK" for the others. Past 15 bytes it becomes the first bytes
 * and a hash of the whole, and *ret_full (owned by the pool of v) is the whole; else *ret_full
 * is NULL. */
int link_host_name(struct vnet *v, const struct link *l, char ret_name[IFNAMSIZ],
                   const char **ret_full);

/* The name of the interface of the host by which what the link sends is slowed down, "vi-NAME" and so on likewise. */
void link_ifb_name(const struct vnet *v, const struct link *l, char ret_name[IFNAMSIZ]);

/* How many bytes may go at once. A burst that is given must hold a whole packet. */
uint32_t rate_burst(const struct rate *rate, uint32_t mtu);

/* The interface, or "all" and the like, of which the key of a sysctl is a setting. False: of none. */
bool sysctl_interface(const char *key, char ret[64]);

/* A stable MAC address: 48 bits of a hash over machine id, NAME and what, locally administered. */
struct mac derive_mac(const char *machine_id, const char *name, const char *what);
