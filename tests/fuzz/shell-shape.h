/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* The shape of a shell script: 'w' for each word however it is quoted, and every character that
 * means something to sh(1) where it stands, in order. Two scripts that differ in names alone have
 * one shape, unless a name is taken for more than a name. The caller frees; NULL where a quote is
 * left open. ret_words, which the caller frees too: the words without their quotes, a line each, every byte but letters
 * and digits as 'x'. */
char *shell_shape(const char *script, size_t size, char **ret_words);
