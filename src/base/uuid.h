/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers: UUIDs with dashes, and Keystone's 32 hex digits without. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Random (version 4, RFC 9562). */
char *uuid_new(struct arena *a);     /* 36 characters */
char *uuid_new_hex(struct arena *a); /* 32 characters */
char *reqid_new(struct arena *a);    /* "req-" and a UUID */

/* 8-4-4-4-12 or 32 hex digits; any case. */
bool uuid_is_valid(const char *s);
bool uuid_is_dashed(const char *s);

/* Bytes from either form; 0 or -EINVAL.  And back. */
int uuid_parse(const char *s, uint8_t ret[static 16]);
char *uuid_text(struct arena *a, const uint8_t bytes[static 16]);     /* dashed */
char *uuid_text_hex(struct arena *a, const uint8_t bytes[static 16]); /* 32 digits */

/* 'n' bytes from getrandom(2); ends the process if there is no randomness. */
void random_bytes(void *buf, size_t n);
