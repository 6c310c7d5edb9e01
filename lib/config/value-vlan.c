/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VLANs of a bridge port as they are written: one, or a range. */

#include "value.h"
#include "vlan-set.h"

int value_vlan(struct value_context *c, const char *text, void *field) {
        uint32_t id;

        if (parse_u32(text, VLAN_MIN, VLAN_MAX, &id) < 0)
                return value_refuse(c, "is not a number from 1 to 4094");
        *(uint16_t *)field = (uint16_t)id;
        return 0;
}

int value_vlan_range(struct value_context *c, const char *text, void *field) {
        struct vlan_range *range = field;

        if (vlan_range_parse(text, &range->first, &range->last) < 0)
                return value_refuse(c, "is neither a number from 1 to 4094 nor a range as 20-30");
        return 0;
}
