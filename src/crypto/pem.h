/* SPDX-License-Identifier: Apache-2.0 */
/* Files of keys and certificates. */
#pragma once

#include <openssl/bio.h>

#include "base/err.h"

/* Writes what lies in 'b' (in memory) to a file that must not be there yet,
 * with exactly this mode, down to the disk.  0 or -errno with words. */
int pem_write_new(const char *path, unsigned mode, BIO *b, struct err *err);
