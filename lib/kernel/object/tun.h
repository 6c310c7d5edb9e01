/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* What the kernel says of one: who may open it, and IFF_TUN or IFF_TAP; 0: it is none. */
uint8_t tun_read(const struct nlmsghdr *h, struct device *ret);
/* Makes an interface of kind tun or tap; one that is there gets its owners back. */
int tun_make(struct pass *r, const struct op *op);
