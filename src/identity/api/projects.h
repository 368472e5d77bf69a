/* SPDX-License-Identifier: Apache-2.0 */
/* The tree around one project: "parents", "subtree". */
#pragma once

#include "identity/identity.h"

/* Writes what ?parents_as_list, ?parents_as_ids, ?subtree_as_list and
 * ?subtree_as_ids ask for into the open object of project 'p'. */
void project_write_tree(struct request *rq, struct jw *w, const struct project *p);
