/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/intake.h"

#include "base/str.h"
#include "crypto/digest.h"
#include "image/model/accept.h"

#define CANCEL_EVERY (64 * 1024 * 1024)

struct intake {
    const struct image_state *s;
    const struct image *image;
    enum image_area area;
    bool (*cancelled)(void *ctx);
    void *ctx;
    struct digest *md5, *sha512;
    struct image_writer *writer; /* Null when what is staged is only read. */
    uint64_t size, asked_at;
};

static void intake_free(struct intake *in)
{
    if (in->md5)
        digest_free(in->md5);
    if (in->sha512)
        digest_free(in->sha512);
    free(in);
}

static int intake_new(const struct image_state *s, const struct image *i, bool (*cancelled)(void *ctx),
                      void *ctx, struct intake **ret, struct err *err)
{
    struct intake *in = calloc(1, sizeof(*in));

    if (!in)
        return err_set(err, -ENOMEM, "out of memory");
    *in = (struct intake){ .s = s, .image = i, .cancelled = cancelled, .ctx = ctx };
    in->md5 = digest_new(DIGEST_MD5);
    in->sha512 = digest_new(DIGEST_SHA512);
    if (!in->md5 || !in->sha512) {
        intake_free(in);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *ret = in;
    return 0;
}

int intake_begin(const struct image_state *s, const struct image *i, enum image_area area,
                 bool (*cancelled)(void *ctx), void *ctx, struct intake **ret, struct err *err)
{
    struct intake *in;
    int r = intake_new(s, i, cancelled, ctx, &in, err);

    if (r < 0)
        return r;
    in->area = area;
    r = s->driver->begin(s->store, area, i->id, &in->writer, err);
    if (r < 0)
        intake_free(in);
    else
        *ret = in;
    return r;
}

void intake_abort(struct intake *in)
{
    if (!in)
        return;
    if (in->writer)
        in->s->driver->abort(in->writer);
    intake_free(in);
}

static int is_full(const struct intake *in, struct err *err)
{
    log_error(in->s->log, "the image store is full", "image", in->image->id, "area",
              in->area == IMAGE_DATA ? "data" : "staging");
    return err_http(err, 413, NULL, "Image storage media is full: no space is left for image %s.",
                    in->image->id);
}

static int check_cancelled(struct intake *in, struct err *err)
{
    if (!in->cancelled || in->size - in->asked_at < CANCEL_EVERY)
        return 0;
    in->asked_at = in->size;
    return in->cancelled(in->ctx) ? err_set(err, -ECANCELED, "The image was deleted meanwhile.") : 0;
}

int intake_add(struct intake *in, const void *data, size_t n, struct err *err)
{
    int r = 0;

    in->size += n;
    if (in->size > (uint64_t) in->s->opt->image_size_cap)
        return err_http(err, 413, NULL, "The incoming image is too large: at most %lld bytes are allowed.",
                        (long long) in->s->opt->image_size_cap);
    digest_add(in->md5, data, n);
    digest_add(in->sha512, data, n);
    if (in->writer)
        r = in->s->driver->write(in->writer, data, n, err);
    if (r == -ENOSPC)
        return is_full(in, err);
    return r < 0 ? r : check_cancelled(in, err);
}

static int peek_writer(void *ctx, uint64_t offset, void *buf, size_t n)
{
    struct intake *in = ctx;

    return in->s->driver->peek(in->writer, offset, buf, n);
}

static void report(struct intake *in, struct arena *a, int64_t virtual_size, struct intake_result *ret)
{
    ret->size = in->size;
    ret->virtual_size = virtual_size;
    ret->checksum = digest_finish_hex(in->md5, a);
    ret->os_hash_value = digest_finish_hex(in->sha512, a);
}

int intake_end(struct intake *in, struct arena *a, struct intake_result *ret, struct err *err)
{
    const struct format_source inspected = { in->size, peek_writer, in };
    int64_t virtual_size = FIELD_NULL_INT;
    int r = 0;

    if (in->area == IMAGE_DATA)
        r = accept_data(in->s->opt, in->image, &inspected, &virtual_size, err);
    if (r >= 0) {
        r = in->s->driver->commit(steal(&in->writer), err);
        if (r == -ENOSPC)
            r = is_full(in, err);
    }
    if (r >= 0)
        report(in, a, virtual_size, ret);
    intake_abort(in);
    return r;
}

/* --- from a reader --------------------------------------------------------------- */

/* As few and as large writes as the source allows. */
static ssize_t fill(ssize_t (*read)(void *ctx, void *buf, size_t n), void *ctx, char *buf)
{
    size_t have = 0;

    while (have < IMAGE_CHUNK) {
        ssize_t n = read(ctx, buf + have, IMAGE_CHUNK - have);

        if (n < 0)
            return n;
        if (n == 0)
            break;
        have += (size_t) n;
    }
    return (ssize_t) have;
}

static int pump(struct intake *in, ssize_t (*read)(void *ctx, void *buf, size_t n), void *ctx,
                struct err *err)
{
    auto_free char *buf = malloc(IMAGE_CHUNK);
    int r = buf ? 0 : err_set(err, -ENOMEM, "out of memory");

    while (r >= 0) {
        ssize_t n = fill(read, ctx, buf);

        if (n < 0)
            return err_http(err, 400, NULL, "The data of image %s broke off after %llu bytes.", in->image->id,
                            (unsigned long long) in->size);
        if (n == 0)
            break;
        r = intake_add(in, buf, (size_t) n, err);
    }
    return r;
}

int intake_run(const struct image_state *s, struct arena *a, const struct image *i, enum image_area area,
               ssize_t (*read)(void *ctx, void *buf, size_t n), bool (*cancelled)(void *ctx), void *ctx,
               struct intake_result *ret, struct err *err)
{
    struct intake *in;
    int r = intake_begin(s, i, area, cancelled, ctx, &in, err);

    if (r < 0)
        return r;
    r = pump(in, read, ctx, err);
    if (r >= 0)
        return intake_end(in, a, ret, err);
    intake_abort(in);
    return r;
}

/* --- what is staged --------------------------------------------------------------- */

static ssize_t read_staged(void *ctx, void *buf, size_t n)
{
    ssize_t got;

    do
        got = read(*(int *) ctx, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static int peek_staged(void *ctx, uint64_t offset, void *buf, size_t n)
{
    ssize_t got = pread(*(int *) ctx, buf, n, (off_t) offset);

    return got < 0 ? -errno : (size_t) got == n ? 0 : -ENODATA;
}

int intake_staged(const struct image_state *s, struct arena *a, const struct image *i,
                  bool (*cancelled)(void *ctx), void *ctx, struct intake_result *ret, struct err *err)
{
    auto_close int fd = -1;
    struct format_source inspected = { .read = peek_staged, .ctx = &fd };
    int64_t virtual_size = FIELD_NULL_INT;
    struct intake *in;
    int r = s->driver->read(s->store, IMAGE_STAGING, i->id, &fd, &inspected.size, err);

    if (r >= 0)
        r = accept_data(s->opt, i, &inspected, &virtual_size, err);
    if (r >= 0)
        r = intake_new(s, i, cancelled, ctx, &in, err);
    if (r < 0)
        return r;
    r = pump(in, read_staged, &fd, err);
    if (r >= 0)
        report(in, a, virtual_size, ret);
    intake_abort(in);
    return r;
}
