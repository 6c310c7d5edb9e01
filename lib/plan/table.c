/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The tables inet vnet and bridge vnet, their rules in the words of nft(8). lib/kernel/nft/rules.c has the same rules
 * as expressions, in the same order.
 *
 * forward: replies come first; then what leaves an Internal= network, whatever others publish or
 * allow; what was sent here by a published port; pairs of our own interfaces that may talk to each
 * other; then what leaves a network (by any interface, or "confined" to some), and what enters one (to
 * be dropped, or "routed" where Inbound=any); and last the guard between interfaces of the host.
 * Bridged frames come along here too where br_netfilter is active, with the bridge as both
 * interfaces: hence each bridge is in "cross" or in "bridged" together with itself.
 * guard: nothing passes between interfaces that were there when we switched forwarding on, or that
 * are hardware which came later. What came later and is made by software belongs to somebody who
 * may rely on forwarding. The guard goes by index, since udev may still be renaming interfaces at
 * boot. A comparison with the kind of an interface that has none ends the rule: so hardware never
 * returns by it.
 * postrouting: "home" is a connection to a published port from the network of its own target. It
 * must come back through the host, or the answer would bypass the translation. It is known by its
 * source and its outgoing interface, since a bridged packet has no incoming interface here.
 * stray: what conntrack does not know (a FIN after it forgot the connection), or was told not to
 * look at, passes the nat chains as it is: it must not leave with an address that is to be
 * translated.
 * unknown: the same on its way back (say, a segment outside the window), which still has the host's
 * address. The host's own stack would answer it with a reset, and the peer would end the connection
 * of a namespace. What the host has a socket for is its own.
 * 127.0.0.0/8 and ::1 are never published: without route_localnet, which opens the host's own
 * loopback to the namespaces, the kernel drops such packets. Nor is fe80::/10: what comes from a
 * link-local address is not forwarded. (169.254.0.0/16 is.)
 *
 * bridge, spoof: what comes from a port with AntiSpoof=yes has that port's own addresses, each as sender, in
 * ARP as in IP. An IPv4 probe (sender 0.0.0.0) and what IPv6 sends before an address is its own (sender ::)
 * pass for own addresses. What a neighbour advertisement is about is in its body, whoever sends it: hence
 * "target". Router advertisements are a router's, and nothing here has a tag of a VLAN, which would hide
 * what it is. The words are those in which nft(8) lists the rules: others for the same thing would load
 * as other rules. The chain stands before all others of bridges, br_netfilter's too.
 *
 * inside: what a link with Inbound= may begin. Replies pass by not being asked about, and so does neighbour
 * discovery, which conntrack does not track. */

#include "table.h"

#include <linux/netfilter.h>

#include "util.h"

#define K(...) \
        { __VA_ARGS__ }

const struct nft_table_info nft_tables[NFT_TABLES] = {
        [TABLE_INET] = { "inet", NFPROTO_INET, "table" },
        [TABLE_BRIDGE] = { "bridge", NFPROTO_BRIDGE, "table-bridge" },
        [TABLE_INSIDE] = { "inet", NFPROTO_INET, NULL },
};

const struct nft_set_info nft_sets[NFT_SETS] = {
        [SET_TO_NAMESPACES] = { "inside", K(PIECE_IIF), { 0 }, 0 },
        [SET_GUARDED4] = { "guarded4", K(PIECE_INDEX), { 0 }, 0 },
        [SET_GUARDED6] = { "guarded6", K(PIECE_INDEX), { 0 }, 0 },
        [SET_BRIDGED4] = { "bridged4", K(PIECE_INDEX, PIECE_INDEX), { 0 }, 0 },
        [SET_BRIDGED6] = { "bridged6", K(PIECE_INDEX, PIECE_INDEX), { 0 }, 0 },
        [SET_GUARDING] = { "guarding", K(PIECE_FAMILY), { 0 }, 0 },
        [SET_CLOSED] = { "closed", K(PIECE_IIF), { 0 }, 0 },
        [SET_MASQ4] = { "masq4", K(PIECE_SUBNET4), { 0 }, 1 },
        [SET_MASQ6] = { "masq6", K(PIECE_SUBNET6), { 0 }, 1 },
        [SET_HOME4] = { "home4", K(PIECE_SUBNET4, PIECE_OIF), { 0 }, 1 },
        [SET_HOME6] = { "home6", K(PIECE_SUBNET6, PIECE_OIF), { 0 }, 1 },
        [SET_SNAT4] = { "snat4", K(PIECE_SUBNET4), K(PIECE_TO4), 1 },
        [SET_SNAT6] = { "snat6", K(PIECE_SUBNET6), K(PIECE_TO6), 1 },
        [SET_PUBLISH4] = { "publish4", K(PIECE_PROTOCOL, PIECE_PORT), K(PIECE_TO4, PIECE_TO_PORT),
                           .counted = 1 },
        [SET_PUBLISH6] = { "publish6", K(PIECE_PROTOCOL, PIECE_PORT), K(PIECE_TO6, PIECE_TO_PORT),
                           .counted = 1 },
        [SET_PUBLISH4_AT] = { "publish4_at", K(PIECE_HOST4, PIECE_PROTOCOL, PIECE_PORT),
                              K(PIECE_TO4, PIECE_TO_PORT), .counted = 1 },
        [SET_PUBLISH6_AT] = { "publish6_at", K(PIECE_HOST6, PIECE_PROTOCOL, PIECE_PORT),
                              K(PIECE_TO6, PIECE_TO_PORT), .counted = 1 },
        [SET_PUBLISH4_RANGE] = { "publish4_range", K(PIECE_PROTOCOL, PIECE_PORT), K(PIECE_TO4), 1,
                                 .counted = 1 },
        [SET_PUBLISH6_RANGE] = { "publish6_range", K(PIECE_PROTOCOL, PIECE_PORT), K(PIECE_TO6), 1,
                                 .counted = 1 },
        [SET_LEAVE] = { "leave", K(PIECE_IIF), K(PIECE_VERDICT), 0 },
        [SET_ENTER] = { "enter", K(PIECE_OIF), K(PIECE_VERDICT), 0 },
        [SET_CROSS] = { "cross", K(PIECE_IIF, PIECE_OIF), K(PIECE_VERDICT), 0 },
        [SET_SEALED] = { "sealed", K(PIECE_IIF), { 0 }, 0 },
        [SET_WITHIN] = { "within", K(PIECE_IIF, PIECE_OIF), { 0 }, 0 },
        [SET_OUTBOUND] = { "outbound", K(PIECE_IIF, PIECE_OIF), { 0 }, 0 },
        [SET_HELD] = { "held", K(PIECE_IIF), { 0 }, 0, .table = TABLE_BRIDGE },
        [SET_PORT_MAC] = { "port_mac", K(PIECE_IIF, PIECE_MAC), { 0 }, 0, .table = TABLE_BRIDGE },
        [SET_PORT4] = { "port4", K(PIECE_IIF, PIECE_HOST4), { 0 }, 0, .table = TABLE_BRIDGE },
        [SET_PORT6] = { "port6", K(PIECE_IIF, PIECE_HOST6), { 0 }, 0, .table = TABLE_BRIDGE },
        [SET_TARGET6] = { "target6", K(PIECE_IIF, PIECE_TARGET6), { 0 }, 0, .table = TABLE_BRIDGE },
        [SET_FACING] = { "facing", K(PIECE_IIF), { 0 }, 0, .table = TABLE_INSIDE },
        [SET_OPEN] = { "open",
                       K(PIECE_IIF, PIECE_PROTOCOL, PIECE_PORT),
                       { 0 },
                       1,
                       .table = TABLE_INSIDE },
};

const struct nft_chain_info nft_chains[NFT_CHAINS] = {
        [CHAIN_PUBLISH] = { "publish", NULL, NULL, 0, 0 },
        [CHAIN_ROUTED] = { "routed", NULL, NULL, 0, 0 },
        [CHAIN_CONFINED] = { "confined", NULL, NULL, 0, 0 },
        [CHAIN_GUARD] = { "guard", NULL, NULL, 0, 0 },
        [CHAIN_SEALED] = { "sealed", NULL, NULL, 0, 0 },
        [CHAIN_STRAY] = { "stray", NULL, NULL, 0, 0 },
        [CHAIN_UNKNOWN] = { "unknown", NULL, NULL, 0, 0 },
        [CHAIN_PREROUTING] = { "prerouting", "nat", "prerouting", NF_INET_PRE_ROUTING, -100 },
        [CHAIN_OUTPUT] = { "output", "nat", "output", NF_INET_LOCAL_OUT, -100 },
        [CHAIN_POSTROUTING] = { "postrouting", "nat", "postrouting", NF_INET_POST_ROUTING, 100 },
        [CHAIN_INPUT] = { "input", "filter", "input", NF_INET_LOCAL_IN, 0 },
        [CHAIN_FORWARD] = { "forward", "filter", "forward", NF_INET_FORWARD, 0 },
        [CHAIN_TARGET] = { "target", NULL, NULL, 0, 0, TABLE_BRIDGE },
        [CHAIN_DISCOVERY] = { "discovery", NULL, NULL, 0, 0, TABLE_BRIDGE },
        [CHAIN_SPOOF] = { "spoof", NULL, NULL, 0, 0, TABLE_BRIDGE },
        [CHAIN_PORTS] = { "ports", "filter", "prerouting", NF_INET_PRE_ROUTING, -300,
                          TABLE_BRIDGE },
        [CHAIN_STRANGER] = { "stranger", NULL, NULL, 0, 0, TABLE_INSIDE },
        [CHAIN_INSIDE_INPUT] = { "input", "filter", "input", NF_INET_LOCAL_IN, 0, TABLE_INSIDE },
        [CHAIN_INSIDE_FORWARD] = { "forward", "filter", "forward", NF_INET_FORWARD, 0,
                                   TABLE_INSIDE },
};

const char nft_hardware_kinds[NFT_HARDWARE_KINDS][8] = { "bond", "dsa",  "ipoib", "rmnet",
                                                         "team", "vlan", "wwan" };

bool nft_is_hardware(const char *kind) {
        for (size_t i = 0; i < NFT_HARDWARE_KINDS; i++)
                if (streq(kind, nft_hardware_kinds[i]))
                        return true;
        return !kind[0];
}

#define HARDWARE "{ bond, dsa, ipoib, rmnet, team, vlan, wwan }"

const struct nft_rule_info nft_rules[] = {
        { CHAIN_PUBLISH, "ip daddr 127.0.0.0/8 return" },
        { CHAIN_PUBLISH, "ip6 daddr ::1 return" },
        { CHAIN_PUBLISH, "ip6 daddr fe80::/10 return" },
        { CHAIN_PUBLISH, "dnat ip to ip daddr . meta l4proto . th dport map @publish4_at" },
        { CHAIN_PUBLISH, "dnat ip6 to ip6 daddr . meta l4proto . th dport map @publish6_at" },
        { CHAIN_PUBLISH, "meta nfproto ipv4 dnat ip to meta l4proto . th dport map @publish4" },
        { CHAIN_PUBLISH, "meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @publish6" },
        { CHAIN_PUBLISH,
          "meta nfproto ipv4 dnat ip to meta l4proto . th dport map @publish4_range" },
        { CHAIN_PUBLISH,
          "meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @publish6_range" },
        { CHAIN_ROUTED, "iifname @inside drop" },
        { CHAIN_ROUTED, "accept" },
        { CHAIN_CONFINED, "iifname . oifname @outbound return" },
        { CHAIN_CONFINED, "drop" },
        { CHAIN_GUARD, "meta nfproto ipv4 iif . oif @bridged4 return" },
        { CHAIN_GUARD, "meta nfproto ipv6 iif . oif @bridged6 return" },
        { CHAIN_GUARD, "meta nfproto ipv4 iif != @guarded4 meta iifkind != " HARDWARE " return" },
        { CHAIN_GUARD, "meta nfproto ipv4 oif != @guarded4 meta oifkind != " HARDWARE " return" },
        { CHAIN_GUARD, "meta nfproto ipv6 iif != @guarded6 meta iifkind != " HARDWARE " return" },
        { CHAIN_GUARD, "meta nfproto ipv6 oif != @guarded6 meta oifkind != " HARDWARE " return" },
        { CHAIN_GUARD, "drop" },
        { CHAIN_SEALED, "iifname . oifname @within return" },
        { CHAIN_SEALED, "drop" },
        { CHAIN_STRAY, "oifname @inside return" },
        { CHAIN_STRAY, "ip saddr @masq4 drop" },
        { CHAIN_STRAY, "ip6 saddr @masq6 drop" },
        { CHAIN_UNKNOWN, "meta l4proto != tcp return" },
        { CHAIN_UNKNOWN, "socket transparent >= 0 return", NFT_NEEDS_SOCKET },
        { CHAIN_UNKNOWN, "drop" },
        { CHAIN_PREROUTING, "fib daddr type local jump publish", NFT_NEEDS_FIB },
        { CHAIN_OUTPUT, "fib daddr type local jump publish", NFT_NEEDS_FIB },
        { CHAIN_POSTROUTING, "ct status dnat ip saddr . oifname @home4 masquerade" },
        { CHAIN_POSTROUTING, "ct status dnat ip6 saddr . oifname @home6 masquerade" },
        { CHAIN_POSTROUTING, "oifname @inside accept" },
        { CHAIN_POSTROUTING, "snat ip to ip saddr map @snat4" },
        { CHAIN_POSTROUTING, "snat ip6 to ip6 saddr map @snat6" },
        { CHAIN_POSTROUTING, "ip saddr @masq4 masquerade" },
        { CHAIN_POSTROUTING, "ip6 saddr @masq6 masquerade" },
        { CHAIN_INPUT, "iifname @closed ct state new drop" },
        { CHAIN_INPUT, "ct state invalid jump unknown", NFT_NEEDS_SOCKET },
        { CHAIN_FORWARD, "ct state vmap { invalid : jump stray, established : accept, "
                         "related : accept, untracked : jump stray }" },
        { CHAIN_FORWARD, "iifname @sealed jump sealed" },
        { CHAIN_FORWARD, "ct status dnat accept" },
        { CHAIN_FORWARD, "iifname . oifname vmap @cross" },
        { CHAIN_FORWARD, "iifname vmap @leave" },
        { CHAIN_FORWARD, "oifname vmap @enter" },
        { CHAIN_FORWARD, "meta nfproto @guarding jump guard" },
        { CHAIN_TARGET, "iifname . @th,64,128 != @target6 drop" },
        { CHAIN_DISCOVERY, "icmpv6 type nd-router-advert drop" },
        { CHAIN_DISCOVERY, "icmpv6 type nd-neighbor-advert jump target" },
        { CHAIN_DISCOVERY, "ip6 saddr :: icmpv6 type nd-neighbor-solicit jump target" },
        { CHAIN_SPOOF, "iifname . ether saddr != @port_mac drop" },
        { CHAIN_SPOOF, "ether type 8021q drop" },
        { CHAIN_SPOOF, "ether type 8021ad drop" },
        { CHAIN_SPOOF, "iifname . ip saddr @port4 accept" },
        { CHAIN_SPOOF, "iifname . arp saddr ether != @port_mac drop" },
        { CHAIN_SPOOF, "iifname . arp saddr ip @port4 accept" },
        { CHAIN_SPOOF, "arp saddr ip 0.0.0.0 iifname . arp daddr ip @port4 accept" },
        { CHAIN_SPOOF, "meta l4proto icmpv6 jump discovery" },
        { CHAIN_SPOOF, "iifname . ip6 saddr @port6 accept" },
        { CHAIN_SPOOF, "ip6 saddr :: icmpv6 type nd-neighbor-solicit accept" },
        { CHAIN_SPOOF, "ip6 saddr :: icmpv6 type mld2-listener-report accept" },
        { CHAIN_SPOOF, "drop" },
        { CHAIN_PORTS, "iifname @held jump spoof" },
        { CHAIN_STRANGER, "iifname . meta l4proto . th dport @open accept" },
        { CHAIN_STRANGER, "meta l4proto icmp accept" },
        { CHAIN_STRANGER, "meta l4proto icmpv6 accept" },
        { CHAIN_STRANGER, "drop" },
        { CHAIN_INSIDE_INPUT, "iifname @facing ct state invalid,new jump stranger" },
        { CHAIN_INSIDE_FORWARD, "ct status dnat accept" },
        { CHAIN_INSIDE_FORWARD, "iifname @facing ct state invalid,new drop" },
};
const size_t nft_n_rules = sizeof nft_rules / sizeof nft_rules[0];

static uint64_t sum_text(uint64_t sum, const char *text) {
        return text ? hash_bytes(sum, text, strlen(text) + 1) : sum;
}

const char *nft_verdict_chain(uint8_t verdict) {
        switch (verdict) {
        case VERDICT_ROUTED: return nft_chains[CHAIN_ROUTED].name;
        case VERDICT_CONFINED: return nft_chains[CHAIN_CONFINED].name;
        default: return NULL;
        }
}

bool nft_is_typeof(const struct nft_set_info *s) {
        for (size_t i = 0; i < PIECES_MAX; i++)
                if (s->key[i] == PIECE_TARGET6)
                        return true;
        return false;
}

static uint64_t sum_set(uint64_t sum, const struct nft_set_info *s) {
        sum = sum_text(sum, s->name);
        sum = hash_bytes(sum, s->key, sizeof s->key);
        sum = hash_bytes(sum, s->data, sizeof s->data);
        sum = hash_bytes(sum, &s->interval, sizeof s->interval);
        return hash_bytes(sum, &s->counted, sizeof s->counted);
}

void table_shape(enum nft_table table, unsigned lacking, char ret_name[static NFT_SHAPE_MAX]) {
        uint64_t sum = FNV_BASIS;

        for (size_t i = 0; i < NFT_SETS; i++)
                if (nft_sets[i].table == table)
                        sum = sum_set(sum, &nft_sets[i]);
        for (size_t i = 0; i < NFT_CHAINS; i++) {
                if (nft_chains[i].table != table)
                        continue;
                sum = sum_text(sum, nft_chains[i].name);
                sum = hash_bytes(sum, &nft_chains[i].priority, sizeof nft_chains[i].priority);
        }
        for (size_t i = 0; i < nft_n_rules; i++) {
                if (nft_chains[nft_rules[i].chain].table != table || nft_rules[i].needs & lacking)
                        continue;
                sum = hash_bytes(sum, &nft_rules[i].chain, sizeof nft_rules[i].chain);
                sum = sum_text(sum, nft_rules[i].text);
        }
        snprintf(ret_name, NFT_SHAPE_MAX, NFT_SHAPE_PREFIX "%08x", (unsigned)(sum ^ sum >> 32));
}
