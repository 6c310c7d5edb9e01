/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files ask for and this host does not have. All of it may still come, so it is told as
 * a warning, or as the hint behind an error. The files themselves are judged in lib/config. */

#include "load.h"

/* For vnetctl check: bridges that nobody has, interfaces that somebody else has, and units in
 * Services= that do not exist. Below a root only the units are looked for, since that is another
 * system. */
void advise_site(const char *root, const struct site *s, struct diags *d);

/* Of these the uplinks of a bridge, in a file of their own: that they are not there, and who else manages them. */
void advise_uplinks(const struct vnet *v, struct diags *d);

/* For the helper in its unit, before a start: is it started without systemd having read its
 * file? */
void advise_start(const char *name, const struct vnet *v, struct diags *d);
/* And after it has failed: the bridges that are not up, and what brings them up. */
void advise_failure(const struct vnet *v, struct diags *d);
/* The place of an operation is the line of its section. Where a message names a key, this looks
 * for the line of the key and puts it into the message. */
void advise_line(struct diags *d);
