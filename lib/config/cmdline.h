/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The kernel's command line as systemd reads it (kernel-command-line(7)): /proc/cmdline, in a
 * container the arguments of PID 1, for tests $SYSTEMD_PROC_CMDLINE (secure_getenv only). */

#include <stdbool.h>

/* Why nothing starts with vnet=no: the generator leaves it in the units, the helper tells it. */
#define SWITCHED_OFF "switched off by vnet=no on the kernel command line"

/* The boolean behind "KEY=", where "KEY" without a value means yes. The last one wins, and a value
 * that is no boolean does not count. Where there is none the answer is what the caller gives as
 * otherwise. '-' and '_' are alike in keys, and values may be in double quotes. */
bool cmdline_bool(const char *root, const char *key, bool otherwise);
/* The same on a text, for tests and the fuzzer. */
bool cmdline_bool_in(const char *text, const char *key, bool otherwise);
