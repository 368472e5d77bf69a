/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of EC2 and S3 requests, versions 0, 1, 2 and 4: what the client
 * must have computed with its secret. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* True when 'rq' (access, signature, host, verb, path, params, headers,
 * body_hash) is signed with 'secret'.  False for whatever does not fit. */
bool ec2_signature_check(struct arena *a, const json_t *rq, const char *secret);

/* The same for S3: 'token' is the text that was signed, in URL-safe base64. */
bool s3_signature_check(struct arena *a, const json_t *rq, const char *secret);

/* When the request was signed: 0 where it does not say, -1 for what is no time. */
int64_t ec2_request_time(struct arena *a, const json_t *rq);
