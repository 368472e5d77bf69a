/* SPDX-License-Identifier: Apache-2.0 */
/* The default policy of the network service. */
#pragma once

#include "rest/policy.h"

extern const struct policy_rule network_policies[]; /* Ended by a null name. */
