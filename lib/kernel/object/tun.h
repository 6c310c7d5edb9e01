/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* Makes an interface of kind tun or tap; one that is there gets its owners back. */
int tun_make(struct pass *r, const struct op *op);
