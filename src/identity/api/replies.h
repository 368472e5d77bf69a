/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with rows that something else than the query chose. */
#pragma once

#include "identity/identity.h"

/* The list of resource 'res' with exactly the rows whose ids are in 'ids', which
 * are not many. */
int reply_ids(struct request *rq, const struct resource *res, const char *const *ids, struct err *err);

/* With those that fit 'which'.  'more' adds conditions, or is null.  Listed: a
 * domain-scoped token sees those of its own domain only. */
typedef int list_hook(struct request *rq, struct query *q, struct err *err);
int reply_those(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                struct err *err);
int reply_those_listed(struct request *rq, const struct resource *res, struct cond which, list_hook *more,
                       struct err *err);

/* What the query asks of users besides their members: password_expires_at, and where they come from. */
int user_conditions(struct request *rq, struct query *q, struct err *err);

/* {"PLURAL": [rows]} with 201, without links to pages. */
int reply_created(struct request *rq, const struct resource *res, const struct list *rows);

/* The plain resources, for lists that others give. */
extern const struct resource policy_resource, endpoint_resource, user_resource, project_resource,
    domain_resource, group_resource, role_resource;
