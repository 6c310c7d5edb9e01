/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Uplink=: an interface of the host that is a port of a bridge of ours while that is up. It belongs to somebody else: what it
 * was like is looked at before anything is done and stands in the record, and it is given back so. An interface that has
 * addresses is refused: the kernel would leave them on it, and nothing that comes in would reach them any more, so that a
 * host could cut itself off by a start. The kernel also takes an interface off another bridge without a word, so its
 * master is looked at here (br_if.c and rtnetlink.c of the kernel). */

#include <errno.h>
#include <linux/if_link.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/nft-elements.h"
#include "object/operations.h"
#include "object/port-vlan.h"
#include "util.h"

/* --- before anything is done --- */

static int refuse_address(struct pass *r, const struct op *op, const struct prefix *p) {
        char text[CIDR_MAX];

        return pass_fail(
                r, op, -EADDRINUSE,
                "the host has the address %s on it, which nothing would reach there any more; "
                "take it off, and give it to the bridge by Address= or by a DHCP client "
                "that runs on %s",
                prefix_print(p, text), op->uplink.master);
}

static int refuse_master(struct pass *r, const struct op *op, int master) {
        char name[IFNAMSIZ] = "";

        nl_name(pass_host(r), (unsigned)master, name);
        return pass_fail(r, op, -EBUSY, "it belongs to '%s' already", name);
}

/* Frames of that size would be lost there without a word. */
static void compare_mtu(struct pass *r, const struct op *op, uint32_t mtu) {
        uint32_t wanted = 1500;

        list_foreach (other, &r->plan->ops)
                if (other->kind == OP_LINK && streq(other->link.device, op->uplink.master) &&
                    other->link.settings.mtu)
                        wanted = other->link.settings.mtu;
        if (mtu < wanted)
                diag_warn(r->d, &op->origin, "Uplink",
                          "%s lets packets of up to %u bytes pass, and those of the bridge have up "
                          "to %u: MTUBytes=%u makes them fit",
                          op->uplink.device, mtu, wanted, mtu);
}

/* 1, 0 also where our bridge is gone, or what else stands in the way of an answer. */
static int is_master(const struct pass *r, const struct op *op, int index) {
        int bridge = index ? nl_index(pass_host(r), op->uplink.master) : -ENODEV;

        return bridge == -ENODEV ? 0 : bridge < 0 ? bridge : index == bridge;
}

/* One that was renamed since is the same one still. */
static int find(const struct pass *r, const struct op *op, struct link_info *ret) {
        int e = probe_link(pass_host(r), op->uplink.device, ret);

        if (e != -ENODEV || !op->uplink.index)
                return e;
        e = probe_link_at(pass_host(r), (int)op->uplink.index, ret);
        if (e == 0)
                e = is_master(r, op, ret->master);
        return e < 0 ? e : e ? 0 : -ENODEV;
}

/* What it was like before the first time counts, as long as it is the same one. */
static int note(struct op *op, const struct link_info *port, bool was_down) {
        if (op->uplink.index == (uint32_t)port->index)
                return 0;
        op->uplink.index = (uint32_t)port->index;
        op->uplink.was_down = was_down;
        return 1;
}

int learn_uplink(struct pass *r, struct op *op) {
        struct link_info port = { 0 };
        struct prefix address;
        int e = find(r, op, &port);

        if (e == -ENODEV)
                return note(op, &port, false);
        if (e == 0)
                e = is_master(r, op, port.master);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        if (e > 0)
                return note(op, &port, false);
        if (port.master)
                return refuse_master(r, op, port.master);
        e = probe_has_address(pass_host(r), port.index, &address);
        if (e != 0)
                return e < 0 ? pass_fail_errno(r, op, e, "") : refuse_address(r, op, &address);
        compare_mtu(r, op, port.mtu);
        return note(op, &port, !port.up);
}

/* --- there and back --- */

static struct nlmsghdr *begin(struct pass *r, const struct op *op, int index, unsigned change,
                              unsigned flags) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC,
                               .ifi_index = index,
                               .ifi_change = change,
                               .ifi_flags = flags };

        return pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
}

static int set_master(struct pass *r, const struct op *op, int index, int master, unsigned change) {
        struct nlmsghdr *h = begin(r, op, index, change, 0);

        if (!h)
                return r->error;
        mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)master);
        pass_end(r, op, h);
        return 0;
}

/* Before frames pass it. A reload may leave a bridge that does not look at VLANs any more. */
static int set_vlans(struct pass *r, const struct op *op) {
        const struct op_uplink *u = &op->uplink;
        struct vlan_set tagged;

        if (!u->tagged)
                return r->change ? port_vlan_reset(r, op, (int)u->index, u->master) : 0;
        if (vlan_set_parse(u->tagged, &tagged) < 0)
                return pass_fail_errno(r, op, -EINVAL, "");
        return port_vlan_set(r, op, (int)u->index, u->pvid, &tagged);
}

/* In a message of its own, which follows: the kernel does it before it looks whether the bridge can have it. */
static int switch_on(struct pass *r, const struct op *op) {
        struct nlmsghdr *h;

        if (pass_flush(r) < 0)
                return r->error;
        h = set_vlans(r, op) == 0 ? begin(r, op, (int)op->uplink.index, IFF_UP, IFF_UP) : NULL;
        if (h)
                pass_end(r, op, h);
        if (pass_flush(r) < 0)
                r->states[r->current] = OP_DONE; /* half of it: to be undone */
        /* who is behind it may know an address of the bridge by another MAC */
        r->unannounced = FAMILY_BOTH;
        return r->error;
}

/* What this pass has made was not there to be looked at before; nothing of it has to be given back. */
static int find_made(struct pass *r, const struct op *op) {
        struct link_info port;
        int e;

        if (op->uplink.index || !plan_makes_vlan(r->plan, op->uplink.device))
                return 0;
        e = probe_link(pass_host(r), op->uplink.device, &port);
        if (e == 0)
                pass_op(r, r->current)->uplink.index = (uint32_t)port.index;
        return e == -ENODEV ? 0 : e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

int do_uplink(struct pass *r, const struct op *op) {
        int master, e = find_made(r, op);

        if (e < 0)
                return e;
        if (!op->uplink.index) {
                r->states[r->current] = OP_DONE;
                diag_warn(r->d, &op->origin, "Uplink",
                          "the host has no interface '%s' now; it joins %s when it appears",
                          op->uplink.device, op->uplink.master);
                return 0;
        }
        e = element_commit(r); /* the filters stand before somebody outside is on the bridge */
        if (e < 0)
                return r->error = r->error ?: e;
        master = pass_index(r, op, op->uplink.master);
        if (master >= 0)
                set_master(r, op, (int)op->uplink.index, master, 0);
        return master < 0 ? master : r->error ?: switch_on(r, op);
}

/* Only what is on our bridge still is ours to take off. Where somebody has deleted that, it may be up because of
 * us, and nobody has taken it since. 1: to be taken off, or down. */
static int is_left_to_us(struct pass *r, const struct op *op, const struct link_info *port) {
        struct prefix address;
        int e = is_master(r, op, port->master);

        if (e != 0)
                return e;
        if (port->master || !op->uplink.was_down)
                return 0;
        e = nl_index(pass_host(r), op->uplink.master);
        if (e != -ENODEV)
                return e < 0 ? e : 0;
        e = probe_has_address(pass_host(r), port->index, &address);
        return e < 0 ? e : !e;
}

int undo_uplink(struct pass *r, const struct op *op) {
        struct link_info port;
        int e = pass_flush(r);

        if (e < 0 || (!op->uplink.index && !plan_makes_vlan(r->plan, op->uplink.device)))
                return e;
        e = op->uplink.index ? probe_link_at(pass_host(r), (int)op->uplink.index, &port)
                             : probe_link(pass_host(r), op->uplink.device, &port);
        if (e == 0)
                e = is_left_to_us(r, op, &port);
        if (e == -ENODEV)
                return 0;
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        return e ? set_master(r, op, port.index, 0, op->uplink.was_down ? IFF_UP : 0) : 0;
}

int look_uplink(struct pass *r, const struct op *op, struct op *ret) {
        struct link_info port;
        int e = pass_flush(r);

        if (e == 0)
                e = find(r, op, &port);
        if (e < 0)
                return e;
        if (!port.master) /* for it to be on the bridge, that has to be there */
                return nl_index(pass_host(r), op->uplink.master) == -ENODEV ? -ENODEV : -ENOENT;
        *ret = *op;
        e = nl_name(pass_host(r), (unsigned)port.master, ret->uplink.master);
        if (e == 0 && op->uplink.tagged)
                e = port_vlan_look(r, port.index, &ret->uplink.pvid, &ret->uplink.tagged);
        return e < 0 ? e : !port.up;
}
