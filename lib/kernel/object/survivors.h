/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

enum { SURVIVORS_NAMED = 4, SURVIVORS_COMM_MAX = 16 };

struct survivors {
        size_t n;
        char text[SURVIVORS_NAMED * (SURVIVORS_COMM_MAX + 16)]; /* the first of them */
};

/* Who is in the namespace of this operation, by r->peer_nsid where that is known. Two system calls for each process there is. */
void survivors_find(const struct pass *r, const struct op *netns, struct survivors *ret);
/* A warning. */
void survivors_tell(struct pass *r, const struct op *netns, const struct survivors *s);
