/* SPDX-License-Identifier: Apache-2.0 */
/* Which providers could give what is asked for, in all combinations.
 *
 * A request has groups.  The one without a suffix may be served by several
 * providers of one tree, and by providers that share what they have with the
 * tree by an aggregate; each other group by one provider alone.  All groups of
 * a candidate hang on one anchor: the root of a tree. */
#pragma once

#include "placement/model/world.h"

struct trait_set {
    const char **names;         /* Ended by null; null: none. */
    const struct name **traits; /* The same, found. */
};

struct candidate_amount {
    const char *class_name;
    int64_t amount;
    const struct name *class; /* Found from class_name. */
};

struct candidate_group {
    const char *suffix;
    bool same_provider; /* It has a suffix. */
    struct candidate_amount *amounts;
    size_t n_amounts;
    struct trait_set *required; /* One of each set. */
    size_t n_required;
    struct trait_set forbidden;
    const char ***member_of; /* In one of each list. */
    size_t n_member_of;
    const char **forbidden_aggregates;
    const char *in_tree; /* Uuid of any provider of the tree, or null. */
};

struct candidate_query {
    struct candidate_group *groups;
    size_t n_groups;
    int64_t limit, max; /* 0: none.  'limit' is the client's, 'max' ours. */
    bool isolate;       /* No provider for two groups with a suffix. */
    bool nested_aware;  /* Else at most one provider of each tree. */
    bool randomize;
    struct trait_set root_required, root_forbidden;
    const char ***same_subtrees; /* Lists of suffixes. */
    size_t n_same_subtrees;
};

struct candidate_part {
    int provider;
    const struct name *class;
    int64_t amount;
};

/* One way to serve one group. */
struct pick {
    int anchor;
    struct candidate_part *parts;
    size_t n_parts;
    int *providers; /* Each once. */
    size_t n_providers;
    struct pick *next; /* With the same anchor. */
};

struct candidate {
    struct candidate_part *parts;
    size_t n_parts;
    const struct pick **picks; /* For each group. */
};

struct candidates {
    struct candidate *items;
    size_t count;
    bool *summarized; /* For each provider of the world: it is part of the answer. */
};

/* -EINVAL with the API's words when a class or trait is not known. */
int candidates_find(const struct world *w, struct arena *a, struct candidate_query *q, struct candidates *ret,
                    struct err *err);
