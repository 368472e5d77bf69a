/* SPDX-License-Identifier: Apache-2.0 */
/* Reading claims out of bodies; for the reshaper as well. */
#pragma once

#include "placement/model/claim.h"

/* {"<consumer>": {"allocations": …, "project_id": …}, …} */
int claims_read(struct request *rq, const json_t *o, struct claim **ret, size_t *ret_n, struct err *err);
