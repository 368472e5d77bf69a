/* SPDX-License-Identifier: Apache-2.0 */
/* image.import: data that is staged, or lies at a URL, becomes that of an image.
 * Arguments: task, method, and uri for a download. */
#include "base/str.h"
#include "image/image.h"
#include "image/model/check.h"
#include "image/model/intake.h"
#include "image/operations/operations.h"
#include "image/store/images.h"
#include "image/store/tasks.h"
#include "wire/httpc.h"
#include "wire/json.h"

#define FETCH_S      21600
#define TASK_KEPT_US (INT64_C(48) * 3600 * 1000000)

static struct server *server_of(const struct op_run *run)
{
    return run->ctx;
}

static const struct image_state *state_of(const struct op_run *run)
{
    return server_of(run)->state;
}

/* The image in a transaction of its own; -ENOENT when it was deleted. */
static int load(struct op_run *run, struct image *ret, struct err *err)
{
    auto_rollback struct txn *t = NULL;
    int r = txn_begin(run->db, false, &t, err);

    return r < 0 ? r : table_get(t, run->arena, &image_table, run->op->resource_id, ret, err);
}

static bool is_gone(void *ctx)
{
    struct image i;

    return load(ctx, &i, NULL) == -ENOENT;
}

/* --- fetch --------------------------------------------------------------------- */

struct download {
    struct intake *in;
    struct err *err;
    bool failed; /* By us, with words in 'err'. */
};

static int take_piece(void *ctx, const char *buf, size_t n)
{
    struct download *d = ctx;

    d->failed = intake_add(d->in, buf, n, d->err) < 0;
    return d->failed;
}

static int call(struct op_run *run, struct download *d, const char *uri, struct err *err)
{
    const struct httpc_request rq = {
        .method = HTTP_GET, .url = uri, .write = take_piece, .ctx = d, .timeout_ms = FETCH_S * 1000
    };
    struct httpc_reply reply = { 0 };
    struct err why = { 0 };
    int r = httpc_call(state_of(run)->http, run->arena, &rq, &reply, &why);

    if (d->failed)
        return err->code;
    if (r < 0) /* It is not for us to try until it works. */
        return err_set(err, -EIO, "The image cannot be downloaded: %s", why.msg);
    if (reply.status != 200)
        return err_set(err, -EIO, "The image cannot be downloaded: its URL answers %d.", reply.status);
    return 0;
}

static int run_fetch(struct op_run *run, struct err *err)
{
    const char *uri = json_str(run->op->args, "uri");
    struct download d = { .err = err };
    struct intake_result result;
    struct image i = { 0 };
    int r;

    if (!uri)
        return 0;
    r = load(run, &i, err);
    if (r >= 0)
        r = intake_begin(state_of(run), &i, IMAGE_STAGING, is_gone, run, &d.in, err);
    if (r < 0)
        return r;
    r = call(run, &d, uri, err);
    if (r >= 0)
        return intake_end(d.in, run->arena, &result, err);
    intake_abort(d.in);
    return r;
}

/* What was staged is of no use once its import failed. */
static int undo_fetch(struct op_run *run, struct err *err)
{
    const struct image_state *s = state_of(run);

    return s->driver->remove(s->store, IMAGE_STAGING, run->op->resource_id, err);
}

/* --- check, place ---------------------------------------------------------------- */

static int run_check(struct op_run *run, struct err *err)
{
    struct intake_result in;
    struct image i = { 0 };
    int r = load(run, &i, err);

    if (r >= 0)
        r = intake_staged(state_of(run), run->arena, &i, is_gone, run, &in, err);
    if (r < 0)
        return r;
    json_object_set_new(run->op->state, "size", json_integer((json_int_t) in.size));
    json_object_set_new(run->op->state, "virtual_size", json_integer(in.virtual_size));
    json_object_set_new(run->op->state, "checksum", json_string(in.checksum));
    json_object_set_new(run->op->state, "hash", json_string(in.os_hash_value));
    return 0;
}

/* After a crash it may lie in its place already. */
static int run_place(struct op_run *run, struct err *err)
{
    const struct image_state *s = state_of(run);
    struct err why = { 0 };
    uint64_t size;
    int fd, r = s->driver->promote(s->store, run->op->resource_id, &why);

    if (r == -ENOENT && s->driver->read(s->store, IMAGE_DATA, run->op->resource_id, &fd, &size, NULL) >= 0) {
        close(fd);
        return 0;
    }
    return r < 0 ? err_set(err, r, "%s", why.msg) : 0;
}

static int undo_place(struct op_run *run, struct err *err)
{
    const struct image_state *s = state_of(run);

    return s->driver->remove(s->store, IMAGE_DATA, run->op->resource_id, err);
}

/* --- the end ----------------------------------------------------------------------- */

static int end_task(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    struct image_task task = { .id = json_str(run->op->args, "task") };

    task.status = why ? "failure" : "success";
    task.message = why ? arena_strdup(run->arena, why->msg) : NULL;
    task.updated_at = server_now_us(server_of(run));
    task.expires_at = task.updated_at + TASK_KEPT_US;
    return image_task_update(t, run->arena, &task, err);
}

static void take_result(struct op_run *run, struct image *i)
{
    const json_t *s = run->op->state;

    i->status = "active";
    i->size = json_int(s, "size", 0);
    i->virtual_size = json_int(s, "virtual_size", FIELD_NULL_INT);
    i->checksum = json_str(s, "checksum");
    i->os_hash_algo = "sha512";
    i->os_hash_value = json_str(s, "hash");
}

static int end_image(struct op_run *run, struct txn *t, struct image *i, const struct err *why,
                     struct err *err)
{
    struct list one = { i, 1, sizeof(*i), false };
    int r = image_expand(t, run->arena, &one, err);

    if (r < 0)
        return r;
    i->updated_at = server_now_us(server_of(run));
    if (why) {
        i->status = "queued";
        i->size = i->virtual_size = FIELD_NULL_INT;
    } else {
        take_result(run, i);
    }
    set_property(run->arena, i, IMAGE_FAILED_IMPORT, why ? state_of(run)->driver->name : NULL);
    r = image_change_status(t, run->arena, i, "importing", err);
    return r < 0 ? r : image_write_properties(t, i, err);
}

static int finished(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    struct err ignored = { 0 };
    struct image i = { 0 };
    int r = table_get(t, run->arena, &image_table, run->op->resource_id, &i, err);

    if (r == -ENOENT) { /* Deleted meanwhile: what came is not wanted. */
        undo_fetch(run, &ignored);
        undo_place(run, &ignored);
        return end_task(run, t, why ? why : &(struct err){ .msg = "The image was deleted." }, err);
    }
    if (r >= 0 && str_eq(i.status, "importing"))
        r = end_image(run, t, &i, why, err);
    return r < 0 ? r : end_task(run, t, why, err);
}

static const struct op_step steps[] = {
    { "fetch", run_fetch, undo_fetch, .timeout_s = FETCH_S },
    { "check", run_check, undo_fetch, .timeout_s = FETCH_S },
    { "place", run_place, undo_place, .timeout_s = 600, .max_attempts = 5 },
    { 0 },
};

const struct op_kind op_image_import = { "image.import", steps, .finished = finished };

const struct op_kind *const image_operations[] = { &op_image_import, NULL };
