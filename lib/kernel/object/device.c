/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An interface of any kind (rtnetlink(7), linux/if_link.h). What differs from kind to kind stands in the rows of lib/link:
 * where it is made, what its message says, and whether it goes with its namespace. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <poll.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/inner-end.h"
#include "object/nameless.h"
#include "object/operations.h"
#include "object/outer-end.h"
#include "object/physical.h"
#include "object/tun.h"
#include "util.h"

static const struct link_kind_info *kind_of(const struct op *op) {
        return link_kinds[op->device.kind];
}

/* Made where its parent is, on the host or in another namespace, and born in its own. */
static bool is_born_elsewhere(const struct op *op) {
        return op_home(op) != op->place;
}

static void put_mac(struct nlmsghdr *h, const struct mac *mac) {
        if (mac->set)
                mnl_attr_put(h, IFLA_ADDRESS, sizeof mac->bytes, mac->bytes);
}

/* The peer never comes up here: the kernel refuses IFF_UP for it. */
static void put_peer(const struct pass *r, struct nlmsghdr *h, const struct device *d) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlattr *peer = mnl_attr_nest_start(h, VETH_INFO_PEER);

        memcpy(mnl_nlmsg_put_extra_header(h, sizeof m), &m, sizeof m);
        mnl_attr_put_strz(h, IFLA_IFNAME, d->peer);
        put_mac(h, &d->peer_mac);
        if (d->mtu)
                mnl_attr_put_u32(h, IFLA_MTU, d->mtu);
        mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)r->places[PLACE_OWN].ns);
        mnl_attr_nest_end(h, peer);
}

static void put_number(struct nlmsghdr *h, const struct field *f, uint32_t n) {
        switch (f->width) {
        case 1: mnl_attr_put_u8(h, f->attribute, (uint8_t)n); break;
        case 2:
                mnl_attr_put_u16(h, f->attribute,
                                 f->flags & FIELD_NETWORK_ORDER ? htons((uint16_t)n) : (uint16_t)n);
                break;
        default: mnl_attr_put_u32(h, f->attribute, n); break;
        }
}

/* What the rows of its kind say of it. live: what can change, of what is there already. */
static void put_own(struct nlmsghdr *h, const struct op *op, int parent, bool live) {
        const struct link_kind_info *kind = kind_of(op);
        const uint32_t flags[] = { kind->flags.flags, kind->flags.flags };

        for (const struct field *f = kind->fields; f < kind->fields + kind->n_fields; f++) {
                const struct address *a = (const void *)((const char *)op_data(op) + f->offset);

                if (f->nest != NEST_INFO || (live && !(f->flags & FIELD_LIVE)))
                        continue;
                if (f->type == FIELD_ADDRESS)
                        put_address(h, a->family == AF_INET6 ? f->attribute6 : f->attribute, a);
                else if (f->type == FIELD_IFNAME && parent)
                        put_number(h, f, (uint32_t)parent);
                else if (f->type != FIELD_IFNAME && setting_is_given(op, f))
                        put_number(h, f, field_number(f, setting_value(op, f)));
        }
        if (kind->flags.attribute)
                mnl_attr_put(h, kind->flags.attribute, sizeof flags, flags);
}

/* r: NULL where it is there already, and is no pair */
static void put_info(const struct pass *r, struct nlmsghdr *h, const struct op *op, int parent) {
        struct nlattr *info = mnl_attr_nest_start(h, IFLA_LINKINFO), *data;

        mnl_attr_put_strz(h, IFLA_INFO_KIND, kind_of(op)->name);
        data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
        put_own(h, op, parent, !r);
        if (op->device.peer[0])
                put_peer(r, h, &op->device);
        mnl_attr_nest_end(h, data);
        mnl_attr_nest_end(h, info);
}

/* By its mark, which may be younger than a MAC that somebody changed; before it has one by its MAC. In our namespace, where
 * marks can be forged, the kind will do: it may have its parent's MAC. */
static bool is_ours(const struct pass *r, const struct op *op, const struct link_info *info) {
        bool any = op_home(op) == PLACE_OWN || !op->device.mac.set;

        return streq(info->kind, link_kernel_kind(kind_of(op))) &&
               (any || mac_equal(&info->mac, &op->device.mac) ||
                (op->place == PLACE_HOST && streq(info->owner, r->plan->name)));
}

/* Down first: kernels before 6.2 refuse to rename what is up. What goes with that is set again, as
 * the repair comes to it. */
static int rename_back(struct pass *r, const struct op *op, int index) {
        struct ifinfomsg down = { .ifi_index = index, .ifi_change = IFF_UP },
                         m = { .ifi_index = index };
        struct nlmsghdr *h = pass_begin(r, op, RTM_NEWLINK, 0, &down, sizeof down);

        if (h) {
                pass_end(r, op, h);
                h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
        }
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, op->device.name);
        pass_end(r, op, h);
        return 0;
}

static int delete_at(struct pass *r, const struct op *op, struct nl *nl, int index) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = index };
        int e = nl_ask(nl, RTM_DELLINK, 0, &m, sizeof m, NULL, NULL, NULL, NULL);

        return e == 0 || e == -ENODEV ? 0 : pass_fail_errno(r, op, e, "");
}

/* An interface of the place where the operation's lives. */
static int find_named(struct pass *r, enum place home, const struct op *op, const char *name,
                      struct link_info *ret) {
        const struct op there = { .place = (uint8_t)home, .peer_netns = op->peer_netns };
        const struct nlmsghdr *h;
        int e = pass_link(r, &there, name, &h);

        return e < 0 ? e : probe_read_link(h, ret);
}

/* 0, -ENODEV, or another error. An outer end that somebody renamed is found by its MAC. */
static int find(struct pass *r, const struct op *op, struct link_info *ret, bool *ret_renamed) {
        int e = find_named(r, op_home(op), op, op->device.name, ret);

        *ret_renamed = false;
        if (e == -ENODEV && kind_of(op)->birth == BORN_AS_PAIR) {
                e = probe_veth(pass_socket(r, op), &op->device.mac, ret);
                *ret_renamed = e == 0;
        }
        return e;
}

/* What is left inside of a cable, or of an interface over another's, after that one's namespace went: it is in the way
 * of the new one. */
static int remove_torn(struct pass *r, const struct op *op) {
        const struct op inside = { .place = PLACE_OWN };
        const struct nlmsghdr *h;
        struct link_info info;
        int e = op->place == PLACE_PEER ? pass_link(r, &inside, op_inner_name(op), &h) : -ENODEV;

        if (e == 0)
                e = probe_read_link(h, &info);
        if (e < 0 || !streq(info.kind, kind_of(op)->name) || !device_is_torn(r, op, h))
                return e == -ENODEV ? 0 : e;
        pass_forget(r);
        return delete_at(r, op, pass_inner(r), info.index);
}

/* What is there counts as done, under its name. *ret_there: it is ours. */
static int look_for(struct pass *r, const struct op *op, bool *ret_there) {
        struct link_info info;
        bool renamed = false;
        int e = pass_flush(r);

        if (e == 0)
                e = remove_torn(r, op);
        if (e == 0)
                e = find(r, op, &info, &renamed);
        *ret_there = e == 0 && (renamed || is_ours(r, op, &info));
        if (e < 0 && e != -ENODEV)
                return pass_fail_errno(r, op, e, "");
        return *ret_there && renamed && rename_back(r, op, info.index) < 0 ? r->error : 0;
}

/* A bridge may not be up yet, or no more. Where /sys does not say that it is there the question is the one
 * that loads no module for it. */
static int index_of_other(struct pass *r, const struct op *op, const char *name) {
        struct nl *nl = pass_socket(r, op);

        return op->place != PLACE_HOST || probe_host_has(name) ? pass_index_now(r, nl, name)
                                                               : nl_index(nl, name);
}

/* Its number in its namespace. Over a parent it has to be one that is free on the host too, since the kernel looks for
 * the name there if no number is given, and would take the host's eth0 for ours. 0: the kernel chooses. */
static int index_of_new(struct pass *r, const struct op *op) {
        if (r->fresh && op_home(op) == PLACE_OWN)
                return pass_preset_index(r, op->device.name);
        return is_born_elsewhere(op) ? pass_free_index(r) : 0;
}

/* What an interface is made with, and what a repair sets once more. */
static void put_device(struct nlmsghdr *h, const struct device *d, int master) {
        mnl_attr_put_strz(h, IFLA_IFNAME, d->name);
        put_mac(h, &d->mac);
        if (d->mtu)
                mnl_attr_put_u32(h, IFLA_MTU, d->mtu);
        if (master)
                mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)master);
}

struct newcomer {
        const struct pass *r;
        const struct op *op;
        int master, parent;
};

static void put_newcomer(struct nlmsghdr *h, const void *argument) {
        const struct newcomer *n = argument;

        put_device(h, &n->op->device, n->master);
        if (n->parent && !link_has_own_parent(n->op->device.kind))
                mnl_attr_put_u32(h, IFLA_LINK, (uint32_t)n->parent);
        if (is_born_elsewhere(n->op))
                mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)n->r->places[PLACE_OWN].ns);
        put_info(n->r, h, n->op, n->parent);
}

/* A namespace whose name somebody took away ends by itself, some moments later, and what it has is taken until then. False: it
 * is to be tried like any other, which tells why it cannot be. */
static bool wait_for_place(struct pass *r, const struct newcomer *n, const struct ifinfomsg *m) {
        enum { PATIENCE_MS = 400, PAUSE_MS = 5 };
        int64_t end = now_us() + PATIENCE_MS * 1000;
        int e;

        if (!r->fresh || !is_born_elsewhere(n->op) || !kind_of(n->op)->taken || pass_flush(r) < 0)
                return false;
        for (;;) {
                e = nl_ask(pass_socket(r, n->op), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, m,
                           sizeof *m, put_newcomer, n, NULL, NULL);
                if (e != -EEXIST || now_us() >= end)
                        break;
                poll(NULL, 0, PAUSE_MS);
        }
        if (e == 0)
                r->states[r->current] = OP_DONE;
        return e == 0;
}

static int create(struct pass *r, const struct op *op, int master, int parent) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC, .ifi_index = index_of_new(r, op) };
        struct newcomer n = { r, op, master, parent };
        struct nlmsghdr *h;

        if (!wait_for_place(r, &n, &m)) {
                h = pass_begin(r, op, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
                if (!h)
                        return r->error;
                put_newcomer(h, &n);
                pass_end(r, op, h);
        }
        return r->fresh && kind_of(op)->dies_late && is_born_elsewhere(op) ? nameless_prepare(r, op)
                                                                           : 0;
}

/* --- what is there already --- */

struct now {
        const struct op *op;
        bool mac;     /* not for nothing: the kernel forgets all neighbours with it */
        uint32_t mtu; /* 0: as it is */
};

static bool has_live(const struct link_kind_info *kind) {
        for (size_t i = 0; i < kind->n_fields; i++)
                if (kind->fields[i].nest == NEST_INFO && kind->fields[i].flags & FIELD_LIVE)
                        return true;
        return kind->flags.attribute;
}

static void put_now(struct nlmsghdr *h, const void *argument) {
        const struct now *now = argument;

        mnl_attr_put_strz(h, IFLA_IFNAME, now->op->device.name);
        if (now->mac)
                put_mac(h, &now->op->device.mac);
        if (now->mtu)
                mnl_attr_put_u32(h, IFLA_MTU, now->mtu);
        if (has_live(kind_of(now->op)))
                put_info(NULL, h, now->op, 0);
}

/* At once: what is inside may be an operation of the host's. */
static int set_inside(struct pass *r, const struct op *op, struct now now) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        int e = pass_flush(r);

        if (e < 0)
                return e;
        pass_forget(r);
        e = nl_ask(pass_inner(r), RTM_NEWLINK, 0, &m, sizeof m, put_now, &now, NULL, NULL);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        r->states[r->current] = OP_DONE;
        return 0;
}

/* A reload. Without an MTU of its own it has its parent's. */
static int change_device(struct pass *r, const struct op *op, const struct op *old) {
        struct link_info parent = { 0 };
        uint32_t mtu = op->device.mtu;

        if (!mtu && old->device.mtu && op->device.parent[0] &&
            probe_link(pass_socket(r, op), op->device.parent, &parent) == 0)
                mtu = parent.mtu;
        return set_inside(r, op, (struct now){ op, false, mtu });
}

/* It is of our kind and under its name; somebody inside may have made it once more. */
static int mend_inside(struct pass *r, const struct op *op) {
        struct op have, mendable;
        int e = look_device(r, op, &have);
        bool mac;

        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        if (e == 0 && op_equal(&have, op))
                return 0;
        mendable = have;
        mendable.device.mac = op->device.mac;
        mendable.device.mtu = op->device.mtu;
        if (!op_infos[OP_DEVICE].changes(&mendable, op))
                return pass_fail(r, op, -EEXIST,
                                 "it is not as it was made; 'systemctl restart vnet@%s' makes it "
                                 "again",
                                 r->plan->name);
        mac = op->device.mac.set && !mac_equal(&have.device.mac, &op->device.mac);
        return set_inside(r, op, (struct now){ op, mac, op->device.mtu });
}

/* A port that was taken off its bridge is put back; the rest of a pair has operations of its own. */
static int mend(struct pass *r, const struct op *op, int master) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlmsghdr *h;

        if (op_home(op) == PLACE_OWN)
                return mend_inside(r, op);
        if (kind_of(op)->birth != BORN_AS_PAIR)
                return 0;
        h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        put_device(h, &op->device, master);
        pass_end(r, op, h);
        return inner_end_mend(r, op);
}

/* The kernel says no more than "invalid argument", or takes what its parent cannot carry, and loses it. */
static int check_mtu(struct pass *r, const struct op *op) {
        const struct device *d = &op->device;
        struct link_info parent;
        uint32_t headers = link_headers(d);

        if (!d->mtu || !d->parent[0] || op->place == PLACE_OWN)
                return 0;
        if (pass_flush_host(r) < 0)
                return r->error;
        if (probe_link(pass_socket(r, op), d->parent, &parent) < 0 ||
            parent.mtu >= d->mtu + headers)
                return 0;
        if (!headers)
                return pass_fail(r, op, -ERANGE,
                                 "MTUBytes=%u is more than the %u of its parent '%s'", d->mtu,
                                 parent.mtu, d->parent);
        return pass_fail(
                r, op, -ERANGE,
                "MTUBytes=%u with %u in front of each packet is more than the %u of its parent '%s'",
                d->mtu, headers, parent.mtu, d->parent);
}

/* One that is inside may be new. */
static int parent_index(struct pass *r, const struct op *op) {
        const char *parent = op->device.parent;

        return op->place == PLACE_OWN ? pass_index(r, op, parent) : index_of_other(r, op, parent);
}

int do_device(struct pass *r, const struct op *op) {
        const struct op *old = change_replaced(r->change, op);
        const struct device *d = &op->device;
        int master = d->master[0] ? index_of_other(r, op, d->master) : 0;
        int parent = d->parent[0] ? parent_index(r, op) : 0;
        bool there = false;

        if (r->error)
                return r->error;
        if (kind_of(op)->tun)
                return tun_make(r, op);
        if (kind_of(op)->birth == BORN_ON_HOST)
                return physical_do(r, op);
        if (!old && r->repairing && look_for(r, op, &there) < 0)
                return r->error;
        if (master < 0)
                return pass_fail(r, op, master, "there is no bridge '%s'", d->master);
        if (parent < 0)
                return pass_fail(r, op, parent, "there is no interface '%s'", d->parent);
        if (check_mtu(r, op) < 0)
                return r->error;
        if (old)
                return change_device(r, op, old);
        if (r->repairing && !there && inner_end_is_free(r, op) < 0)
                return r->error;
        return there ? mend(r, op, master) : create(r, op, master, parent);
}

static int leave_alone(struct pass *r, const struct op *op) {
        diag_warn(r->d, &op->origin, NULL,
                  "interface %s is not the one that was made here; it is left alone",
                  op->device.name);
        return 0;
}

/* Before the namespace's name goes. Where it is gone already the interface goes by itself, unless somebody is inside. */
static int undo_inside(struct pass *r, const struct op *op) {
        struct link_info info;
        int e = pass_inner(r) ? 0 : pass_open_inner(r);

        if (e == 0)
                e = find_named(r, PLACE_OWN, op, op->device.name, &info);
        if (e == -ENOENT)
                return nameless_delete(r, op);
        if (e == -ENODEV)
                return 0;
        if (e < 0)
                return r->error ?: pass_fail_errno(r, op, e, "");
        return is_ours(r, op, &info) ? delete_at(r, op, pass_inner(r), info.index)
                                     : leave_alone(r, op);
}

/* On the host the end of a pair is waited for, together with others. */
static int undo_outside(struct pass *r, const struct op *op) {
        struct link_info info;
        bool renamed = false;
        int e = find(r, op, &info, &renamed);

        if (e < 0)
                return e == -ENODEV ? 0 : pass_fail_errno(r, op, e, "");
        if (!renamed && !is_ours(r, op, &info))
                return leave_alone(r, op);
        if (kind_of(op)->birth != BORN_AS_PAIR || op->place == PLACE_PEER)
                return delete_at(r, op, pass_socket(r, op), info.index);
        r->peer_nsid = info.peer_nsid;
        return outer_end_expect_gone(r, (unsigned)info.index) < 0
                       ? pass_fail_errno(r, op, -ENOMEM, "")
                       : 0;
}

int undo_device(struct pass *r, const struct op *op) {
        bool inside = op_home(op) == PLACE_OWN;
        int e = 0;

        if (kind_of(op)->birth == BORN_ON_HOST)
                return physical_undo(r, op);
        if (inside && !(kind_of(op)->dies_late && is_born_elsewhere(op)))
                return 0; /* it goes with the namespace */
        e = pass_flush(r);
        return e < 0 ? e : inside ? undo_inside(r, op) : undo_outside(r, op);
}

int learn_device(struct pass *r, struct op *op) {
        return kind_of(op)->birth == BORN_ON_HOST ? physical_learn(r, op) : 0;
}

/* --- membership --- */

static int set_master(struct pass *r, const struct op *op, const char *master) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        int index = master ? pass_index(r, op, master) : 0;
        struct nlmsghdr *h;

        if (index < 0)
                return index == -ENODEV && r->undoing ? 0 : index;
        h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, op->master.device);
        mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)index);
        pass_end(r, op, h);
        return 0;
}

int do_master(struct pass *r, const struct op *op) {
        return set_master(r, op, op->master.master);
}

int undo_master(struct pass *r, const struct op *op) {
        return set_master(r, op, NULL);
}
