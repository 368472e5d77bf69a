/* SPDX-License-Identifier: Apache-2.0 */
/* What the agents say and ask (doc/wishes-compute.md). */
#pragma once

#include "compute/compute.h"

/* The handler of COMPUTE_TOPIC; 'ctx' is the struct server. */
int reports_handle(void *ctx, struct bus_message *m, struct err *err);
