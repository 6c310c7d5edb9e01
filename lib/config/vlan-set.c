/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ranges of VLANs may overlap and touch where they are written, and the kernel tells them in pieces of its own:
 * as sets they can be compared, and printed in one way. */

#include "vlan-set.h"

#include <errno.h>
#include <string.h>

#include "util.h"
#include "value.h"

void vlan_set_add(struct vlan_set *s, uint16_t first, uint16_t last) {
        for (unsigned id = first; id <= last && id <= VLAN_MAX; id++)
                s->bits[id / 8] |= (uint8_t)(1U << id % 8);
}

void vlan_set_remove(struct vlan_set *s, uint16_t id) {
        if (id <= VLAN_MAX)
                s->bits[id / 8] &= (uint8_t) ~(1U << id % 8);
}

bool vlan_set_has(const struct vlan_set *s, uint16_t id) {
        return id <= VLAN_MAX && s->bits[id / 8] & 1U << id % 8;
}

bool vlan_set_run(const struct vlan_set *s, bool member, uint16_t *first, uint16_t *last) {
        uint16_t id = *first < VLAN_MIN ? VLAN_MIN : *first;

        while (id <= VLAN_MAX && vlan_set_has(s, id) != member)
                id++;
        if (id > VLAN_MAX)
                return false;
        *first = id;
        while (id < VLAN_MAX && vlan_set_has(s, id + 1) == member)
                id++;
        *last = id;
        return true;
}

int vlan_range_parse(const char *text, uint16_t *ret_first, uint16_t *ret_last) {
        uint32_t first, last;

        if (parse_range(text, VLAN_MIN, VLAN_MAX, &first, &last) < 0)
                return -EINVAL;
        *ret_first = (uint16_t)first;
        *ret_last = (uint16_t)last;
        return 0;
}

bool vlan_of_name(const char *name, char ret_parent[static IFNAMSIZ], uint16_t *ret_id) {
        const char *dot = strrchr(name, '.');
        size_t n = dot ? (size_t)(dot - name) : 0;
        uint32_t id;

        /* a zero in front would be another name for the same */
        if (n == 0 || n >= IFNAMSIZ || dot[1] == '0' ||
            parse_u32(dot + 1, VLAN_MIN, VLAN_MAX, &id) < 0)
                return false;
        memcpy(ret_parent, name, n);
        ret_parent[n] = '\0';
        *ret_id = (uint16_t)id;
        return true;
}

int vlan_set_parse(const char *text, struct vlan_set *ret) {
        struct vlan_set s = { 0 };

        while (*text && !streq(text, "none")) {
                size_t n = strcspn(text, ",");
                uint16_t first, last;
                char word[WORD_MAX];

                if (n >= sizeof word)
                        return -EINVAL;
                memcpy(word, text, n);
                word[n] = '\0';
                if (vlan_range_parse(word, &first, &last) < 0)
                        return -EINVAL;
                vlan_set_add(&s, first, last);
                text += n + (text[n] == ',');
        }
        *ret = s;
        return 0;
}

bool vlan_set_is_empty(const struct vlan_set *s) {
        uint16_t first = VLAN_MIN, last;

        return !vlan_set_run(s, true, &first, &last);
}

void vlan_set_print(const struct vlan_set *s, FILE *f) {
        const char *comma = "";

        if (vlan_set_is_empty(s))
                fputs("none", f);

        for (uint16_t first = VLAN_MIN, last; vlan_set_run(s, true, &first, &last);
             first = last + 1) {
                fprintf(f, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
                comma = ",";
        }
}
