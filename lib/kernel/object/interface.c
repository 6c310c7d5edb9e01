/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sets what can be set on an interface that is there, by RTM_NEWLINK with its name: alternative
 * names, bridge port, MTU and the like, IPv6 mode, up (rtnetlink(7), linux/if_link.h). */

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "system/sysctl.h"
#include "util.h"

/* A message about this interface; the caller adds what to set. */
static struct nlmsghdr *begin(struct pass *r, const struct op *op, uint16_t type, uint16_t flags,
                              const char *device, struct ifinfomsg m) {
        struct nlmsghdr *h = pass_begin(r, op, type, flags, &m, sizeof m);

        if (h)
                mnl_attr_put_strz(h, IFLA_IFNAME, device);
        return h;
}

static int change_altname(struct pass *r, const struct op *op, uint16_t type, uint16_t flags) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlattr *list;
        struct nlmsghdr *h = begin(r, op, type, flags, op->altname.device, m);

        if (!h)
                return r->error;
        list = mnl_attr_nest_start(h, IFLA_PROP_LIST);
        mnl_attr_put_strz(h, IFLA_ALT_IFNAME, op->altname.name);
        mnl_attr_nest_end(h, list);
        pass_end(r, op, h);
        return 0;
}

int do_altname(struct pass *r, const struct op *op) {
        return change_altname(r, op, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND);
}

int undo_altname(struct pass *r, const struct op *op) {
        return change_altname(r, op, RTM_DELLINKPROP, 0);
}

/* Not in /proc/sys/net: its entries of one name are in one chain for all namespaces, and with a
 * thousand of them each look there takes a millisecond. */
static int look_for_inet6(struct pass *r, const struct op *op) {
        static const char path[] = "/proc/self/net/if_inet6";

        if (r->inet6 != UNSET)
                return 0;
        r->inet6 = access(path, F_OK) == 0 ? YES : NO;
        return r->inet6 == NO && errno != ENOENT
                       ? pass_fail(r, op, -errno, "cannot read %s: %s", path, strerror(errno))
                       : 0;
}

static bool any_setting(const struct op *op) {
        for (const struct inet6_setting *s = inet6_settings; s->name; s++)
                if (inet6_sets(op, s))
                        return true;
        return false;
}

/* Written at once, before the interface comes up; needs it to be there. */
static int write_settings(struct pass *r, const struct op *op) {
        _cleanup_close_ int directory = -1;
        char path[64];
        int e = any_setting(op) ? pass_flush_new(r) : 0;

        if (e < 0 || !any_setting(op))
                return e;
        e = pass_enter(r, pass_place(r, op));
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        snprintf(path, sizeof path, "net/ipv6/conf/%s", op->inet6.device);
        e = sysctl_open(path, &directory);
        if (e < 0)
                return pass_fail(r, op, e, "cannot open %s: %s", path, strerror(-e));
        for (const struct inet6_setting *s = inet6_settings; s->name; s++) {
                if (!inet6_sets(op, s) || (s->inherited && r->fresh && op->place == PLACE_OWN))
                        continue;
                e = sysctl_write_in(directory, s->name, s->value);
                if (e < 0)
                        return pass_fail(r, op, e, "cannot set %s/%s: %s", path, s->name,
                                         strerror(-e));
        }
        return 0;
}

/* What a new interface copies from "default", which the namespace has from the initial one: the kernel's own
 * values of all that it had in Linux 4.5, but for how often it speaks IGMP. */
static void put_normal(struct nlmsghdr *h) {
        static const uint8_t on[] = { IPV4_DEVCONF_ACCEPT_REDIRECTS, IPV4_DEVCONF_SECURE_REDIRECTS,
                                      IPV4_DEVCONF_SEND_REDIRECTS, IPV4_DEVCONF_SHARED_MEDIA,
                                      IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE };
        static const uint8_t off[] = { IPV4_DEVCONF_FORWARDING,
                                       IPV4_DEVCONF_PROXY_ARP,
                                       IPV4_DEVCONF_RP_FILTER,
                                       IPV4_DEVCONF_BOOTP_RELAY,
                                       IPV4_DEVCONF_LOG_MARTIANS,
                                       IPV4_DEVCONF_TAG,
                                       IPV4_DEVCONF_ARPFILTER,
                                       IPV4_DEVCONF_MEDIUM_ID,
                                       IPV4_DEVCONF_NOXFRM,
                                       IPV4_DEVCONF_NOPOLICY,
                                       IPV4_DEVCONF_FORCE_IGMP_VERSION,
                                       IPV4_DEVCONF_ARP_ANNOUNCE,
                                       IPV4_DEVCONF_ARP_IGNORE,
                                       IPV4_DEVCONF_PROMOTE_SECONDARIES,
                                       IPV4_DEVCONF_ARP_ACCEPT,
                                       IPV4_DEVCONF_ACCEPT_LOCAL,
                                       IPV4_DEVCONF_SRC_VMARK,
                                       IPV4_DEVCONF_PROXY_ARP_PVLAN,
                                       IPV4_DEVCONF_ROUTE_LOCALNET,
                                       IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
                                       IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
                                       IPV4_DEVCONF_DROP_GRATUITOUS_ARP };

        for (size_t i = 0; i < ARRAY_SIZE(on); i++)
                mnl_attr_put_u32(h, on[i], 1);
        for (size_t i = 0; i < ARRAY_SIZE(off); i++)
                mnl_attr_put_u32(h, off[i], 0);
}

/* fresh: the interface is new in a new namespace; later its settings may be those of who is inside. */
static void put_inet(struct nlmsghdr *h, bool fresh) {
        struct nlattr *inet = mnl_attr_nest_start(h, AF_INET);
        struct nlattr *settings = mnl_attr_nest_start(h, IFLA_INET_CONF);

        if (fresh)
                put_normal(h);
        mnl_attr_put_u32(h, IPV4_DEVCONF_ARP_NOTIFY, 1);
        mnl_attr_nest_end(h, settings);
        mnl_attr_nest_end(h, inet);
}

static void put_silence(struct nlmsghdr *h) {
        struct nlattr *inet6 = mnl_attr_nest_start(h, AF_INET6);

        mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        mnl_attr_nest_end(h, inet6);
}

int do_inet6(struct pass *r, const struct op *op) {
        bool silent = op->inet6.mode == INET6_PORT || op->inet6.mode == INET6_NONE;
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlattr *spec;
        struct nlmsghdr *h;

        if (look_for_inet6(r, op) < 0)
                return r->error;
        if (r->inet6 == YES && write_settings(r, op) < 0)
                return r->error;
        pass_forget(r); /* what was written is told with the interface */
        silent &= r->inet6 == YES;
        if (!silent && op->place == PLACE_HOST)
                return 0;
        h = begin(r, op, RTM_NEWLINK, 0, op->inet6.device, m);
        if (!h)
                return r->error;
        spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
        if (op->place != PLACE_HOST)
                put_inet(h, r->fresh);
        if (silent)
                put_silence(h);
        mnl_attr_nest_end(h, spec);
        pass_end(r, op, h);
        return 0;
}

int do_up(struct pass *r, const struct op *op) {
        struct ifinfomsg m = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
        struct nlmsghdr *h = begin(r, op, RTM_NEWLINK, 0, op->up.device, m);

        if (!h)
                return r->error;
        pass_end(r, op, h);
        return 0;
}
