/* SPDX-License-Identifier: Apache-2.0 */
/* The edge of a cloud on one machine: bridges that stand for a provider's
 * network, with the host as its gateway (option edge_bridges). */
#pragma once

#include "agent/round.h"

/* Makes the bridges with their addresses, lets the host forward, and hides what
 * comes from them behind the host's own addresses.  Failures are logged: a
 * network on such a bridge then says itself what it lacks. */
void edge_converge(struct round *r);
