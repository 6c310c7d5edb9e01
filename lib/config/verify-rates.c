/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks what RateIn= and RateOut= want against the rest of the file. */

#include "util.h"
#include "verify-internal.h"
#include "verify.h"

/* The kernel drops each packet that is more than the burst, so that small ones pass and large ones never. */
static bool holds_packet(const struct rate *rate, uint32_t mtu, const struct origin *at,
                         const char *key, struct diags *d) {
        if (!rate->bits || !rate->burst || rate->burst >= mtu + RATE_FRAME)
                return true;
        diag_error(
                d, -EINVAL, at, key,
                "the burst of %u bytes holds no whole packet: with an MTU of %u it has to be %u or more",
                rate->burst, mtu, mtu + RATE_FRAME);
        return false;
}

bool verify_bursts(const struct link *l, uint32_t mtu, struct diags *d) {
        bool in = holds_packet(&l->rate_in, mtu, &l->rate_in_origin, "RateIn", d);

        return holds_packet(&l->rate_out, mtu, &l->rate_out_origin, "RateOut", d) && in;
}

/* Of an interface of the host that RateOut= makes: is the name another's of this file? */
static void check_ifb_name(struct check *c, const struct link *l) {
        char name[IFNAMSIZ];

        link_ifb_name(c->v, l, name);
        list_foreach (other, &c->v->ns.links)
                if (streq(name, other->host_name) || streq(name, other->bridge))
                        wrong(c, &l->rate_out_origin, "RateOut",
                              "its interface '%s' is also named at %s:%u", name, other->origin.path,
                              other->origin.line);
}

/* On somebody else's bridge the MTU is known when the network comes up. */
void check_rates(struct check *c, const struct link *l) {
        if ((l->settings.mtu || !l->bridge[0]) &&
            !verify_bursts(l, l->settings.mtu ?: MTU_NORMAL, c->d))
                c->failed = true;
        if (link_needs_ifb(l))
                check_ifb_name(c, l);
}
