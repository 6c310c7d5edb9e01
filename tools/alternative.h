/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model.h"

/* Is this no name of an interface of the host, but an alternative name of that in ret? */
bool is_alternative(const char *name, char ret[static IFNAMSIZ]);
/* Then says so: the units of systemd wait for the name. */
bool advise_alternative(const char *name, const struct origin *at, const char *key,
                        struct diags *d);
/* Where a bridge asks for what is done by name alone; told at the line of the key. 0 or -EINVAL. */
int refuse_alternatives(const struct vnet *v, struct diags *d);
