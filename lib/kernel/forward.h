/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "nft.h"

/* Adds the guard's elements to the transaction that nft_begin() has begun: after a flush. */
int forward_restore_guard(struct nft *nft);
