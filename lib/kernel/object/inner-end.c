/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The inner end of a pair, which whoever is inside may have renamed, changed, moved on or replaced. A repair gives it back its name,
 * hardware address and MTU; where it is not there any more, or something else has its name, only a restart helps, and that is said
 * at the pair: what follows in the plan would fail for lack of an interface. */

#include "object/inner-end.h"

#include <errno.h>
#include <linux/if_link.h>
#include <sys/socket.h>

#include "object/card.h"
#include "object/operations.h"
#include "util.h"

static int fail_lost(struct pass *r, const struct op *op) {
        return pass_fail(
                r, op, -ENODEV,
                "its inner end is in %s no more; 'systemctl restart vnet@%s' makes it again",
                r->plan->netns, r->plan->name);
}

static int fail_taken(struct pass *r, const struct op *op) {
        return pass_fail(
                r, op, -EEXIST,
                "somebody in %s has made another interface '%s', which is in the way of its "
                "inner end; 'systemctl restart vnet@%s' makes both go",
                r->plan->netns, op->device.peer, r->plan->name);
}

/* Somebody moved the outer end on, or in another's namespace called it otherwise. */
static int fail_torn(struct pass *r, const struct op *op) {
        return pass_fail(
                r, op, -EEXIST,
                "only its inner end is left where it was made; 'systemctl restart vnet@%s' "
                "makes it again",
                r->plan->name);
}

int inner_end_is_free(struct pass *r, const struct op *op) {
        struct card other;
        int e;

        if (!op->device.peer[0] || !pass_inner(r))
                return 0;
        e = card_by_name(pass_inner(r), op->device.peer, &other);
        if (e < 0)
                return e == -ENODEV ? 0 : pass_fail_errno(r, op, e, "");
        return op->device.peer_mac.set && mac_equal(&other.mac, &op->device.peer_mac)
                       ? fail_torn(r, op)
                       : fail_taken(r, op);
}

/* Down first, for kernels before 6.2. What goes with that is set again, as the repair comes to it. */
static int rename_back(struct nl *nl, const struct op *op, const struct card *c) {
        int e = c->up ? card_set_up(nl, c->index, false) : 0;

        return e < 0 ? e : card_rename(nl, c->index, op->device.peer);
}

/* Each for itself and not for nothing: with a new hardware address the kernel forgets all neighbours. */
static int set_back(struct pass *r, const struct op *op, const struct op *have) {
        struct card c;
        int e = card_by_name(pass_inner(r), have->device.peer, &c);

        pass_forget(r);
        if (e == 0 && !streq(c.name, op->device.peer))
                e = rename_back(pass_inner(r), op, &c);
        if (e == 0 && op->device.peer_mac.set && !mac_equal(&c.mac, &op->device.peer_mac))
                e = card_set_mac(pass_inner(r), c.index, &op->device.peer_mac);
        if (e == 0 && op->device.mtu && c.mtu != op->device.mtu)
                e = card_set_number(pass_inner(r), c.index, IFLA_MTU, op->device.mtu);
        return e;
}

int inner_end_mend(struct pass *r, const struct op *op) {
        struct op have;
        int e;

        if (!op->device.peer[0] || !pass_inner(r))
                return 0;
        e = pass_flush(r);
        if (e == 0)
                e = look_device(r, op, &have);
        if (e < 0)
                return r->error ?: e == -ENOENT ? 0 : pass_fail_errno(r, op, e, "");
        if (!have.device.peer[0])
                return fail_lost(r, op);
        if (streq(have.device.peer, op->device.peer) && have.device.mtu == op->device.mtu &&
            (!op->device.peer_mac.set || mac_equal(&have.device.peer_mac, &op->device.peer_mac)))
                return 0;
        e = set_back(r, op, &have);
        return e == -EEXIST ? fail_taken(r, op) : e < 0 ? pass_fail_errno(r, op, e, "") : 0;
}
