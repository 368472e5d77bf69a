/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to serve each single group of a request. */
#pragma once

#include "placement/model/candidates.h"

struct search {
    const struct world *w;
    struct arena *a;
    const struct candidate_query *q;
    const struct name *shares; /* The trait of providers that share. */
    bool has_sharing;
    bool *root_ok; /* For each provider: it may anchor. */
    int **
        anchors; /* For each sharing provider: anchors beside its own root, ended by -1; filled when asked. */
    size_t n_picks; /* So far, of the group in work. */
};

struct pick_list {
    struct pick *first, *last;
};

void search_init(struct search *s, const struct world *w, struct arena *a, const struct candidate_query *q);

/* Fills '*ret' with a list for each anchor (a provider's place).  False when
 * there is no way at all. */
bool picks_find(struct search *s, const struct candidate_group *g, struct pick_list **ret);
