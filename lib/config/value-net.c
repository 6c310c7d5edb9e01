/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses addresses, and the keys whose values are made of addresses, as well as sysctls. Whatever
 * can be seen to be wrong from the text alone is refused here, in words, so that the kernel does
 * not refuse it at boot with an error number. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "util.h"
#include "value.h"

int parse_address(const char *text, struct address *ret) {
        struct address a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

        if (inet_pton(a.family, text, a.bytes) != 1)
                return -EINVAL;
        *ret = a;
        return 0;
}

bool address_is_loopback(const struct address *a) {
        static const uint8_t one[16] = { [15] = 1 };

        return a->family == AF_INET ? a->bytes[0] == 127 : memcmp(a->bytes, one, sizeof one) == 0;
}

int parse_prefix(const char *text, struct prefix *ret) {
        const char *slash = strchr(text, '/');
        char address[ADDRESS_MAX];
        struct prefix p;
        uint32_t length;

        if (!slash || (size_t)(slash - text) >= sizeof address)
                return -EINVAL;
        memcpy(address, text, (size_t)(slash - text));
        address[slash - text] = '\0';
        if (parse_address(address, &p.address) < 0 ||
            parse_u32(slash + 1, 0, address_bytes(p.address.family) * 8u, &length) < 0)
                return -EINVAL;
        p.length = (uint8_t)length;
        *ret = p;
        return 0;
}

int parse_mac(const char *text, struct mac *ret) {
        struct mac mac = { .set = true };

        if (strlen(text) != MAC_MAX - 1)
                return -EINVAL;
        for (size_t i = 0; i < MAC_MAX - 1; i++) {
                static const char digits[] = "0123456789abcdef0123456789ABCDEF";
                const char *digit = i % 3 == 2 ? NULL : strchr(digits, text[i]);

                if (i % 3 == 2 ? text[i] != ':' : !digit)
                        return -EINVAL;
                if (digit)
                        mac.bytes[i / 3] = (uint8_t)(mac.bytes[i / 3] << 4 | (digit - digits) % 16);
        }
        *ret = mac;
        return 0;
}

int value_mac(struct value_context *c, const char *text, void *field) {
        static const uint8_t zero[6];
        struct mac mac;

        if (parse_mac(text, &mac) < 0)
                return value_refuse(c, "is not a MAC address such as 02:00:00:00:00:01");
        if (mac.bytes[0] & 1)
                return value_refuse(c, "is a multicast address");
        if (memcmp(mac.bytes, zero, sizeof zero) == 0)
                return value_refuse(c, "is not a usable MAC address");
        *(struct mac *)field = mac;
        return 0;
}

int value_device(struct value_context *c, const char *text, void *field) {
        struct named_device *device = field;

        *device = (struct named_device){ 0 };
        return strchr(text, ':') ? value_mac(c, text, &device->address)
                                 : value_ifname(c, text, device->name);
}

/* NULL: may be given to an interface or be a gateway; else what it is. */
static const char *address_fault(const struct address *a) {
        static const uint8_t zero[16], broadcast[4] = { 255, 255, 255, 255 },
                                       mapped[12] = { [10] = 0xff, [11] = 0xff };
        bool v4 = a->family == AF_INET;

        if (memcmp(a->bytes, zero, address_bytes(a->family)) == 0)
                return "is the unspecified address";
        if (v4 ? (a->bytes[0] & 0xf0) == 0xe0 : a->bytes[0] == 0xff)
                return "is a multicast address";
        if (v4 && memcmp(a->bytes, broadcast, sizeof broadcast) == 0)
                return "is the broadcast address";
        if (!v4 && memcmp(a->bytes, mapped, sizeof mapped) == 0)
                return "is an IPv4-mapped IPv6 address";
        return NULL;
}

/* The first and the last address of an IPv4 network are nobody's, but for /31 and /32 (RFC
 * 3021). */
static const char *edge_fault(const struct prefix *p) {
        uint32_t address, mask;

        if (p->address.family != AF_INET || p->length > 30)
                return NULL;
        memcpy(&address, p->address.bytes, sizeof address);
        mask = UINT32_MAX >> p->length;
        if ((ntohl(address) & mask) == 0)
                return "is the address of the network itself";
        if ((ntohl(address) & mask) == mask)
                return "is the broadcast address of its network";
        return NULL;
}

static int check_interface_address(struct value_context *c, const struct prefix *p) {
        const char *fault = address_fault(&p->address);

        if (!fault && p->length == 0)
                fault = "has prefix length 0, which would make every address a neighbour";
        if (!fault)
                fault = edge_fault(p);
        return fault ? value_refuse(c, "%s", fault) : 0;
}

/* The length of a netmask such as 255.255.0.0, or -1. */
static int netmask_length(const char *text) {
        struct address a;
        uint32_t mask, length = 0;

        if (parse_address(text, &a) < 0 || a.family != AF_INET)
                return -1;
        memcpy(&mask, a.bytes, sizeof mask);
        mask = ntohl(mask);
        while (length < 32 && mask & (1u << (31 - length)))
                length++;
        return length > 0 && (length == 32 || !(mask << length)) ? (int)length : -1;
}

/* Why it is no ADDRESS/LENGTH, and what it would be: often there is no length, or a netmask for one. */
static int refuse_prefix(struct value_context *c, const char *word, const char *next) {
        const char *slash = strchr(word, '/');
        int n = slash ? (int)(slash - word) : (int)strlen(word);
        char address[WORD_MAX];
        struct address a;
        int length;

        snprintf(address, sizeof address, "%.*s", n, word);
        if (parse_address(address, &a) < 0)
                return value_refuse(
                        c, "is not an address with a prefix length, such as 172.18.0.10/16");
        if (streq(next, "netmask"))
                return value_refuse(c, "has a netmask; write a prefix length, such as %s/24",
                                    address);
        length = a.family == AF_INET ? netmask_length(slash ? slash + 1 : next) : -1;
        if (length > 0)
                return value_refuse(c, "has a netmask; write %s/%d", address, length);
        if (slash)
                return value_refuse(c, "has a prefix length that is not a number from 0 to %u",
                                    address_bytes(a.family) * 8u);
        return value_refuse(c, "needs a prefix length, such as %s/%d", address,
                            a.family == AF_INET ? 24 : 64);
}

int value_address_peer(struct value_context *c, const char *text, void *field) {
        char word[WORD_MAX], peer_word[WORD_MAX], peer[WORD_MAX];
        struct ip_address *a = field;
        int r;

        if (next_word(&text, word) <= 0 || next_word(&text, peer_word) < 0)
                return value_refuse(c, "is not an address");
        if (streq(word, "pool") && !peer_word[0])
                return value_refuse(c, "is not supported yet");
        if (parse_prefix(word, &a->prefix) < 0)
                return refuse_prefix(c, word, peer_word);
        if (!peer_word[0])
                return check_interface_address(c, &a->prefix);
        r = next_word(&text, peer);
        if (!streq(peer_word, "peer") || r <= 0 || parse_address(peer, &a->peer) < 0 ||
            next_word(&text, word) != 0)
                return value_refuse(c, "is not of the form ADDRESS/LENGTH peer ADDRESS");
        if (a->peer.family != a->prefix.address.family)
                return value_refuse(c, "has a peer of another family");
        /* With a peer the length belongs to the peer's network (ip-address(8)). */
        if (address_fault(&a->prefix.address))
                return value_refuse(c, "%s", address_fault(&a->prefix.address));
        return check_interface_address(c, &(struct prefix){ a->peer, a->prefix.length });
}

int value_gateway(struct value_context *c, const char *text, void *field) {
        struct ip_gateway *g = field;
        struct prefix p;

        if (parse_prefix(text, &p) == 0)
                return value_refuse(c, "has a prefix length; write the address alone");
        if (parse_address(text, &g->address) < 0)
                return value_refuse(c, "is not an address");
        if (address_fault(&g->address))
                return value_refuse(c, "%s", address_fault(&g->address));
        return 0;
}

int value_snat(struct value_context *c, const char *text, void *field) {
        struct ip_gateway *g = field;
        int r = value_gateway(c, text, field);

        if (r < 0)
                return r;
        if (address_is_loopback(&g->address))
                return value_refuse(c, "is a loopback address");
        return 0;
}

int value_neighbor(struct value_context *c, const char *text, void *field) {
        char address[WORD_MAX], word[WORD_MAX], mac[WORD_MAX], rest[WORD_MAX];
        struct neighbor *n = field;

        if (next_word(&text, address) <= 0 || next_word(&text, word) <= 0 ||
            next_word(&text, mac) <= 0 || next_word(&text, rest) != 0 || !streq(word, "lladdr"))
                return value_refuse(c, "is not of the form ADDRESS lladdr MAC");
        if (parse_address(address, &n->address) < 0)
                return value_refuse(c, "has no valid address before lladdr");
        if (address_fault(&n->address))
                return value_refuse(c, "has an address that %s", address_fault(&n->address));
        if (parse_mac(mac, &n->mac) < 0)
                return value_refuse(c, "has no valid MAC address after lladdr");
        return 0;
}

/* sysctl.d(5): where the first separator is a dot, dots separate and a slash stands for a dot. */
static void sysctl_path(char *key) {
        size_t first = strcspn(key, "./");

        if (key[first] != '.')
                return;
        for (char *p = key; *p; p++)
                *p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
}

static bool sysctl_path_valid(const char *path) {
        for (const char *p = path;; p++) {
                size_t n = strcspn(p, "/");

                if (n == 0 || (n == 1 && *p == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
                        return false;
                p += n;
                if (!*p)
                        return true;
        }
}

int value_sysctl(struct value_context *c, const char *text, void *field) {
        struct sysctl *s = field;
        const char *equals = strchr(text, '='), *end = equals, *value;
        _cleanup_free_ char *key = NULL;

        if (!equals)
                return value_refuse(c, "is not of the form net.KEY=VALUE");
        while (end > text && strchr(" \t", end[-1]))
                end--;
        value = equals + 1 + strspn(equals + 1, " \t");
        key = strndup(text, (size_t)(end - text));
        if (!key)
                return -ENOMEM;
        sysctl_path(key);
        if (strpbrk(key, "*?["))
                return value_refuse(c, "is a pattern, which only sysctl.d(5) has");
        for (const char *p = key; *p; p++)
                if (!is_alnum(*p) && !strchr("_.-+@/", *p))
                        return value_refuse(c, "has a character that is not allowed in a key");
        if (!startswith(key, "net/"))
                return value_refuse(c,
                                    "is not a key below net, the only ones that are a namespace's");
        if (!sysctl_path_valid(key))
                return value_refuse(c, "has an empty part or a '..' in its key");
        if (!*value)
                return value_refuse(c, "has no value");
        if (strstr(value, " #") || strstr(value, "\t#"))
                return value_refuse(c, "has a '#' after white space");
        s->key = pool_strdup(c->pool, key);
        s->value = pool_strdup(c->pool, value);
        return s->key && s->value ? 0 : -ENOMEM;
}
