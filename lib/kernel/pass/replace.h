/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which operations make way for which in a reload, and when. */

#include "plan.h"

/* When what goes does so. */
enum change_part {
        CHANGE_BEFORE, /* in the way of what comes */
        CHANGE_WITHIN, /* overwritten by what comes, or an element that leaves as others come */
        CHANGE_AFTER,
};

/* A reload: which operations of one plan go and which of another come. The first four are the
 * caller's, the next three are from change_find_order(). All arrays have one entry for each operation of
 * from, or of to. */
struct change {
        struct plan *from, *to;
        bool *goes, *comes;
        uint8_t *parts;   /* of from: enum change_part */
        size_t *replaced; /* of to: 1 + the operation of from whose place it takes; 0: none */
        char **saved;     /* of to: what sysctls had */
        char **before; /* of from, borrowed: the same, in a change that takes another back; or NULL */
};

/* Finds out, by what goes and comes. 0 or -ENOMEM; change_free() in any case. */
int change_find_order(struct change *c);
void change_free(struct change *c);

/* The operation whose place op, which comes, takes in one step. NULL: none; c may be NULL. */
const struct op *change_replaced(const struct change *c, const struct op *op);
/* May connections go on through this published port, which comes, that began by one that goes? */
bool change_inherits(const struct change *c, const struct op *op);
