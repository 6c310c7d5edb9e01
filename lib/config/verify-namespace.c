/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what the file of a namespace may not say as a whole, although each of its values is right.
 * Its routes are checked in verify-routes.c. */

#include <errno.h>
#include <sys/socket.h>

#include "early-units.h"
#include "schema.h"
#include "util.h"
#include "value.h"
#include "verify-internal.h"
#include "vlan-set.h"

/* --- addresses --- */

/* Link-local addresses may be the same on different links, and any on links of different vrfs; all others are one host's. */
static void check_same_address(struct check *c, const struct link *l, const struct ip_address *a,
                               const char *key) {
        const struct address *address = &a->prefix.address;

        list_foreach (other, &c->v->ns.links) {
                bool before = other < l || (other == l && !streq(key, "Address"));

                if (other > l || (other != l && is_link_local(address)) ||
                    link_table(c->v, other) != link_table(c->v, l))
                        continue;
                list_foreach (b, &other->addresses)
                        if ((before || b < a) && b != a &&
                            address_equal(address, &b->prefix.address))
                                wrong(c, &a->origin, key, "is the same as at %s:%u", b->origin.path,
                                      b->origin.line);
        }
        if (streq(key, "HostAddress"))
                for (const struct ip_address *b = l->host_addresses.items; b < a; b++)
                        if (address_equal(address, &b->prefix.address))
                                wrong(c, &a->origin, key, "is the same as at %s:%u", b->origin.path,
                                      b->origin.line);
}

/* The kernel gives lo its own, and no other interface takes that of IPv6. */
static void check_loopback_address(struct check *c, const struct link *l,
                                   const struct ip_address *a) {
        bool v6 = a->prefix.address.family == AF_INET6;
        static const uint8_t one[4] = { 127, 0, 0, 1 };

        if (!address_is_loopback(&a->prefix.address))
                return;
        if (link_kinds[l->kind]->birth != BORN_BY_KERNEL && v6)
                wrong(c, &a->origin, "Address", "'::1' is for the loopback interface");
        else if (link_kinds[l->kind]->birth == BORN_BY_KERNEL &&
                 (v6 || (a->prefix.length == 8 && memcmp(a->prefix.address.bytes, one, 4) == 0)))
                wrong(c, &a->origin, "Address", "the loopback interface has it anyway");
}

/* A bridge forwards by them. */
static void check_macs(struct check *c, const struct link *l) {
        if (mac_equal(&l->mac, &l->host_mac))
                wrong(c, &l->origin, "HostMACAddress", "is also the MACAddress= inside");
        for (const struct link *b = c->v->ns.links.items; b < l && l->bridge[0]; b++)
                if (streq(b->bridge, l->bridge) &&
                    (mac_equal(&l->mac, &b->mac) || mac_equal(&l->mac, &b->host_mac) ||
                     mac_equal(&l->host_mac, &b->mac) || mac_equal(&l->host_mac, &b->host_mac)))
                        wrong(c, &l->origin, "MACAddress",
                              "is also on the same bridge by the link at %s:%u", b->origin.path,
                              b->origin.line);
}

/* Is it a setting of an interface that the namespace will not have? Those of tunnels may come by
 * themselves. */
static bool is_of_no_link(const struct vnet *v, const char *key, char ret[64]) {
        static const char *const others[] = { "all",     "default", "lo",      "tunl0",
                                              "gre0",    "gretap0", "sit0",    "erspan0",
                                              "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0" };

        if (!sysctl_interface(key, ret))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (streq(ret, others[i]))
                        return false;
        list_foreach (l, &v->ns.links)
                if (streq(ret, l->name))
                        return false;
        return true;
}

static void check_sysctls(struct check *c) {
        char name[64];

        list_foreach (s, &c->v->ns.sysctls)
                if (is_of_no_link(c->v, s->key, name))
                        wrong(c, &s->origin, "Sysctl", "there is no link '%s'", name);
}

/* --- the outer end --- */

/* Both would be the sources of one rule. */
static void check_masqueraded(struct check *c, const struct link *l) {
        for (const struct link *other = c->v->ns.links.items; other < l; other++)
                list_foreach (a, &l->addresses)
                        list_foreach (b, &other->addresses)
                                if (!other->bridge[0] &&
                                    other->masquerade & l->masquerade &
                                            family_bit(a->prefix.address.family) &&
                                    prefix_overlap(&a->prefix, &b->prefix))
                                        wrong(c, &a->origin, "Address",
                                              "its network overlaps with that at %s:%u, which is "
                                              "masqueraded too",
                                              b->origin.path, b->origin.line);
}

static void check_anti_spoof(struct check *c, const struct link *l) {
        const struct origin *at = &l->anti_spoof_origin;

        if (!l->bridge[0])
                wrong(c, at, "AntiSpoof", "is only for a link with Bridge=");
        if (l->accept_ra)
                wrong(c, at, "AntiSpoof",
                      "does not go with IPv6AcceptRA=yes: the addresses that a router hands out are not known");
        if (l->master[0])
                wrong(c, at, "AntiSpoof",
                      "does not go with Master=: what comes by way of '%s' has other addresses",
                      l->master);
}

static void check_vlans(struct check *c, const struct link *l) {
        const struct vlan_range *trunk = l->vlan_trunk.items;

        if (!l->bridge[0])
                wrong(c, trunk ? &trunk->origin : &l->vlan_origin, trunk ? "VLANTrunk" : "VLAN",
                      "is only for a link with Bridge=");
        if (l->vlan_trunk.n > VLAN_RANGES)
                wrong(c, &trunk->origin, "VLANTrunk", "has more than %d ranges", VLAN_RANGES);
        if (trunk && l->anti_spoof)
                wrong(c, &trunk->origin, "VLANTrunk",
                      "does not go with AntiSpoof=, which lets no frame with a tag pass");
        list_foreach (range, &l->vlan_trunk)
                if (l->vlan && l->vlan >= range->first && l->vlan <= range->last)
                        wrong(c, &range->origin, "VLANTrunk",
                              "%u is VLAN= at %s:%u, of which frames have no tag", l->vlan,
                              l->vlan_origin.path, l->vlan_origin.line);
}

static void check_bridge_port(struct check *c, const struct link *l) {
        if (l->vlan || l->vlan_trunk.n)
                check_vlans(c, l);
        if (l->anti_spoof)
                check_anti_spoof(c, l);
        if (l->bridge[0]) {
                check_not_loopback(c, &l->bridge_origin, "Bridge", l->bridge);
                if (l->host_addresses.n)
                        wrong(c, &l->host_addresses.items[0].origin, "HostAddress",
                              "is only for a link without Bridge=");
                if (l->masquerade)
                        wrong(c, &l->origin, "IPMasquerade",
                              "is only for a link without Bridge=; set it in the [Bridge] file instead");
                return;
        }
        if (l->port.hairpin)
                wrong(c, &l->origin, "HairPin", "is only for a link with Bridge=");
        if (l->port.isolated == YES)
                wrong(c, &l->origin, "Isolated", "is only for a link with Bridge=");
        check_masquerade(c, &l->origin, l->masquerade, families_of(&l->addresses));
        check_masqueraded(c, l);
}

static const struct origin *host_name_place(const struct link *l) {
        return l->host_name_origin.line ? &l->host_name_origin : &l->origin;
}

static int check_host_names(struct check *c) {
        struct {
                char text[IFNAMSIZ];
        } * names;
        size_t n = c->v->ns.links.n;
        int r = 0;

        names = pool_alloc(&c->v->pool, n * sizeof *names + 1);
        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const struct link *l = &c->v->ns.links.items[i];
                const char *full;

                if (!link_faces_host(l))
                        continue;
                r = link_host_name(c->v, l, names[i].text, &full);
                if (r < 0)
                        return r;
                check_not_loopback(c, host_name_place(l), "HostName", names[i].text);
                if (streq(names[i].text, l->bridge))
                        wrong(c, host_name_place(l), "HostName", "'%s' is the bridge", l->bridge);
                for (size_t k = 0; k < i; k++)
                        if (streq(names[k].text, names[i].text))
                                wrong(c, host_name_place(l), "HostName",
                                      "'%s' is also the outer end of link '%s'", names[i].text,
                                      c->v->ns.links.items[k].name);
        }
        return 0;
}

/* --- published ports --- */

static bool hosts_overlap(const struct publish *a, const struct publish *b) {
        static const uint8_t zero[16];
        bool a_all = memcmp(a->host.bytes, zero, sizeof zero) == 0;
        bool b_all = memcmp(b->host.bytes, zero, sizeof zero) == 0;

        /* Without an address it is both families; one address goes before all of them. */
        if (a_all && b_all)
                return !a->host.family || !b->host.family || a->host.family == b->host.family;
        return address_equal(&a->host, &b->host);
}

static void check_publish(struct check *c) {
        enum families there = FAMILY_NONE;

        list_foreach (l, &c->v->ns.links)
                if (link_faces_host(l))
                        there |= families_of(&l->addresses);
        list_foreach (p, &c->v->ns.publish) {
                enum families family = p->host.family ? family_bit(p->host.family) : FAMILY_BOTH;

                if (!(family & there))
                        wrong(c, &p->origin, "PublishPort", "no link to the host has an %s address",
                              family_name(family));
                for (const struct publish *b = c->v->ns.publish.items; b < p; b++)
                        if (p->protocol == b->protocol && hosts_overlap(p, b) &&
                            p->host_port < b->host_port + b->count &&
                            b->host_port < p->host_port + p->count)
                                wrong(c, &p->origin, "PublishPort",
                                      "host port %u is also published at %s:%u",
                                      p->host_port > b->host_port ? p->host_port : b->host_port,
                                      b->origin.path, b->origin.line);
        }
}

/* --- services --- */

static void check_services(struct check *c) {
        list_foreach (s, &c->v->ns.services)
                if (unit_is_before_networks(s->text))
                        wrong(c, &s->origin, "Services",
                              "'%s' is started before all networks, so it cannot run in one",
                              s->text);
}

/* --- interfaces of the host --- */

/* --- cables --- */

/* What can be said of a cable without the other file. */
static void check_cable(struct check *c, const struct link *l) {
        const char *partner = link_partner(l);

        if (partner && streq(partner, c->v->name))
                wrong(c, l->peer_network ? &l->peer_network_origin : &l->parent_network_origin,
                      l->peer_network ? "PeerNamespace" : "ParentNamespace",
                      "'%s' is this network itself", partner);
        if (l->peer_network && !l->peer_name[0])
                wrong(c, &l->peer_network_origin, "PeerNamespace", "needs PeerName=");
        if (l->peer_name[0] && !l->peer_network)
                wrong(c, &l->peer_name_origin, "PeerName", "needs PeerNamespace=");
        if (l->peer_name[0])
                check_not_loopback(c, &l->peer_name_origin, "PeerName", l->peer_name);
        if (!l->peer_network)
                return;
        if (l->bridge[0])
                wrong(c, &l->bridge_origin, "Bridge", "does not go with PeerNamespace=");
        if (l->host_name[0])
                wrong(c, &l->host_name_origin, "HostName",
                      "does not go with PeerNamespace=; the other end's name is PeerName=");
        if (l->masquerade)
                wrong(c, &l->origin, "IPMasquerade", "does not go with PeerNamespace=");
        if (l->port.hairpin || l->port.isolated)
                wrong(c, &l->origin, l->port.hairpin ? "HairPin" : "Isolated",
                      "is only for a link with Bridge=");
}

int check_namespace(struct check *c) {
        int r;

        list_foreach (l, &c->v->ns.links) {
                enum families families = families_of(&l->addresses);

                list_foreach (a, &l->addresses) {
                        check_same_address(c, l, a, "Address");
                        check_loopback_address(c, l, a);
                }
                check_macs(c, l);
                list_foreach (a, &l->host_addresses)
                        check_same_address(c, l, a, "HostAddress");
                check_mtu(c, &l->origin, l->settings.mtu,
                          families | families_of(&l->host_addresses) |
                                  (l->accept_ra ? FAMILY_IPV6 : FAMILY_NONE));
                check_gateways(c, l);
                check_rates(c, l);
                check_kind(c, l);
                check_cable(c, l);
                check_wireguard(c, l);
                if (l->master[0] && (l->no_inbound || l->inbound.n))
                        wrong(c, l->inbound.n ? &l->inbound.items[0].origin : &l->origin, "Inbound",
                              "belongs on the link '%s', by which packets come in", l->master);
                if (link_faces_host(l))
                        check_bridge_port(c, l);
        }
        check_publish(c);
        check_services(c);
        check_sysctls(c);
        r = check_routes(c);
        return r < 0 ? r : check_host_names(c);
}
