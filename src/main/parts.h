/* SPDX-License-Identifier: Apache-2.0 */
/* The roles that are no service of rest/server.h. */
#pragma once

#include "main/roles.h"

int bus_role_start(struct role_run *r, struct err *err);
void bus_role_stop(struct role_run *r);

int agent_role_start(struct role_run *r, struct err *err);
void agent_role_stop(struct role_run *r);
extern const struct role_section agent_sections[];

/* What begins the name of everything that the agent makes on this host. */
int agent_prefix(struct setup *s, const char **ret, struct err *err);

int console_role_start(struct role_run *r, struct err *err);
void console_role_stop(struct role_run *r);
extern const struct role_section console_sections[];

extern const struct role_section identity_sections[];
