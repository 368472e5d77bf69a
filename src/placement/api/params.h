/* SPDX-License-Identifier: Apache-2.0 */
/* Query parameters with a language of their own: "VCPU:2,DISK_GB:5",
 * "in:TRAIT,TRAIT", "!in:uuid,uuid". */
#pragma once

#include "placement/model/candidates.h"
#include "rest/request.h"

/* Adds 'resources' to a group. */
int params_resources(struct request *rq, const char *value, struct candidate_group *g, struct err *err);

/* All of required, member_of, in_tree with the group's suffix. */
int params_required(struct request *rq, struct candidate_group *g, struct err *err);
int params_member_of(struct request *rq, struct candidate_group *g, struct err *err);
int params_in_tree(struct request *rq, const char *value, struct candidate_group *g, struct err *err);

/* "A,!B": what is required goes to 'all', what is forbidden to 'none'. */
int params_traits(struct request *rq, const char *value, const char ***all, const char ***none,
                  struct err *err);
