/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Home (draft-nottingham-json-home-03): the paths that are served, each
 * under the name of what it leads to, for clients that look paths up instead
 * of knowing them. */
#pragma once

#include <stdbool.h>

#include "rest/request.h"

/* What the paths below /v3 lead to, a row a path whatever the methods. */
struct relation {
    const char *path, *extension; /* Extension: null for the API itself. */
    const char *name;             /* Null: a path without a name of its own in Keystone. */
    bool experimental;
};

extern const struct relation relations[]; /* Ended by a null path. */

/* Whether the client would rather have this than JSON; it counts where
 * versions are discovered. */
bool json_home_wanted(struct request *rq);

/* The answer; 'prefix' stands before each path, as they are relative to the
 * document. */
int json_home_reply(struct request *rq, const char *prefix);
