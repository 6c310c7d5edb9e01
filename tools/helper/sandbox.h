/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The verbs of vnet-helper, as bits: each has a list of its own of what it may ask of the kernel. */
enum sandbox { SANDBOX_UP = 1, SANDBOX_RELOAD = 2, SANDBOX_DOWN = 4, SANDBOX_RESTORE = 8 };

/* From here on this process can make the system calls that VERB needs, and gets EPERM for all others. */
int sandbox_enter(enum sandbox verb);
