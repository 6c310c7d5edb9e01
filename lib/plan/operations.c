/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of the kinds of operations: which fields each has, in the order in which they are
 * printed. Printing, parsing, comparing and the shell form are made from it; lib/kernel/object/operations.c
 * adds how each kind is done and undone. */

#include <net/if.h>

#include "plan.h"
#include "shell.h"
#include "util.h"

#define AT(member) offsetof(struct op, member)
#define FIELD(name, type, member) \
        { name, type, AT(member), NULL, 0 }
#define WORD(name, member, words) \
        { name, FIELD_WORD8, AT(member), words, 0 }
#define SUBJECT(name, type, member) \
        { name, type, AT(member), NULL, FIELD_SUBJECT }
#define DEVICE(member) \
        { "dev", FIELD_IFNAME, AT(member), NULL, FIELD_DEVICE }
#define KEY(name, type, member) \
        { name, type, AT(member), NULL, FIELD_KEY }
#define KEY_SUBJECT(name, type, member) \
        { name, type, AT(member), NULL, FIELD_KEY | FIELD_SUBJECT }
#define KEY_DEVICE(member) \
        { "dev", FIELD_IFNAME, AT(member), NULL, FIELD_KEY | FIELD_DEVICE }

static const char *const inet6_words[] = {
        NULL,
        [INET6_PORT] = "port",
        [INET6_NONE] = "none",
        [INET6_STATIC] = "static",
        [INET6_DAD] = "dad",
        [INET6_RA] = "ra",
        [INET6_ABSENT] = "absent",
        NULL,
};

static const char *const route_words[] = { NULL, "blackhole", "unreachable", "prohibit", NULL };
static const char *const verdict_words[] = {
        NULL, [VERDICT_ACCEPT] = "accept", [VERDICT_DROP] = "drop", [VERDICT_ROUTED] = "routed",
        NULL,
};

static const struct field netns_fields[] = {
        SUBJECT("name", FIELD_TEXT, netns.name),
        { "inode", FIELD_U64, AT(netns.inode), NULL, FIELD_LEARNED },
        { "cookie", FIELD_U64, AT(netns.cookie), NULL, FIELD_LEARNED },
};
static const struct field bridge_fields[] = {
        SUBJECT("name", FIELD_IFNAME, bridge.name),
        FIELD("mac", FIELD_MAC, bridge.mac),
};
static const struct field bridge_set_fields[] = {
        KEY_DEVICE(bridge_set.device),
        FIELD("stp", FIELD_TRISTATE, bridge_set.stp),
        FIELD("multicast-snooping", FIELD_TRISTATE, bridge_set.multicast_snooping),
        FIELD("vlan-filtering", FIELD_TRISTATE, bridge_set.vlan_filtering),
        FIELD("has-forward-delay", FIELD_BOOL, bridge_set.has_forward_delay),
        FIELD("forward-delay", FIELD_U32, bridge_set.forward_delay),
        FIELD("has-ageing-time", FIELD_BOOL, bridge_set.has_ageing_time),
        FIELD("ageing-time", FIELD_U32, bridge_set.ageing_time),
        FIELD("has-default-pvid", FIELD_BOOL, bridge_set.has_default_pvid),
        FIELD("default-pvid", FIELD_U32, bridge_set.default_pvid),
};
static const struct field veth_fields[] = {
        SUBJECT("name", FIELD_IFNAME, veth.name),   FIELD("mac", FIELD_MAC, veth.mac),
        FIELD("peer", FIELD_IFNAME, veth.peer),     FIELD("peer-mac", FIELD_MAC, veth.peer_mac),
        FIELD("master", FIELD_IFNAME, veth.master), FIELD("mtu", FIELD_U32, veth.mtu),
};
static const struct field altname_fields[] = {
        DEVICE(altname.device),
        SUBJECT("name", FIELD_TEXT, altname.name),
};
static const struct field port_fields[] = {
        KEY_DEVICE(port.device),
        FIELD("hairpin", FIELD_BOOL, port.hairpin),
        FIELD("isolated", FIELD_BOOL, port.isolated),
};
static const struct field inet6_fields[] = {
        DEVICE(inet6.device),
        WORD("mode", inet6.mode, inet6_words),
};
static const struct field link_fields[] = {
        KEY_DEVICE(link.device),
        FIELD("mtu", FIELD_U32, link.mtu),
        FIELD("queue-length", FIELD_U32, link.queue_length),
        FIELD("arp", FIELD_TRISTATE, link.arp),
        FIELD("promiscuous", FIELD_TRISTATE, link.promiscuous),
        FIELD("all-multicast", FIELD_TRISTATE, link.all_multicast),
        FIELD("rp-filter", FIELD_U8, link.rp_filter),
};
static const struct field sysctl_fields[] = {
        KEY_SUBJECT("key", FIELD_TEXT, sysctl.key),
        FIELD("value", FIELD_TEXT, sysctl.value),
};
static const struct field up_fields[] = {
        DEVICE(up.device),
};
static const struct field address_fields[] = {
        SUBJECT("address", FIELD_PREFIX, address.prefix),
        FIELD("peer", FIELD_ADDRESS, address.peer),
        DEVICE(address.device),
        FIELD("dad", FIELD_BOOL, address.dad),
};
static const struct field announce_fields[] = {
        KEY_DEVICE(announce.device),
        FIELD("mac", FIELD_MAC, announce.mac),
};
static const struct field neighbor_fields[] = {
        KEY_SUBJECT("address", FIELD_ADDRESS, neighbor.address),
        FIELD("lladdr", FIELD_MAC, neighbor.mac),
        KEY_DEVICE(neighbor.device),
};
static const struct field route_fields[] = {
        WORD("type", route.type, route_words),
        KEY_SUBJECT("to", FIELD_PREFIX, route.destination),
        FIELD("hops", FIELD_HOPS, route.hops),
        DEVICE(route.device),
        FIELD("src", FIELD_ADDRESS, route.source),
        KEY("metric", FIELD_U32, route.metric),
        KEY("table", FIELD_U32, route.table),
        FIELD("mtu", FIELD_U32, route.mtu),
};
static const struct field rule_fields[] = {
        FIELD("family", FIELD_FAMILY, rule.family),
        SUBJECT("from", FIELD_PREFIX, rule.from),
        SUBJECT("to", FIELD_PREFIX, rule.to),
        FIELD("has-mark", FIELD_BOOL, rule.has_mark),
        FIELD("fwmark", FIELD_HEX, rule.mark),
        FIELD("fwmask", FIELD_HEX, rule.mask),
        FIELD("iif", FIELD_IFNAME, rule.iif),
        SUBJECT("table", FIELD_U32, rule.table),
        FIELD("has-priority", FIELD_BOOL, rule.has_priority),
        FIELD("priority", FIELD_U32, rule.priority),
};
static const struct field sysctl_file_fields[] = {
        KEY_DEVICE(sysctl_file.device),
        FIELD("forwarding", FIELD_FAMILIES, sysctl_file.forwarding),
        FIELD("rp-filter", FIELD_U8, sysctl_file.rp_filter),
};
static const struct field element_fields[] = {
        KEY_SUBJECT("set", FIELD_SET, element.set),
        KEY_SUBJECT("subnet", FIELD_PREFIX, element.subnet),
        KEY_SUBJECT("host", FIELD_ADDRESS, element.host),
        KEY_SUBJECT("protocol", FIELD_PROTOCOL, element.protocol),
        KEY_SUBJECT("port", FIELD_U16, element.port),
        FIELD("last", FIELD_U16, element.last),
        KEY_SUBJECT("iif", FIELD_IFNAME, element.iif),
        KEY_SUBJECT("oif", FIELD_IFNAME, element.oif),
        FIELD("to", FIELD_ADDRESS, element.to),
        FIELD("to-port", FIELD_U16, element.to_port),
        WORD("verdict", element.verdict, verdict_words),
};
static const struct field forwarding_fields[] = {
        SUBJECT("families", FIELD_FAMILIES, forwarding.families),
};

#define KIND(name, what, fields, reload, shell) \
        { name, what, fields, ARRAY_SIZE(fields), reload, shell }

const struct op_info op_infos[OP_KINDS] = {
        [OP_NETNS] = KIND("netns", "network namespace", netns_fields, false, shell_netns),
        [OP_BRIDGE] = KIND("bridge", "bridge", bridge_fields, false, shell_bridge),
        [OP_BRIDGE_SET] = KIND("bridge-set", "bridge settings", bridge_set_fields, true,
                               shell_bridge_set),
        [OP_VETH] = KIND("veth", "interface", veth_fields, false, shell_veth),
        [OP_ALTNAME] = KIND("altname", "alternative name", altname_fields, true, shell_altname),
        [OP_PORT] = KIND("port", "bridge port", port_fields, true, shell_port),
        [OP_INET6] = KIND("inet6", "IPv6 mode", inet6_fields, false, shell_inet6),
        [OP_LINK] = KIND("link", "interface settings", link_fields, true, shell_link),
        [OP_SYSCTL] = KIND("sysctl", "sysctl", sysctl_fields, false, shell_sysctl),
        [OP_UP] = KIND("up", "activation", up_fields, false, shell_up),
        [OP_ADDRESS] = KIND("address", "address", address_fields, true, shell_address),
        [OP_ANNOUNCE] = KIND("announce", "announcement of addresses", announce_fields, true,
                             shell_announce),
        [OP_NEIGHBOR] = KIND("neighbor", "neighbour", neighbor_fields, true, shell_neighbor),
        [OP_ROUTE] = KIND("route", "route to", route_fields, true, shell_route),
        [OP_RULE] = KIND("rule", "routing rule", rule_fields, true, shell_rule),
        [OP_SYSCTL_FILE] = KIND("sysctl-file", "sysctl.d entry", sysctl_file_fields, true,
                                shell_sysctl_file),
        [OP_TABLE] = { "table", "nftables table inet " NFT_TABLE, NULL, 0, true, shell_table },
        [OP_ELEMENT] = KIND("element", "nftables element", element_fields, true, shell_element),
        [OP_FORWARDING] = KIND("forwarding", "IP forwarding", forwarding_fields, true,
                               shell_forwarding),
};
