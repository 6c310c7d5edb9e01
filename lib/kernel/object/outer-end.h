/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The outer end of a veth dies with the namespace of the inner one, some time after the name of
 * that namespace is gone: it takes some milliseconds when the kernel is idle, while RTM_DELLINK
 * waits 15 to 33 ms for grace periods. So the name is removed first; then one waits until the outer
 * end is gone, and deletes it by hand where somebody else holds the namespace. */

#include "pass/pass.h"

/* This outer end will go with the namespace of the plan. */
int outer_end_expect_gone(struct pass *r, unsigned index);
/* All are gone, or an error. */
int outer_ends_wait_gone(struct pass *r);
