/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From a NAME to its plan: reads the files, and asks for what has to be known beyond them. */

#include "plan.h"

/* -ENOENT: there is no such file. With wait, a bridge that no .vnet defines is waited for. The
 * model, which the caller frees, is handed out too where ret_model is not NULL. */
int gather_plan(const char *root, const char *name, bool wait, struct plan **ret,
                struct vnet **ret_model, struct diags *d);
