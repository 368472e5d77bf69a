/* SPDX-License-Identifier: Apache-2.0 */
/* Network on the bus: what agents ask and report, what they are told. */
#pragma once

#include "network/network.h"

/* Listens for agents; needs the server's bus. */
int network_bus_start(struct server *s, struct err *err);

/* Tells the hosts that their wishes changed; after the commit.  Null hosts are none. */
void network_nudge(struct server *s, const char *const *hosts);

/* Runs 'fn' in a writing transaction outside of a request, commits, tells the
 * hosts and kicks the worker. */
int network_run(struct server *s, int (*fn)(struct net_ctx *c, void *ctx, struct err *err), void *ctx,
                const char *request_id, struct err *err);
