/* SPDX-License-Identifier: Apache-2.0 */
/* Making a cloud's state, and what its users need to reach it. */
#pragma once

#include "main/setup.h"

/* Makes the directories of the state and gives them to the roles' user.
 * Repeatable. */
int cloud_prepare(struct setup *s, struct err *err);

/* Makes a cloud where there is none: configuration, secrets, identity's first
 * rows, clouds.yaml and openrc.  Repeatable: what is there stays, and what an
 * interruption left out is made.  Reads the setup again, with the new file. */
int cloud_bootstrap(struct setup *s, const struct log *log, struct err *err);

/* True when bootstrap came to its end here. */
bool cloud_is_bootstrapped(struct setup *s);

/* Shell lines that point stock clients at the cloud as 'user' ("admin", "demo"). */
int cloud_env(struct setup *s, const char *user, struct strbuf *out, struct err *err);
