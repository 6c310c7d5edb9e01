/* SPDX-License-Identifier: GPL-2.0-or-later */

/* tables keys|fields|sets: what the tables of vnet have, one row a line, for the suites that look whether all of it is tried.
 * They ask the tables themselves, so nothing lists their rows a second time. */

#include <stdio.h>

#include "plan.h"
#include "schema.h"
#include "table.h"
#include "util.h"

/* "SECTION KEY" of each key that can be given */
static void print_keys(void) {
        for (size_t i = 0; i < schema_n_keys; i++)
                if (!(schema_keys[i].flags & KEY_UNSUPPORTED))
                        printf("%s %s\n", schema_sections[schema_keys[i].section].name,
                               schema_keys[i].name);
}

static void print_operation(const struct op *op) {
        const struct field *fields;
        size_t n;

        fields = op_fields(op, &n);
        printf("%s -\n", op_name(op));
        for (size_t i = 0; i < n; i++)
                printf("%s %s%s\n", op_name(op), fields[i].name,
                       fields[i].flags & FIELD_LEARNED ? " learned" : "");
}

/* "OPERATION -" of each kind of operation; "OPERATION FIELD", with " learned" behind what only a start knows */
static void print_fields(void) {
        for (unsigned k = 0; k < OP_KINDS; k++)
                if (k != OP_DEVICE)
                        print_operation(&(struct op){ .kind = (enum op_kind)k });
        for (uint8_t k = 0; k < LINK_KINDS; k++)
                if (link_kinds[k]->birth != BORN_BY_KERNEL)
                        print_operation(&(struct op){ .kind = OP_DEVICE, .device.kind = k });
}

static void print_sets(void) {
        for (size_t i = 0; i < NFT_SETS; i++)
                puts(nft_sets[i].name);
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                void (*print)(void);
        } tables[] = { { "keys", print_keys }, { "fields", print_fields }, { "sets", print_sets } };

        for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(tables); i++)
                if (streq(argv[1], tables[i].name)) {
                        tables[i].print();
                        return fflush(stdout) == 0 ? 0 : 1;
                }
        fputs("usage: tables keys|fields|sets\n", stderr);
        return 2;
}
