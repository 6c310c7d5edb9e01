/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes and deletes a bridge and sets what is set on it (linux/if_link.h, IFLA_BR_*). A bridge is
 * given its MAC address from the start: otherwise the address follows that of the lowest port as
 * ports come and go, and udev would choose one. */

#include <errno.h>
#include <linux/if_link.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/operations.h"
#include "util.h"

static bool is_ours(const struct op *op, const struct link_info *info) {
        return streq(info->kind, "bridge") &&
               memcmp(info->mac.bytes, op->bridge.mac.bytes, sizeof info->mac.bytes) == 0;
}

int do_bridge(struct pass *r, const struct op *op) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct link_info info;
        struct nlattr *nest;
        struct nlmsghdr *h;

        if (r->repairing) {
                int e = pass_flush(r);

                if (e == 0)
                        e = probe_link(r->host, op->bridge.name, &info);
                if (e == 0 && is_ours(op, &info))
                        return 0;
                if (e < 0 && e != -ENODEV)
                        return pass_fail_errno(r, op, e, "");
        }
        h = pass_begin(r, op, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, op->bridge.name);
        mnl_attr_put(h, IFLA_ADDRESS, sizeof op->bridge.mac.bytes, op->bridge.mac.bytes);
        nest = mnl_attr_nest_start(h, IFLA_LINKINFO);
        mnl_attr_put_strz(h, IFLA_INFO_KIND, "bridge");
        mnl_attr_nest_end(h, nest);
        pass_end(r, op, h);
        return 0;
}

int undo_bridge(struct pass *r, const struct op *op) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct link_info info;
        struct nlmsghdr *h;
        int e = pass_flush(r);

        if (e == 0)
                e = probe_link(r->host, op->bridge.name, &info);
        if (e < 0)
                return e == -ENODEV ? 0 : pass_fail_errno(r, op, e, "");
        if (!is_ours(op, &info)) {
                diag_warn(r->d, &op->origin, NULL,
                          "interface %s is not the bridge that was made here; "
                          "it is left alone",
                          op->bridge.name);
                return 0;
        }
        m.ifi_index = info.index;
        h = pass_begin(r, op, RTM_DELLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        pass_end(r, op, h);
        return pass_flush(r);
}

/* The defaults of the kernel (br_device.c), for what a reload takes back. */
static const struct op_bridge_set defaults = {
        .stp = NO,
        .multicast_snooping = YES,
        .vlan_filtering = NO,
        .forward_delay = 1500,
        .ageing_time = 30000,
        .default_pvid = 1,
};

static int set_bridge(struct pass *r, const struct op *op, const struct op_bridge_set *which,
                      const struct op_bridge_set *to) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlattr *info, *data;
        struct nlmsghdr *h;

        h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, which->device);
        info = mnl_attr_nest_start(h, IFLA_LINKINFO);
        mnl_attr_put_strz(h, IFLA_INFO_KIND, "bridge");
        data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
        if (which->has_forward_delay)
                mnl_attr_put_u32(h, IFLA_BR_FORWARD_DELAY, to->forward_delay);
        if (which->has_ageing_time)
                mnl_attr_put_u32(h, IFLA_BR_AGEING_TIME, to->ageing_time);
        if (which->multicast_snooping)
                mnl_attr_put_u8(h, IFLA_BR_MCAST_SNOOPING, to->multicast_snooping == YES);
        if (which->has_default_pvid)
                mnl_attr_put_u16(h, IFLA_BR_VLAN_DEFAULT_PVID, to->default_pvid);
        if (which->vlan_filtering)
                mnl_attr_put_u8(h, IFLA_BR_VLAN_FILTERING, to->vlan_filtering == YES);
        if (which->stp)
                mnl_attr_put_u32(h, IFLA_BR_STP_STATE, to->stp == YES);
        mnl_attr_nest_end(h, data);
        mnl_attr_nest_end(h, info);
        pass_end(r, op, h);
        return 0;
}

/* The kernel may lack VLANs, and refuses the rest of a message then but not what it has done of it:
 * so it is asked for these first. */
static int set_in_turn(struct pass *r, const struct op *op, const struct op_bridge_set *to) {
        struct op_bridge_set rest = *to, vlan = { .vlan_filtering = to->vlan_filtering,
                                                  .has_default_pvid = to->has_default_pvid,
                                                  .default_pvid = to->default_pvid };

        memcpy(vlan.device, to->device, sizeof vlan.device);
        rest.vlan_filtering = UNSET;
        rest.has_default_pvid = false;
        if ((vlan.vlan_filtering || vlan.has_default_pvid) &&
            (set_bridge(r, op, &vlan, &vlan) < 0 || pass_flush(r) < 0))
                return r->error;
        return set_bridge(r, op, &rest, &rest);
}

#define NO_LONGER(field)                        \
        if (old->bridge_set.field && !to.field) \
        to.field = defaults.field
#define HAS_NO_LONGER(field)                                \
        if (old->bridge_set.has_##field && !to.has_##field) \
        to.has_##field = true, to.field = defaults.field

int do_bridge_set(struct pass *r, const struct op *op) {
        const struct op *old = change_replaced(r->change, op);
        struct op_bridge_set to = op->bridge_set;

        if (old) {
                NO_LONGER(stp);
                NO_LONGER(multicast_snooping);
                NO_LONGER(vlan_filtering);
                HAS_NO_LONGER(forward_delay);
                HAS_NO_LONGER(ageing_time);
                HAS_NO_LONGER(default_pvid);
        }
        return set_in_turn(r, op, &to);
}

int undo_bridge_set(struct pass *r, const struct op *op) {
        return set_bridge(r, op, &op->bridge_set, &defaults);
}
