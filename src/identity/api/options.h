/* SPDX-License-Identifier: Apache-2.0 */
/* "options" of users, projects, domains and roles, and the mark of what is immutable. */
#pragma once

#include "identity/identity.h"

/* 400 unless the body's options are among 'flags' and true, false or null; 'other', or null, is known too and
 * not looked at. */
int options_check(struct request *rq, const char *const *flags, const char *other, struct err *err);

/* New options over old ones; one that is null is taken away. */
int merge_options(struct request *rq, const char *old, const char **options, struct err *err);

/* Options of something new: those that are null are not there. */
int drop_nulls(struct request *rq, const char **options, struct err *err);

/* Of a project, domain or role: the body's "options" may mark it immutable and say
 * nothing else (400).  '*options' are those of something new, without nulls. */
int check_mark(struct request *rq, struct err *err);
int settle_mark(struct request *rq, const char **options, struct err *err);

/* 403 for what is marked immutable: to delete it, or to change more of it than
 * that mark alone ('new_options' are those it would then have). */
int refuse_immutable(const char *kind, const char *id, const char *options, struct err *err);
int refuse_immutable_update(struct request *rq, const char *kind, const char *id, const char *options,
                            const char *new_options, struct err *err);
