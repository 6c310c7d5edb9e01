/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "diag.h"
#include "nft/nft.h"

/* Makes the table inet vnet anew from the records of all that is up: after somebody's flush, or
 * where an older version had made it. The caller holds the shared lock. 0 or a negative errno with
 * the reason in d. A record that cannot be read is an error too; where the table was gone, the
 * elements of the others are back nevertheless. What was started in another network namespace of the host is left
 * to a restore there; where that is all there is, that is an error. */
int restore_table(struct nft *nft, struct diags *d);

/* Takes the family of the table. */
#define NFT_FOREIGN               \
        "the table %s " NFT_TABLE \
        " has been made by somebody else, and virtual networks need that name; give it another"
