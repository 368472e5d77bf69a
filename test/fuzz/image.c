/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of images: inspection reads only what is there, ends, and never
 * calls safe what names another file. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/model/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct disk {
    const uint8_t *data;
    size_t n;
};

/* The input is the beginning of a disk with room behind it, so that headers far in
 * can be reached. */
static int read_disk(void *ctx, uint64_t offset, void *buf, size_t n)
{
    const struct disk *d = ctx;

    memset(buf, 0, n);
    if (offset < d->n)
        memcpy(buf, d->data + offset, d->n - (size_t) offset < n ? d->n - (size_t) offset : n);
    return 0;
}

static bool has_backing_file(const uint8_t *data, size_t n)
{
    static const uint8_t none[8];

    return n >= 512 && memcmp(data, "QFI\xfb", 4) == 0 && memcmp(data + 8, none, 8) != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct disk d = { data, n };
    const uint64_t sizes[] = { n, n + (300 << 10) };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct format_source src = { sizes[i], read_disk, &d };
        struct format_facts f = { 0 };

        if (format_inspect(&src, &f, NULL) < 0)
            continue;
        if (f.format == FORMAT_NONE || (has_backing_file(data, n) && !f.unsafe))
            abort();
    }
    return 0;
}
