/* SPDX-License-Identifier: Apache-2.0 */
/* What yaml_read() takes is a tree that JSON can say. */
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"
#include "wire/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_json json_t *j = NULL, *again = NULL;
    auto_arena struct arena a;
    struct err err;
    char *text;

    arena_init(&a);
    if (yaml_read((const char *) data, n, &j, &err) < 0)
        return 0;
    text = json_text(&a, j);
    if (json_read(text, strlen(text), &again, &err) < 0 || !json_equal(j, again))
        abort();
    return 0;
}
