/* SPDX-License-Identifier: Apache-2.0 */
/* What other services tell compute. */
#pragma once

#include "client/client.h"

struct compute_event {
    const char *name; /* "network-vif-plugged" */
    const char *server_id;
    const char *tag;    /* The port; may be null. */
    const char *status; /* "completed" or "failed" */
};

/* POST /os-server-external-events.  0 when compute took it; a server that it
 * does not know is -ENOENT with status 404. */
int compute_send_event(struct client *c, struct arena *a, const struct compute_event *e,
                       const char *request_id, struct err *err);
