/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of users: kept encrypted, and checked. */
#pragma once

#include "identity/identity.h"

/* Encrypts c->blob into c->encrypted_blob with the primary credential key. */
void credential_seal(struct identity *id, struct arena *a, struct credential *c, int64_t now_us);

/* The other way.  -EIO when no key opens it. */
int credential_open(struct identity *id, struct arena *a, struct credential *c, struct err *err);

/* Encrypts again what an older key had sealed; '*ret_n' says how many. */
int credentials_migrate(struct server *s, int64_t *ret_n, struct err *err);

/* How many no key opens. */
int credentials_unreadable(struct server *s, int64_t *ret_n, struct err *err);

/* Id of an EC2 credential: SHA-256 of its access key. */
const char *ec2_credential_id(struct arena *a, const char *access);

/* The blob of a pair as clients have always seen it written. */
const char *ec2_blob_text(struct arena *a, const json_t *blob);

/* A new secret for an application credential and what is kept of it. */
const char *app_cred_secret_new(struct arena *a, const char **ret_hash);

/* Whether app_cred_secret_check() of it is quick. */
bool app_cred_hash_is_quick(const char *hash);

/* Whether 'secret' gives 'hash' (null: nobody's, never true).  Slow for a
 * secret that somebody chose, so only on a worker (503 when too many do); the
 * proof is remembered. */
int app_cred_secret_check(struct identity *id, struct arena *a, const char *hash, struct secret secret,
                          struct err *err);

/* 0 when 'passcode' is one of the user's TOTP credentials' for now; 401. */
int totp_check(struct server *s, struct arena *a, const char *user_id, const char *passcode, struct err *err);
