/* SPDX-License-Identifier: Apache-2.0 */
/* The roles that are no service of rest/server.h. */
#pragma once

#include "main/roles.h"

int bus_role_start(struct role_run *r, struct err *err);
void bus_role_stop(struct role_run *r);
