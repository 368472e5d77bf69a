/* SPDX-License-Identifier: Apache-2.0 */
/* The tree around one project: "parents", "subtree". */
#pragma once

#include "identity/identity.h"

/* 400 when both forms of a tree are asked for. */
int project_check_tree(struct request *rq, struct err *err);

/* Writes what ?parents_as_list, ?parents_as_ids, ?subtree_as_list and
 * ?subtree_as_ids ask for into the open object of project 'p'. */
void project_write_tree(struct request *rq, struct jw *w, const struct project *p);

/* 400 unless the body's tags are good ones, each there once. */
int project_check_tags(struct request *rq, struct err *err);

/* 409 for a name that a project, or a domain, has already. */
int project_refuse_duplicate(struct request *rq, const void *obj, struct err *err);
