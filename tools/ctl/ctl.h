/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the verbs of vnetctl share: the options, how to speak, and who else to ask. */

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "diag.h"

enum status {
        STATUS_DONE = 0,
        STATUS_FAILED = 1, /* refused, or differs */
        STATUS_USAGE = 2,
        STATUS_NOT_ROOT = 3,
        STATUS_UNKNOWN = 4, /* no such NAME */
};

enum json_mode { JSON_OFF, JSON_SHORT, JSON_PRETTY };

struct ctl {
        const char *root; /* "" or a directory whose files are meant, no slash at its end */
        enum json_mode json;
        bool no_pager, no_legend;
        bool quiet;       /* nothing is printed, whatever is written */
        const char *user; /* exec --user= */
        bool shell;       /* plan --format=shell */
        bool dry_run;     /* gc --dry-run */
        bool colours;     /* of standard output */
        pid_t pager;      /* 0: none */
};

/* The verbs: argv holds what stands behind the verb, options taken out, and ends with NULL. */
typedef enum status ctl_verb(struct ctl *c, int argc, char **argv);
ctl_verb ctl_list, ctl_check, ctl_plan, ctl_diff, ctl_cat, ctl_exec, ctl_gc;

/* --- speaking --- */

/* "vnetctl: …" and a newline on standard error. */
void ctl_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One line each on standard error: "file:line: key: why", or "vnetctl: NAME: why" where no file is
 * named; name may be NULL. */
void ctl_tell(const struct diags *d, const char *name);
/* The status for a negative errno about NAME, for which a word is said where d has no error. */
enum status ctl_failed(int error, const struct diags *d, const char *name);

/* Calls back with the NAME of each other network into whose namespace links of this one lead, and which is not up: these links
 * wait for it. */
struct plan;
typedef void ctl_awaited(void *user, const char *network);
void ctl_each_awaited(const struct plan *record, ctl_awaited *awaited, void *user);

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_CHANGED, COLOUR_BAD, COLOUR_DIM, COLOUR_HEAD };

/* The escape sequence, or "" where standard output gets no colours; COLOUR_NONE ends the others. */
const char *ctl_colour(const struct ctl *c, enum colour colour);

/* Text from here on goes through a pager where standard output is a terminal. */
void ctl_page(struct ctl *c);
/* Ends the pager and says whether everything could be written. */
bool ctl_finish(struct ctl *c);

/* Prints it as --json= wants it and frees it. */
enum status ctl_print_json(const struct ctl *c, struct json_object *o);
/* A string, or null where there is none. JSON is UTF-8, so other bytes (of file names) become '?'. */
struct json_object *ctl_json_text(const char *text);

/* --- columns, as networkctl(1) prints them --- */

enum { COLUMNS_MAX = 6 };

struct cell {
        char *text; /* owned; NULL: "-" */
        enum colour colour;
};

struct table {
        const char *const *heads; /* NULL at the end */
        struct cell (*rows)[COLUMNS_MAX];
        size_t n;
};

/* A new row, or NULL without memory. */
struct cell *ctl_table_row(struct table *t);
void ctl_table_print(const struct ctl *c, const struct table *t);
void ctl_table_free(struct table *t);

/* --- inside a namespace --- */

/* Gives this process mounts of its own that fit the network namespace it is in: /sys, the resolv.conf
 * of NAME, the files of /etc/netns/NETNS as ip-netns(8) binds them. 0 or a negative errno, which has
 * been said. */
int enter_mounts(const char *name, const char *netns);

/* --- systemd --- */

struct unit_state {
        char *name;  /* NAME of vnet@NAME.service */
        bool failed; /* its last start, stop or run */
        bool busy;   /* on its way up or down */
        bool active;
        char *path;     /* on the bus */
        uint64_t since; /* µs since 1970 when it became active; 0: unknown */
};

struct unit_states {
        struct unit_state *items; /* sorted by name */
        size_t n;
};

/* All loaded units of vnet. None where systemd does not run; a failure is told in d, and what was
 * found out before it is in ret. */
void bus_units(struct unit_states *ret, struct diags *d);
const struct unit_state *bus_find(const struct unit_states *u, const char *name);
void bus_free(struct unit_states *u);
