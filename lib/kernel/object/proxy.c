/* SPDX-License-Identifier: GPL-2.0-or-later */

/* IPv6ProxyNDP=: where a provider has put a whole subnet on the wire and routes nothing, its router asks there for each address
 * of it, and the host answers for those that namespaces have (ndisc.c and neighbour.c of the kernel). The switch of the
 * interface is shared by all bridges that name it, and one that was on before is not ours; an address that somebody
 * else has put there stays when ours goes. The interface may not be there yet, or be gone for a while: then it gets all
 * of it when it appears, by the verb join. */

#include <errno.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "state/shared-users.h"
#include "system/sysctl.h"
#include "util.h"

/* --- the switch --- */

struct ndp_switch {
        char key[sizeof "net/ipv6/conf//proxy_ndp" + IFNAMSIZ];
        char users[sizeof "proxy-ndp-" + IFNAMSIZ];
};

static struct ndp_switch switch_of(const struct op *op) {
        struct ndp_switch s;

        snprintf(s.key, sizeof s.key, "net/ipv6/conf/%s/proxy_ndp", op->proxy_ndp.device);
        snprintf(s.users, sizeof s.users, "proxy-ndp-%s", op->proxy_ndp.device);
        return s;
}

static void tell_missing(struct pass *r, const struct op *op, const char *device) {
        diag_warn(
                r->d, &op->origin, NULL,
                "the host has no interface '%s' with IPv6 now; what is to be answered for there is "
                "set when it appears",
                device);
}

static int switch_on(struct pass *r, const struct op *op) {
        struct ndp_switch s = switch_of(op);
        char now[8];
        int e = sysctl_read(s.key, now, sizeof now);
        bool on = e == 0 && !streq(now, "0");
        int ours = users_has(s.users, NULL);

        if (e == -ENOENT) {
                tell_missing(r, op, op->proxy_ndp.device);
                return ours > 0 ? users_add(s.users, r->plan->name) : ours;
        }
        if (e == 0 && ours < 0)
                e = ours;
        if (e < 0 || (on && !ours))
                return e;
        e = users_add(s.users, r->plan->name);
        return e < 0 || on ? e : sysctl_write(s.key, "1");
}

int do_proxy_ndp(struct pass *r, const struct op *op) {
        int e = pass_lock(r);

        if (e < 0)
                return r->error = r->error ?: e;
        e = pass_enter(r, PLACE_HOST);
        r->states[r->current] = OP_DONE;
        if (e == 0)
                e = switch_on(r, op);
        pass_forget(r); /* it is told with the interface */
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

/* Off first, and only then no user: a directory of users says that the switch is ours, also one that a helper which failed or
 * was killed has left empty. */
static int switch_off(const struct pass *r, const struct op *op) {
        struct ndp_switch s = switch_of(op);
        bool last;
        int e = users_has(s.users, NULL);

        if (e <= 0)
                return e;
        e = users_others(s.users, r->plan->name);
        if (e == 0)
                e = sysctl_write(s.key, "0");
        if (e < 0 && e != -ENOENT) /* the interface is gone */
                return e;
        return users_remove(s.users, r->plan->name, &last);
}

int undo_proxy_ndp(struct pass *r, const struct op *op) {
        int e = pass_lock(r);

        if (e == 0)
                e = pass_enter(r, PLACE_HOST);
        if (e == 0)
                e = switch_off(r, op);
        return e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}

int look_proxy_ndp(struct pass *r, const struct op *op, struct op *ret) {
        struct ndp_switch s = switch_of(op);
        char now[8];
        int e = pass_enter(r, PLACE_HOST);

        if (e == 0)
                e = sysctl_read(s.key, now, sizeof now);
        if (e < 0)
                return e == -ENOENT ? -ENODEV : e;
        *ret = *op;
        return streq(now, "0") ? -ENOENT : 0;
}

/* --- an address --- */

static void put_destination(struct nlmsghdr *h, const void *address) {
        put_address(h, NDA_DST, address);
}

static int take_any(void *user, const struct nlmsghdr *h _unused_) {
        *(bool *)user = true;
        return 0;
}

static struct ndmsg header_of(const struct op *op, int index) {
        return (struct ndmsg){ .ndm_family = op->proxy.address.family,
                               .ndm_ifindex = index,
                               .ndm_flags = NTF_PROXY };
}

/* 0, -ENOENT: it is not there, or -ENODEV: nor is the interface. */
static int find(const struct pass *r, const struct op *op) {
        int index = nl_index(pass_host(r), op->proxy.device), e;
        struct ndmsg m = header_of(op, index);
        bool found = false;

        if (index < 0)
                return index;
        e = nl_ask(pass_host(r), RTM_GETNEIGH, 0, &m, sizeof m, put_destination, &op->proxy.address,
                   take_any, &found);
        return e < 0 ? e : found ? 0 : -ENOENT;
}

int learn_proxy(struct pass *r, struct op *op) {
        int e = r->repairing ? -ENOENT : find(r, op);

        if (e < 0 && e != -ENOENT && e != -ENODEV)
                return pass_fail_errno(r, op, e, "");
        if (e == 0)
                op->proxy.was_there = true;
        return e == 0;
}

static int change(struct pass *r, const struct op *op, uint16_t type, uint16_t flags, int index) {
        struct ndmsg m = header_of(op, index);
        struct nlmsghdr *h = pass_begin(r, op, type, flags, &m, sizeof m);

        if (!h)
                return r->error;
        put_address(h, NDA_DST, &op->proxy.address);
        pass_end(r, op, h);
        return 0;
}

int do_proxy(struct pass *r, const struct op *op) {
        int index = pass_flush(r);

        if (index == 0)
                index = nl_index(pass_host(r), op->proxy.device);
        if (index == -ENODEV) {
                r->states[r->current] = OP_DONE;
                tell_missing(r, op, op->proxy.device);
                return 0;
        }
        if (index < 0)
                return r->error ?: pass_fail_errno(r, op, index, "");
        return change(r, op, RTM_NEWNEIGH, NLM_F_CREATE, index);
}

int undo_proxy(struct pass *r, const struct op *op) {
        int index = pass_flush(r);

        if (index < 0 || op->proxy.was_there)
                return index;
        index = nl_index(pass_host(r), op->proxy.device);
        if (index == -ENODEV) /* with all that was on it */
                return 0;
        return index < 0 ? pass_fail_errno(r, op, index, "")
                         : change(r, op, RTM_DELNEIGH, 0, index);
}

int look_proxy(struct pass *r, const struct op *op, struct op *ret) {
        int e = pass_flush(r);

        if (e == 0)
                e = find(r, op);
        if (e == 0)
                *ret = *op;
        return e;
}
