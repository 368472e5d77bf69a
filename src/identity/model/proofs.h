/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of secrets that were proven not long ago, so that a program which
 * logs in again and again does not pay the slow hash each time.  Keyed with a
 * key of this process: what is here is of no use elsewhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROOF_BYTES 32

struct proofs;
struct proofs *proofs_new(size_t max);
void proofs_free(struct proofs *p);
bool proofs_have(struct proofs *p, const uint8_t proof[static PROOF_BYTES]);
void proofs_add(struct proofs *p, const uint8_t proof[static PROOF_BYTES]);
