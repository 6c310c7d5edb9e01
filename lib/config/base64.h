/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The text of a key of WireGuard, 32 bytes as 44 characters of base64 (RFC 4648). */

#include <stdint.h>

enum { KEY_SIZE = 32, KEY_TEXT = 44 };

/* 0, or -EINVAL where it is no such text, or not the one that base64_write() makes of the same bytes. */
int base64_read(const char text[KEY_TEXT], uint8_t ret[KEY_SIZE]);
void base64_write(const uint8_t key[KEY_SIZE], char ret[KEY_TEXT + 1]);
