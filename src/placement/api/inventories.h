/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what a provider has out of a body; for the reshaper as well. */
#pragma once

#include "placement/placement.h"
#include "placement/store/inventories.h"
#include "placement/store/names.h"

/* {"VCPU": {"total": 8, …}} as rows; 400 for unknown classes, whose words begin
 * with 'unknown_prefix', and for more reserved than there is. */
int inventories_read(struct request *rq, const struct names *classes, const char *provider_uuid,
                     const json_t *o, const char *unknown_prefix, struct inventories *ret, struct err *err);
