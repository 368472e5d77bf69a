/* SPDX-License-Identifier: Apache-2.0 */
/* Whose hosts must ask for their wishes anew.  Say it before something goes
 * away and after something came; change_flush() counts up, in the same
 * transaction, and whoever commits tells the hosts (bus.h). */
#pragma once

#include "network/network.h"

int change_network(struct net_ctx *c, const char *network_id, struct err *err);
int change_group(struct net_ctx *c, const char *group_id, struct err *err);
int change_groups(struct net_ctx *c, const char *const *group_ids, struct err *err);
void change_host(struct net_ctx *c, const char *host); /* Null and empty are nobody. */

/* Everybody on a network that this host is on too. */
int change_peers(struct net_ctx *c, const char *host, struct err *err);

int change_flush(struct net_ctx *c, struct err *err);

/* -EDQUOT's API form, 409 OverQuota, when 'more' more of 'resource' are too many. */
int net_quota_check(struct net_ctx *c, const char *resource, const char *project_id, int64_t more,
                    struct err *err);
