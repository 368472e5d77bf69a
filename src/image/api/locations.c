/* SPDX-License-Identifier: Apache-2.0 */
/* /v2/images/{image_id}/locations: where the data lies, for other services. */
#include "image/api/common.h"
#include "image/api/routes.h"

static int list(struct request *rq, struct err *err)
{
    const struct image *i = rq->object;
    struct jw *w;
    int r = image_authorize(rq, "fetch_image_location", i, err);

    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_array(w, NULL);
    if (image_has_data(i))
        image_write_location(rq, w, i);
    jw_end_array(w);
    return reply_end(rq, 200);
}

const struct route image_location_routes[] = {
    { HTTP_GET, "/v2/images/{image_id}/locations", POLICY_OWN, list, .load = image_load },
    { 0 },
};
