/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of the kinds of operations: which fields each has, in the order in which they are
 * printed. Printing, parsing, comparing and the shell form are made from it; lib/kernel/object/operations.c
 * adds how each kind is done and undone. */

#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6_route.h> /* IP6_RT_PRIO_USER */
#include <linux/rtnetlink.h>  /* RT_TABLE_MAIN */
#include <net/if.h>

#include "base64.h"
#include "compare.h"
#include "inbound.h"
#include "meanings.h"
#include "plan.h"
#include "shell.h"
#include "util.h"
#include "value.h"
#include "vlan-set.h"

#define AT(member) (offsetof(struct op, member) - offsetof(struct op, netns))
#define ROW(name, type_, member, ...) \
        { name, .type = type_, .offset = AT(member), __VA_ARGS__ }
#define FIELD(name, type, member)       ROW(name, type, member)
#define WORD(name, member, list)        ROW(name, FIELD_WORD8, member, .words = list)
#define SUBJECT(name, type, member)     ROW(name, type, member, .flags = FIELD_SUBJECT)
#define LEARNED(name, type, member)     ROW(name, type, member, .flags = FIELD_LEARNED)
#define MAY_LACK(name, member)          ROW(name, FIELD_TEXT, member, .flags = FIELD_MAY_LACK)
#define DEVICE(member)                  ROW("dev", FIELD_IFNAME, member, .flags = FIELD_DEVICE | FIELD_NEEDED)
#define KEY(name, type, member)         ROW(name, type, member, .flags = FIELD_KEY)
#define KEY_SUBJECT(name, type, member) ROW(name, type, member, .flags = FIELD_KEY | FIELD_SUBJECT)
#define KEY_DEVICE(member) \
        ROW("dev", FIELD_IFNAME, member, .flags = FIELD_KEY | FIELD_DEVICE | FIELD_NEEDED)

/* A setting: its name, type and member; where it is in a message, as which attribute or bit, how many bytes wide; what
 * the kernel begins with; the word of ip-link(8). */
#define SETTING(name, type, member, nest_, attribute_, width_, normal_, ip_, ...)        \
        ROW(name, type, member, .nest = nest_, .attribute = attribute_, .width = width_, \
            .normal = normal_, .ip = ip_, __VA_ARGS__)
/* One of which 0 is a value too: "has_MEMBER" beside the member says whether it is set. */
#define GIVEN(name, type, struct_, member, nest_, attribute_, width_, normal_, ip_, ...)     \
        ROW("has-" name, FIELD_BOOL, struct_.has_##member),                                  \
                SETTING(name, type, struct_.member, nest_, attribute_, width_, normal_, ip_, \
                        .given = AT(struct_.has_##member), __VA_ARGS__)

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
        NULL,
        [VERDICT_ACCEPT] = "accept",
        [VERDICT_DROP] = "drop",
        [VERDICT_ROUTED] = "routed",
        [VERDICT_CONFINED] = "confined",
        NULL,
};

static const struct field netns_fields[] = {
        SUBJECT("name", FIELD_TEXT, netns.name),
        LEARNED("inode", FIELD_U64, netns.inode),
        LEARNED("cookie", FIELD_U64, netns.cookie),
};
static const struct field peer_fields[] = {
        SUBJECT("name", FIELD_TEXT, peer.name),
        FIELD("network", FIELD_TEXT, peer.network),
};
static const struct field bridge_set_fields[] = {
        KEY_DEVICE(bridge_set.device),
        SETTING("stp", FIELD_TRISTATE, bridge_set.settings.stp, NEST_INFO, IFLA_BR_STP_STATE, 4, 0,
                "stp_state"),
        SETTING("multicast-snooping", FIELD_TRISTATE, bridge_set.settings.multicast_snooping,
                NEST_INFO, IFLA_BR_MCAST_SNOOPING, 1, 1, "mcast_snooping"),
        SETTING("vlan-filtering", FIELD_TRISTATE, bridge_set.settings.vlan_filtering, NEST_INFO,
                IFLA_BR_VLAN_FILTERING, 1, 0, "vlan_filtering", .flags = FIELD_FIRST),
        GIVEN("forward-delay", FIELD_U32, bridge_set.settings, forward_delay, NEST_INFO,
              IFLA_BR_FORWARD_DELAY, 4, 1500, "forward_delay"),
        GIVEN("ageing-time", FIELD_U32, bridge_set.settings, ageing_time, NEST_INFO,
              IFLA_BR_AGEING_TIME, 4, 30000, "ageing_time"),
        GIVEN("default-pvid", FIELD_U16, bridge_set.settings, default_pvid, NEST_INFO,
              IFLA_BR_VLAN_DEFAULT_PVID, 2, 1, "vlan_default_pvid", .flags = FIELD_FIRST),
};
static const struct field vxlan_set_fields[] = {
        KEY_DEVICE(vxlan_set.device),
        SETTING("learning", FIELD_TRISTATE, vxlan_set.settings.learning, NEST_INFO,
                IFLA_VXLAN_LEARNING, 1, 1, "learning"),
};
static const struct field fdb_fields[] = {
        KEY_SUBJECT("remote", FIELD_ADDRESS, fdb.remote),
        KEY_DEVICE(fdb.device),
};
static const struct field altname_fields[] = {
        DEVICE(altname.device),
        SUBJECT("name", FIELD_TEXT, altname.name),
};
static const struct field master_fields[] = {
        KEY_DEVICE(master.device),
        FIELD("master", FIELD_IFNAME, master.master),
};
static const struct field host_vlan_fields[] = {
        ROW("dev", FIELD_IFNAME, host_vlan.device,
            .flags = FIELD_KEY | FIELD_SUBJECT | FIELD_NEEDED),
        ROW("parent", FIELD_IFNAME, host_vlan.parent, .flags = FIELD_NEEDED),
        FIELD("id", FIELD_U16, host_vlan.id),
};
static const struct field uplink_fields[] = {
        KEY_DEVICE(uplink.device),
        FIELD("master", FIELD_IFNAME, uplink.master),
        FIELD("pvid", FIELD_U16, uplink.pvid),
        MAY_LACK("tagged", uplink.tagged),
        LEARNED("index", FIELD_U32, uplink.index),
        LEARNED("was-down", FIELD_BOOL, uplink.was_down),
};
static const struct field port_fields[] = {
        KEY_DEVICE(port.device),
        SETTING("hairpin", FIELD_TRISTATE, port.settings.hairpin, NEST_SLAVE, IFLA_BRPORT_MODE, 1,
                0, "hairpin"),
        SETTING("isolated", FIELD_TRISTATE, port.settings.isolated, NEST_SLAVE,
                IFLA_BRPORT_ISOLATED, 1, 0, "isolated"),
};
static const struct field port_vlan_fields[] = {
        KEY_DEVICE(port_vlan.device),
        FIELD("bridge", FIELD_IFNAME, port_vlan.bridge),
        FIELD("pvid", FIELD_U16, port_vlan.pvid),
        FIELD("tagged", FIELD_TEXT, port_vlan.tagged),
};
static const struct field inet6_fields[] = {
        DEVICE(inet6.device),
        WORD("mode", inet6.mode, inet6_words),
};
static const struct field inbound_fields[] = {
        KEY_DEVICE(inbound.device),
        FIELD("ports", FIELD_TEXT, inbound.ports),
};
static const struct field link_fields[] = {
        KEY_DEVICE(link.device),
        SETTING("mtu", FIELD_U32, link.settings.mtu, NEST_LINK, IFLA_MTU, 4, 1500, "mtu"),
        SETTING("queue-length", FIELD_U32, link.settings.queue_length, NEST_LINK, IFLA_TXQLEN, 4,
                1000, "txqueuelen", .flags = FIELD_MAX_IS_0),
        SETTING("arp", FIELD_TRISTATE, link.settings.arp, NEST_NOT, IFF_NOARP, 0, 1, "arp"),
        SETTING("promiscuous", FIELD_TRISTATE, link.settings.promiscuous, NEST_FLAG, IFF_PROMISC, 0,
                0, "promisc"),
        SETTING("all-multicast", FIELD_TRISTATE, link.settings.all_multicast, NEST_FLAG,
                IFF_ALLMULTI, 0, 0, "allmulticast"),
        SETTING("rp-filter", FIELD_U8, link.settings.rp_filter, NEST_INET, IPV4_DEVCONF_RP_FILTER,
                4, 0, "rp_filter"),
};
static const struct field qdisc_fields[] = {
        KEY_DEVICE(qdisc.device),
        FIELD("rate", FIELD_U64, qdisc.rate),
        FIELD("burst", FIELD_U32, qdisc.burst),
        FIELD("limit", FIELD_U32, qdisc.limit),
};
static const struct field redirect_fields[] = {
        KEY_DEVICE(redirect.device),
        ROW("to", FIELD_IFNAME, redirect.to, .flags = FIELD_NEEDED),
};
static const struct field sysctl_fields[] = {
        KEY_SUBJECT("key", FIELD_TEXT, sysctl.key),
        FIELD("value", FIELD_TEXT, sysctl.value),
};
static const struct field wireguard_fields[] = {
        KEY_DEVICE(wireguard.device),
        FIELD("private-key-file", FIELD_TEXT, wireguard.private_key_file),
        FIELD("listen-port", FIELD_U16, wireguard.port),
        FIELD("fwmark", FIELD_HEX, wireguard.mark),
};
static const struct field wg_peer_fields[] = {
        KEY_SUBJECT("public-key", FIELD_TEXT, wg_peer.public_key),
        MAY_LACK("preshared-key-file", wg_peer.preshared_key_file),
        FIELD("endpoint", FIELD_ADDRESS, wg_peer.endpoint),
        MAY_LACK("endpoint-name", wg_peer.endpoint_name),
        FIELD("endpoint-port", FIELD_U16, wg_peer.endpoint_port),
        FIELD("allowed-ips", FIELD_PREFIXES, wg_peer.allowed),
        FIELD("keepalive", FIELD_U16, wg_peer.keepalive),
        KEY_DEVICE(wg_peer.device),
};
static const struct field up_fields[] = {
        DEVICE(up.device),
};
static const struct field address_fields[] = {
        SUBJECT("address", FIELD_PREFIX, address.prefix),
        FIELD("peer", FIELD_ADDRESS, address.peer),
        DEVICE(address.device),
        FIELD("table", FIELD_U32, address.table),
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
        ROW("to", FIELD_PREFIX, route.destination,
            .flags = FIELD_KEY | FIELD_SUBJECT | FIELD_DEFAULT),
        FIELD("hops", FIELD_HOPS, route.hops),
        ROW("dev", FIELD_IFNAME, route.device, .flags = FIELD_DEVICE),
        FIELD("src", FIELD_ADDRESS, route.source),
        KEY("metric", FIELD_U32, route.metric),
        KEY("table", FIELD_U32, route.table),
        FIELD("mtu", FIELD_U32, route.mtu),
};
static const struct field rule_fields[] = {
        FIELD("family", FIELD_FAMILY, rule.family),
        FIELD("not", FIELD_BOOL, rule.invert),
        SUBJECT("from", FIELD_PREFIX, rule.from),
        SUBJECT("to", FIELD_PREFIX, rule.to),
        FIELD("has-mark", FIELD_BOOL, rule.has_mark),
        FIELD("fwmark", FIELD_HEX, rule.mark),
        FIELD("fwmask", FIELD_HEX, rule.mask),
        FIELD("iif", FIELD_IFNAME, rule.iif),
        FIELD("oif", FIELD_IFNAME, rule.oif),
        FIELD("ipproto", FIELD_IPPROTO, rule.protocol),
        FIELD("sport", FIELD_U16, rule.sport.first),
        FIELD("sport-last", FIELD_U16, rule.sport.last),
        FIELD("dport", FIELD_U16, rule.dport.first),
        FIELD("dport-last", FIELD_U16, rule.dport.last),
        FIELD("has-uids", FIELD_BOOL, rule.has_uids),
        FIELD("uid", FIELD_U32, rule.first_uid),
        FIELD("uid-last", FIELD_U32, rule.last_uid),
        SUBJECT("table", FIELD_U32, rule.table),
        FIELD("has-suppress", FIELD_BOOL, rule.has_suppress),
        FIELD("suppress-prefixlength", FIELD_U32, rule.suppress),
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
        KEY_SUBJECT("mac", FIELD_MAC, element.mac),
        WORD("verdict", element.verdict, verdict_words),
};
static const char *const table_words[] = { NULL, [TABLE_BRIDGE] = "bridge", NULL };
static const struct field table_fields[] = {
        ROW("family", FIELD_WORD8, table.which, .words = table_words, .flags = FIELD_SUBJECT),
};
static const struct field proxy_ndp_fields[] = {
        KEY_DEVICE(proxy_ndp.device),
};
static const struct field proxy_fields[] = {
        KEY_SUBJECT("address", FIELD_ADDRESS, proxy.address),
        KEY_DEVICE(proxy.device),
        LEARNED("was-there", FIELD_BOOL, proxy.was_there),
};
static const struct field forwarding_fields[] = {
        SUBJECT("families", FIELD_FAMILIES, forwarding.families),
};

static bool netns_valid(const struct op *op, char why[static 160]) {
        if (name_valid(op->netns.name))
                return true;
        snprintf(why, 160, "'%.60s' is not the name of a namespace", op->netns.name);
        return false;
}

static bool peer_valid(const struct op *op, char why[static 160]) {
        if (name_valid(op->peer.name) && name_valid(op->peer.network))
                return true;
        snprintf(why, 160, "'%.60s' of '%.40s' is not the namespace of a network", op->peer.name,
                 op->peer.network);
        return false;
}

static bool sysctl_valid(const struct op *op, char why[static 160]) {
        if (startswith(op->sysctl.key, "net/") && !strstr(op->sysctl.key, ".."))
                return true;
        snprintf(why, 160, "'%.60s' is not the key of a sysctl", op->sysctl.key);
        return false;
}

/* What is read may become the key of an interface, and it is root who reads. */
static bool wireguard_valid(const struct op *op, char why[static 160]) {
        if (key_file_valid(op->wireguard.private_key_file))
                return true;
        snprintf(why, 160, "'%.60s' is not the file of a key", op->wireguard.private_key_file);
        return false;
}

static bool wg_peer_valid(const struct op *op, char why[static 160]) {
        const char *file = op->wg_peer.preshared_key_file;
        uint8_t key[KEY_SIZE];

        if (strlen(op->wg_peer.public_key) == KEY_TEXT &&
            base64_read(op->wg_peer.public_key, key) == 0 && (!file || key_file_valid(file)))
                return true;
        snprintf(why, 160, "'%.60s' is not the key of a peer, or has no valid file",
                 op->wg_peer.public_key);
        return false;
}

static bool are_vlans(uint16_t pvid, const char *tagged, char why[static 160]) {
        struct vlan_set set;
        unsigned runs = 0;

        if (pvid <= VLAN_MAX && vlan_set_parse(tagged, &set) == 0) {
                for (uint16_t first = VLAN_MIN, last; vlan_set_run(&set, true, &first, &last);
                     first = last + 1)
                        runs++;
                if (runs <= VLAN_RANGES)
                        return true;
        }
        snprintf(why, 160, "%u and '%.60s' are no VLANs", pvid, tagged);
        return false;
}

static bool port_vlan_valid(const struct op *op, char why[static 160]) {
        return are_vlans(op->port_vlan.pvid, op->port_vlan.tagged, why);
}

static bool uplink_valid(const struct op *op, char why[static 160]) {
        return are_vlans(op->uplink.pvid, op->uplink.tagged ?: "none", why);
}

static bool host_vlan_valid(const struct op *op, char why[static 160]) {
        char parent[IFNAMSIZ];
        uint16_t id;

        if (vlan_of_name(op->host_vlan.device, parent, &id) && id == op->host_vlan.id &&
            streq(parent, op->host_vlan.parent))
                return true;
        snprintf(why, 160, "'%s' is not the VLAN %u of '%s'", op->host_vlan.device,
                 op->host_vlan.id, op->host_vlan.parent);
        return false;
}

static bool inbound_valid(const struct op *op, char why[static 160]) {
        const char *text = op->inbound.ports;
        struct inbound port;
        int r;

        do
                r = inbound_next(&text, &port);
        while (r > 0);
        if (r < 0)
                snprintf(why, 160, "'%.60s' are no ports", op->inbound.ports);
        return r == 0;
}

static void route_complete(struct op *op) {
        bool inet6 = op->route.destination.address.family == AF_INET6;

        op->route.table = op->route.table ?: RT_TABLE_MAIN;
        op->route.metric = op->route.metric ?: inet6 ? IP6_RT_PRIO_USER : 0;
}

#define KIND(name, what, fields, reload, shell, ...) \
        { name, what, fields, ARRAY_SIZE(fields), reload, shell, ##__VA_ARGS__ }

const struct op_info op_infos[OP_KINDS] = {
        [OP_NETNS] = KIND("netns", "network namespace", netns_fields, RELOAD_NEVER, shell_netns,
                          .changed_key = netns_changed_key, .valid = netns_valid),
        [OP_PEER] = KIND("peer", "other network's namespace", peer_fields, RELOAD_FREE, shell_peer,
                         .valid = peer_valid),
        [OP_HOST_VLAN] = KIND("host-vlan", "VLAN interface", host_vlan_fields, RELOAD_FREE,
                              shell_host_vlan, .meanings = host_vlan_meanings,
                              .valid = host_vlan_valid),
        /* the rest of its row is that of its kind, in lib/link */
        [OP_DEVICE] = { .reload = RELOAD_NEVER,
                        .shell = shell_device,
                        .meanings = device_meanings,
                        .explain = device_explain,
                        .creates = true,
                        .changed_key = device_changed_key,
                        .changes = device_changes },
        [OP_BRIDGE_SET] = KIND("bridge-set", "bridge settings", bridge_set_fields, RELOAD_FREE,
                               NULL, .kind = "bridge", .meanings = bridge_set_meanings),
        [OP_VXLAN_SET] = KIND("vxlan-set", "vxlan settings", vxlan_set_fields, RELOAD_FREE,
                              shell_vxlan_set, .kind = "vxlan"),
        [OP_FDB] = KIND("fdb", "remote host", fdb_fields, RELOAD_FREE, shell_fdb),
        [OP_ALTNAME] = KIND("altname", "alternative name", altname_fields, RELOAD_FREE,
                            shell_altname, .meanings = altname_meanings, .spare = true),
        [OP_MASTER] = KIND("master", "membership", master_fields, RELOAD_FREE, shell_master),
        /* the kernel throws away addresses and routes of who joins and leaves */
        [OP_MEMBER] = KIND("member", "membership", master_fields, RELOAD_NEVER, shell_master,
                           .changed_key = member_changed_key),
        [OP_UPLINK] = KIND("uplink", "uplink", uplink_fields, RELOAD_FREE, shell_uplink,
                           .meanings = uplink_meanings, .valid = uplink_valid),
        [OP_PORT] = KIND("port", "bridge port", port_fields, RELOAD_FREE, NULL, .kind = "bridge",
                         .meanings = port_meanings),
        [OP_PORT_VLAN] = KIND("port-vlan", "VLANs of a bridge port", port_vlan_fields, RELOAD_FREE,
                              shell_port_vlan, .meanings = port_vlan_meanings,
                              .valid = port_vlan_valid),
        [OP_INET6] = KIND("inet6", "IPv6 mode", inet6_fields, RELOAD_NEVER, shell_inet6),
        [OP_LINK] = KIND("link", "interface settings", link_fields, RELOAD_FREE, NULL),
        [OP_INBOUND] = KIND("inbound", "filter", inbound_fields, RELOAD_FREE, shell_inbound,
                            .valid = inbound_valid),
        [OP_QDISC] = KIND("qdisc", "rate limit", qdisc_fields, RELOAD_FREE, shell_qdisc,
                          .explain = qdisc_explain),
        [OP_REDIRECT] = KIND("redirect", "redirection", redirect_fields, RELOAD_FREE,
                             shell_redirect, .explain = redirect_explain),
        [OP_SYSCTL] = KIND("sysctl", "sysctl", sysctl_fields, RELOAD_REPLACED, shell_sysctl,
                           .meanings = sysctl_meanings, .valid = sysctl_valid),
        [OP_WIREGUARD] = KIND("wireguard-set", "WireGuard settings", wireguard_fields, RELOAD_FREE,
                              shell_wireguard, .explain = wireguard_explain,
                              .valid = wireguard_valid),
        [OP_WG_PEER] = KIND("wireguard-peer", "WireGuard peer", wg_peer_fields, RELOAD_FREE,
                            shell_wg_peer, .valid = wg_peer_valid),
        [OP_UP] = KIND("up", "activation", up_fields, RELOAD_NEVER, shell_up,
                       .meanings = up_meanings, .explain = up_explain),
        [OP_ADDRESS] = KIND("address", "address", address_fields, RELOAD_FREE, shell_address,
                            .meanings = address_meanings, .conflicts = address_conflicts),
        [OP_ANNOUNCE] = KIND("announce", "announcement of addresses", announce_fields, RELOAD_FREE,
                             shell_announce),
        [OP_NEIGHBOR] = KIND("neighbor", "neighbour", neighbor_fields, RELOAD_FREE, shell_neighbor),
        [OP_ROUTE] = KIND("route", "route to", route_fields, RELOAD_FREE, shell_route,
                          .meanings = route_meanings, .explain = route_explain,
                          .complete = route_complete),
        [OP_RULE] = KIND("rule", "routing rule", rule_fields, RELOAD_FREE, shell_rule,
                         .conflicts = rule_conflicts),
        [OP_SYSCTL_FILE] = KIND("sysctl-file", "sysctl.d entry", sysctl_file_fields, RELOAD_FREE,
                                shell_sysctl_file),
        [OP_TABLE] = KIND("table", "nftables table " NFT_TABLE, table_fields, RELOAD_FREE,
                          shell_table, .common = true, .nftables = true),
        [OP_ELEMENT] = KIND("element", "nftables element", element_fields, RELOAD_FREE,
                            shell_element, .nftables = true, .together = true,
                            .conflicts = element_conflicts),
        [OP_FORWARDING] = KIND("forwarding", "IP forwarding", forwarding_fields, RELOAD_FREE,
                               shell_forwarding, .common = true, .nftables = true),
        [OP_PROXY_NDP] = KIND("proxy-ndp", "answering for neighbours", proxy_ndp_fields,
                              RELOAD_FREE, shell_proxy_ndp, .common = true),
        [OP_PROXY] = KIND("proxy", "answer for", proxy_fields, RELOAD_FREE, shell_proxy),
};

const struct field *op_fields(const struct op *op, size_t *ret_n) {
        bool device = op->kind == OP_DEVICE;

        *ret_n = device ? link_kinds[op->device.kind]->n_fields : op_infos[op->kind].n_fields;
        return device ? link_kinds[op->device.kind]->fields : op_infos[op->kind].fields;
}

const char *op_name(const struct op *op) {
        return op->kind == OP_DEVICE ? link_kinds[op->device.kind]->name : op_infos[op->kind].name;
}

const char *op_what(const struct op *op) {
        return op->kind == OP_DEVICE ? link_kinds[op->device.kind]->what : op_infos[op->kind].what;
}

void op_take_learned(struct op *to, const struct op *from) {
        static const uint8_t sizes[] = {
                [FIELD_BOOL] = sizeof(bool),      [FIELD_U32] = sizeof(uint32_t),
                [FIELD_U64] = sizeof(uint64_t),   [FIELD_IFNAME] = IFNAMSIZ,
                [FIELD_MAC] = sizeof(struct mac), [FIELD_TEXT] = sizeof(const char *)
        };
        const struct field *fields;
        size_t n;

        fields = op_fields(to, &n);
        for (size_t i = 0; i < n; i++)
                if (fields[i].flags & FIELD_LEARNED)
                        memcpy((char *)op_data(to) + fields[i].offset,
                               (const char *)op_data(from) + fields[i].offset,
                               sizes[fields[i].type]);
}

enum op_reload op_reload(const struct op *op) {
        bool free = op->kind == OP_DEVICE && link_kinds[op->device.kind]->implied;

        return free ? RELOAD_FREE : (enum op_reload)op_infos[op->kind].reload;
}
