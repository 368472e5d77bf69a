/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata proxy: guests' requests from router and DHCP namespaces, passed
 * on to the compute service with proof of who asked. */
#pragma once

#include "agent/agent.h"
#include "agent/round.h"

struct metadata_proxy;

int metadata_proxy_new(const struct agent_config *c, struct metadata_proxy **ret, struct err *err);
void metadata_proxy_free(struct metadata_proxy *p);

/* Opens a door in each namespace of the wishes that should have one, closes the
 * others, and learns who lives behind them.  What cannot be opened is logged
 * and tried again by the next call. */
void metadata_proxy_set(struct metadata_proxy *p, const struct wishes *w);
