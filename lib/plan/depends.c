/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What needs which interface: what is made in another network's namespace waits for that, and all that stands on it. */

#include "plan.h"
#include "util.h"

const char *op_inner_name(const struct op *op) {
        if (op->kind != OP_DEVICE)
                return NULL;
        if (op->device.peer[0])
                return op->device.peer;
        return op_home(op) == PLACE_OWN ? op->device.name : NULL;
}

/* Is it about an interface of that name, or does it lead there? */
static bool names(const struct op *op, const char *interface) {
        char of[64];
        size_t n;
        const struct field *fields = op_fields(op, &n);

        for (size_t i = 0; i < n; i++)
                if (fields[i].type == FIELD_IFNAME &&
                    streq((const char *)op_data(op) + fields[i].offset, interface))
                        return true;
        if (op->kind == OP_ROUTE)
                list_foreach (hop, &op->route.hops)
                        if (streq(hop->device, interface))
                                return true;
        return op->kind == OP_SYSCTL && sysctl_interface(op->sysctl.key, of) &&
               streq(of, interface);
}

void plan_mark_dependents(const struct plan *p, bool *marks) {
        for (size_t i = 0; i < p->ops.n; i++) {
                const char *inner = marks[i] ? op_inner_name(&p->ops.items[i]) : NULL;

                for (size_t j = i + 1; inner && j < p->ops.n; j++)
                        marks[j] |= p->ops.items[j].place == PLACE_OWN &&
                                    names(&p->ops.items[j], inner);
        }
}
