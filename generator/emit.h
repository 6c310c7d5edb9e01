/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A checked site → the files and links of a generator's directory. */

#include "load.h"
#include "output.h"

/* 0, or a negative errno if something could not be written, which is told in o->d; the rest is. */
int emit_site(struct output *o, const struct site *s, const char *root);
