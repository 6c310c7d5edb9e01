/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the generator found when it held all files against each other. The helper of one NAME does
 * not do that again; the generator leaves its reasons for it, as comments in the drop-in of the
 * refused unit. */

#include "diag.h"

/* 0: not refused; -EINVAL: refused, told in d. */
int refused_read(const char *name, struct diags *d);
