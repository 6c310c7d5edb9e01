/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* One field of an operation, printed as text and read back, by its type. */

#include "plan.h"

/* 0, -EINVAL or -ENOMEM; strings and lists go to the plan's pool. */
int field_parse(struct plan *p, struct op *op, const struct field *f, const char *text);
