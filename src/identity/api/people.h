/* SPDX-License-Identifier: Apache-2.0 */
/* What requests about users and groups do where those come from directories. */
#pragma once

#include "identity/driver/directory/driver.h"
#include "identity/identity.h"

/* For struct service: asks the directory for whoever the request names, when
 * that is due. */
int people_prepare(struct request *rq, bool may_block, struct err *err);

/* GET /v3/users and /v3/groups: of a directory's domain by the directory, else
 * by the tables. */
int people_list(struct request *rq, enum entity kind, struct err *err);

/* before_list: as limit_to_own_domain(); where domains have drivers of their
 * own, a list is of one domain. */
int people_limit(struct request *rq, struct query *q, struct err *err);

/* 403 when new users and groups of the domain would have to go to a directory.
 * Before the request's transaction. */
int people_refuse_domain(struct request *rq, const char *domain_id, struct err *err);

/* 403 when the user or group is a directory's. */
int people_refuse_change(struct request *rq, const char *id, struct err *err);

/* 403 when one of them is a directory's: memberships are kept there, and do
 * not cross. */
int people_refuse_membership(struct request *rq, const char *user_id, const char *group_id, struct err *err);

/* A user of a directory changes its password there: 401 when 'original' is
 * wrong, else 403.  0 for users of the tables.  Before the transaction. */
int people_refuse_password(struct request *rq, const char *user_id, struct secret original, struct err *err);
