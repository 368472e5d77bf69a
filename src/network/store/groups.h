/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups and their rules as rows. */
#pragma once

#include "network/network.h"

extern const struct table security_group_table, security_group_rule_table;

/* Loads a group.  -ENOENT with words. */
int security_group_get(struct net_ctx *c, const char *id, struct security_group *ret, struct err *err);

/* The default group of a project, or null. */
int default_group_of(struct net_ctx *c, const char *project_id, const char **ret, struct err *err);

/* Makes 'group_id' the default group; -EEXIST when there is one. */
int default_group_claim(struct net_ctx *c, const char *project_id, const char *group_id, struct err *err);

/* How many ports are in a group. */
int security_group_uses(struct net_ctx *c, const char *id, int64_t *ret, struct err *err);

/* Removes what refers to a group: its rules, those that name it as remote, its
 * place as default. */
int security_group_forget(struct net_ctx *c, const char *id, struct err *err);

/* Rules of groups, oldest first. */
int rules_of_groups(struct net_ctx *c, const char *const *groups, struct list *ret, struct err *err);

/* Whose group a rule belongs to. */
int rules_fill(struct net_ctx *c, struct list *rules, struct err *err);

/* Who is in the groups: "group, address" rows of fixed IPs, and "group, JSON" rows
 * of allowed address pairs. */
int group_addresses(struct net_ctx *c, const char *const *groups,
                    void (*each)(void *ctx, const struct rows *r, size_t row), void *ctx, struct err *err);
int group_pairs(struct net_ctx *c, const char *const *groups,
                void (*each)(void *ctx, const struct rows *r, size_t row), void *ctx, struct err *err);
