/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images/{image_id}/actions: an image that must not be used for a while. */
#include "base/str.h"
#include "image/api/common.h"
#include "image/api/routes.h"
#include "image/model/status.h"

/* Does nothing when it is done already. */
static int switch_to(struct request *rq, const char *rule, const char *from, const char *to, struct err *err)
{
    struct image *i = rq->object;
    int r = image_authorize_change(rq, rule, i, err);

    if (r < 0)
        return r;
    if (!str_eq(i->status, from) && !str_eq(i->status, to))
        return err_http(err, 403, NULL, "Not allowed to %s image in status '%s'", rule, i->status);
    r = rq_commit(rq, err);
    if (r >= 0 && str_eq(i->status, from))
        r = status_move(rq->server, rq->arena, i, to, err);
    if (r == -ESTALE)
        return err_http(err, 409, NULL, "Image %s is in use by another request.", i->id);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int deactivate(struct request *rq, struct err *err)
{
    return switch_to(rq, "deactivate", "active", "deactivated", err);
}

static int reactivate(struct request *rq, struct err *err)
{
    return switch_to(rq, "reactivate", "deactivated", "active", err);
}

const struct route image_action_routes[] = {
    { HTTP_POST, "/v2/images/{image_id}/actions/deactivate", POLICY_OWN, deactivate, .load = image_load },
    { HTTP_POST, "/v2/images/{image_id}/actions/reactivate", POLICY_OWN, reactivate, .load = image_load },
    { 0 },
};
