/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* %i, %n, %H and %% in values, as in unit files. */

#include "search.h"
#include "value.h"

enum { VALUE_MAX = 1024 }; /* of a value with its specifiers expanded, and its NUL */

/* A copy of the text in the context's pool; -EINVAL with the reason in the context, or -ENOMEM. */
int specifiers_expand(struct value_context *c, const char *root, const struct source *s,
                      const char *text, const char **ret);
