/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The other half of the table op_infos[]: how each kind of operation is done, undone and looked
 * for. */

#include "pass/pass.h"

struct op_impl {
        int (*act)(struct pass *r, const struct op *op);  /* 0, or r->error */
        int (*undo)(struct pass *r, const struct op *op); /* NULL: goes with the object it is on */
        /* Reads what the kernel has in the place of op into an operation of the same kind, in the words of op
         * where both say the same: op_equal() compares them. Only here is known how the kernel writes
         * what it was told. What ret points to lives as long as the pass. -ENOENT: nothing is there;
         * -ENODEV: nor is the interface it is on.
         * Positive: ret is there, but something belongs to it that has no field and is not right. NULL:
         * nothing of it can be seen later. */
        int (*look)(struct pass *r, const struct op *op, struct op *ret);
        /* Before anything is done, and before the record is written: refuses what the kernel would take, and learns what a stop
         * gives back. 0; positive: something was learned that the record does not say; or r->error. NULL: nothing. */
        int (*learn)(struct pass *r, struct op *op);
        bool object; /* not a setting of another operation's object: undone by itself in any case */
        bool shared; /* belongs to several NAMEs: done and undone under the shared lock */
        bool restored; /* vnet-restore brings it back, where the record is complete */
        bool joins; /* on an interface of somebody else, which may appear later: vnet-helper join */
        bool in_parts; /* several settings: some may have been made before one was refused */
        /* Whatever is wanted of a plan: does what this pass has done bring it about too? NULL: no. */
        bool (*follows)(const struct pass *r);
        /* Does the kernel drop other by itself as this one goes, or comes? NULL: nothing. */
        bool (*drops)(const struct op *op, bool comes, const struct op *other);
};

extern const struct op_impl op_impls[OP_KINDS];

typedef int op_function(struct pass *r, const struct op *op);

op_function do_settings, undo_settings;                         /* settings.c */
op_function do_netns, undo_netns;                               /* namespace.c */
op_function do_peer, undo_peer;                                 /* cable.c */
op_function do_device, undo_device, do_master, undo_master;     /* device.c */
op_function do_fdb, undo_fdb;                                   /* fdb.c */
op_function do_uplink, undo_uplink;                             /* uplink.c */
op_function do_host_vlan, undo_host_vlan;                       /* host-vlan.c */
op_function do_proxy_ndp, undo_proxy_ndp, do_proxy, undo_proxy; /* proxy.c */
op_function do_altname, undo_altname;                           /* interface.c */
op_function do_inbound, undo_inbound;                           /* inbound.c */
op_function do_port_vlan, undo_port_vlan;                       /* port-vlan.c */
op_function do_inet6, do_up;
op_function do_wireguard, do_wg_peer, undo_wg_peer;                   /* wireguard.c */
op_function do_qdisc, undo_qdisc, do_redirect, undo_redirect;         /* rate.c */
op_function do_sysctl, undo_sysctl, do_sysctl_file, undo_sysctl_file; /* sysctl.c */
op_function do_address, undo_address, do_neighbor, undo_neighbor;     /* address.c */
op_function do_announce;                                              /* announce.c */
op_function do_route, undo_route, do_rule, undo_rule;                 /* route.c */
op_function do_table, undo_table, do_element, undo_element;           /* nft-elements.c */
op_function do_forwarding, undo_forwarding;                           /* forwarding.c */

int learn_uplink(struct pass *r, struct op *op);
int learn_proxy(struct pass *r, struct op *op);
/* Does it stand on an interface that went with another network's namespace? Then the kernel is about to take it. */
bool device_is_torn(struct pass *r, const struct op *op,
                    const struct nlmsghdr *h); /* look-link.c */
bool announce_follows(const struct pass *r);   /* announce.c */
bool neighbor_follows(const struct pass *r);
bool address_drops(const struct op *op, bool comes, const struct op *other);
bool link_drops(const struct op *op, bool comes, const struct op *other); /* settings.c */
bool bridge_set_drops(const struct op *op, bool comes, const struct op *other);

int learn_device(struct pass *r, struct op *op); /* device.c */

typedef int op_look(struct pass *r, const struct op *op, struct op *ret);

op_look look_device, look_master, look_altname, look_up, look_settings,
        look_inet6; /* look-link.c */
op_look look_netns, look_peer, look_fdb, look_sysctl, look_sysctl_file, look_address, look_neighbor,
        look_route, look_rule;
op_look look_uplink, look_host_vlan, look_proxy_ndp, look_proxy;
op_look look_port_vlan, look_inbound;
op_look look_qdisc, look_redirect;
op_look look_table, look_element, look_forwarding;
op_look look_wireguard, look_wg_peer;
