/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which connections a change of the table concerns. conntrack asks the nat chains once, for the
 * first packet: a connection keeps what was decided then, or that nothing was decided, until it is
 * forgotten. All of this is best effort: without memory some connections live on until they end. */

#include "netlink/socket.h"
#include "nft/nft.h"

/* Of elements that have come: what began at these ports before, and what a port at one address takes
 * from the same port at all addresses. */
void flows_forget_arriving(struct nft *nft, struct nl *host,
                           const struct op_element *const *elements, size_t n);

/* Does an element of this set decide what leaves a subnet, or as what? */
bool set_decides_leaving(uint8_t set);
/* What these elements would not let out as it goes out now. before: what was there and is no more. Other
 * elements may be among both. */
void flows_forget_leaving(struct nft *nft, struct nl *host, const struct op_element *const *now,
                          size_t n, const struct op_element *const *before, size_t n_before);

/* A bridge goes, and with it all who had an address in the subnets of these elements. */
void flows_forget_bridge(struct nft *nft, const struct op_element *const *homes, size_t n);
