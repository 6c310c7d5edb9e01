/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What two operations of one kind are to each other, where their fields alone do not say it. They are in the rows
 * of op_infos[]. */

#include "plan.h"

op_conflicts address_conflicts, rule_conflicts, element_conflicts;
op_changed_key netns_changed_key, device_changed_key, member_changed_key;
op_changes device_changes;
