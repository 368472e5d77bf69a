/* SPDX-License-Identifier: Apache-2.0 */
/* One round of the network roles: from wishes to devices, and what came of it.
 *
 * A round compares each item with what the kernel has and changes the
 * difference; it may be repeated at any time and by another process than the
 * last.  What fails is noted with its item and the round goes on. */
#pragma once

#include "agent/agent.h"
#include "agent/wishes.h"
#include "base/arena.h"
#include "base/strbuf.h"
#include "host/nl.h"

struct outcome {
    const char *status; /* NETWORK_STATUS_*; null: not looked at. */
    const char *reason; /* Words, or null. */
};

struct router_outcome {
    struct outcome router, gateway;
    struct outcome *interfaces, *floating_ips; /* As in the wish. */
};

struct round {
    const struct agent_config *config;
    const struct agent_network_options *options;
    struct arena *arena; /* Lives as long as the outcomes. */
    struct nl *nl;       /* The host's own namespace. */
    const struct wishes *wishes;
    const char *run_dir;
    struct outcome *networks, *dhcp, *ports; /* As in the wishes. */
    struct router_outcome *routers;
    bool dnsmasq_hangs; /* One did not start in time: the others get little. */
};

/* Brings the host to 'w'.  Outcomes are in '*ret', in 'a'.  Fails only when
 * nothing could be done at all. */
int round_run(const struct agent_config *c, struct arena *a, const struct wishes *w, struct round *ret,
              struct err *err);

/* The body of the report (doc/wishes.md). */
void round_report(const struct round *r, struct strbuf *out);

/* --- For the roles. -------------------------------------------------------- */

bool round_has_role(const struct round *r, const char *role);

/* The mark of what 'role' ("l2", "l3", "dhcp", "edge") makes: "stackd:<prefix>:<role>". */
const char *round_mark(const struct round *r, const char *role);

/* Notes a failure (the first one of an item stays), success, or "down". */
void outcome_fail(const struct round *r, struct outcome *o, const char *words);
void outcome_good(struct outcome *o, bool up);

/* Index of a network in the wishes, or -1. */
int round_network(const struct round *r, const char *id);

/* Name or value before and after the first ':' of "name:value"; null when
 * 'list' has no such name. */
const char *mapping_get(struct arena *a, const char *const *list, const char *name);

/* Paths of a namespace and of a file in the run directory. */
const char *round_netns(const struct round *r, const char *name);

/* Marks a namespace as ours, by its loopback's alias; whose it is. */
int netns_mark(struct nl *nl, const char *mark, struct err *err);
bool netns_has_mark(const char *dir, const char *name, const char *mark);
