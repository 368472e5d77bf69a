/* SPDX-License-Identifier: Apache-2.0 */
/* / and /versions: what is served here. */
#include "image/api/routes.h"
#include "image/image.h"

static const struct {
    const char *id, *status;
} versions[] = {
    { "v2.13", "CURRENT" },  { "v2.12", "SUPPORTED" }, { "v2.11", "SUPPORTED" }, { "v2.10", "SUPPORTED" },
    { "v2.9", "SUPPORTED" }, { "v2.8", "SUPPORTED" },  { "v2.7", "SUPPORTED" },  { "v2.6", "SUPPORTED" },
    { "v2.5", "SUPPORTED" }, { "v2.4", "SUPPORTED" },  { "v2.3", "SUPPORTED" },  { "v2.2", "SUPPORTED" },
    { "v2.1", "SUPPORTED" }, { "v2.0", "SUPPORTED" },
};

static int list_versions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "versions");
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        jw_object(w, NULL);
        jw_str(w, "id", versions[i].id);
        jw_str(w, "status", versions[i].status);
        jw_array(w, "links");
        jw_object(w, NULL);
        jw_str(w, "rel", "self");
        jw_printf(w, "href", "%s/v2/", rq_base_url(rq));
        jw_end_object(w);
        jw_end_array(w);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, rq->route->status);
}

const struct route image_version_routes[] = {
    { HTTP_GET, "/", POLICY_OPEN, list_versions, .status = 300 },
    { HTTP_GET, "/versions", POLICY_OPEN, list_versions, .status = 200 },
    { 0 },
};
