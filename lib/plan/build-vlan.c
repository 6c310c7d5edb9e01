/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns VLAN= and VLANTrunk= into the one operation that says in which VLANs a port is: in those, and in no
 * other, so that what the bridge gives to every port goes. An uplink has them in its own, as it must not be switched on
 * before it is in the right ones. */

#include "build-parts.h"
#include "util.h"
#include "vlan-set.h"

/* NULL without memory. */
static const char *text_of(struct builder *b, const struct vlan_set *set) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        const char *copy;

        if (f)
                vlan_set_print(set, f);
        copy = f && fclose(f) == 0 ? pool_strdup(&b->p->pool, text) : NULL;
        b->failed |= !copy;
        return copy;
}

void build_uplink_vlans(struct builder *b, struct op *op) {
        const struct bridge *br = &b->v->bridge;
        uint16_t pvid = bridge_pvid(br);
        struct vlan_set set = { 0 };

        if (br->settings.vlan_filtering != YES)
                return;
        list_foreach (range, &br->uplink_vlans)
                vlan_set_add(&set, range->first, range->last);
        if (!br->uplink_vlans.n)
                vlan_set_add(&set, VLAN_MIN, VLAN_MAX);
        if (vlan_set_has(&set, pvid)) {
                op->uplink.pvid = pvid;
                vlan_set_remove(&set, pvid);
        }
        op->uplink.tagged = text_of(b, &set);
}

void build_vlans(struct builder *b, const struct link *l, const char *port) {
        struct vlan_set set = { 0 };
        struct op *op;

        if (!l->vlan && !l->vlan_trunk.n)
                return;
        op = add(b, OP_PORT_VLAN, PLACE_HOST, &l->vlan_origin);
        if (l->vlan_trunk.n)
                op->origin = l->vlan_trunk.items[0].origin;
        set_ifname(op->port_vlan.device, port);
        set_ifname(op->port_vlan.bridge, l->bridge);
        op->port_vlan.pvid = l->vlan;
        list_foreach (range, &l->vlan_trunk)
                vlan_set_add(&set, range->first, range->last);
        op->port_vlan.tagged = text_of(b, &set);
}

void build_host_vlan(struct builder *b, const char *name, const struct origin *at) {
        char parent[IFNAMSIZ];
        struct op *op;
        uint16_t id;

        if (!vlan_of_name(name, parent, &id) || plan_makes_vlan(b->p, name))
                return;
        op = add(b, OP_HOST_VLAN, PLACE_HOST, at);
        set_ifname(op->host_vlan.device, name);
        set_ifname(op->host_vlan.parent, parent);
        op->host_vlan.id = id;
}
