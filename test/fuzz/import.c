/* SPDX-License-Identifier: Apache-2.0 */
/* Where an image is to be downloaded from, and which part of one is asked for:
 * the first line is an address, the second a range. */
#include "image/model/uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "image/model/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_uri(struct arena *a, const char *uri)
{
    static const char *schemes[] = { "http", "https", NULL }, *ports[] = { "80", "443", NULL };
    const struct image_options options = { .import_allowed_schemes = schemes, .import_allowed_ports = ports };

    if (!uri_is_allowed(&options, a, uri))
        return;
    if ((strncasecmp(uri, "http://", 7) != 0 && strncasecmp(uri, "https://", 8) != 0) ||
        strpbrk(uri, "@ \\\n\r\t"))
        abort();
}

static void check_range(const char *text)
{
    static const uint64_t sizes[] = { 0, 1, 100, UINT64_C(1) << 40 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
        for (int old = 0; old < 2; old++) {
            struct byte_range r;

            if (range_read(old ? NULL : text, old ? text : NULL, sizes[i], &r) >= 0 &&
                (r.offset > sizes[i] || r.n > sizes[i] - r.offset))
                abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_arena struct arena a = { 0 };
    const char **lines;

    if (memchr(data, 0, n))
        return 0;
    arena_init(&a);
    lines = str_split(&a, arena_strndup(&a, (const char *) data, n), '\n');
    check_uri(&a, lines[0]);
    if (lines[0] && lines[1])
        check_range(lines[1]);
    return 0;
}
