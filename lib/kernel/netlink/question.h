/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Questions to the kernel that have to be answered before a plan, or beside it. Each needs a socket
 * on which nothing is queued, and asks in the namespace of that socket (rtnetlink(7)). Unless it is
 * said otherwise a function returns 0 or a negative errno, tells nothing, and leaves *ret alone
 * where it fails. */

#include "build.h"
#include "netlink/socket.h"

struct link_info {
        int index;
        char name[IFNAMSIZ];
        char owner[64];      /* NAME of the mark it carries, or "" */
        char made[IFNAMSIZ]; /* the name in the mark of one that several networks share, or "" */
        char kind[16];       /* "veth", "bridge"; "" for a physical one */
        bool up;
        struct mac mac;
        uint32_t mtu;
        int master;    /* index; 0: none */
        int peer_nsid; /* the kernel's number here for the namespace of the other end; -1: none */
};

/* Reads an RTM_NEWLINK message; -EBADMSG where it is too short to be one. */
int probe_read_link(const struct nlmsghdr *h, struct link_info *ret);
/* Does the namespace of nl know the one that ns is a descriptor of by this number (RTM_GETNSID,
 * net_namespace.h of the kernel's uapi)? No too where it cannot be known. */
bool probe_is_nsid(struct nl *nl, int ns, int nsid);
/* The same of the namespace that a process is in. The kernel asks for no right to look at the
 * process, as it does in /proc/PID/ns/net. */
bool probe_is_in_nsid(struct nl *nl, uint32_t pid, int nsid);
/* That number of a namespace that may have none yet: it gets one then, which goes with it. 0 or a negative errno. */
int probe_number_ns(struct nl *nl, int ns, int *ret_nsid);
/* Does the host have an interface of this name? Below /sys and not by a socket: to ask for one that
 * is not there must not load a module. */
bool probe_host_has(const char *name);
/* The interface of this name, with this alternative name, or of this index; -ENODEV where there is none. */
int probe_link(struct nl *nl, const char *name, struct link_info *ret);
int probe_link_marked(struct nl *nl, const char *mark, struct link_info *ret);
int probe_link_at(struct nl *nl, int index, struct link_info *ret);

/* The veth with this hardware address, whatever its name is now; -ENODEV where there is none. */
int probe_veth(struct nl *nl, const struct mac *mac, struct link_info *ret);

/* The attributes of an RTM_NEWADDR message with the interface's own address, and with the address
 * whose subnet is reached, which is the peer's where there is one. They are in the message; NULL
 * where it does not say. */
struct address_attributes {
        const struct nlattr *own, *subnet;
};
struct address_attributes probe_address(const struct nlmsghdr *h);

/* The first address on an interface that is of use to others than the kernel, so no link-local one.
 * 1, 0, or a negative errno. */
int probe_has_address(struct nl *nl, int index, struct prefix *ret);

/* Addresses and MTU of a bridge that no .vnet defines, for the plan of a namespace on it. Waits up
 * to five seconds for it to appear: whoever makes it may be on the way. The lists go to the pool.
 * -ENODEV: it did not; -EINVAL: it is no bridge; both told in d at the link's line. */
int probe_bridge(struct nl *nl, const char *name, struct pool *pool, const struct origin *at,
                 struct bridge_facts *ret, struct diags *d);

/* Waits as long for an interface that a link shall stand on. 0, or a negative errno that is told at
 * Parent=. */
int probe_parent(struct nl *nl, const char *name, const struct origin *at, struct diags *d);

/* Where the host would send something for this address: the type of the route (RTN_…), the index of
 * the interface, and the source it would choose (AF_UNSPEC: none said). */
struct route_info {
        uint8_t type;
        uint32_t oif;
        struct address source;
};
int probe_route(struct nl *nl, const struct address *to, struct route_info *ret);
/* The same for what comes from somebody else by an interface: its rules of routing count, and the source is none. An error where
 * the host does not forward. */
int probe_forwarding(struct nl *nl, const struct address *from, const char *device,
                     const struct address *to, struct route_info *ret);

/* Is part of this subnet already reached through another interface than device? Only routes of the
 * main table count, and neither default routes nor those of link-local addresses. 1 with the
 * destination of such a route and the name of its interface, 0, or a negative errno. */
int probe_overlap(struct nl *nl, const struct prefix *subnet, const char *device,
                  struct prefix *ret_route, char ret_device[IFNAMSIZ]);
