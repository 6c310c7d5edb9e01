/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where a generator's messages go: the kernel log when systemd runs it, else standard error. */

#include <stdbool.h>

#include "diag.h"

struct log {
        int kmsg; /* -1: standard error */
        unsigned written, dropped;
};

#define LOG_NULL \
        { -1, 0, 0 }

void log_open(struct log *log);
void log_diags(struct log *log, const struct diags *d);
/* Says how many messages were too many, and closes. */
void log_close(struct log *log);
