/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In which VLANs a port of a bridge is (bridge(8) vlan, linux/if_bridge.h). What is wanted comes first and the
 * rest goes then, so that a port that stays in a VLAN is never out of it. */

#include <errno.h>
#include <linux/if_bridge.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "object/port-vlan.h"
#include "util.h"

enum { ACCESS = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED };

static void put_range(struct nlmsghdr *h, uint16_t flags, uint16_t first, uint16_t last) {
        struct bridge_vlan_info info = { flags, first };

        if (last > first)
                info.flags |= BRIDGE_VLAN_INFO_RANGE_BEGIN;
        mnl_attr_put(h, IFLA_BRIDGE_VLAN_INFO, sizeof info, &info);
        if (last == first)
                return;
        info = (struct bridge_vlan_info){ flags | BRIDGE_VLAN_INFO_RANGE_END, last };
        mnl_attr_put(h, IFLA_BRIDGE_VLAN_INFO, sizeof info, &info);
}

/* RTM_SETLINK adds to what is there, RTM_DELLINK takes from it, and does not mind what is not there. */
static int send_vlans(struct pass *r, const struct op *op, int index, uint16_t type, uint16_t pvid,
                      const struct vlan_set *set, bool member) {
        struct ifinfomsg m = { .ifi_family = AF_BRIDGE, .ifi_index = index };
        struct nlmsghdr *h = pass_begin(r, op, type, 0, &m, sizeof m);
        struct nlattr *spec;

        if (!h)
                return r->error;
        spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
        if (pvid)
                put_range(h, ACCESS, pvid, pvid);
        for (uint16_t first = VLAN_MIN, last; vlan_set_run(set, member, &first, &last);
             first = last + 1)
                put_range(h, 0, first, last);
        mnl_attr_nest_end(h, spec);
        pass_end(r, op, h);
        return 0;
}

int port_vlan_set(struct pass *r, const struct op *op, int index, uint16_t pvid,
                  const struct vlan_set *tagged) {
        struct vlan_set all = *tagged;
        int e;

        if (pvid)
                vlan_set_add(&all, pvid, pvid);
        e = !vlan_set_is_empty(&all) ? send_vlans(r, op, index, RTM_SETLINK, pvid, tagged, true)
                                     : 0;
        return e < 0 ? e : send_vlans(r, op, index, RTM_DELLINK, 0, &all, false);
}

static int set_vlans(struct pass *r, const struct op *op, uint16_t pvid,
                     const struct vlan_set *tagged) {
        int index = pass_index(r, op, op->port_vlan.device);

        if (index < 0)
                return r->undoing && index == -ENODEV ? 0 : r->error;
        return port_vlan_set(r, op, index, pvid, tagged);
}

/* --- the bridge --- */

/* A number of a bridge's own; -ENODATA: a kernel without VLANs on bridges does not have it. */
static int ask_bridge(struct pass *r, const struct op *op, const char *bridge, uint16_t type) {
        const struct nlmsghdr *h;
        const struct nlattr *a, *info = NULL;
        int e = pass_link(r, op, bridge, &h);

        if (e < 0)
                return e;
        mnl_attr_for_each(a, h, sizeof(struct ifinfomsg)) if (mnl_attr_get_type(a) == IFLA_LINKINFO)
                info = a;
        a = nl_attribute_in(nl_attribute_in(info, IFLA_INFO_DATA), type);
        if (!a)
                return -ENODATA;
        return mnl_attr_get_payload_len(a) == 1 ? mnl_attr_get_u8(a) : mnl_attr_get_u16(a);
}

/* Without filtering the kernel notes the VLANs of a port, and passes everything. */
int do_port_vlan(struct pass *r, const struct op *op) {
        int filtering = ask_bridge(r, op, op->port_vlan.bridge, IFLA_BR_VLAN_FILTERING);
        struct vlan_set tagged;

        if (filtering == 0)
                return pass_fail(r, op, -EOPNOTSUPP,
                                 "the bridge '%s' does not look at VLANs (vlan_filtering is 0)",
                                 op->port_vlan.bridge);
        if (filtering < 0)
                return pass_fail_errno(r, op, filtering == -ENODATA ? -EOPNOTSUPP : filtering, "");
        if (vlan_set_parse(op->port_vlan.tagged, &tagged) < 0)
                return pass_fail_errno(r, op, -EINVAL, "");
        return set_vlans(r, op, op->port_vlan.pvid, &tagged);
}

int port_vlan_reset(struct pass *r, const struct op *op, int index, const char *bridge) {
        int pvid = ask_bridge(r, op, bridge, IFLA_BR_VLAN_DEFAULT_PVID);

        return pvid < 0 ? 0 : port_vlan_set(r, op, index, (uint16_t)pvid, &(struct vlan_set){ 0 });
}

/* In a reload. */
int undo_port_vlan(struct pass *r, const struct op *op) {
        int index = pass_index(r, op, op->port_vlan.device);

        if (index < 0)
                return index == -ENODEV ? 0 : r->error;
        return port_vlan_reset(r, op, index, op->port_vlan.bridge);
}

/* --- what is there --- */

struct port {
        uint16_t pvid;
        struct vlan_set tagged, untagged;
};

static int take_entry(const struct nlattr *attr, void *user) {
        const struct nlattr *info = nl_attribute_in(attr, BRIDGE_VLANDB_ENTRY_INFO),
                            *range = nl_attribute_in(attr, BRIDGE_VLANDB_ENTRY_RANGE);
        struct bridge_vlan_info vlan;
        struct port *port = user;
        uint16_t last;

        if (mnl_attr_get_type(attr) != BRIDGE_VLANDB_ENTRY || !info ||
            mnl_attr_get_payload_len(info) < sizeof vlan)
                return MNL_CB_OK;
        memcpy(&vlan, mnl_attr_get_payload(info), sizeof vlan);
        last = range && mnl_attr_get_payload_len(range) == 2 ? mnl_attr_get_u16(range) : vlan.vid;
        if (vlan.flags & BRIDGE_VLAN_INFO_PVID)
                port->pvid = vlan.vid;
        vlan_set_add(vlan.flags & BRIDGE_VLAN_INFO_UNTAGGED ? &port->untagged : &port->tagged,
                     vlan.vid, last);
        return MNL_CB_OK;
}

static int take_vlans(void *user, const struct nlmsghdr *h) {
        return mnl_attr_parse(h, sizeof(struct br_vlan_msg), take_entry, user) < 0 ? -EBADMSG : 0;
}

static const char *text_of(struct pass *r, const struct vlan_set *set) {
        struct pool *pool = pass_pool(r);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (f)
                vlan_set_print(set, f);
        if (!f || fclose(f) != 0 || !pool)
                return NULL;
        return pool_strdup(pool, text);
}

/* An own VLAN that is tagged, or another one that is not, is none of what can be written in a file: it is told
 * as an own VLAN that is missing, or as one more that is tagged. */
int port_vlan_look(struct pass *r, int index, uint16_t *ret_pvid, const char **ret_tagged) {
        struct br_vlan_msg m = { .family = AF_BRIDGE, .ifindex = (uint32_t)index };
        struct port port = { 0 };
        int e = nl_ask(pass_host(r), RTM_GETVLAN, NLM_F_DUMP, &m, sizeof m, NULL, NULL, take_vlans,
                       &port);

        if (e < 0)
                return e == -EINVAL || e == -EOPNOTSUPP ? -ENOENT : e; /* it is no port any more */
        *ret_pvid = vlan_set_has(&port.untagged, port.pvid) ? port.pvid : 0;
        for (uint16_t first = VLAN_MIN, last; vlan_set_run(&port.untagged, true, &first, &last);
             first = last + 1)
                for (uint16_t id = first; id <= last; id++)
                        if (id != *ret_pvid)
                                vlan_set_add(&port.tagged, id, id);
        *ret_tagged = text_of(r, &port.tagged);
        return *ret_tagged ? 0 : -ENOMEM;
}

int look_port_vlan(struct pass *r, const struct op *op, struct op *ret) {
        int index = pass_seen_index(r, op, op->port_vlan.device);
        const char *tagged;
        uint16_t pvid;
        int e = index < 0 ? index : port_vlan_look(r, index, &pvid, &tagged);

        if (e < 0)
                return e;
        *ret = *op;
        ret->port_vlan.pvid = pvid;
        ret->port_vlan.tagged = tagged;
        return 0;
}
