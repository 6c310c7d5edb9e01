/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is to be done, as data: an array of operations in the order in which they are done. The same
 * array is what "vnetctl plan" prints, "up" does, the state record keeps, "down" walks backwards,
 * "reload" subtracts and "diff" compares. So rollback, stop, reload and drift are one mechanism.
 *
 * An operation names things by name, never by index or handle: what the kernel answers is kept by
 * who asks (lib/kernel) and, where stop needs it, in a field that starts empty ("learned" below). */

#include "fields.h"
#include "kind.h"
#include "model.h"
#include "table.h"

enum op_kind {
        OP_NETNS,
        OP_PEER,
        OP_DEVICE, /* an interface, of whatever kind */
        OP_BRIDGE_SET,
        OP_VXLAN_SET,
        OP_FDB,
        OP_ALTNAME,
        OP_MASTER,
        OP_MEMBER,
        OP_UPLINK,
        OP_PORT,
        OP_INET6,
        OP_LINK,
        OP_SYSCTL,
        OP_UP,
        OP_ADDRESS,
        OP_ANNOUNCE,
        OP_NEIGHBOR,
        OP_ROUTE,
        OP_RULE,
        OP_SYSCTL_FILE,
        OP_TABLE,
        OP_ELEMENT,
        OP_FORWARDING,
        OP_KINDS,
};

/* The named network namespace: unshare(2) and a bind mount, interchangeable with ip-netns(8). */
struct op_netns {
        const char *name;
        uint64_t inode;  /* learned: of the nsfs file; numbers come again */
        uint64_t cookie; /* learned: SO_NETNS_COOKIE, which never does (kernel 5.14); 0: unknown */
};

/* Another network's namespace, in which operations behind this one act. Where it is not up they wait, and with them
 * what is to be done with the interfaces that they make: until it is. */
struct op_peer {
        const char *name;    /* of its namespace, below /run/netns */
        const char *network; /* its NAME, by which its record is found */
};

/* A new namespace has the settings that the initial one happens to have (devinet_init_net() of the
 * kernel), which may make a router of it. These are set to what the kernel begins with: of each interface
 * and "all" the larger value counts, or whether either is set, so an interface's own cannot help. IPv6 is
 * copied where net.core.devconf_inherit_init_net says so. No pointers: the loader would write to the
 * table. */
struct netns_setting {
        char key[24]; /* below /proc/sys/net/ipv4/conf or ipv6/conf */
        char value;
        bool inet6;
};
enum { NETNS_SETTINGS = 14 };
extern const struct netns_setting netns_settings[NETNS_SETTINGS];

struct op_bridge_set {
        char device[IFNAMSIZ];
        struct bridge_settings settings;
};

struct op_vxlan_set {
        char device[IFNAMSIZ];
        struct vxlan_settings settings;
};

/* Another host of a vxlan's network: an entry without a hardware address in its table. */
struct op_fdb {
        char device[IFNAMSIZ];
        struct address remote;
};

struct op_master { /* joins another interface, of the same place; OP_MEMBER: a vrf */
        char device[IFNAMSIZ];
        char master[IFNAMSIZ];
};

/* An interface of the host that is a port of a bridge of ours for as long as that is up. It may come later, and
 * then joins. */
struct op_uplink {
        char device[IFNAMSIZ];
        char master[IFNAMSIZ];
        uint32_t
                index; /* learned: by which it is given back, whatever its name is then; 0: it is not there */
        bool was_down; /* learned */
};

struct op_altname {
        char device[IFNAMSIZ];
        const char *name; /* up to 127 bytes, ip-link(8) property */
};

struct op_port {
        char device[IFNAMSIZ];
        struct port_settings settings;
};

/* How an interface takes part in IPv6 before it comes up; inside, what of both families is announced. */
enum inet6_mode {
        INET6_PORT = 1, /* no link-local address; the bridge takes whatever comes in */
        INET6_NONE,     /* no link-local address, no router advertisements: stays silent */
        INET6_STATIC,   /* link-local address without DAD, no router advertisements */
        INET6_DAD,      /* link-local address with DAD, no router advertisements */
        INET6_RA,       /* as the kernel has it: router advertisements and SLAAC */
        INET6_ABSENT,   /* an MTU below 1280, with which the kernel has no IPv6 on an interface */
};

struct op_inet6 {
        char device[IFNAMSIZ];
        uint8_t mode;
};

/* What a mode sets in /proc/sys/net/ipv6/conf/IF. */
struct inet6_setting {
        const char *name, *value;
        unsigned modes; /* bits: 1 << enum inet6_mode */
        bool inside;    /* there alone */
};
extern const struct inet6_setting inet6_settings[]; /* ends with a NULL name */

/* In /proc/sys/net/ipv4/conf/IF, of interfaces inside. */
#define INET4_NOTIFY "arp_notify"

struct op_link {
        char device[IFNAMSIZ];
        struct link_settings settings;
};

struct op_up {
        char device[IFNAMSIZ];
};

struct op_address {
        char device[IFNAMSIZ];
        struct prefix prefix;
        struct address peer;
        uint32_t table; /* where the route to its subnet is; 0: main */
        bool dad;       /* duplicate address detection: start waits for its end */
};

/* Neighbours may know an address that comes up under another MAC, of a namespace that had it before. The
 * kernel tells them when the interface gets a MAC, even the one that it has. */
struct op_announce {
        char device[IFNAMSIZ];
        struct mac mac;
};

struct op_neighbor {
        char device[IFNAMSIZ];
        struct address address;
        struct mac mac;
};

struct op_route {
        char device[IFNAMSIZ]; /* where no hop names another; empty for blackhole and the like */
        uint8_t type;          /* enum route_type */
        struct prefix destination;
        LIST(struct nexthop) hops;
        struct address source;
        uint32_t metric, table, mtu;
};

struct op_sysctl {
        const char *key, *value; /* key with slashes, below /proc/sys */
};

/* /run/sysctl.d/10-vnet-IF.conf: udev applies sysctl.d again to each new interface, and an
 * administrator's wildcard would switch forwarding off on ours, or make rp_filter strict. A wildcard
 * leaves what some file names, whatever the order of the files. */
struct op_sysctl_file {
        char device[IFNAMSIZ];
        enum families forwarding;
        uint8_t rp_filter; /* 0: not in it */
};

/* NAME uses a table: made by the first, removed by the last. */
struct op_table {
        uint8_t which; /* enum nft_table */
};

/* One element of a set or map of a table; which fields matter is said by nft_sets[]. */
struct op_element {
        uint8_t set; /* enum nft_set */
        struct prefix subnet;
        struct address host;
        uint8_t protocol;
        uint16_t port, last; /* last: end of a range, where the set has intervals of ports */
        char iif[IFNAMSIZ], oif[IFNAMSIZ];
        uint32_t
                index; /* of iif, where the set is of indexes: filled by the caller of lib/kernel */
        struct address to;
        uint16_t to_port;
        uint8_t verdict; /* enum nft_verdict */
        struct mac mac;
};

/* Of a published port. */
bool element_is_published(const struct op_element *e);

/* NAME needs the host to forward; switched on by the first, given back by the last. */
struct op_forwarding {
        enum families families;
};

/* Where an operation acts. By name and not by a number of the plan's: plans are compared and joined. */
enum place {
        PLACE_HOST,
        PLACE_OWN,  /* the namespace of the plan's OP_NETNS */
        PLACE_PEER, /* the namespace of another network; its OP_PEER says of which */
};

struct op {
        enum op_kind kind;
        uint8_t place;          /* enum place: where it acts */
        const char *peer_netns; /* PLACE_PEER: the name of that namespace below /run/netns */
        struct origin origin;
        const char *unknown; /* " name=value …" that a newer version wrote, kept for it; or NULL */
        union {
                struct op_netns netns;
                struct op_peer peer;
                struct device device;
                struct op_bridge_set bridge_set;
                struct op_vxlan_set vxlan_set;
                struct op_fdb fdb;
                struct op_master master;
                struct op_uplink uplink;
                struct op_altname altname;
                struct op_port port;
                struct op_inet6 inet6;
                struct op_link link;
                struct op_sysctl sysctl;
                struct op_up up;
                struct op_address address;
                struct op_announce announce;
                struct op_neighbor neighbor;
                struct op_route route;
                struct routing_rule rule;
                struct op_sysctl_file sysctl_file;
                struct op_table table;
                struct op_element element;
                struct op_forwarding forwarding;
        };
};

/* Is it an element of a published port? */
static inline bool op_publishes(const struct op *op) {
        return op->kind == OP_ELEMENT && element_is_published(&op->element);
}
/* Is there a port of the host that both publish? */
bool op_shares_ports(const struct op *a, const struct op *b);

bool inet6_sets(const struct op *op, const struct inet6_setting *setting);

struct plan {
        struct pool pool;
        const char *name;  /* NAME */
        const char *netns; /* name below /run/netns, NULL for a bridge */
        LIST(struct op) ops;
        LIST(const char *)
        unknown; /* operations of kinds that only a newer version knows, as text */
};

/* What vnet makes carries an alternative name by which it is known even where its record is lost: an
 * interface of the host "vnet=NAME=LINK" or, a bridge, "vnet=NAME"; a network namespace has the
 * latter on its loopback interface. '=' is in no NAME and in no name of an interface of ours. */
#define OWNER_MARK "vnet="
/* The first line of a file in /run/sysctl.d, before NAME. */
#define SYSCTL_FILE_MARK "# vnet "
enum { OWNER_MARK_MAX = sizeof OWNER_MARK + 63 + 1 + IFNAMSIZ };
/* NAME of such a mark; false where it is none. */
bool owner_of_mark(const char *mark, char ret_name[static 64]);

/* Zeroed but for its name; NULL without memory. */
struct plan *plan_new(const char *name);
struct plan *plan_free(struct plan *p); /* NULL is fine; returns NULL */
/* Takes over what was learned of the same operation in another plan. */
void op_take_learned(struct op *to, const struct op *from);
struct op *plan_add(struct plan *p, enum op_kind kind, enum place place, const struct origin *at);
const struct op *plan_find(const struct plan *p, enum op_kind kind); /* the first, or NULL */

static inline void plan_freep(struct plan **p) {
        plan_free(*p);
}
#define _cleanup_plan_ _cleanup_(plan_freep)

/* --- the table of kinds --- */

/* Where what it makes lives. An interface over a parent is made where that one is, into the own namespace. */
static inline enum place op_home(const struct op *op) {
        return op->kind == OP_DEVICE && link_kinds[op->device.kind]->birth == BORN_OVER ? PLACE_OWN
                                                                                        : op->place;
}
/* The interface of the host that the operation makes: a bridge, or the outer end of a pair. NULL: none. */
static inline const char *op_creates(const struct op *op) {
        return op->kind == OP_DEVICE && op_home(op) == PLACE_HOST ? op->device.name : NULL;
}
/* Is it about an interface of that name, or does it lead there? */
bool op_names(const struct op *op, const char *interface);
/* The name of the namespace that it acts in, below /run/netns; NULL: the host. */
static inline const char *op_netns(const struct plan *p, const struct op *op) {
        return op->place == PLACE_HOST ? NULL : op->place == PLACE_OWN ? p->netns : op->peer_netns;
}
/* What the fields of an operation are in. */
static inline void *op_data(const struct op *op) {
        return (char *)op + offsetof(struct op, netns);
}
/* The fields of an operation; those of a device are of its kind. */
const struct field *op_fields(const struct op *op, size_t *ret_n);
/* "address", or the name of a device's kind; for messages, "bridge". */
const char *op_name(const struct op *op);
const char *op_what(const struct op *op);

/* Is it set? Only of fields that are settings. */
bool setting_is_given(const struct op *op, const struct field *f);
/* Its value, or if it is not set what the kernel begins with. */
uint32_t setting_value(const struct op *op, const struct field *f);
/* Is any setting of the operation set? */
bool settings_are_given(const struct op *op);

/* May it come and go while the namespace lives? */
enum op_reload {
        RELOAD_NEVER, /* a change is a restart */
        RELOAD_REPLACED, /* it comes, and goes where another with the same key comes: what was before is not known */
        RELOAD_FREE,
};

/* No pointers: the loader would write to the table. */
enum { MEANING_MAX = 128 };
struct meaning {
        int16_t error; /* positive; 0 ends the list */
        char text[70];
};
/* The same where a text alone cannot say it; why is what the kernel said, or "". False: see the list. */
typedef bool op_explain(const struct plan *p, const struct op *op, int error, const char *why,
                        char ret[static MEANING_MAX]);

/* Both on the same side: would the kernel take the new one for a conflict, or not see which is which, while the old
 * one is there? */
typedef bool op_conflicts(const struct op *old, const struct op *new);
/* The key of the file by which one became the other, where one such key alone did it; else NULL. */
typedef const char *op_changed_key(const struct op *old, const struct op *new);

/* Of what a record says that may be garbled: is it nothing that leads elsewhere, as the name of a file does? */
typedef bool op_valid(const struct op *op, char why[static 160]);

struct op_info {
        const char *name;
        const char *what; /* for messages: "network namespace", "address" */
        const struct field *fields;
        size_t n_fields;
        uint8_t reload; /* enum op_reload */
        /* the equal commands of ip(8), nft(8), sysctl(8), in the namespace of its place. NULL: the fields behind the
         * first, which is the interface, are settings, and the commands are made from them */
        void (*shell)(FILE *f, const struct plan *p, const struct op *op);
        /* an interface of the host, by the name that is its first field, which may turn out to be somebody else's */
        bool creates;
        const char *kind; /* of the interface or the port whose settings they are; or NULL */
        bool common; /* to all networks: the first that needs it makes it, the last gives it back */
        bool nftables; /* is made of them: where no kind of a plan is, they are not even opened */
        bool spare;    /* inside it may fail in a repair: there others can be in its way for good */
        op_valid *valid;
        void (*complete)(
                struct op *op); /* fills in what the kernel takes for a key that is absent */
        bool together;          /* what goes does so in the transaction in which others come */
        op_conflicts *conflicts;
        op_changed_key *changed_key;    /* of what a reload cannot change */
        const struct meaning *meanings; /* where an error number alone misleads; or NULL */
        op_explain *explain;
};

extern const struct op_info op_infos[OP_KINDS];

/* The same by what was asked for, not by what was learned; without memory: different. */
bool op_equal(const struct op *a, const struct op *b);
bool plan_same(const struct plan *a, const struct plan *b); /* all operations are equal */
/* Marks the operations of a that b does not have. NULL without memory; the caller frees. */
bool *plan_difference(const struct plan *a, const struct plan *b);

/* --- text: for people and for the state record --- */

/* "kind [in NS] name=value …", no newline; NULL without memory; the caller frees. */
char *op_print(const struct plan *p, const struct op *op, bool learned);
/* The same into a stream of memstream_open(); what lies behind its position then is to be ignored. */
void op_write(const struct plan *p, const struct op *op, bool learned, FILE *f);
/* What two operations have in common that overwrite each other, as text: side, kind and the fields
 * with FIELD_KEY, the kernel's defaults filled in. "" where the kind has none; NULL without memory; the
 * caller frees. */
char *op_key(const struct op *op);
/* The object of an operation for a person: "address 172.18.0.10/16 on eth0". */
char *op_describe(const struct op *op);
/* One line of op_print() back into the plan. 0, -EINVAL (what: in why) or -ENOMEM. In a text that is as it
 * was written, what is not known is of a newer version and kept in p->unknown or op->unknown; a whole
 * operation of that kind is 1. Else it is wrong. */
int op_parse(struct plan *p, const char *line, bool intact, char why[static 160]);
/* The value of one field as text; false where it is absent (unset). */
bool field_print(const struct op *op, const struct field *f, FILE *out);
/* The same for people, " name=value"; nothing reads it back. False: what was printed is to be dropped. */
bool field_show(const struct op *op, const struct field *f, FILE *out);

/* An operation for people, its kind padded to that width; NULL without memory; the caller frees. */
enum { KIND_WIDTH = 11 };
char *op_show(const struct plan *p, const struct op *op, int width);

/* "file:line", on one line whatever the file's name is. */
void origin_print(const struct origin *at, FILE *f);
/* All operations, one a line, with "# file:line" behind each. */
int plan_print_text(const struct plan *p, FILE *f);
/* A script for sh(1) that does the same with ip, nft and sysctl. Stops at the first error. */
int plan_print_shell(const struct plan *p, FILE *f);
