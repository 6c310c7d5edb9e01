/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses RateIn= and RateOut=. Rates are counted in thousands, as those of cables, and sizes in powers of 1024, both as
 * systemd.netdev(5) does it. */

#include <errno.h>

#include "util.h"
#include "value-words.h"

enum { FRACTION_MAX = 3 }; /* digits: a thousandth of a thousand is a whole number */

/* K, M, G or nothing: 0, 3, 6, 9 zeros or 10, 20, 30 bits. -1: something else. */
static int power_of(const char *suffix) {
        static const char letters[] = "KMG";
        const char *at = *suffix ? strchr(letters, *suffix) : NULL;

        if (!*suffix)
                return 0;
        return at && !suffix[1] ? (int)(at - letters) + 1 : -1;
}

/* "2.5G". -EINVAL: it is none; -ERANGE: a number, but not from 8 kbit/s to 100 Gbit/s. */
static int parse_rate(const char *text, uint64_t *ret) {
        static const uint64_t units[] = { 1, 1000, 1000 * 1000, 1000 * 1000 * 1000 };
        const uint64_t least = 8000, most = 100 * units[3];
        size_t digits = strspn(text, "0123456789"), n = 0;
        uint64_t whole = 0, fraction = 0, scale = 1;
        const char *p = text + digits;
        int power;

        if (digits == 0 || (digits > 1 && text[0] == '0'))
                return -EINVAL;
        for (size_t i = 0; i < digits; i++)
                if (whole <= most)
                        whole = whole * 10 + (uint64_t)(text[i] - '0');
        if (*p == '.') {
                p++;
                n = strspn(p, "0123456789");
                for (size_t i = 0; i < n && i < FRACTION_MAX; i++, scale *= 10)
                        fraction = fraction * 10 + (uint64_t)(p[i] - '0');
                p += n;
        }
        power = power_of(p);
        if (power < 0 || n > FRACTION_MAX || p[-1] == '.' || (n > 0 && power == 0))
                return -EINVAL;
        if (whole > most / units[power])
                return -ERANGE;
        whole = whole * units[power] + fraction * (units[power] / scale);
        if (whole < least || whole > most)
                return -ERANGE;
        *ret = whole;
        return 0;
}

static int parse_size(const char *text, uint32_t *ret) {
        size_t digits = strspn(text, "0123456789");
        int power = power_of(text + digits);
        char number[16] = "";
        uint32_t n;

        if (power < 0 || digits >= sizeof number)
                return -EINVAL;
        memcpy(number, text, digits);
        if (parse_u32(number, 1, (uint32_t)1 << (30 - 10 * power), &n) < 0)
                return -EINVAL;
        *ret = n << (10 * power);
        return 0;
}

static int parse_burst(struct words *w, uint32_t *ret) {
        int r = words_next(w);

        if (r <= 0)
                return r;
        if (!streq(w->word, "burst"))
                return value_refuse(
                        w->c, "has '%s' behind the rate, where only 'burst SIZE' may be", w->word);
        r = words_argument(w, "burst");
        if (r < 0)
                return r;
        if (parse_size(w->word, ret) < 0)
                return value_refuse(
                        w->c, "has the burst '%s', which is no size in bytes such as 64K, up to 1G",
                        w->word);
        r = words_next(w);
        return r > 0 ? value_refuse(w->c, "has '%s' behind the burst", w->word) : r;
}

int value_rate(struct value_context *c, const char *text, void *field) {
        struct words w = { .c = c, .rest = text };
        struct rate rate = { 0 };
        int r = words_next(&w);

        if (r < 0)
                return r;
        r = parse_rate(w.word, &rate.bits);
        if (r == -ERANGE)
                return value_refuse(c, "is not a rate from 8K to 100G");
        if (r < 0)
                return value_refuse(c, "is not a rate in bits a second, such as 100M");
        r = parse_burst(&w, &rate.burst);
        if (r < 0)
                return r;
        *(struct rate *)field = rate;
        return 0;
}
