/* SPDX-License-Identifier: Apache-2.0 */
/* server.snapshot: args {"image_id", "disk_format"}: an image without data, made by the API; for a backup
 * {"backup_type", "rotation"} too: how many of that kind are kept. */
#include "client/image.h"
#include "compute/operations/common.h"
#include "wire/url.h"

static int run_upload(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "task_state", NULL };
    struct step s;
    int r = step_begin(run, &s, err);

    if (r < 0)
        return r;
    if (str_eq(s.i.task_state, "image_snapshot_pending") || str_eq(s.i.task_state, "image_backup")) {
        s.i.task_state = "image_uploading";
        r = step_save(&s, only, err);
    }
    if (r < 0)
        return r;
    return step_ask_wish(&s, COMPUTE_METHOD_SNAPSHOT,
                         json_pack("{ss ss?}", "image_id", json_str(run->op->args, "image_id"), "disk_format",
                                   json_str(run->op->args, "disk_format")),
                         err);
}

static int undo_upload(struct op_run *run, struct err *err)
{
    struct server *s = run->ctx;
    const struct client_as as = { s->client, run->arena, NULL, run->op->request_id };

    return image_delete(&as, json_str(run->op->args, "image_id"), err);
}

/* The oldest backups of the kind go, until 'rotation' are left. */
static int run_rotate(struct op_run *run, struct err *err)
{
    struct server *s = run->ctx;
    const struct client_as as = { s->client, run->arena, NULL, run->op->request_id };
    const char *type = json_str(run->op->args, "backup_type");
    json_int_t keep = json_int(run->op->args, "rotation", 0);
    struct strbuf query = { .arena = run->arena };
    auto_json json_t *all = NULL;
    json_t *image;
    size_t k;
    int r;

    if (!type)
        return 0;
    strbuf_printf(&query, "image_type=backup&sort=created_at:desc&limit=1000&instance_uuid=%s&backup_type=",
                  run->op->resource_id);
    url_encode(&query, type);
    r = image_find_all(&as, strbuf_str(&query), &all, err);
    json_array_foreach (all, k, image)
        if (r >= 0 && (json_int_t) k >= keep)
            r = image_delete(&as, json_str(image, "id"), err);
    return r;
}

static int finished(struct op_run *run, struct txn *t, const struct err *why, struct err *err)
{
    static const char *const only[] = { "task_state",    "fault_code", "fault_message",
                                        "fault_details", "fault_at",   NULL };
    struct step s;
    int r = end_begin(run, t, &s, err);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (!was_superseded(why)) {
        s.i.task_state = NULL;
        if (why)
            set_fault(&s, why);
        r = instance_update(t, run->arena, &s.i, server_now_us(s.server), only, err);
    }
    return r < 0 ? r
                 : end_action(&s, t,
                              json_str(run->op->args, "backup_type") ? "compute_backup_instance"
                                                                     : "compute_snapshot_instance",
                              why, err);
}

static const struct op_step steps[] = { { "upload", run_upload, undo_upload, .timeout_s = 7200 },
                                        { "rotate", run_rotate },
                                        { 0 } };

const struct op_kind op_server_snapshot = { "server.snapshot", steps, .finished = finished };
