/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From a model to its plan. This asks nobody: what has to be known beyond the model is handed in as
 * facts. */

#include "plan.h"

/* What the plan of a namespace needs to know about the bridge of one of its links. */
struct bridge_facts {
        bool ours; /* a .vnet defines it: it keeps the nftables elements of its subnets */
        bool lets_nothing_out;             /* the last one by which a default route leads */
        char proxy_ndp[IFNAMSIZ];          /* IPv6ProxyNDP= */
        uint32_t mtu;                      /* 0: the kernel's default */
        uint16_t pvid;                     /* the VLAN that the host is in; 0: none, or not known */
        LIST(struct ip_address) addresses; /* borrowed */
};

/* And about another network that has a part of one of its links. */
struct partner_facts {
        const char *netns;  /* its namespace, below /run/netns; NULL: the link has no such part */
        bool has_other_end; /* it has a link that is the other end of the cable, ... */
        struct mac mac;     /* ... which says its MACAddress=, or not */
};

/* Each has one for each link of the namespace, in their order. */
struct facts {
        const char *machine_id; /* 32 hexadecimal digits, or "" */
        const struct bridge_facts *bridges;
        const struct partner_facts *partners;
};

/* The facts as another .vnet file says them; lists are borrowed from it. */
struct bridge_facts facts_of_bridge(const struct vnet *bridge);

struct partner_facts facts_of_partner(const struct vnet *v, const struct link *l,
                                      const struct vnet *partner);

/* 0, -ENOMEM, or -EINVAL with the reason in d. */
int plan_build(struct vnet *v, const struct facts *facts, struct plan **ret, struct diags *d);
