/* SPDX-License-Identifier: Apache-2.0 */
/* What json_read() takes, the writer writes so that it reads back equal; and
 * any bytes written as a text are JSON. */
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_text(struct arena *a, const uint8_t *data, size_t n)
{
    struct strbuf b;
    json_t *j = NULL;
    struct jw w;

    if (memchr(data, 0, n))
        return; /* Written as \u0000, which the reader refuses on purpose. */
    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_strn(&w, NULL, (const char *) data, n);
    if (json_read(b.data, b.len, &j, NULL) < 0 || !json_is_string(j))
        abort();
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_json json_t *j = NULL, *again = NULL;
    auto_arena struct arena a;
    struct err err;
    char *text;

    arena_init(&a);
    check_text(&a, n ? data : (const uint8_t *) "", n);
    if (json_read((const char *) data, n, &j, &err) < 0)
        return 0;
    text = json_text(&a, j);
    if (json_read(text, strlen(text), &again, &err) < 0 || !json_equal(j, again))
        abort();
    return 0;
}
