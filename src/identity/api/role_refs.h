/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of roles by id or name in bodies of trusts and application credentials. */
#pragma once

#include "identity/identity.h"

/* 400 unless the body's roles, if any, are a list of {"id": …} or {"name": …}. */
int check_role_refs(struct request *rq, struct err *err);

/* Those as ids; a name must be that of a role, 404. */
int read_role_refs(struct request *rq, const json_t *list, const char ***ret_ids, struct err *err);
