/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images/{image_id}/tags/{tag} */
#include "base/str.h"
#include "image/api/common.h"
#include "image/api/routes.h"
#include "image/model/check.h"
#include "image/store/images.h"

static int save(struct request *rq, struct image *i, struct err *err)
{
    static const char *const only[] = { "updated_at", NULL };
    struct txn *t;
    int r = rq_txn(rq, &t, err);

    i->updated_at = server_now_us(rq->server);
    if (r >= 0)
        r = table_update(t, rq->arena, &image_table, i, only, err);
    if (r >= 0)
        r = image_write_tags(t, i, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int add(struct request *rq, struct err *err)
{
    const char *tag = rq_param(rq, "tag");
    struct image *i = rq->object;
    int r = image_authorize_change(rq, "modify_image", i, err);

    if (r >= 0 && !strv_contains(i->tags, tag))
        i->tags = strv_add(rq->arena, i->tags, tag);
    if (r >= 0)
        r = check_tags(image_of(rq)->opt, rq->arena, i, err);
    return r < 0 ? r : save(rq, i, err);
}

static int take_away(struct request *rq, struct err *err)
{
    const char *tag = rq_param(rq, "tag"), **rest = NULL;
    struct image *i = rq->object;
    int r = image_authorize_change(rq, "modify_image", i, err);

    if (r < 0)
        return r;
    if (!strv_contains(i->tags, tag))
        return err_http(err, 404, NULL, "The resource could not be found.");
    strv_foreach (t, i->tags)
        if (!str_eq(*t, tag))
            rest = strv_add(rq->arena, rest, *t);
    i->tags = rest;
    return save(rq, i, err);
}

const struct route image_tag_routes[] = {
    { HTTP_PUT, "/v2/images/{image_id}/tags/{tag}", POLICY_OWN, add, .load = image_load },
    { HTTP_DELETE, "/v2/images/{image_id}/tags/{tag}", POLICY_OWN, take_away, .load = image_load },
    { 0 },
};
