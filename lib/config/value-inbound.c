/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ports that may be opened from outside, as Inbound= and the state record have them. */

#include "inbound.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "util.h"
#include "value.h"

static int parse_protocol(const char *text, uint8_t *ret) {
        static const struct {
                const char *name;
                uint8_t number;
        } protocols[] = { { "tcp", IPPROTO_TCP },
                          { "udp", IPPROTO_UDP },
                          { "sctp", IPPROTO_SCTP } };

        for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
                if (streq(text, protocols[i].name)) {
                        *ret = protocols[i].number;
                        return 0;
                }
        return -EINVAL;
}

int inbound_parse(const char *text, struct inbound *ret) {
        struct inbound port = { .origin = ret->origin, .protocol = IPPROTO_TCP };
        char word[WORD_MAX], *slash, *dash;
        uint32_t first, last;

        if (strlen(text) >= sizeof word)
                return -EINVAL;
        strcpy(word, text);
        slash = strchr(word, '/');
        if (slash)
                *slash = '\0';
        if (slash && parse_protocol(slash + 1, &port.protocol) < 0)
                return -EINVAL;
        dash = strchr(word, '-');
        if (dash)
                *dash = '\0';
        if (parse_u32(word, 1, 65535, &first) < 0)
                return -EINVAL;
        last = first;
        if (dash && (parse_u32(dash + 1, 1, 65535, &last) < 0 || last < first))
                return -EINVAL;
        port.first = (uint16_t)first;
        port.last = (uint16_t)last;
        *ret = port;
        return 0;
}

int inbound_next(const char **text, struct inbound *ret) {
        size_t n = strcspn(*text, ",");
        char word[WORD_MAX];

        *ret = (struct inbound){ 0 };
        if (!**text || streq(*text, "none"))
                return 0;
        if (n >= sizeof word)
                return -EINVAL;
        memcpy(word, *text, n);
        word[n] = '\0';
        *text += n + ((*text)[n] == ',');
        return inbound_parse(word, ret) < 0 ? -EINVAL : 1;
}

int value_inbound_port(struct value_context *c, const char *text, void *field) {
        if (inbound_parse(text, field) < 0)
                return value_refuse(c, "is not any, no, or a port or range of ports as 80, 53/udp, "
                                       "8000-8010/tcp");
        return 0;
}
