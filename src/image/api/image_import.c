/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images/{image_id}/import and tasks: data that is staged, or somewhere else. */
#include "base/str.h"
#include "base/uuid.h"
#include "image/api/common.h"
#include "image/api/routes.h"
#include "image/model/check.h"
#include "image/model/status.h"
#include "image/model/uri.h"
#include "image/operations/operations.h"
#include "image/store/images.h"
#include "image/store/tasks.h"

#define STAGED     "glance-direct"
#define DOWNLOADED "web-download"

/* What an import asks for. */
struct import {
    const char *method, *uri;
};

static int conflict(struct err *err, const char *words)
{
    return err_http(err, 409, NULL, "%s", words);
}

/* --- the body -------------------------------------------------------------------- */

static int check_stores(struct request *rq, struct err *err)
{
    const json_t *stores = json_object_get(rq->json, "stores"),
                 *all = json_object_get(rq->json, "all_stores"),
                 *must = json_object_get(rq->json, "all_stores_must_succeed");
    const char **names = json_strv(rq->arena, stores);

    if (all && !json_is_boolean(all))
        return err_http(err, 400, NULL, "'all_stores' must be boolean value only");
    if (must && !json_is_boolean(must))
        return err_http(err, 400, NULL, "'all_stores_must_succeed' must be boolean value only");
    if (stores && !names)
        return err_http(err, 400, NULL, "'stores' must be a list of names");
    if (stores && json_is_true(all))
        return err_http(err, 400, NULL, "'stores' and 'all_stores' must not be given both");
    strv_foreach (name, names)
        if (!str_eq(*name, image_of(rq)->driver->name))
            return err_http(err, 409, NULL, "The selected store %.100s is not available on this node.",
                            *name);
    return 0;
}

static int read_import(struct request *rq, struct import *ret, struct err *err)
{
    const json_t *method = json_object_get(rq->json, "method");

    if (!rq->json)
        return err_http(err, 400, NULL, "Body expected in request.");
    if (!json_is_object(method))
        return err_http(err, 400, NULL, "Import request requires a 'method' field.");
    ret->method = json_str(method, "name");
    ret->uri = json_str(method, "uri");
    if (!ret->method)
        return err_http(err, 400, NULL, "Import request requires a 'name' field.");
    if (!strv_contains(image_of(rq)->opt->enabled_import_methods, ret->method))
        return err_http(err, 400, NULL, "Unknown import method name '%.100s'.", ret->method);
    return check_stores(rq, err);
}

static int check_image(const struct image *i, const struct import *im, struct err *err)
{
    if (str_eq(i->status, "active"))
        return conflict(err, "Image with status active cannot be target for import");
    if (str_eq(im->method, DOWNLOADED) && !str_eq(i->status, "queued"))
        return conflict(err, "Image needs to be in 'queued' state to use 'web-download' method");
    if (str_eq(im->method, STAGED) && (!str_eq(i->status, "uploading") || i->size == FIELD_NULL_INT))
        return conflict(err, "Image needs to be staged before 'glance-direct' method can be used");
    if (!i->container_format)
        return conflict(err, "'container_format' needs to be set before import");
    if (!i->disk_format)
        return conflict(err, "'disk_format' needs to be set before import");
    return 0;
}

/* --- POST …/import ------------------------------------------------------------------ */

static int record_task(struct request *rq, struct txn *t, const struct image *i, struct image_task *ret,
                       struct err *err)
{
    auto_json json_t *input = json_pack("{s:s, s:O, s:[s]}", "image_id", i->id, "import_req", rq->json,
                                        "backend", image_of(rq)->driver->name);

    *ret = (struct image_task){ .id = uuid_new(rq->arena),
                                .image_id = i->id,
                                .owner = rq->token->project_id,
                                .user_id = rq->token->user_id,
                                .request_id = rq->request_id,
                                .type = "api_image_import",
                                .status = "processing",
                                .input = json_text(rq->arena, input) };
    ret->created_at = ret->updated_at = server_now_us(rq->server);
    return table_insert(t, rq->arena, &image_task_table, ret, err);
}

static int record_operation(struct request *rq, struct txn *t, const struct image *i, const struct import *im,
                            const struct image_task *task, struct err *err)
{
    auto_json json_t *args = json_pack("{s:s, s:s, s:s*}", "task", task->id, "method", im->method, "uri",
                                       str_eq(im->method, DOWNLOADED) ? im->uri : NULL);
    const struct op_spec op = { .kind = op_image_import.name,
                                .resource_id = i->id,
                                .request_id = rq->request_id,
                                .project_id = rq->token->project_id,
                                .user_id = rq->token->user_id,
                                .args = args };

    return op_start(t, rq->arena, &op, NULL, err);
}

static int begin_import(struct request *rq, struct image *i, const struct import *im, struct err *err)
{
    const char *from = i->status;
    struct image_task task;
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    i->status = "importing";
    i->updated_at = server_now_us(rq->server);
    set_property(rq->arena, i, IMAGE_FAILED_IMPORT, NULL);
    if (r >= 0)
        r = image_change_status(t, rq->arena, i, from, err);
    if (r == -ESTALE)
        return err_http(err, 409, NULL, "Image %s is in use by another request.", i->id);
    if (r >= 0)
        r = image_write_properties(t, i, err);
    if (r >= 0)
        r = record_task(rq, t, i, &task, err);
    return r < 0 ? r : record_operation(rq, t, i, im, &task, err);
}

static void kick(struct request *rq, void *ctx)
{
    if (rq->server->worker)
        worker_kick(rq->server->worker);
}

static int import(struct request *rq, struct err *err)
{
    struct image *i = rq->object;
    struct import im = { 0 };
    int r = read_import(rq, &im, err);

    if (r >= 0)
        r = check_image(i, &im, err);
    if (r >= 0)
        r = image_authorize_change(rq, "modify_image", i, err);
    if (r >= 0 && str_eq(im.method, DOWNLOADED) && !uri_is_allowed(image_of(rq)->opt, rq->arena, im.uri))
        r = err_http(err, 400, NULL, "URI for web-download does not pass filtering: %.500s",
                     im.uri ? im.uri : "None");
    if (r >= 0)
        r = begin_import(rq, i, &im, err);
    if (r < 0)
        return r;
    rq_after_commit(rq, kick, NULL);
    return reply_empty(rq, 202);
}

/* --- GET …/tasks ------------------------------------------------------------------------ */

#define T(type, member) FIELD(type, image_task, member, .use = ON_SHOW)

static const struct field task_fields[] = {
    T(FIELD_STRING, id),
    T(FIELD_STRING, type),
    T(FIELD_STRING, status),
    T(FIELD_JSON, input),
    T(FIELD_STRING, owner),
    T(FIELD_STRING, message),
    T(FIELD_STRING, image_id),
    T(FIELD_STRING, request_id),
    T(FIELD_STRING, user_id),
    T(FIELD_TIME, created_at),
    T(FIELD_TIME, updated_at),
    T(FIELD_TIME, expires_at),
    { 0 },
};

static int list_tasks(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    struct list l;
    struct txn *t;
    struct jw *w;
    int r = image_authorize(rq, "get_image", i, err);

    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = image_task_list(t, rq->arena, i->id, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "tasks");
    for (size_t k = 0; k < l.count; k++) {
        jw_object(w, NULL);
        fields_write(rq, w, task_fields, list_at(&l, k));
        jw_null(w, "result");
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route image_import_routes[] = {
    { HTTP_POST, "/v2/images/{image_id}/import", POLICY_OWN, import, .load = image_load },
    { HTTP_GET, "/v2/images/{image_id}/tasks", POLICY_OWN, list_tasks, .load = image_load },
    { 0 },
};
