/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Turns VLAN= and VLANTrunk= into the one operation that says in which VLANs a port is: in those, and in no
 * other, so that what the bridge gives to every port goes. */

#include "build-parts.h"
#include "util.h"
#include "vlan-set.h"

static const char *tagged_of(struct builder *b, const struct link *l) {
        struct vlan_set set = { 0 };
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        list_foreach (range, &l->vlan_trunk)
                vlan_set_add(&set, range->first, range->last);
        f = open_memstream(&text, &size);
        if (f)
                vlan_set_print(&set, f);
        if (!f || fclose(f) != 0) {
                b->failed = true;
                return NULL;
        }
        return pool_strdup(&b->p->pool, text);
}

void build_vlans(struct builder *b, const struct link *l, const char *port) {
        struct op *op;

        if (!l->vlan && !l->vlan_trunk.n)
                return;
        op = add(b, OP_PORT_VLAN, PLACE_HOST, &l->vlan_origin);
        if (l->vlan_trunk.n)
                op->origin = l->vlan_trunk.items[0].origin;
        set_ifname(op->port_vlan.device, port);
        set_ifname(op->port_vlan.bridge, l->bridge);
        op->port_vlan.pvid = l->vlan;
        op->port_vlan.tagged = tagged_of(b, l);
        if (!op->port_vlan.tagged)
                b->failed = true;
}
