/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes a plan of a model, in the order that the kernel needs: first what stands on the host, then
 * everything inside, so that each network namespace gets its messages in one go; then the filters;
 * and forwarding only when they stand. */

#include "build.h"

#include <errno.h>
#include <sys/socket.h>

#include "build-parts.h"
#include "util.h"

struct bridge_facts facts_of_bridge(const struct vnet *bridge) {
        struct bridge_facts f = { .ours = true, .mtu = bridge->bridge.mtu };

        f.pvid = bridge_pvid(&bridge->bridge);
        f.lets_nothing_out = bridge_lets_nothing_out(&bridge->bridge);
        f.addresses.items = bridge->bridge.addresses.items;
        f.addresses.n = bridge->bridge.addresses.n;
        memcpy(f.proxy_ndp, bridge->bridge.proxy_ndp, sizeof f.proxy_ndp);
        return f;
}

struct partner_facts facts_of_partner(const struct vnet *v, const struct link *l,
                                      const struct vnet *partner) {
        const struct link *other = link_other_end(v, l, partner);
        struct partner_facts f = { .netns = partner->ns.name, .has_other_end = other };

        if (other)
                f.mac = other->mac;
        return f;
}

/* Last: the filters stand before somebody outside is on the bridge. */
static void build_uplinks(struct builder *b) {
        list_foreach (u, &b->v->bridge.uplinks) {
                struct op *op;

                build_host_vlan(b, u->text, &u->origin);
                op = add(b, OP_UPLINK, PLACE_HOST, &u->origin);

                set_ifname(op->uplink.device, u->text);
                set_ifname(op->uplink.master, b->v->bridge.name);
                build_uplink_vlans(b, op);
        }
}

static struct mac bridge_mac(const struct builder *b) {
        const struct bridge *br = &b->v->bridge;

        return br->mac.set ? br->mac : derive_mac(b->facts->machine_id, b->v->name, "bridge");
}

static void build_bridge(struct builder *b) {
        const struct bridge *br = &b->v->bridge;
        const struct origin *at = &b->v->origin;
        struct op *op;

        /* first: udev comes as soon as the bridge is there */
        add_sysctl_file(b, at, br->name, bridge_forwards(br));
        op = add_device(b, KIND_BRIDGE, PLACE_HOST, at, br->name);
        op->device.mac = bridge_mac(b);
        add_mark(b, PLACE_HOST, br->name, NULL, at);
        op = add(b, OP_BRIDGE_SET, PLACE_HOST, at);
        set_ifname(op->bridge_set.device, br->name);
        op->bridge_set.settings = br->settings;
        drop_unset(b, op);
        add_outer_settings(b, at, br->name, br->mtu);
        op = add(b, OP_INET6, PLACE_HOST, at);
        set_ifname(op->inet6.device, br->name);
        op->inet6.mode = lacks_inet6(br->mtu)
                                 ? INET6_ABSENT
                                 : inet6_mode_of(families_of(&br->addresses), false, false);
        op = add(b, OP_UP, PLACE_HOST, at);
        set_ifname(op->up.device, br->name);
        build_addresses(b, PLACE_HOST, br->name, &br->addresses, false, 0);
        build_bridge_nft(b);
        if (br->proxy_ndp[0]) {
                op = add(b, OP_PROXY_NDP, PLACE_HOST, &br->proxy_ndp_origin);
                set_ifname(op->proxy_ndp.device, br->proxy_ndp);
        }
        build_uplinks(b);
        if (br->addresses.n) {
                op = add(b, OP_ANNOUNCE, PLACE_HOST, at);
                set_ifname(op->announce.device, br->name);
                op->announce.mac = bridge_mac(b);
        }
}

static void add_sysctl(struct builder *b, const struct origin *at, const char *key,
                       const char *value) {
        struct op *op = add(b, OP_SYSCTL, PLACE_OWN, at);

        op->sysctl.key = pool_strdup(&b->p->pool, key);
        op->sysctl.value = pool_strdup(&b->p->pool, value);
        if (!op->sysctl.key || !op->sysctl.value)
                b->failed = true;
}

static void build_forwarding_inside(struct builder *b) {
        const struct namespace *ns = &b->v->ns;

        if (ns->forward4)
                add_sysctl(b, &b->v->origin, "net/ipv4/ip_forward", "1");
        if (!ns->forward6)
                return;
        add_sysctl(b, &b->v->origin, "net/ipv6/conf/all/forwarding", "1");
        /* The kernel takes a router for one that needs no other: with 1 it would not listen to them. */
        list_foreach (l, &ns->links)
                if (l->accept_ra) {
                        char key[sizeof "net/ipv6/conf//accept_ra" + IFNAMSIZ];

                        snprintf(key, sizeof key, "net/ipv6/conf/%s/accept_ra", l->name);
                        add_sysctl(b, &l->origin, key, "2");
                }
}

/* Once the namespace is there to be spoken to. */
static void build_proxies(struct builder *b) {
        const struct bridge_facts *bridge = b->facts->bridges;

        list_foreach (l, &b->v->ns.links) {
                list_foreach (a, &l->addresses) {
                        struct op *op;

                        if (!bridge->proxy_ndp[0] || a->prefix.address.family != AF_INET6 ||
                            is_link_local(&a->prefix.address))
                                continue;
                        op = add(b, OP_PROXY, PLACE_HOST, &a->origin);
                        op->proxy.address = a->prefix.address;
                        set_ifname(op->proxy.device, bridge->proxy_ndp);
                }
                bridge++;
        }
}

static void build_namespace(struct builder *b) {
        const struct namespace *ns = &b->v->ns;
        struct op *op = add(b, OP_NETNS, PLACE_HOST, &b->v->origin);

        b->p->netns = op->netns.name = pool_strdup(&b->p->pool, ns->name);
        if (!b->p->netns)
                b->failed = true;
        list_foreach (l, &ns->links)
                if (!l->bridge[0])
                        build_host_vlan(b, link_base(l), &l->parent_origin);
        build_peers(b);
        build_devices(b, PLACE_HOST);
        list_foreach (l, &ns->links)
                if (link_faces_host(l))
                        build_outer_end(b, l);
        build_devices(b, PLACE_PEER);
        list_foreach (l, &ns->links)
                if (l->peer_network)
                        build_far_end(b, l);
        add_mark(b, PLACE_OWN, "lo", NULL, &b->v->origin);
        build_devices(b, PLACE_OWN);
        list_foreach (l, &ns->links)
                build_inner_mode(b, l);
        build_inbound(b);
        build_forwarding_inside(b);
        list_foreach (s, &ns->sysctls)
                add_sysctl(b, &s->origin, s->key, s->value);

        build_memberships(b);
        op = add(b, OP_UP, PLACE_OWN, &b->v->origin);
        set_ifname(op->up.device, "lo");
        list_foreach (l, &ns->links)
                build_inner(b, l);
        build_ways(b);
        build_spoof(b);
        build_namespace_nft(b);
        build_proxies(b);
}

int plan_build(struct vnet *v, const struct facts *facts, struct plan **ret, struct diags *d) {
        _cleanup_plan_ struct plan *p = plan_new(v->name);
        struct builder b = { .v = v, .facts = facts, .p = p, .d = d };

        if (!p)
                return -ENOMEM;
        if (v->subject == SUBJECT_BRIDGE)
                build_bridge(&b);
        else
                build_namespace(&b);
        if (b.failed)
                return -ENOMEM;
        if (b.refused)
                return -EINVAL;
        *ret = TAKE_PTR(p);
        return 0;
}
