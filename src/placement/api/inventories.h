/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what a provider has out of a body; for the reshaper as well. */
#pragma once

#include "placement/placement.h"
#include "placement/store/inventories.h"
#include "placement/store/names.h"

/* {"VCPU": {"total": 8, …}} as rows; the classes are not looked up yet. */
int inventories_read(struct request *rq, const json_t *o, struct inventories *ret, struct err *err);

/* Looks the classes up: 400 for unknown ones, with words that begin with
 * 'unknown_prefix', and for more reserved than there is. */
int inventories_resolve(struct request *rq, const struct names *classes, const char *provider_uuid,
                        const char *unknown_prefix, struct inventories *l, struct err *err);
