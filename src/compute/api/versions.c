/* SPDX-License-Identifier: Apache-2.0 */
/* / and /v2.1: what is served here. */
#include "compute/api/common.h"
#include "compute/api/routes.h"

static void write_version(struct request *rq, struct jw *w, bool full)
{
    const struct service *svc = rq->server->service;

    jw_str(w, "id", "v2.1");
    jw_str(w, "status", "CURRENT");
    jw_printf(w, "version", "%u.%u", svc->version_major, svc->version_max);
    jw_printf(w, "min_version", "%u.%u", svc->version_major, svc->version_min);
    jw_str(w, "updated", "2013-07-23T11:33:21Z");
    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_printf(w, "href", "%s/v2.1/", rq_base_url(rq));
    jw_end_object(w);
    if (full) {
        jw_object(w, NULL);
        jw_str(w, "rel", "describedby");
        jw_str(w, "type", "text/html");
        jw_str(w, "href", "http://docs.openstack.org/");
        jw_end_object(w);
    }
    jw_end_array(w);
    if (full) {
        jw_array(w, "media-types");
        jw_object(w, NULL);
        jw_str(w, "base", "application/json");
        jw_str(w, "type", "application/vnd.openstack.compute+json;version=2.1");
        jw_end_object(w);
        jw_end_array(w);
    }
}

static int list_versions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "versions");
    jw_object(w, NULL);
    write_version(rq, w, false);
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_v21(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "version");
    write_version(rq, w, true);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_extensions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "extensions");
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route compute_version_routes[] = {
    { HTTP_GET, "/", POLICY_OPEN, list_versions },
    { HTTP_GET, "/v2.1", POLICY_OPEN, show_v21 },
    { HTTP_GET, "/v2.1/extensions", "os_compute_api:extensions", list_extensions },
    { 0 },
};
