/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A set of VLANs, 1 to 4094, as text: "10,20-30", or "none". */

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Of more ranges than this the message to the kernel would be too long. */
enum { VLAN_MIN = 1, VLAN_MAX = 4094, VLAN_RANGES = 200 };

struct vlan_set {
        uint8_t bits[512];
};

void vlan_set_add(struct vlan_set *s, uint16_t first, uint16_t last);
void vlan_set_remove(struct vlan_set *s, uint16_t id);
bool vlan_set_has(const struct vlan_set *s, uint16_t id);
/* The next run of those that are in the set, or, member false, that are not: from *first on, into *first and
 * *last. False: there is none. */
bool vlan_set_run(const struct vlan_set *s, bool member, uint16_t *first, uint16_t *last);

int vlan_range_parse(const char *text, uint16_t *ret_first, uint16_t *ret_last); /* "10", "20-30" */
/* Of "eno1.10" the parent and the number: a name under which such an interface is made where there is none. */
bool vlan_of_name(const char *name, char ret_parent[static IFNAMSIZ], uint16_t *ret_id);
int vlan_set_parse(const char *text, struct vlan_set *ret);
bool vlan_set_is_empty(const struct vlan_set *s);
void vlan_set_print(const struct vlan_set *s, FILE *f);
