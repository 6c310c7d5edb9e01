/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Decides which operations make way for which in a reload, and when they do so. */

#include "plan.h"

/* When an operation that goes is undone. */
enum change_part {
        CHANGE_BEFORE, /* before all that comes, as it is in the way of one of these */
        CHANGE_WITHIN, /* with what comes: it is overwritten, or it is an element of the same transaction */
        CHANGE_AFTER, /* after all that comes is there */
};

/* A reload from one plan to another. Each array has one entry for each operation of the plan that
 * is named beside it. The plans, goes and comes are the caller's. parts, replaced and saved are
 * made by change_find_order() and belong to the change. */
struct change {
        struct plan *from, *to;
        bool *goes, *comes; /* of from, of to */
        uint8_t *parts;     /* of from: enum change_part; it counts where goes is set */
        size_t *replaced; /* of to: 1 + the number of the operation of from whose place it takes; 0: none */
        char **saved;  /* of to: what a sysctl had before, owned; NULL where it is not known */
        char **before; /* of from, borrowed: saved of the change that this one takes back; or NULL */
};

/* Fills parts and replaced from goes and comes. 0 or -ENOMEM; change_free() has to follow in any
 * case. */
int change_find_order(struct change *c);
/* Frees what change_find_order() has made, and what was saved since. */
void change_free(struct change *c);

/* The operation of from whose place op, one of to that comes, takes in one step; NULL where there
 * is none. c may be NULL, where no reload is under way. */
const struct op *change_replaced(const struct change *c, const struct op *op);
/* May connections through this published port, which comes, have begun by an element that goes? c
 * may be NULL. */
bool change_inherits(const struct change *c, const struct op *op);
