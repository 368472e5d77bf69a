/* SPDX-License-Identifier: Apache-2.0 */
#include "image/model/intake.h"

#include "base/str.h"
#include "crypto/digest.h"
#include "image/model/accept.h"

#define CANCEL_EVERY (64 * 1024 * 1024)

/* One intake under way. */
struct flow {
    const struct image_state *s;
    const struct image *image;
    const struct intake_source *src;
    struct digest *md5, *sha512;
    struct image_writer *writer; /* Null when what is staged is only read. */
    char *buf;
    uint64_t size, asked_at;
};

static int begin(struct flow *f, struct err *err)
{
    f->md5 = digest_new(DIGEST_MD5);
    f->sha512 = digest_new(DIGEST_SHA512);
    f->buf = malloc(IMAGE_CHUNK);
    return f->md5 && f->sha512 && f->buf ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static void end(struct flow *f)
{
    if (f->writer)
        f->s->driver->abort(f->writer);
    if (f->md5)
        digest_free(f->md5);
    if (f->sha512)
        digest_free(f->sha512);
    free(f->buf);
}

static int too_large(const struct flow *f, struct err *err)
{
    return err_http(err, 413, NULL, "The incoming image is too large: at most %lld bytes are allowed.",
                    (long long) f->s->opt->image_size_cap);
}

static int take(struct flow *f, size_t n, struct err *err)
{
    int r = 0;

    f->size += n;
    if (f->size > (uint64_t) f->s->opt->image_size_cap)
        return too_large(f, err);
    digest_add(f->md5, f->buf, n);
    digest_add(f->sha512, f->buf, n);
    if (f->writer)
        r = f->s->driver->write(f->writer, f->buf, n, err);
    if (r == -ENOSPC)
        return err_http(err, 413, NULL, "Image storage media is full: no space is left for image %s.",
                        f->image->id);
    return r;
}

static int check_cancelled(struct flow *f, struct err *err)
{
    if (!f->src->cancelled || f->size - f->asked_at < CANCEL_EVERY)
        return 0;
    f->asked_at = f->size;
    return f->src->cancelled(f->src->ctx) ? err_set(err, -ECANCELED, "The image was deleted meanwhile.") : 0;
}

/* As few and as large writes as the source allows. */
static ssize_t fill(struct flow *f)
{
    size_t have = 0;

    while (have < IMAGE_CHUNK) {
        ssize_t n = f->src->read(f->src->ctx, f->buf + have, IMAGE_CHUNK - have);

        if (n < 0)
            return n;
        if (n == 0)
            break;
        have += (size_t) n;
    }
    return (ssize_t) have;
}

static int pump(struct flow *f, struct err *err)
{
    for (;;) {
        ssize_t n = fill(f);
        int r;

        if (n < 0)
            return err_http(err, 400, NULL, "The data of image %s broke off after %llu bytes.", f->image->id,
                            (unsigned long long) f->size);
        if (n == 0)
            return 0;
        r = take(f, (size_t) n, err);
        if (r >= 0)
            r = check_cancelled(f, err);
        if (r < 0)
            return r;
    }
}

static int peek_writer(void *ctx, uint64_t offset, void *buf, size_t n)
{
    struct flow *f = ctx;

    return f->s->driver->peek(f->writer, offset, buf, n);
}

static void report(struct flow *f, struct arena *a, struct intake *ret)
{
    ret->size = f->size;
    ret->checksum = digest_finish_hex(f->md5, a);
    ret->os_hash_value = digest_finish_hex(f->sha512, a);
}

int intake_run(const struct image_state *s, struct arena *a, const struct image *i, enum image_area area,
               const struct intake_source *src, struct intake *ret, struct err *err)
{
    struct flow f = { .s = s, .image = i, .src = src };
    struct format_source inspected = { .read = peek_writer, .ctx = &f };
    int64_t virtual_size = FIELD_NULL_INT;
    int r = begin(&f, err);

    if (r >= 0)
        r = s->driver->begin(s->store, area, i->id, &f.writer, err);
    if (r >= 0)
        r = pump(&f, err);
    inspected.size = f.size;
    if (r >= 0 && area == IMAGE_DATA)
        r = accept_data(s->opt, i, &inspected, &virtual_size, err);
    if (r >= 0) {
        r = s->driver->commit(steal(&f.writer), err);
        if (r == -ENOSPC)
            r = err_http(err, 413, NULL, "Image storage media is full: no space is left for image %s.",
                         i->id);
    }
    if (r >= 0) {
        report(&f, a, ret);
        ret->virtual_size = virtual_size;
    }
    end(&f);
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

int intake_staged(const struct image_state *s, struct arena *a, const struct image *i, struct intake *ret,
                  struct err *err)
{
    auto_close int fd = -1;
    struct format_source inspected = { .read = peek_staged, .ctx = &fd };
    const struct intake_source src = { .read = read_staged, .ctx = &fd };
    struct flow f = { .s = s, .image = i, .src = &src };
    int64_t virtual_size = FIELD_NULL_INT;
    int r = begin(&f, err);

    if (r >= 0)
        r = s->driver->read(s->store, IMAGE_STAGING, i->id, &fd, &inspected.size, err);
    if (r >= 0)
        r = accept_data(s->opt, i, &inspected, &virtual_size, err);
    if (r >= 0)
        r = pump(&f, err);
    if (r >= 0) {
        report(&f, a, ret);
        ret->virtual_size = virtual_size;
    }
    end(&f);
    return r;
}
