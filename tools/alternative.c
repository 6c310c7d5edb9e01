/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Interfaces that a file calls by one of their alternative names (ip-link(8), property). The kernel takes those in messages, so a
 * link stands on such an interface and a bridge takes it; but rules of nftables and /proc/sys know it by its name alone. */

#include "alternative.h"

#include <errno.h>

#include "netlink/question.h"

bool is_alternative(const char *name, char ret[static IFNAMSIZ]) {
        struct link_info info;
        struct nl *nl = NULL;
        int e;

        if (!name[0] || probe_host_has(name))
                return false;
        e = nl_open(&nl);
        if (e == 0)
                e = probe_link(nl, name, &info);
        nl_close(nl);
        if (e < 0)
                return false;
        memcpy(ret, info.name, IFNAMSIZ);
        return true;
}

bool advise_alternative(const char *name, const struct origin *at, const char *key,
                        struct diags *d) {
        char real[IFNAMSIZ];

        if (!is_alternative(name, real))
                return false;
        diag_warn(
                d, at, key,
                "'%s' is an alternative name of the interface '%s', and the unit waits for one of "
                "that name; write %s=%s",
                name, real, key, real);
        return true;
}

static int refuse(const char *name, const struct origin *at, const char *key, struct diags *d) {
        char real[IFNAMSIZ];

        return is_alternative(name, real)
                       ? diag_error(
                                 d, -EINVAL, at, key,
                                 "'%s' is an alternative name of the interface '%s', which works "
                                 "only by that name here; write %s=%s",
                                 name, real, key, real)
                       : 0;
}

int refuse_alternatives(const struct vnet *v, struct diags *d) {
        int e = refuse(v->bridge.proxy_ndp, &v->bridge.proxy_ndp_origin, "IPv6ProxyNDP", d);

        list_foreach (to, &v->bridge.outbound) {
                int r = refuse(to->text, &to->origin, "Outbound", d);

                e = e < 0 ? e : r;
        }
        return e;
}
