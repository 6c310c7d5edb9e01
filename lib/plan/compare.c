/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What two operations of one kind are to each other: would the kernel take the second for a conflict while the first
 * is there, and which key of the file made one of the other. */

#include "compare.h"

#include "util.h"

/* An IPv4 address may be there twice, with different lengths. */
bool address_conflicts(const struct op *old, const struct op *new) {
        const struct op_address *a = &old->address, *b = &new->address;

        return streq(a->device, b->device) &&
               address_equal(&a->prefix.address, &b->prefix.address) &&
               (a->prefix.address.family == AF_INET6 || a->prefix.length == b->prefix.length);
}

/* Whatever the priority, and "not", which the kernel does not compare. */
bool rule_conflicts(const struct op *old, const struct op *new) {
        return rule_finds(&old->rule, &new->rule) && rule_finds(&new->rule, &old->rule);
}

bool op_shares_ports(const struct op *x, const struct op *y) {
        const struct op_element *a = &x->element, *b = &y->element;

        return op_publishes(x) && op_publishes(y) && a->protocol == b->protocol &&
               (a->set - b->set) % 2 == 0 && /* of one family: in enum nft_set they alternate */
               a->port <= (b->last ?: b->port) && b->port <= (a->last ?: a->port);
}

/* Ports in different maps, or in a map of ranges: the kernel does not see that they collide. */
bool element_conflicts(const struct op *old, const struct op *new) {
        return (old->element.set != new->element.set || nft_sets[old->element.set].interval) &&
               op_shares_ports(old, new);
}

const char *netns_changed_key(const struct op *old _unused_, const struct op *new _unused_) {
        return "Name";
}

const char *member_changed_key(const struct op *old, const struct op *new) {
        return streq(old->master.device, new->master.device) ? "Master" : NULL;
}

static bool same_mac(const struct mac *a, const struct mac *b) {
        return memcmp(a, b, sizeof *a) == 0;
}

/* Of none too. */
static bool same_address(const struct address *a, const struct address *b) {
        return memcmp(a, b, sizeof *a) == 0;
}

static bool same_account(const struct account *a, const struct account *b) {
        return a->set == b->set && a->id == b->id;
}

const char *device_changed_key(const struct op *old, const struct op *new) {
        const struct device *a = &old->device, *b = &new->device;
        bool pair = b->peer[0];

        if (a->kind != b->kind)
                return "Kind";
        if (!streq(a->name, b->name))
                return !pair ? "Name" : streq(a->peer, b->peer) ? "HostName" : NULL;
        if (!streq(a->peer, b->peer))
                return "Name";
        if (!streq(a->master, b->master))
                return "Bridge";
        if (!streq(a->parent, b->parent))
                return "Parent";
        if (a->mode != b->mode)
                return "Mode";
        if (a->id != b->id)
                return "Id";
        if (a->vni != b->vni)
                return "VNI";
        if (a->port != b->port)
                return "DestinationPort";
        if (!same_address(&a->group, &b->group))
                return "Group";
        if (!same_address(&a->local, &b->local))
                return "Local";
        if (a->table != b->table)
                return "Table";
        if (!streq(a->card.device, b->card.device) || !same_mac(&a->card.address, &b->card.address))
                return "Device";
        if (!same_account(&a->user, &b->user))
                return "User";
        if (!same_account(&a->user_group, &b->user_group))
                return "Group";
        if (a->multi_queue != b->multi_queue)
                return "MultiQueue";
        if (pair ? !same_mac(&a->peer_mac, &b->peer_mac) : !same_mac(&a->mac, &b->mac))
                return "MACAddress";
        return same_mac(&a->mac, &b->mac) ? "MTUBytes" : "HostMACAddress";
}

/* Of the fields that interfaces have. */
static bool same_field(const struct field *f, const struct op *old, const struct op *new) {
        const void *a = (const char *)op_data(old) + f->offset;
        const void *b = (const char *)op_data(new) + f->offset;

        switch ((enum field_type)f->type) {
        case FIELD_IFNAME: return streq(a, b);
        case FIELD_MAC: return same_mac(a, b);
        case FIELD_ADDRESS: return same_address(a, b);
        case FIELD_ACCOUNT: return same_account(a, b);
        case FIELD_U16: return memcmp(a, b, sizeof(uint16_t)) == 0;
        case FIELD_U32: return memcmp(a, b, sizeof(uint32_t)) == 0;
        case FIELD_BOOL:
        case FIELD_TRISTATE:
        case FIELD_U8:
        case FIELD_WORD8: return *(const uint8_t *)a == *(const uint8_t *)b;
        default: return false; /* no interface has one yet: a change of it is a restart */
        }
}

bool device_changes(const struct op *old, const struct op *new) {
        const struct link_kind_info *kind = link_kinds[new->device.kind];

        if (old->kind != new->kind || old->device.kind != new->device.kind ||
            old->place != new->place || !streq(old->peer_netns ?: "", new->peer_netns ?: ""))
                return false;
        for (size_t i = 0; i < kind->n_fields; i++)
                if (!(kind->fields[i].flags & (FIELD_LIVE | FIELD_LEARNED)) &&
                    !same_field(&kind->fields[i], old, new))
                        return false;
        return true;
}
