/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images/{image_id}/file and /stage: the bytes. */
#include "base/str.h"
#include "image/api/common.h"
#include "image/api/routes.h"
#include "image/model/check.h"
#include "image/model/intake.h"
#include "image/model/range.h"
#include "image/model/status.h"
#include "image/store/images.h"

/* --- up ------------------------------------------------------------------------- */

static ssize_t read_body(void *ctx, void *buf, size_t n)
{
    struct request *rq = ctx;

    return http_body_read(rq->http, buf, n);
}

/* True when the image has been deleted while its data still comes. */
static bool is_gone(void *ctx)
{
    struct request *rq = ctx;
    auto_rollback struct txn *t = NULL;
    struct image i;

    if (txn_begin(rq->server->db, false, &t, NULL) < 0)
        return false;
    return table_get(t, rq->arena, &image_table, rq_param(rq, "image_id"), &i, NULL) == -ENOENT;
}

static int check_upload(struct request *rq, struct err *err)
{
    const char *type = rq_header(rq, "Content-Type");
    uint64_t n = rq->http->content_length, cap = (uint64_t) image_of(rq)->opt->image_size_cap;
    size_t len = strlen("application/octet-stream");

    if (!type || strncasecmp(type, "application/octet-stream", len) != 0 ||
        (type[len] && !strchr("; ", type[len])))
        return err_http(err, 415, NULL, "The content type must be application/octet-stream.");
    if (n != UINT64_MAX && n > cap)
        return err_http(err, 413, NULL, "The incoming image is too large: at most %llu bytes are allowed.",
                        (unsigned long long) cap);
    return 0;
}

/* The size that the client announced must be that of what came. */
static int check_size(struct request *rq, const struct intake_result *in, struct err *err)
{
    const char *said = rq_header(rq, "x-openstack-image-size");
    uint64_t n;

    if (!said)
        return 0;
    if (str_to_u64(said, &n) < 0)
        return err_http(err, 400, NULL, "x-openstack-image-size must be a number of bytes.");
    if (n != in->size)
        return err_http(err, 400, NULL,
                        "The size of the data, %llu bytes, differs from the size given, %llu bytes.",
                        (unsigned long long) in->size, (unsigned long long) n);
    return 0;
}

/* From queued to 'status', committed, so that everybody sees it. */
static int claim(struct request *rq, struct image *i, const char *status, struct err *err)
{
    int r = status_check(i, status, err);

    if (r >= 0)
        r = rq_commit(rq, err);
    if (r >= 0)
        r = status_move(rq->server, rq->arena, i, status, err);
    if (r == -ESTALE)
        return err_http(err, 409, NULL, "Image %s is in use by another request.", i->id);
    return r;
}

static int gone(const struct image *i, struct err *err)
{
    return err_http(err, 410, NULL,
                    "Image %s could not be found after upload. The image may have been deleted during the "
                    "upload, cleaning up the chunks uploaded.",
                    i->id);
}

/* What came is thrown away; the image, if it is still there, may be tried again. */
static int give_up(struct request *rq, struct image *i, enum image_area area, struct err *err)
{
    const struct image_state *s = image_of(rq);
    struct err why = *err, later = { 0 };
    int r;

    s->driver->remove(s->store, area, i->id, NULL);
    if (why.code == -ESTALE)
        return gone(i, err);
    r = status_move(rq->server, rq->arena, i, "queued", &later);
    if (r == -ESTALE)
        return gone(i, err);
    if (r < 0)
        log_error(&rq->server->log, "an image stays without its data until the next start", "image", i->id,
                  "why", later.msg);
    *err = why;
    return why.code;
}

static int receive(struct request *rq, struct image *i, enum image_area area, struct intake_result *in,
                   struct err *err)
{
    int r = intake_run(image_of(rq), rq->arena, i, area, read_body, is_gone, rq, in, err);

    if (r >= 0)
        r = check_size(rq, in, err);
    if (r >= 0)
        i->size = (int64_t) in->size;
    return r;
}

static int upload(struct request *rq, struct err *err)
{
    struct image *i = rq->object;
    struct intake_result in;
    int r = image_authorize_change(rq, "upload_image", i, err);

    if (r >= 0)
        r = check_upload(rq, err);
    if (r >= 0)
        r = claim(rq, i, "saving", err);
    if (r < 0)
        return r;
    r = receive(rq, i, IMAGE_DATA, &in, err);
    if (r >= 0) {
        i->virtual_size = in.virtual_size;
        i->checksum = in.checksum;
        i->os_hash_algo = "sha512";
        i->os_hash_value = in.os_hash_value;
        r = status_move(rq->server, rq->arena, i, "active", err);
    }
    return r < 0 ? give_up(rq, i, IMAGE_DATA, err) : reply_empty(rq, 204);
}

/* The data waits for its import. */
static int stage(struct request *rq, struct err *err)
{
    struct image *i = rq->object;
    struct intake_result in;
    int r = image_authorize_change(rq, "modify_image", i, err);

    if (r >= 0 && !strv_contains(image_of(rq)->opt->enabled_import_methods, "glance-direct"))
        r = err_http(err, 404, NULL, "'glance-direct' method is not available at this site.");
    if (r >= 0)
        r = check_upload(rq, err);
    if (r >= 0)
        r = claim(rq, i, "uploading", err);
    if (r < 0)
        return r;
    r = receive(rq, i, IMAGE_STAGING, &in, err);
    if (r >= 0) /* From now on it has a size, and can be imported. */
        r = status_move(rq->server, rq->arena, i, "uploading", err);
    return r < 0 ? give_up(rq, i, IMAGE_STAGING, err) : reply_empty(rq, 204);
}

/* --- down ------------------------------------------------------------------------- */

static int reply_range(struct request *rq, const struct image *i, int fd, uint64_t size, struct err *err)
{
    struct byte_range range;
    int r = range_read(rq_header(rq, "Range"), rq_header(rq, "Content-Range"), size, &range);

    if (r < 0) {
        close(fd);
        return err_http(err, 416, NULL, "The range is not one of image %s, which has %llu bytes.", i->id,
                        (unsigned long long) size);
    }
    if (i->checksum)
        reply_header(rq, "Content-MD5", i->checksum);
    reply_header(rq, "Accept-Ranges", "bytes");
    if (range.partial)
        reply_header(rq, "Content-Range",
                     arena_printf(rq->arena, "bytes %llu-%llu/%llu", (unsigned long long) range.offset,
                                  (unsigned long long) (range.offset + range.n - 1),
                                  (unsigned long long) size));
    rq->status = range.partial ? 206 : 200;
    http_reply_fd(rq->http, rq->status, "application/octet-stream", fd, range.offset, range.n);
    return 0;
}

static int download(struct request *rq, struct err *err)
{
    const struct image_state *s = image_of(rq);
    const struct image *i = rq->object;
    uint64_t size;
    int fd, r;

    r = image_authorize(rq, "download_image", i, err);
    if (r < 0)
        return r;
    if (str_eq(i->status, "deactivated") && !image_caller_is_admin(rq))
        return err_http(err, 403, NULL,
                        "The requested image has been deactivated. Image data download is forbidden.");
    if (!str_eq(i->status, "active") && !str_eq(i->status, "deactivated"))
        return reply_empty(rq, 204);
    r = s->driver->read(s->store, IMAGE_DATA, i->id, &fd, &size, err);
    if (r == -ENOENT)
        return reply_empty(rq, 204);
    return r < 0 ? r : reply_range(rq, i, fd, size, err);
}

/* clang-format off */
const struct route image_data_routes[] = {
    { HTTP_PUT, "/v2/images/{image_id}/file", POLICY_OWN, upload,   .load = image_load, .flags = ROUTE_STREAM },
    { HTTP_GET, "/v2/images/{image_id}/file", POLICY_OWN, download, .load = image_load },
    { HTTP_PUT, "/v2/images/{image_id}/stage", POLICY_OWN, stage,   .load = image_load, .flags = ROUTE_STREAM },
    { 0 },
};
/* clang-format on */
