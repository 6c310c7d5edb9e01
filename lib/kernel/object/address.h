/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* Waits until the kernel has ended duplicate address detection (RFC 4862) of the addresses that
 * asked for it. 0 where all of them can be used; else an error that is told at the line of an
 * address, as another host has it. */
int address_await(struct pass *r);
