/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From a checked site to the files and links in the directory of a generator. */

#include "load.h"
#include "output.h"

/* 0, or a negative errno if something could not be written, which is told in o->d; the rest is. */
int emit_site(struct output *o, const struct site *s, const char *root);
