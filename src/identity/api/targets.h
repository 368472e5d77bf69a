/* SPDX-License-Identifier: Apache-2.0 */
/* What policy looks at when it is not the row itself. */
#pragma once

#include "identity/identity.h"

/* before_list: a domain-scoped token sees its own domain, whatever else it asks for. */
int limit_to_own_domain(struct request *rq, struct query *q, struct err *err);

/* route.load for lists: policy's target is the domain of the token. */
int load_token_domain(struct request *rq, struct err *err);
#define LISTED .load = load_token_domain, .target = domain_target, .target_prefix = "target"

/* rq->object for policy by 'domain_target'. */
void set_domain_target(struct request *rq, const char *domain_id);

/* route.load for creation: policy's target is the domain that the new object will be in. */
int load_new_target(struct request *rq, struct err *err);
extern const struct field domain_target[];

/* Policy's target when it is not what the path names: members of 'obj' under
 * "PREFIX.". */
struct policy_fields {
    const struct field *fields;
    const void *obj;
    const char *prefix;
};
int authorize_fields(struct request *rq, const char *rule, const struct policy_fields *target,
                     struct err *err);
