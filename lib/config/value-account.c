/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses users and groups, by name or by number. Which number a name has is asked when a network is started, and not here:
 * at the time of the generator there may be no such user yet. */

#include "util.h"
#include "value.h"

enum { ACCOUNT_BYTES = 31 }; /* utmp(5) has room for 32 */

/* The last number is the kernel's "nobody was named". */
int parse_account(const char *text, struct account *ret) {
        uint32_t id;

        if (parse_u32(text, 0, UINT32_MAX - 1, &id) < 0)
                return -EINVAL;
        *ret = (struct account){ true, id };
        return 0;
}

/* useradd(8) takes no more, but for a '$' at the end. */
static bool is_account_name(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > ACCOUNT_BYTES || *name == '-' || *name == '.')
                return false;
        for (const char *p = name; *p; p++)
                if (!is_alnum(*p) && *p != '_' && *p != '-' && *p != '.')
                        return false;
        return strspn(name, "0123456789") < n;
}

static int value_account(struct value_context *c, const char *text, struct owner *ret,
                         const char *what) {
        struct owner owner = { 0 };

        if (parse_account(text, &owner.id) < 0) {
                if (!is_account_name(text))
                        return value_refuse(c, "is neither the name of a %s nor a number", what);
                owner.name = pool_strdup(c->pool, text);
                if (!owner.name)
                        return -ENOMEM;
        }
        *ret = owner;
        return 0;
}

int value_user(struct value_context *c, const char *text, void *field) {
        return value_account(c, text, field, "user");
}

int value_group(struct value_context *c, const char *text, void *field) {
        return value_account(c, text, field, "group");
}
