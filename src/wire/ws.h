/* SPDX-License-Identifier: Apache-2.0 */
/* Websockets (RFC 6455, libwslay inside), server side: bytes between an
 * upgraded connection and a plain TCP socket.  Used by the console proxy. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "wire/http.h"

/* The Sec-WebSocket-Accept value for a request's key. */
char *ws_accept_key(struct arena *a, const char *key);

/* Checks the upgrade headers; 0 or -EINVAL with words (answer 400).  On 0,
 * sets the reply headers, choosing subprotocol "binary" when offered. */
int ws_handshake(struct http_request *rq, struct err *err);

/* Carries binary frames between websocket 'ws_fd' and stream 'peer_fd' until
 * either ends; closes neither.  'extra' was read behind the handshake. */
int ws_relay(int ws_fd, int peer_fd, const char *extra, size_t extra_len);
