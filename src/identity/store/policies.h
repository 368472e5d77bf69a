/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "data/table.h"
#include "identity/identity.h"

extern const struct table policy_table;

/* Which policy goes with what: an endpoint, a service, or a service in a
 * region; what is not named is "". */
struct policy_association {
    const char *policy_id, *endpoint_id, *service_id, *region_id;
};

/* Sets the one policy of that place. */
int policy_associate(struct txn *t, const struct policy_association *as, struct err *err);

/* The policy of that place: -ENOENT. */
int policy_associated(struct txn *t, struct arena *a, const struct policy_association *place,
                      const char **ret_id, struct err *err);

int policy_dissociate(struct txn *t, const struct policy_association *as, struct err *err);
int policy_forget(struct txn *t, const char *policy_id, struct err *err);

/* Where the policy is in force, as rows of endpoint, service, region. */
int policy_places(struct txn *t, struct arena *a, const char *policy_id, struct rows *ret, struct err *err);
