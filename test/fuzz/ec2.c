/* SPDX-License-Identifier: Apache-2.0 */
/* Signed requests of strangers: never believed with a secret that they do not
 * have, whatever version and form they claim. */
#include "identity/model/ec2.h"

#include <stdlib.h>

#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char secret[] = "b2c0ad5f0f1d4b36a2b5d1c3e4f5a697";
    auto_json json_t *j = NULL;
    auto_arena struct arena a;

    arena_init(&a);
    if (json_read((const char *) data, n, &j, NULL) < 0)
        return 0;
    if (ec2_signature_check(&a, j, secret) || s3_signature_check(&a, j, secret))
        abort();
    if (ec2_request_time(&a, j) < -1)
        abort();
    return 0;
}
