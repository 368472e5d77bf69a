/* SPDX-License-Identifier: Apache-2.0 */
/* What agents report, and what it means for the API.  'args' is the message
 * (const json_t *); each may come twice. */
#pragma once

#include "network/network.h"

int heartbeat_heard(struct net_ctx *c, void *args, struct err *err);
int report_heard(struct net_ctx *c, void *args, struct err *err);
