/* SPDX-License-Identifier: Apache-2.0 */
/* Options of domains as rows. */
#pragma once

#include "identity/identity.h"

/* Rows of section, name, value (JSON), sensitive; of one section or option
 * where they are not null. */
int domain_options_find(struct txn *t, struct arena *a, const char *domain_id, const char *section,
                        const char *name, struct rows *ret, struct err *err);

/* Sets one, in the place of what it was. */
int domain_option_put(struct txn *t, const char *domain_id, const char *section, const char *name,
                      const char *value, bool sensitive, struct err *err);

/* Removes all, those of a section, or one. */
int domain_options_delete(struct txn *t, const char *domain_id, const char *section, const char *name,
                          struct err *err);
