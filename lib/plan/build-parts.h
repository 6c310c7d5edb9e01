/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the build*.c files, which make a plan of a model, share. Nobody else includes this. */

#include "build.h"

struct builder {
        struct vnet *v;
        const struct facts *facts;
        struct plan *p;
        struct diags *d;
        bool failed;     /* an allocation did: checked once, at the end */
        bool refused;    /* the reason is told */
        struct op scrap; /* where additions go then */
};

/* Never NULL. */
struct op *add(struct builder *b, enum op_kind kind, enum place place, const struct origin *at);
struct op *add_device(struct builder *b, enum link_kind kind, enum place place,
                      const struct origin *at, const char *name);
/* Takes the operation that was added last away again if it sets nothing. */
void drop_unset(struct builder *b, struct op *op);
void set_ifname(char to[IFNAMSIZ], const char *from);

/* The alternative name by which the interface is known as NAME's; link: NULL for a bridge and lo. */
void add_mark(struct builder *b, enum place place, const char *device, const char *link,
              const struct origin *at);

/* What sysctl.d has for an interface of the host that is no bridge port. */
void add_sysctl_file(struct builder *b, const struct origin *at, const char *device,
                     enum families forwarding);
/* Its settings. */
void add_outer_settings(struct builder *b, const struct origin *at, const char *device,
                        uint32_t mtu);

/* HostName= or the default; returns the long form where that had to be shortened, else NULL. */
const char *outer_name(struct builder *b, const struct link *l, char name[IFNAMSIZ]);
/* MTUBytes= or that of its bridge; 0: the kernel's default. */
uint32_t mtu_of(const struct builder *b, const struct link *l);
/* The first address of the family on the first link that has one and faces the host. */
const struct ip_address *first_of(const struct namespace *ns, uint8_t family);
/* The families in which something is published. */
enum families published_families(const struct namespace *ns);
/* What an interface that faces a namespace forwards. */
enum families link_forwards(const struct namespace *ns, const struct link *l);

/* The addresses of a list of struct ip_address. table: where the routes to their subnets are; 0: main */
void build_addresses(struct builder *b, enum place place, const char *device, const void *list,
                     bool dad, uint32_t table);
bool lacks_inet6(uint32_t mtu); /* an interface with it; 0: the default */
enum inet6_mode inet6_mode_of(enum families families, bool ra, bool dad);

/* build-inbound.c */
void build_inbound(struct builder *b);

/* build-vlan.c */
/* What is made under a name as eno1.10 where that is not there. Once for each. */
void build_host_vlan(struct builder *b, const char *name, const struct origin *at);
void build_uplink_vlans(struct builder *b, struct op *op); /* fills in an OP_UPLINK */
void build_vlans(struct builder *b, const struct link *l, const char *port);

/* build-spoof.c */
void build_spoof(struct builder *b);

/* build-link.c */
/* The interfaces of all links that are made there. */
void build_devices(struct builder *b, enum place place);
void build_peers(
        struct builder *b); /* build-cable.c: the other networks that have a part of them */
/* Of the other network that has a part of the link. */
const struct partner_facts *partner_of(const struct builder *b, const struct link *l);
void add_cable(struct builder *b, const struct link *l, const struct mac *inner);
void build_far_end(struct builder *b,
                   const struct link *l); /* what is set in the other namespace */
/* Makes an operation one of the other namespace. */
void move_to_partner(struct builder *b, const struct link *l, struct op *op);
void build_memberships(struct builder *b);                      /* which of them join which */
void build_outer_end(struct builder *b, const struct link *l);  /* what is set on the host */
void build_inner_mode(struct builder *b, const struct link *l); /* before interfaces come up */
struct mac inner_mac(struct builder *b, const struct link *l);
void build_inner(struct builder *b, const struct link *l);
void build_ways(struct builder *b); /* routes and rules of all links */

/* build-wireguard.c */
void build_wireguard(struct builder *b, const struct link *l); /* before it comes up */
void build_allowed_routes(struct builder *b, const struct link *l);
/* build-rate.c */
void build_ifb(struct builder *b, const struct link *l); /* its interface, where one is needed */
void build_outer_rates(struct builder *b, const struct link *l, const char *outer);
void build_inner_rate(struct builder *b, const struct link *l);
void build_far_rate(struct builder *b, const struct link *l); /* what the caller moves */

/* build-nft.c */
/* What an interface that faces namespaces forwards. */
enum families bridge_forwards(const struct bridge *br);
void build_bridge_nft(struct builder *b);
void build_namespace_nft(struct builder *b);
