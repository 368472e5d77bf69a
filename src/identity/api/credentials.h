/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have how many credentials. */
#pragma once

#include "identity/identity.h"

/* 403 when the user has as many credentials as one may have. */
int check_credential_limit(struct request *rq, const char *user_id, struct err *err);

/* 403 for those.  Credentials are the user's whole self: who was given a part
 * must neither read one nor plant one. */
int refuse_delegated_on_credentials(struct request *rq, struct err *err);
