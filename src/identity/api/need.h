/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that a path or a body names, or 404. */
#pragma once

#include "identity/identity.h"

/* Loads a row that a path names: 404 in Keystone's words. */
int need_user(struct request *rq, const char *id, struct user *ret, struct err *err);
int need_group(struct request *rq, const char *id, struct group *ret, struct err *err);
int need_project(struct request *rq, const char *id, struct project *ret, struct err *err); /* Or a domain. */
int need_domain(struct request *rq, const char *id, struct project *ret, struct err *err);
int need_endpoint(struct request *rq, const char *id, struct endpoint *ret, struct err *err);
int need_service(struct request *rq, const char *id, struct catalog_service *ret, struct err *err);
int need_region(struct request *rq, const char *id, struct region *ret, struct err *err);
int need_role(struct request *rq, const char *id, struct role *ret, struct err *err);

/* 404 unless the domain exists. */
int require_domain(struct request *rq, const char *domain_id, struct err *err);
