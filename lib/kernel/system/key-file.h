/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Files with secret keys. */

#include <stdbool.h>

#include "base64.h"
#include "diag.h"

/* The key in a file, or in a credential of the unit of NAME where that is "@CREDENTIAL": see key_file_valid(). A reader
 * of it is not dumped as a core any more. 0, or a negative errno with the reason in why. */
enum { KEY_WHY_MAX = 160 };
int key_file_read(const char *file, const char *name, uint8_t ret[KEY_SIZE],
                  char why[static KEY_WHY_MAX]);
/* May somebody read it who is neither root nor of its group? */
bool key_file_is_open(const char *file, const char *name);
