/* SPDX-License-Identifier: Apache-2.0 */
/* URLs and queries: no answer holds broken text, and what is decoded comes
 * back after encoding. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_query(struct arena *a, const char *text)
{
    struct query_param *q;
    size_t n;

    if (query_parse(a, text, &q, &n) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct strbuf b;
        char *back;

        strbuf_init(&b, a);
        url_encode(&b, q[i].value);
        if (url_decode(a, strbuf_str(&b), b.len, true, &back) < 0 || !str_eq(back, q[i].value))
            abort();
    }
    if (q[n].name)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_arena struct arena a;
    struct url u;
    char *text;

    arena_init(&a);
    text = arena_strndup(&a, n ? (const char *) data : "", n);
    check_query(&a, text);
    if (url_parse(&a, text, &u, NULL) >= 0 && (!u.scheme || (u.host && !str_is_utf8(u.host, strlen(u.host)))))
        abort();
    return 0;
}
