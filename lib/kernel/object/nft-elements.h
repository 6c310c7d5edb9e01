/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* Sends the elements that do_element() or undo_element() left queued, as one transaction. */
int element_commit(struct pass *r);
/* Forgets connections through withdrawn elements: needs no lock and may take some milliseconds. */
void element_forget(struct pass *r);
