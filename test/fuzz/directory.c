/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers say becomes a value in an LDAP filter and never more: the
 * filter keeps its structure, and unescaped the value is what was said.
 * Distinguished names from a server have one normal form. */
#include "identity/driver/directory/ldap_filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* The value between its stars, as a server reads it. */
static void check_value(const char *filter, size_t from, size_t to, const char *said)
{
    for (size_t i = from; i < to; said++) {
        char c = filter[i++];

        if (strchr("*()", c))
            abort();
        if (c == '\\') {
            c = (char) (digit(filter[i]) << 4 | digit(filter[i + 1]));
            i += 2;
        }
        if (!*said || c != *said)
            abort();
    }
    if (*said)
        abort();
}

static void try_filter(struct arena *a, const char *said)
{
    static const enum cond_op ops[] = { COND_EQ, COND_STARTS, COND_ENDS, COND_CONTAINS };

    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        bool before = ops[i] == COND_ENDS || ops[i] == COND_CONTAINS;
        bool after = ops[i] == COND_STARTS || (ops[i] == COND_CONTAINS && *said);
        struct strbuf b;

        strbuf_init(&b, a);
        filter_match(&b, "cn", ops[i], said);
        if (!filter_valid(strbuf_str(&b)) || strncmp(strbuf_str(&b), "(cn=", 4) != 0)
            abort();
        check_value(strbuf_str(&b), 4 + before, b.len - 1 - after, said);
    }
}

static void try_name(struct arena *a, const char *dn)
{
    const char *normal = dn_normal(a, dn), *value = NULL;
    int r = dn_first_value(a, dn, "cn", &value);

    if ((r == -EINVAL) != !normal || (r >= 0) != !!value)
        abort();
    if (normal && !str_eq(normal, dn_normal(a, dn)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_arena struct arena a;
    const char *text;

    arena_init(&a);
    text = arena_strndup(&a, (const char *) data, n);
    try_filter(&a, text);
    try_name(&a, text);
    /* Of a configuration; and names of attributes stand in filters as they are. */
    if (filter_attribute_valid(text) && !filter_valid(arena_printf(&a, "(%s=x)", text)))
        abort();
    return 0;
}
