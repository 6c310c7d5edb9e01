/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what one file may not say as a whole: values that are right one by one and wrong together.
 * Everything that is wrong is told, not only the first. The rules for namespaces are in
 * verify-namespace.c. */

#include "verify.h"

#include <errno.h>
#include <sys/socket.h>

#include "util.h"
#include "verify-internal.h"
#include "vlan-set.h"

static void check_snat(struct check *c, const struct bridge *b) {
        unsigned seen = FAMILY_NONE, there = families_of(&b->addresses);

        list_foreach (s, &b->snat) {
                enum families family = family_bit(s->address.family);

                if (!(family & there))
                        wrong(c, &s->origin, "SNATAddress",
                              "the bridge has no %s address whose subnet it could be for",
                              family_name(family));
                if (family & seen)
                        wrong(c, &s->origin, "SNATAddress", "there is already one for %s",
                              family_name(family));
                seen |= family;
        }
}

static void check_internal(struct check *c, const struct bridge *b) {
        const struct origin *at = &c->v->origin;

        if (!b->internal)
                return;
        if (b->masquerade)
                wrong(c, at, "IPMasquerade", "makes no sense with Internal=yes");
        if (b->snat.n)
                wrong(c, &b->snat.items[0].origin, "SNATAddress",
                      "makes no sense with Internal=yes");
        if (b->inbound_any)
                wrong(c, at, "Inbound", "'any' makes no sense with Internal=yes");
        if (b->allow_from.n)
                wrong(c, &b->allow_from.items[0].origin, "AllowFrom",
                      "makes no sense with Internal=yes");
        if (b->uplinks.n)
                wrong(c, &b->uplinks.items[0].origin, "Uplink", "makes no sense with Internal=yes");
}

static void check_uplinks(struct check *c, const struct bridge *b) {
        char parent[IFNAMSIZ];
        uint16_t id;

        list_foreach (u, &b->uplinks) {
                check_not_loopback(c, &u->origin, "Uplink", u->text);
                if (streq(u->text, b->name))
                        wrong(c, &u->origin, "Uplink", "'%s' is this bridge itself", u->text);
                if (vlan_of_name(u->text, parent, &id) && streq(parent, b->name))
                        wrong(c, &u->origin, "Uplink", "'%s' would stand on this bridge itself",
                              u->text);
                for (const struct text *other = b->uplinks.items; other < u; other++)
                        if (streq(other->text, u->text))
                                wrong(c, &u->origin, "Uplink", "'%s' is already named at %s:%u",
                                      u->text, other->origin.path, other->origin.line);
        }
}

static void check_uplink_vlans(struct check *c, const struct bridge *b) {
        const struct origin *at = b->uplink_vlans.n ? &b->uplink_vlans.items[0].origin : NULL;

        if (!at)
                return;
        if (!b->uplinks.n)
                wrong(c, at, "UplinkVLAN", "there is no Uplink= that they could pass");
        if (b->settings.vlan_filtering != YES)
                wrong(c, at, "UplinkVLAN",
                      "without VLANFiltering=yes the bridge does not look at VLANs");
        if (b->uplink_vlans.n > VLAN_RANGES)
                wrong(c, at, "UplinkVLAN", "has more than %d ranges", VLAN_RANGES);
}

static void check_proxy_ndp(struct check *c, const struct bridge *b) {
        const struct origin *at = &b->proxy_ndp_origin;

        if (!b->proxy_ndp[0])
                return;
        check_not_loopback(c, at, "IPv6ProxyNDP", b->proxy_ndp);
        if (!(families_of(&b->addresses) & FAMILY_IPV6))
                wrong(c, at, "IPv6ProxyNDP",
                      "the bridge has no IPv6 address whose subnet it could be for");
        if (b->internal)
                wrong(c, at, "IPv6ProxyNDP", "makes no sense with Internal=yes");
        if (streq(b->proxy_ndp, b->name))
                wrong(c, at, "IPv6ProxyNDP", "'%s' is this bridge itself", b->name);
        list_foreach (u, &b->uplinks)
                if (streq(u->text, b->proxy_ndp))
                        wrong(c, at, "IPv6ProxyNDP",
                              "'%s' is an uplink of the bridge, so its namespaces answer there themselves, at %s:%u",
                              u->text, u->origin.path, u->origin.line);
}

static void check_outbound(struct check *c, const struct bridge *b) {
        if (b->internal && (b->no_outbound || b->outbound.n))
                wrong(c, b->outbound.n ? &b->outbound.items[0].origin : &c->v->origin, "Outbound",
                      "makes no sense with Internal=yes");
        list_foreach (to, &b->outbound)
                if (streq(to->text, "any") || streq(to->text, "no"))
                        wrong(c, &to->origin, "Outbound", "'%s' goes alone", to->text);
                else if (streq(to->text, b->name))
                        wrong(c, &to->origin, "Outbound", "'%s' is this bridge itself", to->text);
}

static void check_bridge(struct check *c) {
        const struct bridge *b = &c->v->bridge;

        check_not_loopback(c, &c->v->origin, "Name", b->name);
        list_foreach (a, &b->addresses) {
                if (a->peer.family)
                        wrong(c, &a->origin, "Address",
                              "the address of a bridge cannot have a peer");
                for (const struct ip_address *other = b->addresses.items; other < a; other++)
                        if (address_equal(&a->prefix.address, &other->prefix.address))
                                wrong(c, &a->origin, "Address", "is the same as at %s:%u",
                                      other->origin.path, other->origin.line);
        }
        check_mtu(c, &c->v->origin, b->mtu, families_of(&b->addresses));
        check_masquerade(c, &c->v->origin, b->masquerade, families_of(&b->addresses));
        check_snat(c, b);
        check_internal(c, b);
        check_uplinks(c, b);
        check_uplink_vlans(c, b);
        check_proxy_ndp(c, b);
        check_outbound(c, b);
        list_foreach (from, &b->allow_from)
                if (streq(from->text, b->name))
                        wrong(c, &from->origin, "AllowFrom", "'%s' is this bridge itself",
                              from->text);
}

int verify_vnet(struct vnet *v, struct diags *d) {
        struct check c = { .v = v, .d = d };
        int r = 0;

        if (v->subject == SUBJECT_BRIDGE)
                check_bridge(&c);
        else
                r = check_namespace(&c);
        return r < 0 ? r : c.failed ? -EINVAL : 0;
}

/* Nothing would be kept apart, or the host would be. */
static void check_port_vlan(struct check *c, const struct link *l, const struct vnet *bridge) {
        const struct publish *p = c->v->ns.publish.items;
        const struct origin *at = l->vlan_trunk.n ? &l->vlan_trunk.items[0].origin
                                                  : &l->vlan_origin;

        if (!l->vlan && !l->vlan_trunk.n)
                return;
        if (bridge->bridge.settings.vlan_filtering != YES)
                wrong(c, at, l->vlan_trunk.n ? "VLANTrunk" : "VLAN",
                      "the bridge '%s' has no VLANFiltering=yes, at %s:%u", bridge->bridge.name,
                      bridge->origin.path, bridge->origin.line);
        else if (p && l == facing_link(c->v) && l->vlan != bridge_pvid(&bridge->bridge))
                wrong(c, &p->origin, "PublishPort",
                      "the link at %s:%u is in another VLAN than the host, whose is DefaultPVID= of the "
                      "bridge '%s' at %s:%u",
                      l->origin.path, l->origin.line, bridge->bridge.name, bridge->origin.path,
                      bridge->origin.line);
}

int verify_pair(struct vnet *ns, const struct link *l, const struct vnet *bridge, struct diags *d) {
        struct check c = { .v = ns, .d = d };
        const struct publish *p = ns->ns.publish.items;

        if (bridge->bridge.internal && ns->ns.publish.n && l == facing_link(ns))
                wrong(&c, &p->origin, "PublishPort", "the bridge '%s' has Internal=yes, at %s:%u",
                      bridge->bridge.name, bridge->origin.path, bridge->origin.line);
        check_port_vlan(&c, l, bridge);
        if (!l->settings.mtu) {
                check_mtu(&c, &l->bridge_origin, bridge->bridge.mtu, families_of(&l->addresses));
                c.failed |= !verify_bursts(l, bridge->bridge.mtu ?: MTU_NORMAL, d);
        }
        list_foreach (a, &l->addresses)
                list_foreach (other, &bridge->bridge.addresses) {
                        char text[ADDRESS_MAX];

                        if (address_equal(&a->prefix.address, &other->prefix.address))
                                wrong(&c, &a->origin, "Address",
                                      "%s is the address of the bridge, at %s:%u",
                                      address_print(&a->prefix.address, text), other->origin.path,
                                      other->origin.line);
                }
        return c.failed ? -EINVAL : 0;
}
