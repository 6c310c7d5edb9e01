/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Settings of an interface, of a bridge and of its ports: whatever is a number in an attribute of the interface's message
 * (rtnetlink(7), linux/if_link.h). Which attribute it is stands in the rows of the operation's fields, so that one
 * more setting is one more row. */

#include <errno.h>
#include <linux/if_link.h>
#include <sys/socket.h>

#include "object/operations.h"
#include "util.h"

static const struct op_info *info_of(const struct op *op) {
        return &op_infos[op->kind];
}

static const char *device_of(const struct op *op) {
        return (const char *)op_data(op) + info_of(op)->fields[0].offset;
}

/* What a message sets: of each field in which that is given, the value of values. */
struct setting_change {
        const struct op *given,
                *also;           /* also: another one whose settings are taken back, or NULL */
        const struct op *values; /* NULL: what the kernel begins with */
        bool first, rest;        /* those with FIELD_FIRST, the others */
};

static bool is_in(const struct setting_change *c, const struct field *f) {
        bool first = f->flags & FIELD_FIRST;

        return f->nest != NEST_NONE && (first ? c->first : c->rest) &&
               (setting_is_given(c->given, f) || (c->also && setting_is_given(c->also, f)));
}

static uint32_t value_of(const struct setting_change *c, const struct field *f) {
        return c->values ? setting_value(c->values, f) : f->normal;
}

static bool any_in(const struct setting_change *c) {
        const struct op_info *info = info_of(c->given);

        for (size_t i = 0; i < info->n_fields; i++)
                if (is_in(c, &info->fields[i]))
                        return true;
        return false;
}

static bool has_nest(const struct setting_change *c, enum field_nest nest) {
        const struct op_info *info = info_of(c->given);

        for (size_t i = 0; i < info->n_fields; i++)
                if (info->fields[i].nest == nest && is_in(c, &info->fields[i]))
                        return true;
        return false;
}

static void put_flags(struct ifinfomsg *m, const struct setting_change *c) {
        const struct op_info *info = info_of(c->given);

        for (size_t i = 0; i < info->n_fields; i++) {
                const struct field *f = &info->fields[i];

                if ((f->nest != NEST_FLAG && f->nest != NEST_NOT) || !is_in(c, f))
                        continue;
                m->ifi_change |= f->attribute;
                if (!value_of(c, f) == (f->nest == NEST_NOT))
                        m->ifi_flags |= f->attribute;
        }
}

static void put_nest(struct nlmsghdr *h, const struct setting_change *c, enum field_nest nest) {
        const struct op_info *info = info_of(c->given);

        for (size_t i = 0; i < info->n_fields; i++) {
                const struct field *f = &info->fields[i];

                if (f->nest != nest || !is_in(c, f))
                        continue;
                switch (f->width) {
                case 1: mnl_attr_put_u8(h, f->attribute, (uint8_t)value_of(c, f)); break;
                case 2: mnl_attr_put_u16(h, f->attribute, (uint16_t)value_of(c, f)); break;
                default: mnl_attr_put_u32(h, f->attribute, value_of(c, f)); break;
                }
        }
}

static void put_info(struct nlmsghdr *h, const struct setting_change *c, enum field_nest nest) {
        uint16_t kind = nest == NEST_INFO ? IFLA_INFO_KIND : IFLA_INFO_SLAVE_KIND;
        uint16_t data = nest == NEST_INFO ? IFLA_INFO_DATA : IFLA_INFO_SLAVE_DATA;
        struct nlattr *outer, *inner;

        if (!has_nest(c, nest))
                return;
        outer = mnl_attr_nest_start(h, IFLA_LINKINFO);
        mnl_attr_put_strz(h, kind, info_of(c->given)->kind);
        inner = mnl_attr_nest_start(h, data);
        put_nest(h, c, nest);
        mnl_attr_nest_end(h, inner);
        mnl_attr_nest_end(h, outer);
}

static void put_inet(struct nlmsghdr *h, const struct setting_change *c) {
        struct nlattr *spec, *inet, *conf;

        if (!has_nest(c, NEST_INET))
                return;
        spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
        inet = mnl_attr_nest_start(h, AF_INET);
        conf = mnl_attr_nest_start(h, IFLA_INET_CONF);
        put_nest(h, c, NEST_INET);
        mnl_attr_nest_end(h, conf);
        mnl_attr_nest_end(h, inet);
        mnl_attr_nest_end(h, spec);
}

static int send_change(struct pass *r, const struct op *op, const struct setting_change *c) {
        struct ifinfomsg m = { .ifi_family = AF_UNSPEC };
        struct nlmsghdr *h;

        if (!any_in(c))
                return 0;
        put_flags(&m, c);
        h = pass_begin(r, op, RTM_NEWLINK, 0, &m, sizeof m);
        if (!h)
                return r->error;
        mnl_attr_put_strz(h, IFLA_IFNAME, device_of(op));
        put_nest(h, c, NEST_LINK);
        put_info(h, c, NEST_INFO);
        put_info(h, c, NEST_SLAVE);
        put_inet(h, c);
        pass_end(r, op, h);
        return 0;
}

/* What a kernel may lack comes in a message of its own, before the rest: it refuses what follows in that message, but
 * not what it has done of it. What is no longer set, in a reload, becomes what the kernel begins with. */
int do_settings(struct pass *r, const struct op *op) {
        struct setting_change c = { .given = op, .values = op, .first = true };

        c.also = change_replaced(r->change, op);
        if (any_in(&c) && (send_change(r, op, &c) < 0 || pass_flush(r) < 0)) {
                /* nothing of it is there that a way back would have to ask this kernel for */
                if (r->error == -EOPNOTSUPP && r->states[r->current] == OP_FAILED)
                        r->states[r->current] = OP_UNTOUCHED;
                return r->error;
        }
        c.first = false;
        c.rest = true;
        return send_change(r, op, &c);
}

int undo_settings(struct pass *r, const struct op *op) {
        return send_change(r, op,
                           &(struct setting_change){ .given = op, .first = true, .rest = true });
}

/* With a change of ARP the neighbours of the interface. */
bool link_drops(const struct op *op _unused_, bool comes _unused_, const struct op *other) {
        return other->kind == OP_NEIGHBOR;
}

/* A new default_pvid is given to ports that are in no VLAN without a tag. */
bool bridge_set_drops(const struct op *op _unused_, bool comes _unused_, const struct op *other) {
        return other->kind == OP_UPLINK && other->uplink.tagged;
}
