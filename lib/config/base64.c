/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keys as text. They may be secret: nothing here looks up a table by a byte of one, as that leaves traces in the caches of
 * a machine that is shared. */

#include "base64.h"

#include <errno.h>

/* All bits set where low <= c <= high, else none. */
static int between(int c, int low, int high) {
        return -(int)((uint32_t)((low - 1 - c) & (c - high - 1)) >> 31);
}

/* 0 to 63; all bits set: it is no digit. */
static uint32_t value_of(int c) {
        return (uint32_t)(-1 + (between(c, 'A', 'Z') & (c - 'A' + 1)) +
                          (between(c, 'a', 'z') & (c - 'a' + 27)) +
                          (between(c, '0', '9') & (c - '0' + 53)) + (between(c, '+', '+') & 63) +
                          (between(c, '/', '/') & 64));
}

static char digit_of(int v) {
        return (char)((between(v, 0, 25) & ('A' + v)) | (between(v, 26, 51) & ('a' + v - 26)) |
                      (between(v, 52, 61) & ('0' + v - 52)) | (between(v, 62, 62) & '+') |
                      (between(v, 63, 63) & '/'));
}

/* The last group has two bytes in three digits, whose last two bits are zero. */
int base64_read(const char text[KEY_TEXT], uint8_t ret[KEY_SIZE]) {
        int bad = text[KEY_TEXT - 1] != '=';

        for (int i = 0; i < KEY_TEXT / 4; i++) {
                const char *in = text + 4 * i;
                int last = i == KEY_TEXT / 4 - 1;
                uint32_t a = value_of(in[0]), b = value_of(in[1]), c = value_of(in[2]),
                         d = last ? 0 : value_of(in[3]);

                bad |= (a | b | c | d) >> 31 || (last && c & 3);
                ret[3 * i] = (uint8_t)(a << 2 | b >> 4);
                ret[3 * i + 1] = (uint8_t)(b << 4 | c >> 2);
                if (!last)
                        ret[3 * i + 2] = (uint8_t)(c << 6 | d);
        }
        return bad ? -EINVAL : 0;
}

void base64_write(const uint8_t key[KEY_SIZE], char ret[KEY_TEXT + 1]) {
        for (int i = 0; i < KEY_TEXT / 4; i++) {
                int last = i == KEY_TEXT / 4 - 1;
                int group = key[3 * i] << 16 | key[3 * i + 1] << 8 | (last ? 0 : key[3 * i + 2]);

                ret[4 * i] = digit_of(group >> 18 & 63);
                ret[4 * i + 1] = digit_of(group >> 12 & 63);
                ret[4 * i + 2] = digit_of(group >> 6 & 63);
                ret[4 * i + 3] = last ? '=' : digit_of(group & 63);
        }
        ret[KEY_TEXT] = '\0';
}
