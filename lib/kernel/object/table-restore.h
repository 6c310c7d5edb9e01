/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "diag.h"
#include "nft/nft.h"

/* Makes the table inet vnet anew from all records of what is up: after somebody's flush, and where an older
 * version made it. The caller holds the shared lock. A record that cannot be read is an error; where the table is gone, the
 * others' elements are back nevertheless. */
int restore_table(struct nft *nft, struct diags *d);
