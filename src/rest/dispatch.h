/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request: route, version, token, body, object, policy, fields,
 * handler, commit, answer.  These are the callbacks of wire/http.h; 'ctx' is
 * the struct server. */
#pragma once

#include "rest/server.h"
#include "wire/http.h"

struct http_head_result dispatch_head(void *ctx, struct http_request *http);
bool dispatch_body(void *ctx, struct http_request *http);
void dispatch_request(void *ctx, struct http_request *http);
void dispatch_done(void *ctx, struct http_request *http, int status, uint64_t bytes);
void dispatch_bad(void *ctx, struct http_request *http, int status, const char *words);
