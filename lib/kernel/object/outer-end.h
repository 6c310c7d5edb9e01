/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The outer end of a veth dies with the namespace of the inner one, some time after the name of
 * that namespace is gone: some milliseconds where the kernel has nothing else to do. RTM_DELLINK
 * takes 15 to 33 ms, as it waits for grace periods of RCU by itself. So a stop removes the name of
 * the namespace first; then it waits until the outer ends are gone, and deletes them by hand where
 * somebody else holds the namespace. */

#include "pass/pass.h"

/* Notes that the interface of this index, on the host, will go with the namespace of the plan. 0 or
 * -ENOMEM. */
int outer_end_expect_gone(struct pass *r, unsigned index);
/* Returns when all that were noted are gone: 0, or the first error of a deletion, which is told in
 * r->d. It needs the socket pass_host(r), with nothing queued. */
int outer_ends_wait_gone(struct pass *r);
