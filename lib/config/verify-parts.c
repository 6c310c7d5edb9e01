/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the verify*.c files share. */

#include <errno.h>
#include <sys/socket.h>

#include "util.h"
#include "verify-internal.h"

const char *family_name(enum families f) {
        return f == FAMILY_IPV4 ? "IPv4" : f == FAMILY_IPV6 ? "IPv6" : "IP";
}

const struct link *facing_link(const struct vnet *v) {
        list_foreach (l, &v->ns.links)
                if (link_faces_host(l))
                        return l;
        return NULL;
}

void check_mtu(struct check *c, const struct origin *at, uint32_t mtu, enum families families) {
        if (mtu && mtu < 1280 && families & FAMILY_IPV6)
                wrong(c, at, "MTUBytes", "%u is less than the 1280 that IPv6 needs", mtu);
}

void check_masquerade(struct check *c, const struct origin *at, enum families asked,
                      enum families there) {
        if (asked && !(asked & there))
                wrong(c, at, "IPMasquerade", "there is no %s address whose subnet it could be for",
                      family_name(asked));
}

void check_not_loopback(struct check *c, const struct origin *at, const char *key,
                        const char *name) {
        if (streq(name, "lo"))
                wrong(c, at, key, "'lo' is the loopback interface of the host");
}
