/* SPDX-License-Identifier: Apache-2.0 */
/* / */
#include "placement/api/common.h"
#include "placement/api/routes.h"

static int show_versions(struct request *rq, struct err *err)
{
    const struct service *svc = rq->server->service;
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "versions");
    jw_object(w, NULL);
    jw_printf(w, "id", "v%u.%u", svc->version_major, svc->version_min);
    jw_printf(w, "max_version", "%u.%u", svc->version_major, svc->version_max);
    jw_printf(w, "min_version", "%u.%u", svc->version_major, svc->version_min);
    jw_str(w, "status", "CURRENT");
    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_str(w, "href", "");
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    return reply_aged(rq, 200, 0);
}

const struct route root_routes[] = {
    { HTTP_GET, "/", POLICY_OPEN, show_versions },
    { 0 },
};
