/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel's command line. What no switch is in must leave the answer alone, and a switch in
 * front is the same as the answer to begin with. */

#include "cmdline.h"
#include "fuzz.h"
#include "util.h"

static bool with(const char *before, const char *text, bool otherwise) {
        _cleanup_free_ char *all = malloc(strlen(before) + strlen(text) + 1);

        if (!all)
                abort();
        stpcpy(stpcpy(all, before), text);
        return cmdline_bool_in(all, "vnet", otherwise);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        bool yes = cmdline_bool_in(text, "vnet", true), no = cmdline_bool_in(text, "vnet", false);

        fuzz_assert(yes || !no, "'%s' turns the answer round", text);
        fuzz_assert(strstr(text, "v") || (yes && !no), "'%s' has no switch in it", text);
        fuzz_assert(with("vnet=0 ", text, true) == no, "'%s' behind vnet=0", text);
        fuzz_assert(with("vnet ", text, false) == yes, "'%s' behind vnet", text);
        fuzz_assert(with("vnet=maybe \"vnet=of\" vnett=0\n", text, true) == yes, "'%s'", text);
        fuzz_assert(cmdline_bool_in(text, "v-n_et", true) == cmdline_bool_in(text, "v_n-et", true),
                    "'%s': '-' and '_' differ", text);
        return 0;
}
