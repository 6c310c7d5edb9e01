/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A namespace that somebody took the name from. Private to lib/kernel/object. */

#include "pass/pass.h"

/* Has the host give the namespace a number, by which it can be asked for what is in it as long as
 * it lives. Queued. */
int nameless_prepare(struct pass *r, const struct op *op);
/* Deletes the interface in whatever namespace of ours has lost its name and lives on. 0, also where
 * none has it, or r->error. */
int nameless_delete(struct pass *r, const struct op *op);
