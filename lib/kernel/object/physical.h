/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* Interfaces of the host that are moved in. Learning comes before the record is written: it waits for the interface, refuses
 * one that the host cannot do without, and notes what it is like. */
int physical_learn(struct pass *r, struct op *op);
int physical_do(struct pass *r, const struct op *op);
int physical_undo(struct pass *r, const struct op *op);
int physical_look(struct pass *r, const struct op *op, struct op *ret);
