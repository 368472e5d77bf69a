/* SPDX-License-Identifier: Apache-2.0 */
/* YAML in (libyaml's events), as a JSON tree: policy files, templates.
 * Limits: depth 64, 1 MiB of text, 100,000 nodes after aliases, no
 * duplicate keys, no tags but the core schema's. */
#pragma once

#include <jansson.h>

#include "base/err.h"

/* 0 or -EINVAL with line and column.  The caller owns '*ret'. */
int yaml_read(const char *text, size_t n, json_t **ret, struct err *err);
