/* SPDX-License-Identifier: Apache-2.0 */
/* server.snapshot: args {"image_id", "disk_format"}: an image without data, made by the API. */
#include "client/image.h"
#include "compute/operations/common.h"

static int run_upload(struct op_run *run, struct err *err)
{
    static const char *const only[] = { "task_state", NULL };
    struct step s;
    int r = step_begin(run, &s, err);

    if (r < 0)
        return r;
    if (str_eq(s.i.task_state, "image_snapshot_pending")) {
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
    return r < 0 ? r : end_action(&s, t, "compute_snapshot_instance", why, err);
}

static const struct op_step steps[] = { { "upload", run_upload, undo_upload, .timeout_s = 7200 }, { 0 } };

const struct op_kind op_server_snapshot = { "server.snapshot", steps, .finished = finished };
