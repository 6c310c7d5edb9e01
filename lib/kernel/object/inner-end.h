/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* In a repair, of a pair that is there: its inner end is what it was made as. 0, or a negative errno that is told. */
int inner_end_mend(struct pass *r, const struct op *op);
/* And of one that is not: nobody inside has its name. */
int inner_end_is_free(struct pass *r, const struct op *op);
