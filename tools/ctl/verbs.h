/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The flags and values of verbs.inc and options.inc, which vnetctl and the program that writes its completions read. */

enum {
        OPTION_JSON = 1 << 0,
        OPTION_ROOT = 1 << 1,
        OPTION_FORMAT = 1 << 2,
        OPTION_USER = 1 << 3,
        OPTION_DRY_RUN = 1 << 4,
        OPTION_ALL = 1 << 5,
        OPTION_QUIET = 1 << 6,
        COMMAND = 1 << 7, /* what follows the NAME is a command with options of its own */
        OPTION_NO_LEGEND = 1 << 8,
};

enum {
        LONG_FIRST = 256, /* below it are letters */
        LONG_VERSION = LONG_FIRST,
        LONG_JSON,
        LONG_NO_PAGER,
        LONG_NO_LEGEND,
        LONG_ROOT,
        LONG_FORMAT,
        LONG_USER,
        LONG_DRY_RUN,
        LONG_ALL
};
