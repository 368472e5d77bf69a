/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on images that need more than a column. */
#pragma once

#include "data/table.h"

struct cond image_with_tag(struct arena *a, const char *tag);
struct cond image_with_property(struct arena *a, const char *name, const char *value);

/* What a project may know of: its own, public ones, those of the community,
 * and those shared with it in a status ("all": any). */
struct cond image_known_to(struct arena *a, const char *project_id, const char *member_status);

/* The project's own, and others unless they are of the community. */
struct cond image_not_of_community(struct arena *a, const char *project_id);

/* A time is shown in whole seconds: compares with what is shown.  'op' is one
 * of EQ, NE, LT, LE, GT, GE. */
struct cond image_at_second(struct arena *a, const char *column, enum cond_op op, int64_t us);

/* None at all. */
struct cond image_none(void);
