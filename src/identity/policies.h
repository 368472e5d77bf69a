/* SPDX-License-Identifier: Apache-2.0 */
/* The default policy of the identity service. */
#pragma once

#include "rest/policy.h"

extern const struct policy_rule identity_policies[]; /* Ended by a null name. */

/* Those of the release Zed that differ. */
extern const struct policy_rule identity_policies_zed[];
