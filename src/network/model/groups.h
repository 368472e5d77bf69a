/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups and rules: what must hold when they are made, changed and removed. */
#pragma once

#include "network/network.h"

/* The project's default group, made at first use.  'ret' may be null. */
int default_group_ensure(struct net_ctx *c, const char *project_id, const char **ret, struct err *err);

int security_group_create(struct net_ctx *c, void *obj, struct err *err);
int security_group_update(struct net_ctx *c, const void *old, void *obj, struct err *err);
int security_group_delete(struct net_ctx *c, void *obj, struct err *err);

int security_group_rule_parents(struct net_ctx *c, void *obj, struct err *err);
int security_group_rule_create(struct net_ctx *c, void *obj, struct err *err);
int security_group_rule_delete(struct net_ctx *c, void *obj, struct err *err);

/* Every group must exist and belong to the project (or the asker be admin). */
int security_groups_check(struct net_ctx *c, const char *project_id, const char *const *ids, struct err *err);
