/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pass/pass.h"

/* The addresses with DAD are usable, or one of them is taken. */
int address_await(struct pass *r);
