/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is said of a claim that somebody else has made already. */

#include "claims.h"
#include "util.h"
#include "value.h"

/* Of kinds where one name says it: what stands around it. */
static const struct {
        const char *before, *after;
        bool text; /* the name is the key's text, else its value */
} names[CLAIM_KINDS] = {
        [CLAIM_NETNS] = { "namespace '", "' is also created", true },
        [CLAIM_SERVICE] = { "'", "' is also named", true },
        [CLAIM_INSTANCE] = { "an instance of '", "' is also named", true },
        [CLAIM_INTERFACE] = { "interface '", "' is also created", false },
        [CLAIM_USED] = { "'", "' is also used on the host", false },
        [CLAIM_UPLINK] = { "'", "' is also an uplink of a bridge", false },
        [CLAIM_PARENT] = { "'", "' is also the parent of a link", false },
};

/* The shorter run of the two is what both have. */
static void describe_port(const struct claim_key *key, const struct claim_key *other, char *text,
                          size_t size) {
        const uint8_t *port = key->length > other->length ? key->value : other->value;

        snprintf(text, size, "%s port %d is also taken", protocol_name(key->protocol),
                 port[0] << 8 | port[1]);
}

void claim_describe(const struct claim_key *key, const struct claim_key *other, char *text,
                    size_t size) {
        struct prefix p = { { key->family, { 0 } }, key->length };
        const char *value = (const char *)key->value, *scope = (const char *)key->scope;
        char network[CIDR_MAX];
        struct mac mac;

        if (names[key->kind].before) {
                snprintf(text, size, "%s%s%s", names[key->kind].before,
                         names[key->kind].text ? key->text : value, names[key->kind].after);
                return;
        }
        memcpy(p.address.bytes, key->value, sizeof key->value);
        memcpy(mac.bytes, key->kind == CLAIM_DEVICE ? key->scope : key->value, sizeof mac.bytes);
        switch (key->kind) {
        case CLAIM_MAC:
                snprintf(text, size, "%s is also on '%s',", mac_print(&mac, network), scope);
                break;
        case CLAIM_VLAN:
        case CLAIM_MADE:
                snprintf(text, size, "VLAN %d of '%s' is also taken",
                         key->value[0] << 8 | key->value[1], scope);
                break;
        case CLAIM_DEVICE:
                snprintf(text, size, "'%s' is also the device of a link",
                         value[0] ? value : mac_print(&mac, network));
                break;
        case CLAIM_CABLE:
                snprintf(text, size, "'%s' in namespace '%s' is also the end of the cable", value,
                         key->text);
                break;
        case CLAIM_ADDRESS:
                snprintf(text, size, "%s is also used", address_print(&p.address, network));
                break;
        case CLAIM_SUBNET:
                snprintf(text, size, "network %s overlaps with the one", prefix_print(&p, network));
                break;
        case CLAIM_VNI:
                snprintf(text, size, "%u with UDP port %u is also that of the link",
                         (unsigned)key->value[1] << 16 | key->value[2] << 8 | key->value[3],
                         (unsigned)key->value[4] << 8 | key->value[5]);
                break;
        default: describe_port(key, other, text, size);
        }
}
