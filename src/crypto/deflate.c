/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/deflate.h"

#include <errno.h>
#include <zlib.h>

int deflate_data(struct arena *a, const void *data, size_t n, uint8_t **ret, size_t *ret_n)
{
    uLongf len = compressBound(n);
    uint8_t *out = arena_alloc(a, len);

    if (compress2(out, &len, data, n, 6) != Z_OK)
        return -ENOMEM;
    *ret = out;
    *ret_n = len;
    return 0;
}

int inflate_data(struct arena *a, const void *data, size_t n, size_t max, uint8_t **ret, size_t *ret_n)
{
    z_stream z = { .next_in = (Bytef *) data, .avail_in = (uInt) n };
    uint8_t *out = arena_alloc(a, max + 1);
    int r;

    if (inflateInit(&z) != Z_OK)
        return -ENOMEM;
    z.next_out = out;
    z.avail_out = (uInt) max + 1; /* One more, to see that it is too much. */
    r = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    if (z.total_out > max)
        return -EFBIG;
    if (r != Z_STREAM_END || z.avail_in)
        return -EBADMSG;
    *ret = out;
    *ret_n = z.total_out;
    return 0;
}
