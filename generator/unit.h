/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* From models to the text of unit files, in memory. */

#include <stdbool.h>
#include <stdlib.h>

#include "load.h"

struct buffer {
        char *text; /* owned; size bytes, terminated */
        size_t size, room;
        bool failed; /* out of memory */
};

#define BUFFER_NULL \
        { NULL, 0, 0, false }

static inline void buffer_free(struct buffer *b) {
        free(b->text);
}
#define _cleanup_buffer_ _cleanup_(buffer_free)

/* Each replaces what is in the buffer; 0 or -ENOMEM. root is what paths have in front of them. */

/* The drop-in of vnet@NAME.service. */
int unit_network(struct buffer *b, const struct site *s, const struct vnet *v, const char *root);
/* The same for a file that is refused: only why, for the helper to tell and fail with. */
int unit_refused(struct buffer *b, const struct vnet *v, const char *root);
/* The drop-in of a unit that Services= names. */
int unit_service(struct buffer *b, const struct site *s, const struct vnet *v, const char *service,
                 const char *root);

/* The unit of an interface. */
enum { DEVICE_UNIT_MAX = 4 * IFNAMSIZ + 40 };
void unit_device(const char *interface, char device[DEVICE_UNIT_MAX]);
