/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Ports that may be opened from outside, as Inbound= and the state record have them. */

#include "inbound.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "util.h"
#include "value.h"

int inbound_parse(const char *text, struct inbound *ret) {
        struct inbound port = { .origin = ret->origin, .protocol = IPPROTO_TCP };
        char word[WORD_MAX], *slash;
        uint32_t first, last;

        if (strlen(text) >= sizeof word)
                return -EINVAL;
        strcpy(word, text);
        slash = strchr(word, '/');
        if (slash)
                *slash = '\0';
        if (slash && parse_protocol(slash + 1, &port.protocol) < 0)
                return -EINVAL;
        if (parse_range(word, 1, 65535, &first, &last) < 0)
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
