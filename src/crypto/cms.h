/* SPDX-License-Identifier: Apache-2.0 */
/* Signed documents (CMS, RFC 5652), as `openssl cms` makes and verifies them,
 * and the certificates for it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct cms_signer; /* Read-only after loading; safe from many threads. */

/* Certificate, private key and the certificates of authorities, all PEM. */
int cms_load(const char *cert_path, const char *key_path, const char *ca_path, struct cms_signer **ret,
             struct err *err);
void cms_free(struct cms_signer *s);

/* DER of the signed document: the data inside, no certificates, no signed
 * attributes, SHA-256. */
int cms_sign(struct arena *a, const struct cms_signer *s, const void *data, size_t n, uint8_t **ret,
             size_t *ret_n, struct err *err);

/* The data of a document that this signer's certificate signed, which one of
 * the authorities must have certified.  -EBADMSG. */
int cms_verify(struct arena *a, const struct cms_signer *s, const uint8_t *der, size_t n, uint8_t **ret,
               size_t *ret_n);

/* DER to "-----BEGIN CMS-----" and back; -EBADMSG. */
char *cms_to_pem(struct arena *a, const uint8_t *der, size_t n);
int cms_of_pem(struct arena *a, const char *pem, size_t n, uint8_t **ret, size_t *ret_n);

/* Files of a new signer that certifies itself. */
struct cms_paths {
    const char *cert, *key, *ca_cert, *ca_key;
};

/* Makes an authority and a certificate by it: RSA of 2,048 bits, ten years.
 * -EEXIST when one of the files is there.  Slow. */
int cms_make(const struct cms_paths *p, const char *common_name, struct err *err);
