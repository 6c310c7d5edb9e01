/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is said of a claim that somebody else has made already. */

#include <netinet/in.h>

#include "claims.h"
#include "util.h"

void claim_describe(const struct claim_key *key, const struct claim_key *other, char *text,
                    size_t size) {
        struct prefix p = { { key->family, { 0 } }, key->length };
        char network[CIDR_MAX];
        struct mac mac;

        memcpy(p.address.bytes, key->value, sizeof key->value);
        memcpy(mac.bytes, key->value, sizeof mac.bytes);
        switch (key->kind) {
        case CLAIM_NETNS: snprintf(text, size, "namespace '%s' is also created", key->text); break;
        case CLAIM_MAC:
                snprintf(text, size, "%s is also on '%s',", mac_print(&mac, network),
                         (const char *)key->scope);
                break;
        case CLAIM_SERVICE: snprintf(text, size, "'%s' is also named", key->text); break;
        case CLAIM_INSTANCE:
                snprintf(text, size, "an instance of '%s' is also named", key->text);
                break;
        case CLAIM_VLAN:
                snprintf(text, size, "VLAN %d of '%s' is also taken",
                         key->value[0] << 8 | key->value[1], (const char *)key->scope);
                break;
        case CLAIM_INTERFACE:
                snprintf(text, size, "interface '%s' is also created", (const char *)key->value);
                break;
        case CLAIM_DEVICE:
                memcpy(mac.bytes, key->scope, sizeof mac.bytes);
                snprintf(text, size, "'%s' is also the device of a link",
                         key->value[0] ? (const char *)key->value : mac_print(&mac, network));
                break;
        case CLAIM_USED:
                snprintf(text, size, "'%s' is also used on the host", (const char *)key->value);
                break;
        case CLAIM_UPLINK:
                snprintf(text, size, "'%s' is also an uplink of a bridge",
                         (const char *)key->value);
                break;
        case CLAIM_PARENT:
                snprintf(text, size, "'%s' is also the parent of a link", (const char *)key->value);
                break;
        case CLAIM_CABLE:
                snprintf(text, size, "'%s' in namespace '%s' is also the end of the cable",
                         (const char *)key->value, key->text);
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
                         key->value[4] << 8 | key->value[5]);
                break;
        default: { /* the shorter run of the two is what both have */
                const uint8_t *port = key->length > other->length ? key->value : other->value;

                snprintf(text, size, "%s port %d is also taken",
                         key->protocol == IPPROTO_TCP   ? "tcp"
                         : key->protocol == IPPROTO_UDP ? "udp"
                                                        : "sctp",
                         port[0] << 8 | port[1]);
        }
        }
}
