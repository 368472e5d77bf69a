/* SPDX-License-Identifier: Apache-2.0 */
/* Who the services are at identity, and where passwords lie:
 * STATE/secrets/NAME, mode 0600, made once. */
#pragma once

#include "base/secret.h"
#include "client/client.h"
#include "main/roles.h"

/* How 'role' logs in: [service_auth_ROLE], then [service_auth], then what
 * bootstrap made. */
int credentials_of_role(struct setup *s, const struct stackd_role *role, struct client_options *ret,
                        struct err *err);

/* The secret in STATE/secrets/NAME, in the setup's arena. */
int secret_load(struct setup *s, const char *name, struct secret *ret, struct err *err);

/* As secret_load(), and makes a random one when there is none. */
int secret_ensure(struct setup *s, const char *name, struct secret *ret, struct err *err);
