/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Ports of Inbound= as text: "80/tcp,8000-8010/udp", or "none". */

#include "model.h"

/* "80", "80/udp", "8000-8010/tcp" */
int inbound_parse(const char *text, struct inbound *ret);
/* The next one of such a text, which moves behind it: 1, 0 at the end, -EINVAL. */
int inbound_next(const char **text, struct inbound *ret);
