/* SPDX-License-Identifier: Apache-2.0 */
/* Patches of images, in both drafts: they are read or refused with words, and
 * what is read names a member and stays inside it. */
#include "image/model/patch.h"

#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct patch *p)
{
    if (!p->name || strlen(p->name) > 65536) /* It may be empty: JSON pointer "/" (RFC 6901). */
        abort();
    if (p->op != PATCH_REMOVE && !p->value)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_json json_t *j = NULL;
    auto_arena struct arena a;

    arena_init(&a);
    if (json_read((const char *) data, n, &j, NULL) < 0)
        return 0;
    for (int draft_4 = 0; draft_4 < 2; draft_4++) {
        struct patch *all = NULL;
        struct err err = { 0 };
        size_t count = 0;

        if (patch_read(&a, j, draft_4, &all, &count, &err) < 0) {
            if (err_status(&err) != 400 && err_status(&err) != 403)
                abort();
            continue;
        }
        for (size_t i = 0; i < count; i++)
            check(&all[i]);
    }
    return 0;
}
