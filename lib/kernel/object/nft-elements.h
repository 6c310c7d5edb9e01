/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* Sends the elements that do_element() or undo_element() left queued, under the lock that these
 * have taken. They come or go in one transaction; where one that shall go has gone already, the
 * others go in another one. 0, or an error that is told at the line of the element which the kernel
 * refused. */
int element_commit(struct pass *r);
/* Forgets the connections through elements that were withdrawn (OP_WITHDRAWN). It needs no lock,
 * may take some milliseconds, and fails silently. */
void element_forget(struct pass *r);
