/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/compute/transfer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/digest.h"
#include "io/sock.h"

/* As long as an image of some ten gigabytes may take on a slow line. */
#define TRANSFER_TIMEOUT_MS (4 * 3600 * 1000)
#define PIECE               (256 * 1024)

/* Data on its way into the cache. */
struct sink {
    int fd;
    int64_t size, expected; /* 0: not known. */
    struct digest *digest;
    struct task *task;
    int error;
};

/* The strongest hash that the wish gives; null: none. */
static const char *expected_hash(const struct wish_image *i, enum digest_kind *ret_kind)
{
    static const struct {
        const char *name;
        enum digest_kind kind;
    } kinds[] = { { "sha512", DIGEST_SHA512 }, { "sha256", DIGEST_SHA256 }, { "sha1", DIGEST_SHA1 } };

    for (size_t k = 0; i->os_hash_value && k < ARRAY_SIZE(kinds); k++)
        if (str_eq(i->os_hash_algo, kinds[k].name)) {
            *ret_kind = kinds[k].kind;
            return i->os_hash_value;
        }
    *ret_kind = DIGEST_MD5;
    return i->checksum;
}

static int sink_write(void *ctx, const char *buf, size_t n)
{
    struct sink *s = ctx;

    if (atomic_load(&s->task->cancelled))
        s->error = -ECANCELED;
    else if (s->expected && s->size + (int64_t) n > s->expected)
        s->error = -EFBIG;
    else
        s->error = write_all(s->fd, buf, n);
    if (s->error < 0)
        return -1;
    digest_add(s->digest, buf, n);
    s->size += (int64_t) n;
    if (s->expected)
        atomic_store(&s->task->progress, (int) (s->size * 90 / s->expected));
    return 0;
}

/* A descriptor when the wish's file can be read here and may be what it should
 * be; else -1.  Without a hash any file of the host could pass for an image. */
static int open_shared(const struct wish_image *i, const char *hash)
{
    struct stat st;
    int fd;

    if (!i->file || i->file[0] != '/' || i->size <= 0 || str_empty(hash))
        return -1;
    fd = open(i->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == i->size)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int copy_shared(int from, struct sink *s)
{
    auto_free char *buf = malloc(PIECE);
    ssize_t n;

    if (!buf)
        return -ENOMEM;
    while ((n = read(from, buf, PIECE)) > 0)
        if (sink_write(s, buf, (size_t) n) < 0)
            return s->error;
    return n < 0 ? -errno : 0;
}

static char *image_url(struct arena *a, const struct wish_server *s, const char *id)
{
    return arena_printf(a, "%s/v2/images/%s/file", s->image_endpoint, id);
}

/* What a status of the image service means for the wish. */
static int check_status(const char *id, const struct httpc_reply *r, struct err *err)
{
    if (r->status >= 200 && r->status < 300)
        return 0;
    if (r->status == 404 || r->status == 204)
        return err_set(err, -ENOENT, "Image %s has no data", id);
    if (r->status >= 500 || r->status == 429)
        return err_set(err, -EAGAIN, "The image service answers %d", r->status);
    return err_set(err, -EACCES, "The image service refuses image %s: %d", id, r->status);
}

static int download(struct httpc *c, const struct wish_server *s, const struct wish_image *i,
                    struct sink *sink, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct http_header headers[] = { { "X-Auth-Token", s->image_token }, { 0 } };
    struct httpc_request rq = { .method = HTTP_GET,
                                .url = image_url(&a, s, i->id),
                                .headers = headers,
                                .write = sink_write,
                                .ctx = sink,
                                .timeout_ms = TRANSFER_TIMEOUT_MS };
    struct httpc_reply reply;
    int r;

    if (str_empty(s->image_endpoint) || str_empty(s->image_token))
        return err_set(err, -EAGAIN, "Image %s is not on this host and the wish has no token to fetch it",
                       i->id);
    r = httpc_call(c, &a, &rq, &reply, err);
    if (sink->error < 0)
        return sink->error;
    if (r < 0)
        return err_prefix(err, -EAGAIN, "Cannot fetch image %s", i->id);
    return check_status(i->id, &reply, err);
}

/* True when 'sink' got what the wish describes. */
static bool is_whole(struct arena *a, const struct wish_image *i, const struct sink *sink, const char *hash)
{
    char *got = digest_finish_hex(sink->digest, a);

    return (!i->size || sink->size == i->size) && (!hash || str_eq_nocase(hash, got));
}

/* Starts again from nothing. */
static int sink_begin(struct sink *s, enum digest_kind kind)
{
    digest_free(s->digest);
    s->digest = digest_new(kind);
    s->size = 0;
    s->error = 0;
    return ftruncate(s->fd, 0) < 0 || lseek(s->fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int fetch(struct httpc *c, const struct wish_server *s, const struct wish_image *i, struct sink *sink,
                 struct err *err)
{
    auto_arena struct arena a = { 0 };
    enum digest_kind kind;
    const char *hash = expected_hash(i, &kind);
    auto_close int shared = open_shared(i, hash);
    int r = sink_begin(sink, kind);

    if (r >= 0 && shared >= 0) {
        if (copy_shared(shared, sink) >= 0 && is_whole(&a, i, sink, hash))
            return 0;
        r = sink->error == -ECANCELED ? -ECANCELED : sink_begin(sink, kind);
    }
    if (r >= 0)
        r = download(c, s, i, sink, err);
    if (r >= 0 && !is_whole(&a, i, sink, hash))
        r = err_set(err, -EBADMSG, "The data of image %s does not have the checksum that it should have",
                    i->id);
    return r;
}

int image_fetch(struct httpc *c, const struct wish_server *s, const struct wish_image *i, int fd,
                struct task *t, struct err *err)
{
    struct sink sink = { .fd = fd, .expected = i->size, .task = t };
    int r = fetch(c, s, i, &sink, err);

    digest_free(sink.digest);
    if (r < 0 && err && !err->code)
        return err_set(err, r, "Cannot store the data of image %s: %s", i->id, strerror(-r));
    return r;
}

int image_send(struct httpc *c, const struct wish_server *s, const char *id,
               ssize_t (*read)(void *ctx, char *buf, size_t max), void *ctx, int64_t size, struct err *err)
{
    auto_arena struct arena a = { 0 };
    struct http_header headers[] = { { "X-Auth-Token", s->image_token },
                                     { "Content-Type", "application/octet-stream" },
                                     { 0 } };
    struct httpc_request rq = { .method = HTTP_PUT,
                                .url = image_url(&a, s, id),
                                .headers = headers,
                                .read = read,
                                .read_size = size,
                                .ctx = ctx,
                                .timeout_ms = TRANSFER_TIMEOUT_MS };
    struct httpc_reply reply;
    int r;

    if (str_empty(s->image_endpoint) || str_empty(s->image_token))
        return err_set(err, -EAGAIN, "The wish has no token to send image %s with", id);
    r = httpc_call(c, &a, &rq, &reply, err);
    return r < 0 ? err_prefix(err, -EAGAIN, "Cannot send image %s", id) : check_status(id, &reply, err);
}
