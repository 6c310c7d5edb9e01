/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "diag.h"
#include "model.h"

/* Looks up the names of User= and Group= of all links in the files of that root. Each that is not there is told. */
int accounts_resolve(const char *root, struct vnet *v, struct diags *d);
