/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is to be done, as data: an array of operations in the order in which they are done. The same
 * array is what "vnetctl plan" prints, "up" does, the state record keeps, "down" walks backwards,
 * "reload" subtracts and "diff" compares. So rollback, stop, reload and drift are one mechanism.
 *
 * An operation names things by name, never by index or handle: what the kernel answers is kept by
 * who asks (lib/kernel) and, where stop needs it, in a field that starts empty ("learned"
 * below). */

#include "fields.h"
#include "kind.h"
#include "model.h"
#include "table.h"

enum op_kind {
        OP_NETNS,
        OP_PEER,
        OP_HOST_VLAN,
        OP_DEVICE, /* an interface, of whatever kind */
        OP_BRIDGE_SET,
        OP_VXLAN_SET,
        OP_FDB,
        OP_ALTNAME,
        OP_MASTER,
        OP_MEMBER,
        OP_UPLINK,
        OP_PORT,
        OP_PORT_VLAN,
        OP_INET6,
        OP_LINK,
        OP_INBOUND,
        OP_QDISC,
        OP_REDIRECT,
        OP_SYSCTL,
        OP_WIREGUARD,
        OP_WG_PEER,
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
        OP_PROXY_NDP,
        OP_PROXY,
        OP_KINDS,
};

/* The named network namespace: unshare(2) and a bind mount, interchangeable with ip-netns(8). */
struct op_netns {
        const char *name;
        uint64_t inode;  /* learned: of the nsfs file; numbers come again */
        uint64_t cookie; /* learned: SO_NETNS_COOKIE, which never does (kernel 5.14); 0: unknown */
};

/* Another network's namespace, in which operations behind this one act. Where it is not up they
 * wait, and with them what is to be done with the interfaces that they make: until it is. */
struct op_peer {
        const char *name;    /* of its namespace, below /run/netns */
        const char *network; /* its NAME, by which its record is found */
};

/* A new namespace has the settings that the initial one happens to have (devinet_init_net() of the
 * kernel), which may make a router of it. These are set to what the kernel begins with: of each
 * interface and "all" the larger value counts, or whether either is set, so an interface's own
 * cannot help. IPv6 is copied where net.core.devconf_inherit_init_net says so. No pointers: the
 * loader would write to the table. */
struct netns_setting {
        char key[24]; /* below /proc/sys/net/ipv4/conf or ipv6/conf, with slashes */
        char value;   /* one digit */
        bool inet6;
};
enum { NETNS_SETTINGS = 15 };
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

/* An interface of the host, "eno1.10", that is made where it is not there, for all that name it. */
struct op_host_vlan {
        char device[IFNAMSIZ], parent[IFNAMSIZ];
        uint16_t id;
};

/* An interface of the host that is a port of a bridge of ours for as long as that is up. It may
 * come later, and then joins. */
struct op_uplink {
        char device[IFNAMSIZ];
        char master[IFNAMSIZ];
        uint16_t pvid;      /* as of a port's VLANs, below */
        const char *tagged; /* NULL: the bridge does not look at VLANs */
        uint32_t
                index; /* learned: by which it is given back, whatever its name is then; 0: it is not there */
        bool was_down; /* learned */
};

/* A further name of an interface ("ip link property add altname"). */
struct op_altname {
        char device[IFNAMSIZ];
        const char *name; /* up to 127 bytes (ALTIFNAMSIZ of the kernel's linux/if.h) */
};

struct op_port {
        char device[IFNAMSIZ];
        struct port_settings settings;
};

struct op_port_vlan { /* the port is in these VLANs and no others */
        char device[IFNAMSIZ], bridge[IFNAMSIZ];
        uint16_t pvid;      /* of frames without a tag; 0: none */
        const char *tagged; /* a struct vlan_set as text */
};

/* How an interface takes part in IPv6 before it comes up; inside, what of both families is
 * announced. */
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
        uint8_t mode; /* enum inet6_mode */
};

/* One value that some modes set in /proc/sys/net/ipv6/conf/IF (ip-sysctl.rst of the kernel). */
struct inet6_setting {
        const char *name, *value;
        unsigned modes; /* which ones: bits 1 << enum inet6_mode */
        bool inside;    /* only interfaces inside have it set */
        bool inherited; /* what comes into a new namespace has it already */
};
extern const struct inet6_setting inet6_settings[]; /* ends with a NULL name */

/* The key below /proc/sys/net/ipv4/conf/IF by which interfaces inside announce their addresses; it
 * is set to 1. */
#define INET4_NOTIFY "arp_notify"

/* What may be opened by an interface inside: a table of nftables in the namespace. */
struct op_inbound {
        char device[IFNAMSIZ];
        const char *ports; /* "80/tcp,8000-8010/udp", or "none" */
};

struct op_link {
        char device[IFNAMSIZ];
        struct link_settings settings;
};

/* Of a WireGuard link. Keys are in no operation, only where they are read: so no record, plan or message has one. */
struct op_wireguard {
        char device[IFNAMSIZ];
        const char *private_key_file; /* "@NAME": a credential of the unit */
        uint16_t port;                /* 0: the kernel chooses */
        uint32_t mark;
};

struct op_wg_peer {
        char device[IFNAMSIZ];
        const char *public_key;
        const char *preshared_key_file; /* or NULL */
        struct address endpoint;
        const char *endpoint_name; /* which somebody else looks up; or NULL */
        uint16_t endpoint_port, keepalive;
        LIST(struct prefix) allowed;
};
/* What leaves by an interface waits until its rate allows it: tc-tbf(8). */
struct op_qdisc {
        char device[IFNAMSIZ];
        uint64_t rate; /* bits a second */
        uint32_t burst,
                limit; /* bytes: that may go at once, and that may wait before more are dropped */
};

struct op_redirect { /* what comes in by an interface is led through another one first */
        char device[IFNAMSIZ];
        char to[IFNAMSIZ];
};
enum { REDIRECT_PRIORITY = 1 }; /* of its filter */

struct op_up {
        char device[IFNAMSIZ];
};

struct op_address {
        char device[IFNAMSIZ];
        struct prefix prefix; /* with a peer, the length is that of the peer's network */
        struct address peer;  /* unset: none */
        uint32_t table;       /* where the route to its subnet is; 0: main */
        bool dad;             /* duplicate address detection: start waits for its end */
};

/* Neighbours may know an address that comes up under another MAC, of a namespace that had it
 * before. The kernel tells them when the interface gets a MAC, even the one that it has. */
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
        LIST(struct nexthop) hops; /* none: straight out of device */
        struct address source;     /* that packets get; unset: the kernel chooses */
        uint32_t metric;           /* 0: the kernel's default, which is 1024 for IPv6 */
        uint32_t table;            /* 0: main */
        uint32_t mtu;              /* in bytes; 0: that of the interface */
};

struct op_sysctl {
        const char *key; /* below /proc/sys, with slashes */
        const char *value;
};

/* /run/sysctl.d/10-vnet-IF.conf: udev applies sysctl.d again to each new interface, and an
 * administrator's wildcard would switch forwarding off on ours, or make rp_filter strict. A
 * wildcard leaves what some file names, whatever the order of the files. */
struct op_sysctl_file {
        char device[IFNAMSIZ];
        enum families forwarding;
        uint8_t rp_filter; /* 0: not in it */
};

/* NAME uses a table of nftables. Who uses it first makes it, and who uses it last removes it. */
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

/* Is it an element of a published port? */
bool element_is_published(const struct op_element *e);

/* NAME needs the host to forward these families. Who needs it first switches it on, and who needs
 * it last gives it back. */
struct op_forwarding {
        enum families families;
};

/* Where an operation acts. By name and not by a number of the plan's: plans are compared and
 * joined. */
enum place {
        PLACE_HOST,
        PLACE_OWN,  /* the namespace of the plan's OP_NETNS */
        PLACE_PEER, /* the namespace of another network; its OP_PEER says of which */
};

/* The host answers on this interface of its for the addresses of others (net/ipv6/conf/IF/proxy_ndp); given
 * back by the last. */
struct op_proxy_ndp {
        char device[IFNAMSIZ];
};

/* One of these addresses. */
struct op_proxy {
        struct address address;
        char device[IFNAMSIZ];
        bool was_there; /* learned: by somebody else's doing */
};

struct op {
        enum op_kind kind;
        uint8_t place;          /* enum place: where it acts */
        const char *peer_netns; /* PLACE_PEER: the name of that namespace below /run/netns */
        struct origin origin;   /* which line asked for it */
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
                struct op_host_vlan host_vlan;
                struct op_altname altname;
                struct op_port port;
                struct op_port_vlan port_vlan;
                struct op_inet6 inet6;
                struct op_link link;
                struct op_inbound inbound;
                struct op_qdisc qdisc;
                struct op_redirect redirect;
                struct op_sysctl sysctl;
                struct op_wireguard wireguard;
                struct op_wg_peer wg_peer;
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
                struct op_proxy_ndp proxy_ndp;
                struct op_proxy proxy;
        };
};

/* Does the operation publish a port? */
static inline bool op_publishes(const struct op *op) {
        return op->kind == OP_ELEMENT && element_is_published(&op->element);
}
/* Is there a port of the host that both publish? */
bool op_shares_ports(const struct op *a, const struct op *b);

/* Does this operation, an OP_INET6, set this value on its interface? */
bool inet6_sets(const struct op *op, const struct inet6_setting *setting);

/* A plan owns its operations, and its pool all that they point to, the paths of origins
 * included. */
struct plan {
        struct pool pool;
        const char *name;    /* NAME */
        const char *netns;   /* name below /run/netns, NULL for a bridge */
        uint64_t host;       /* learned: the cookie of the host's network namespace; 0: unknown */
        LIST(struct op) ops; /* in the order in which they are done */
        LIST(const char *)
        unknown; /* operations of kinds that only a newer version knows, as text */
};

/* What vnet makes carries an alternative name by which it is known even where its record is lost:
 * an interface of the host "vnet=NAME=LINK", what RateOut= needs "vnet=NAME=LINK=out", and a bridge
 * "vnet=NAME"; a network namespace has the
 * latter on its loopback interface. '=' is in no NAME and in no name of an interface of ours. */
#define OWNER_MARK "vnet="
/* That of one that several networks share, an OP_HOST_VLAN; the name that it is made under follows. It is no mark of a NAME. */
#define HOST_VLAN_MARK "vnet=="
/* With this begins the first line of a file of ours in /run/sysctl.d; NAME follows. */
#define SYSCTL_FILE_MARK "# vnet "
enum { OWNER_MARK_MAX = sizeof OWNER_MARK + 63 + 1 + IFNAMSIZ + sizeof "=out" };
/* Reads NAME out of such a mark; false where the text is no mark. */
bool owner_of_mark(const char *mark, char ret_name[static 64]);

/* An empty plan with a copy of this name; NULL without memory. The caller frees it with
 * plan_free(). */
struct plan *plan_new(const char *name);
struct plan *plan_free(struct plan *p); /* p may be NULL; always returns NULL */
/* Takes over what was learned of the same operation in another plan. */
void op_take_learned(struct op *to, const struct op *from);
/* Adds an operation at the end, all of whose parameters are zero. at may be NULL. It stays where it
 * is only until the next one is added. NULL without memory. */
struct op *plan_add(struct plan *p, enum op_kind kind, enum place place, const struct origin *at);
/* Is there an OP_HOST_VLAN, an OP_UPLINK of that interface? */
bool plan_makes_vlan(const struct plan *p, const char *device);
bool plan_has_uplink(const struct plan *p, const char *device);
/* The first operation of this kind; NULL where there is none. */
const struct op *plan_find(const struct plan *p, enum op_kind kind);

static inline void plan_freep(struct plan **p) {
        plan_free(*p);
}
#define _cleanup_plan_ _cleanup_(plan_freep)

/* --- the table of kinds --- */

/* Where what it makes lives. What comes from the host, or from where a parent is, comes into the
 * own namespace. */
static inline enum place op_home(const struct op *op) {
        return op->kind == OP_DEVICE && link_comes_from_host(link_kinds[op->device.kind])
                       ? PLACE_OWN
                       : op->place;
}
/* The interface of the host that the operation makes: a bridge, or the outer end of a pair. NULL:
 * none. */
static inline const char *op_creates(const struct op *op) {
        return op->kind == OP_DEVICE && op_home(op) == PLACE_HOST ? op->device.name : NULL;
}
/* The interface of the own namespace that the operation makes; NULL: none. */
const char *op_inner_name(const struct op *op);
/* Marks beside each operation that is marked also those that need an interface of the own namespace which it makes, and
 * what needs theirs. marks: one for each operation. */
void plan_mark_dependents(const struct plan *p, bool *marks);
/* The name of the namespace that it acts in, below /run/netns; NULL: the host. */
static inline const char *op_netns(const struct plan *p, const struct op *op) {
        return op->place == PLACE_HOST ? NULL : op->place == PLACE_OWN ? p->netns : op->peer_netns;
}
/* The parameters of an operation, in which the offsets of its fields count. */
static inline void *op_data(const struct op *op) {
        return (char *)op + offsetof(struct op, netns);
}
/* The rows of the operation's fields, *ret_n of them. Those of a device are the rows of its
 * kind. */
const struct field *op_fields(const struct op *op, size_t *ret_n);
/* What kind it is: as a word of plans and records ("address", of a device the name of its kind)
 * … */
const char *op_name(const struct op *op);
/* … and as messages call it ("network namespace"). */
const char *op_what(const struct op *op);

/* Does the operation set this field, which has to be a setting (f->nest is not NEST_NONE)? */
bool setting_is_given(const struct op *op, const struct field *f);
/* The value that it sets, or where it does not set it the value that the kernel begins with. */
uint32_t setting_value(const struct op *op, const struct field *f);
/* Does the operation set any of its settings? */
bool settings_are_given(const struct op *op);

/* May an operation of this kind come and go while the network is up? */
enum op_reload {
        RELOAD_NEVER, /* no: a change needs a restart */
        RELOAD_REPLACED, /* it comes, and goes where another with the same key comes: what was before is not known */
        RELOAD_FREE,
};

/* What an error number of the kernel means for one kind of operation, where strerror(3) misleads.
 * There are no pointers in it, since the loader would write to the table for them. */
enum { MEANING_MAX = 128 };
struct meaning {
        int16_t error; /* positive; 0 ends the list */
        char text[70];
};
/* The same where it takes more than a text: writes to ret what the error means. error is positive,
 * why is what the kernel said in words, or "". False where it has nothing to say; then the list
 * counts. */
typedef bool op_explain(const struct plan *p, const struct op *op, int error, const char *why,
                        char ret[static MEANING_MAX]);

/* May an operation come and go while the namespace lives? Of a device its kind says it. */
enum op_reload op_reload(const struct op *op);

/* Both are of one kind and act in one place. Would the kernel take the new one for a conflict while
 * the old one is there, or not see which is which? Then the old one leaves first. */
typedef bool op_conflicts(const struct op *old, const struct op *new);
/* The key of the file by which one became the other, where one such key alone did it; else NULL. */
typedef const char *op_changed_key(const struct op *old, const struct op *new);

/* Of what a reload cannot make or take away: may it become the other one while it lives? */
typedef bool op_changes(const struct op *old, const struct op *new);

/* Is the operation, which comes from a record that may be garbled, none that leads somewhere else,
 * as a name with '/' does? False with the reason in why. */
typedef bool op_valid(const struct op *op, char why[static 160]);

/* All that is to be known of one kind of operation without the kernel layer. What may be NULL is
 * said. */
struct op_info {
        const char *name; /* in plans and records; OP_DEVICE has none, since its kinds have */
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
        bool nftables; /* it needs a socket to nf_tables, which is not opened where no operation of a plan needs one */
        bool spare; /* inside it may fail in a repair: there others can be in its way for good */
        op_valid *valid;
        void (*complete)(
                struct op *op); /* fills in what the kernel takes for a key that is absent */
        bool together;          /* what goes does so in the transaction in which others come */
        op_conflicts *conflicts;
        op_changed_key *changed_key;    /* of what a reload cannot change */
        op_changes *changes;            /* or NULL: never */
        const struct meaning *meanings; /* where an error number alone misleads; or NULL */
        op_explain *explain;
};

extern const struct op_info op_infos[OP_KINDS];

/* Do both ask for the same? What was learned does not count, nor where they were asked for. Without
 * memory: no. */
bool op_equal(const struct op *a, const struct op *b);
bool plan_same(const struct plan *a, const struct plan *b); /* all operations are equal */
/* One entry for each operation of a, which is set where b has none that is equal. NULL without
 * memory; the caller frees it with free(3). */
bool *plan_difference(const struct plan *a, const struct plan *b);

/* --- text: for people and for the state record --- */

/* "kind [in NS] name=value …" without a newline; with what was learned, or without. NULL without
 * memory; the caller frees it. */
char *op_print(const struct plan *p, const struct op *op, bool learned);
/* The same into a stream of memstream_open(); what lies behind its position then is to be
 * ignored. */
void op_write(const struct plan *p, const struct op *op, bool learned, FILE *f);
/* What two operations have in common that overwrite each other, as text: side, kind and the fields
 * with FIELD_KEY, the kernel's defaults filled in. "" where the kind has none; NULL without memory;
 * the caller frees. */
char *op_key(const struct op *op);
/* The object of an operation for a person: "address 172.18.0.10/16 on eth0". NULL without memory;
 * the caller frees it. */
char *op_describe(const struct op *op);
/* Reads one line of op_print() and adds it to the plan. intact says that the text is known to be as
 * it was written: then what is not known here is of a newer version, and is kept in p->unknown or
 * op->unknown; else it is wrong. 0; 1 for a whole operation that went to p->unknown; -EINVAL with
 * the reason in why; or -ENOMEM. */
int op_parse(struct plan *p, const char *line, bool intact, char why[static 160]);
/* Writes the value of one field as text that field_parse() reads back. False where the field is
 * unset: nothing is written then. */
bool field_print(const struct op *op, const struct field *f, FILE *out);
/* Writes " name=value" for people; nothing reads it back. False where the field is unset: the
 * caller drops what was written then. */
bool field_show(const struct op *op, const struct field *f, FILE *out);

/* An operation for people, with its kind padded to width bytes. NULL without memory; the caller
 * frees it. */
enum { KIND_WIDTH = 11 };
char *op_show(const struct plan *p, const struct op *op, int width);

/* Writes "file:line". It stays on one line whatever bytes the file's name has. */
void origin_print(const struct origin *at, FILE *f);
/* Writes all operations, one a line, with "# file:line" behind each. 0 or a negative errno. */
int plan_print_text(const struct plan *p, FILE *f);
/* Writes a script for sh(1) that does the same with ip(8), nft(8) and sysctl(8), and that ends at
 * the first error. 0 or a negative errno. */
int plan_print_shell(const struct plan *p, FILE *f);
