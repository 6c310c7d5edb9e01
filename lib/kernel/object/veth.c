/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes and deletes a pair of interfaces. Both ends are made by one RTM_NEWLINK (linux/veth.h). The
 * inner one is born in the namespace with its final name, so it never exists on the host and nobody
 * there can grab or rename it. What the kernel refuses at creation follows in the same batch:
 * IFF_UP of the peer (the outer end is not there yet when the peer is made) and the IPv6 address
 * generation mode. */

#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include "netlink/question.h"
#include "object/operations.h"
#include "object/outer-end.h"
#include "util.h"

static void put_mac(struct nlmsghdr *h, const struct mac *mac) {
        if (mac->set)
                mnl_attr_put(h, IFLA_ADDRESS, sizeof mac->bytes, mac->bytes);
}

static void put_peer(struct pass *r, struct nlmsghdr *h, const struct op *op) {
        struct ifinfomsg m = { .ifi_index = r->fresh ? pass_preset_index(r, op->veth.peer) : 0 };
        struct nlattr *info, *data, *peer;

        info = mnl_attr_nest_start(h, IFLA_LINKINFO);
        mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
        data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
        peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
        memcpy(mnl_nlmsg_put_extra_header(h, sizeof m), &m, sizeof m);
        mnl_attr_put_strz(h, IFLA_IFNAME, op->veth.peer);
        put_mac(h, &op->veth.peer_mac);
        if (op->veth.mtu)
                mnl_attr_put_u32(h, IFLA_MTU, op->veth.mtu);
        mnl_attr_put_u32(h, IFLA_NET_NS_FD, r->inner_ns);
        mnl_attr_nest_end(h, peer);
        mnl_attr_nest_end(h, data);
        mnl_attr_nest_end(h, info);
}

static bool is_ours(const struct op *op, const struct link_info *info) {
        return streq(info->kind, "veth") &&
               memcmp(info->mac.bytes, op->veth.mac.bytes, sizeof info->mac.bytes) == 0;
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
        mnl_attr_put_strz(h, IFLA_IFNAME, op->veth.name);
        pass_end(r, op, h);
        return 0;
}

/* A bridge may not be up yet, or no more. Where /sys does not say that it is there the question is the one
 * that loads no module for it. */
static int master_of(struct pass *r, const char *name) {
        return probe_host_has(name) ? pass_index_now(r, r->host, name) : nl_index(r->host, name);
}

int do_veth(struct pass *r, const struct op *op) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        int master = op->veth.master[0] ? master_of(r, op->veth.master) : 0;
        struct link_info info;
        struct nlmsghdr *h;
        bool there = false;

        if (r->repairing) {
                int e = probe_link(r->host, op->veth.name, &info);

                if (e < 0 && e != -ENODEV)
                        return pass_fail_errno(r, op, e, "");
                there = e == 0 && is_ours(op, &info);
                if (e == -ENODEV && probe_veth(r->host, &op->veth.mac, &info) == 0) {
                        if (rename_back(r, op, info.index) < 0)
                                return r->error;
                        there = true;
                }
        }
        if (master < 0)
                return pass_fail(r, op, master, "there is no bridge '%s'", op->veth.master);
        h = pass_begin(r, op, RTM_NEWLINK, there ? 0 : NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, op->veth.name);
        put_mac(h, &op->veth.mac);
        if (op->veth.mtu)
                mnl_attr_put_u32(h, IFLA_MTU, op->veth.mtu);
        if (master)
                mnl_attr_put_u32(h, IFLA_MASTER, master);
        if (!there)
                put_peer(r, h, op);
        pass_end(r, op, h);
        return 0;
}

int undo_veth(struct pass *r, const struct op *op) {
        struct link_info info;
        int e = pass_flush(r);

        if (e == 0)
                e = probe_link(r->host, op->veth.name, &info);
        if (e == -ENODEV) /* somebody may have renamed it */
                e = probe_veth(r->host, &op->veth.mac, &info);
        if (e < 0)
                return e == -ENODEV ? 0 : pass_fail_errno(r, op, e, "");
        if (!is_ours(op, &info)) {
                diag_warn(r->d, &op->origin, NULL,
                          "interface %s is not the one that was made here; "
                          "it is left alone",
                          op->veth.name);
                return 0;
        }
        r->peer_nsid = info.peer_nsid;
        return vanish_expect(r, info.index) < 0 ? pass_fail_errno(r, op, -ENOMEM, "") : 0;
}
