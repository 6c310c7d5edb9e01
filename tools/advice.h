/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files ask for and this host does not have: all of it may come yet, so these are warnings, or
 * the hint behind an error. The files themselves are judged in lib/config. */

#include "load.h"

/* For vnetctl check: bridges that nobody has, interfaces that somebody else has, units of Services= that
 * there are not. Only the last of them with a root, since that is another system. */
void advise_site(const char *root, const struct site *s, struct diags *d);

/* For the helper in its unit, before a start: is it started without systemd having read its file? */
void advise_start(const char *name, const struct vnet *v, struct diags *d);
/* And after it has failed: the bridges that are not up, and what brings them up. */
void advise_failure(const struct vnet *v, struct diags *d);
/* An operation has the line of its section: that of the key, where the message names one, is looked for. */
void advise_line(struct diags *d);
