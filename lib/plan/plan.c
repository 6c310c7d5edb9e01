/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes and frees plans and adds operations to them. A plan outlives the model that it was built
 * from, and one that was read from a record never had a model: so it owns all that its operations
 * point to. */

#include "plan.h"

#include "util.h"
#include "value.h"

struct plan *plan_new(const char *name) {
        _cleanup_plan_ struct plan *p = calloc(1, sizeof *p);

        if (!p)
                return NULL;
        p->name = pool_strdup(&p->pool, name);
        return p->name ? TAKE_PTR(p) : NULL;
}

struct plan *plan_free(struct plan *p) {
        if (p)
                pool_free(&p->pool);
        free(p);
        return NULL;
}

struct op *plan_add(struct plan *p, enum op_kind kind, enum place place, const struct origin *at) {
        struct op *op = list_add(&p->pool, &p->ops);

        if (!op)
                return NULL;
        op->kind = kind;
        op->place = (uint8_t)place;
        if (at && at->path) {
                /* the model may go before the plan does; one copy serves all lines of a file */
                op->origin.line = at->line;
                list_foreach (other, &p->ops)
                        if (other->origin.path && streq(other->origin.path, at->path)) {
                                op->origin.path = other->origin.path;
                                break;
                        }
                if (!op->origin.path)
                        op->origin.path = pool_strdup(&p->pool, at->path);
                if (!op->origin.path)
                        return NULL;
        }
        return op;
}

const struct op *plan_find(const struct plan *p, enum op_kind kind) {
        list_foreach (op, &p->ops)
                if (op->kind == kind)
                        return op;
        return NULL;
}

bool plan_makes_vlan(const struct plan *p, const char *device) {
        list_foreach (op, &p->ops)
                if (op->kind == OP_HOST_VLAN && streq(op->host_vlan.device, device))
                        return true;
        return false;
}

bool plan_has_uplink(const struct plan *p, const char *device) {
        list_foreach (op, &p->ops)
                if (op->kind == OP_UPLINK && streq(op->uplink.device, device))
                        return true;
        return false;
}

bool owner_of_mark(const char *mark, char ret_name[static 64]) {
        const char *name = startswith(mark, OWNER_MARK);
        char copy[64];
        size_t n;

        if (!name)
                return false;
        n = strcspn(name, "=");
        if (n >= sizeof copy)
                return false;
        memcpy(copy, name, n);
        copy[n] = '\0';
        if (!name_valid(copy))
                return false;
        memcpy(ret_name, copy, n + 1);
        return true;
}

bool element_is_published(const struct op_element *e) {
        return e->set >= SET_PUBLISH4 && e->set <= SET_PUBLISH6_RANGE;
}
