/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of a new cloud: what is particular to it, and what
 * was given with --set. */
#pragma once

#include "main/setup.h"

/* Writes STATE/stackd.conf unless there is a file. */
int newconf_write(struct setup *s, struct err *err);
