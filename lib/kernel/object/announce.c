/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Announces addresses that have come to those who may know them under another MAC, of a namespace, a bridge or
 * another host that had them before: without that they would send to nobody for half a minute. With
 * arp_notify and ndisc_notify the kernel does it when an interface gets a MAC, even the one that it has. */

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "system/sysctl.h"
#include "util.h"

/* Until a worker of the kernel has seen the carrier, the bridge's port does not forward, and what an interface sends is
 * dropped. Whoever asks for an interface makes it look at once (rtnl_getlink(), kernel 6.8). */
static void queue_glance(struct pass *r, struct nl *nl, const char *name, bool outside) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlmsghdr *h = nl_begin(nl, RTM_GETLINK, 0, &m, sizeof m);

        if (!h)
                return;
        mnl_attr_put_strz(h, IFLA_IFNAME, name);
        mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        if (outside)
                mnl_attr_put_u32(h, IFLA_TARGET_NETNSID, 0);
        nl_end(nl, h, r->current, NL_ALL_IS_DONE);
}

/* The own end too where the kernel makes it an address of the link. Where only some have been looked at, the
 * worker takes its time for the others. The host is the first namespace that a new one knows, by the number 0; where
 * it is not, nothing is lost but that. */
static void queue_glances(struct pass *r, const char *device) {
        list_foreach (op, &r->plan->ops)
                if (op->kind == OP_DEVICE && streq(op->device.peer, device)) {
                        queue_glance(r, pass_inner(r), op->device.name, true);
                        if (op->device.master[0]) /* has a carrier with its first port */
                                queue_glance(r, pass_inner(r), op->device.master, true);
                        if (r->unannounced & FAMILY_IPV6)
                                queue_glance(r, pass_inner(r), device, false);
                }
}

static void queue_glances_on_host(struct pass *r, const char *bridge) {
        list_foreach (op, &r->plan->ops)
                if (op->kind == OP_UPLINK)
                        queue_glance(r, pass_host(r), op->uplink.device, false);
        queue_glance(r, pass_host(r), bridge, false);
}

/* An interface inside has these since it is there; that of a bridge is as the host has it, but for this moment. */
struct notifying {
        char key[64];
        char before[8];
};

static int let_announce(struct pass *r, const struct op *op, struct notifying n[2]) {
        int e = pass_enter(r, PLACE_HOST);

        snprintf(n[0].key, sizeof n[0].key, "net/ipv4/conf/%s/" INET4_NOTIFY, op->announce.device);
        snprintf(n[1].key, sizeof n[1].key, "net/ipv6/conf/%s/ndisc_notify", op->announce.device);
        if (e < 0)
                return pass_fail_errno(r, op, e, "");
        for (size_t i = 0; i < 2; i++) {
                e = sysctl_read(n[i].key, n[i].before, sizeof n[i].before);
                if (e == 0)
                        e = sysctl_write(n[i].key, "1");
                if (e < 0)
                        n[i].before[0] = '\0';
                if (e < 0 && e != -ENOENT) /* the kernel runs without this family */
                        return pass_fail(r, op, e, "cannot set %s: %s", n[i].key, strerror(-e));
        }
        return 0;
}

static void queue_announcement(struct pass *r, const struct op *op) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlmsghdr *h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);

        if (!h)
                return;
        mnl_attr_put_strz(h, IFLA_IFNAME, op->announce.device);
        mnl_attr_put(h, IFLA_ADDRESS, sizeof op->announce.mac.bytes, op->announce.mac.bytes);
        pass_end(r, op, h);
}

/* The kernel speaks while the message is at work. */
static int announce_on_host(struct pass *r, const struct op *op) {
        struct notifying n[2] = { 0 };

        if (let_announce(r, op, n) == 0) {
                queue_glances_on_host(r, op->announce.device);
                queue_announcement(r, op);
                pass_flush(r);
        }
        for (size_t i = 0; i < ARRAY_SIZE(n); i++)
                if (n[i].before[0])
                        (void)sysctl_write(n[i].key, n[i].before);
        return r->error;
}

int do_announce(struct pass *r, const struct op *op) {
        r->announced = r->unannounced;
        if (!r->announced) {
                r->states[r->current] = OP_DONE;
                return 0;
        }
        if (op->place == PLACE_HOST) {
                r->unannounced = FAMILY_NONE;
                return announce_on_host(r, op);
        }
        if (r->fresh)
                queue_glances(r, op->announce.device);
        r->unannounced = FAMILY_NONE;
        queue_announcement(r, op);
        return r->error;
}

/* An address that has come is announced, and with that the kernel forgets its neighbours. */
bool announce_follows(const struct pass *r) {
        return r->unannounced != FAMILY_NONE;
}

bool neighbor_follows(const struct pass *r) {
        return r->announced;
}
