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
