/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which functions do, undo and look for each kind of operation: the other half of the table op_infos[]. A
 * kind without undo is a setting of an object that another operation of the plan makes, and goes
 * with that object. */

#include "object/operations.h"

const struct op_impl op_impls[OP_KINDS] = {
        [OP_NETNS] = { do_netns, undo_netns, look_netns, .object = true },
        [OP_PEER] = { do_peer, undo_peer, look_peer, .object = true },
        [OP_HOST_VLAN] = { do_host_vlan, undo_host_vlan, look_host_vlan, .object = true,
                           .joins = true },
        [OP_DEVICE] = { do_device, undo_device, look_device, .learn = learn_device,
                        .object = true },
        [OP_BRIDGE_SET] = { do_settings, undo_settings, look_settings, .in_parts = true,
                            .drops = bridge_set_drops },
        [OP_VXLAN_SET] = { do_settings, undo_settings, look_settings },
        [OP_FDB] = { do_fdb, undo_fdb, look_fdb },
        [OP_ALTNAME] = { do_altname, undo_altname, look_altname },
        [OP_MASTER] = { do_master, undo_master, look_master },
        [OP_MEMBER] = { do_master, undo_master, look_master },
        [OP_UPLINK] = { do_uplink, undo_uplink, look_uplink, learn_uplink, .object = true,
                        .joins = true },
        [OP_PORT] = { do_settings, undo_settings, look_settings, .in_parts = true },
        [OP_PORT_VLAN] = { do_port_vlan, undo_port_vlan, look_port_vlan },
        [OP_INET6] = { do_inet6, NULL, look_inet6 },
        [OP_LINK] = { do_settings, undo_settings, look_settings, .in_parts = true,
                      .drops = link_drops },
        [OP_INBOUND] = { do_inbound, undo_inbound, look_inbound },
        [OP_QDISC] = { do_qdisc, undo_qdisc, look_qdisc },
        [OP_REDIRECT] = { do_redirect, undo_redirect, look_redirect, .in_parts = true },
        [OP_SYSCTL] = { do_sysctl, undo_sysctl, look_sysctl },
        [OP_WIREGUARD] = { do_wireguard, NULL, look_wireguard },
        [OP_WG_PEER] = { do_wg_peer, undo_wg_peer, look_wg_peer },
        [OP_UP] = { do_up, NULL, look_up },
        [OP_ADDRESS] = { do_address, undo_address, look_address, .drops = address_drops },
        [OP_ANNOUNCE] = { do_announce, NULL, NULL, .follows = announce_follows },
        [OP_NEIGHBOR] = { do_neighbor, undo_neighbor, look_neighbor, .follows = neighbor_follows },
        [OP_ROUTE] = { do_route, undo_route, look_route },
        [OP_RULE] = { do_rule, undo_rule, look_rule },
        [OP_SYSCTL_FILE] = { do_sysctl_file, undo_sysctl_file, look_sysctl_file, .object = true },
        [OP_TABLE] = { do_table, undo_table, look_table, .object = true, .shared = true,
                       .restored = true },
        [OP_ELEMENT] = { do_element, undo_element, look_element, .object = true, .shared = true,
                         .restored = true },
        [OP_FORWARDING] = { do_forwarding, undo_forwarding, look_forwarding, .object = true,
                            .shared = true },
        [OP_PROXY_NDP] = { do_proxy_ndp, undo_proxy_ndp, look_proxy_ndp, .object = true,
                           .shared = true, .joins = true },
        [OP_PROXY] = { do_proxy, undo_proxy, look_proxy, learn_proxy, .object = true,
                       .joins = true },
};
