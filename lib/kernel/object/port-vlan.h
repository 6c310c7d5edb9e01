/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* In which VLANs an interface of the host is that is a port of a bridge. */

#include "pass/pass.h"
#include "vlan-set.h"

/* Without a tag in pvid, where that is not 0, with one in the others, and in no more. 0 or r->error. */
int port_vlan_set(struct pass *r, const struct op *op, int index, uint16_t pvid,
                  const struct vlan_set *tagged);
/* As a port that is new on that bridge. A kernel without VLANs on bridges has nothing to set. */
int port_vlan_reset(struct pass *r, const struct op *op, int index, const char *bridge);
/* What the kernel has; the text lives as long as the pass. -ENOENT: it is no port. */
int port_vlan_look(struct pass *r, int index, uint16_t *ret_pvid, const char **ret_tagged);
