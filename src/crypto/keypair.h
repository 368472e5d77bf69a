/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs for logging in to guests: OpenSSH public keys and X.509
 * certificates, read, described and made (OpenSSL inside). */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"

struct keypair_made {
    char *public_key;          /* One OpenSSH line, or a PEM certificate. */
    char *fingerprint;         /* MD5 of the key's bytes, or SHA-1 of the certificate's; hex with colons. */
    struct secret private_key; /* PEM */
};

/* Fingerprint of an OpenSSH public key line.  -EINVAL with what is wrong. */
int ssh_key_fingerprint(struct arena *a, const char *line, char **ret, struct err *err);

/* Fingerprint of a PEM certificate. */
int x509_fingerprint(struct arena *a, const char *pem, char **ret, struct err *err);

/* A new RSA pair of 2,048 bits.  Slow: call on a worker. */
int ssh_key_make(struct arena *a, const char *comment, struct keypair_made *ret, struct err *err);

/* A new pair with a certificate for 'user_id' that Windows takes for logging in. */
int x509_make(struct arena *a, const char *user_id, struct keypair_made *ret, struct err *err);
