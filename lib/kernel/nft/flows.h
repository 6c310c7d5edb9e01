/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Forgets the connections that a change of the table concerns. conntrack asks the chains of type
 * nat once, for the first packet of a connection (nft(8), "NAT STATEMENTS"). What was decided then,
 * or that nothing was decided, stays until the connection is forgotten, whatever the table says by
 * now.
 *
 * The elements are the caller's, and so are the sockets: nft and host have to be in the namespace
 * of the host. Nothing is returned and nothing is told. Where memory or the kernel fails, some
 * connections live on until they end by themselves. */

#include "netlink/socket.h"
#include "nft/nft.h"

/* For elements that have come into the table. Of those that publish ports it forgets the flows to
 * these ports that began before, and those that the same port at all addresses led elsewhere. Other
 * elements may be among them. */
void flows_forget_arriving(struct nft *nft, struct nl *host,
                           const struct op_element *const *elements, size_t n);

/* Does an element of this set (enum nft_set) decide whether a packet may leave a subnet, or with
 * which source? */
bool set_decides_leaving(uint8_t set);
/* Forgets the connections that would leave otherwise now than they do: with another source, or not
 * at all. now has the elements that are in the table, before those that were in it and are no more.
 * Other elements than those of set_decides_leaving() may be among both. */
void flows_forget_leaving(struct nft *nft, struct nl *host, const struct op_element *const *now,
                          size_t n, const struct op_element *const *before, size_t n_before);

/* Does an element of this set decide whether a connection may be opened to the host, or off a subnet or into one? */
bool set_decides_passing(uint8_t set);
/* Forgets the connections that could be opened before and cannot be now. now and before as above, of one network; other elements
 * may be among both. */
void flows_forget_denied(struct nft *nft, struct nl *host, const struct op_element *const *now,
                         size_t n, const struct op_element *const *before, size_t n_before);

/* A bridge goes. Forgets all connections of addresses in the subnets of these elements. */
void flows_forget_bridge(struct nft *nft, const struct op_element *const *homes, size_t n);
