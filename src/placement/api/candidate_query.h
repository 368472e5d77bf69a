/* SPDX-License-Identifier: Apache-2.0 */
/* The query string of /allocation_candidates, in the words of its microversion. */
#pragma once

#include "placement/model/candidates.h"
#include "rest/request.h"

/* 400 for what the version does not have or what contradicts itself. */
int candidate_query_read(struct request *rq, struct candidate_query *q, struct err *err);
