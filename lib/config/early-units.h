/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* Is a unit started before any network, so that it cannot run in one? Only what everybody has is known. */
bool unit_is_before_networks(const char *unit);

/* Might a unit be after network.target, and what waits for it too? */
bool unit_may_be_late(const char *unit);
