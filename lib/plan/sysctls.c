/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The sysctls that vnet sets by itself: in a new namespace, and for each mode of IPv6. They are
 * data, so that the helper and the shell form cannot differ. */

#include "plan.h"

#define MODE(m) (1U << INET6_##m)
const struct netns_setting netns_settings[NETNS_SETTINGS] = {
        { "all/forwarding", '0', false },
        { "all/route_localnet", '0', false },
        { "all/rp_filter", '0', false },
        { "all/accept_local", '0', false },
        { "all/src_valid_mark", '0', false },
        { "all/proxy_arp", '0', false },
        { "all/arp_filter", '0', false },
        { "all/arp_ignore", '0', false },
        { "all/arp_announce", '0', false },
        /* with it nobody inside would hear that an address has moved */
        { "all/drop_gratuitous_arp", '0', false },
        { "all/forwarding", '0', true },
        { "all/disable_ipv6", '0', true },
        { "default/disable_ipv6", '0', true },
        { "default/accept_ra", '1', true },
        { "default/autoconf", '1', true },
};

#define WITH_ADDRESSES (MODE(STATIC) | MODE(DAD) | MODE(RA))
/* First of all IPv6 itself, which the host may have switched off for whatever comes. Addresses stay while the link is
 * down for a moment, and are announced. */
const struct inet6_setting inet6_settings[] = {
        { "disable_ipv6", "0", WITH_ADDRESSES, false, true },
        { "accept_ra", "0", MODE(NONE) | MODE(STATIC) | MODE(DAD), false, false },
        { "accept_dad", "0", MODE(STATIC), false, false },
        { "keep_addr_on_down", "1", WITH_ADDRESSES, false, false },
        { "ndisc_notify", "1", WITH_ADDRESSES, true, false },
        { NULL, NULL, 0, false, false },
};

bool inet6_sets(const struct op *op, const struct inet6_setting *setting) {
        return setting->modes & (1U << op->inet6.mode) &&
               (op->place != PLACE_HOST || !setting->inside);
}
