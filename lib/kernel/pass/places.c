/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where a pass acts: on the host, in the namespace of its plan, and in those of other networks to which it lays a
 * cable. Each has a socket of its own, which keeps its namespace, so that this thread hardly ever has to go there. Another
 * network may not be up: what acts there waits then, and so does all that needs what was to be made there. */

#include <errno.h>
#include <sched.h>

#include "pass/pass.h"
#include "system/netns.h"
#include "util.h"

int pass_enter(struct pass *r, size_t place) {
        if (r->at == place || r->places[PLACE_HOST].ns < 0)
                return 0;
        if (place == PLACE_HOST)
                netns_return(r->places[PLACE_HOST].ns);
        else if (setns(r->places[place].ns, CLONE_NEWNET) < 0)
                return -errno;
        r->at = place;
        return 0;
}

int pass_leave(struct pass *r) {
        struct place_state *own = &r->places[PLACE_OWN];
        int e;

        own->nl = nl_close(own->nl);
        r->wg = wg_close(r->wg);
        e = pass_enter(r, PLACE_HOST);
        if (e < 0)
                return e;
        closep(&own->ns);
        own->ns = -1;
        return 0;
}

size_t pass_place(const struct pass *r, const struct op *op) {
        size_t place = op->place;

        if (place == PLACE_PEER)
                while (place + 1 < r->n_places && !streq(r->places[place].netns, op->peer_netns))
                        place++;
        return place;
}

struct nl *pass_socket(const struct pass *r, const struct op *op) {
        return r->places[pass_place(r, op)].nl;
}

int pass_mark_waiting(struct pass *r) {
        if (r->n_places == PLACE_PEER)
                return 0;
        r->waits = calloc(r->plan->ops.n + 1, sizeof *r->waits);
        if (!r->waits)
                return -ENOMEM;
        for (size_t i = 0; i < r->plan->ops.n; i++) {
                const struct op *op = pass_op(r, i);

                r->waits[i] = op->place == PLACE_PEER && !pass_socket(r, op);
        }
        plan_mark_dependents(r->plan, r->waits);
        return 0;
}

bool pass_waits(const struct pass *r, const struct op *op) {
        return r->waits && r->waits[op - r->plan->ops.items];
}
