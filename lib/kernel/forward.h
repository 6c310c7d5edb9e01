/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "nft.h"

/* What was before forwarding was switched on, as long as it is. */
#define FORWARD_SAVED4 RUN_DIR "/forwarding4"
#define FORWARD_SAVED6 RUN_DIR "/forwarding6"

struct run;

/* Adds the guard's elements to the transaction that nft_begin() has begun: after a flush. */
int forward_restore_guard(struct nft *nft);

/* Writes a line "guard INDEX" for each interface that is to be guarded. */
int guard_save(FILE *f, struct run *r);
