/* SPDX-License-Identifier: Apache-2.0 */
/* / and /v2.1: what is served here. */
#include "compute/api/common.h"
#include "compute/api/routes.h"

/* v2.0 is v2.1 in its lowest microversion. */
struct shown {
    const char *id, *status, *updated;
    bool versions;
};

static const struct shown v20 = { "v2.0", "SUPPORTED", "2011-01-21T11:33:21Z", false },
                          v21 = { "v2.1", "CURRENT", "2013-07-23T11:33:21Z", true };

static void write_version(struct request *rq, struct jw *w, const char *name, const struct shown *v,
                          bool full)
{
    const struct service *svc = rq->server->service;

    jw_object(w, name);
    jw_str(w, "id", v->id);
    jw_str(w, "status", v->status);
    if (v->versions) {
        jw_printf(w, "version", "%u.%u", svc->version_major, svc->version_max);
        jw_printf(w, "min_version", "%u.%u", svc->version_major, svc->version_min);
    } else {
        jw_str(w, "version", "");
        jw_str(w, "min_version", "");
    }
    jw_str(w, "updated", v->updated);
    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_printf(w, "href", "%s/%s/", rq_base_url(rq), v->versions ? v->id : "v2");
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
        jw_printf(w, "type", "application/vnd.openstack.compute+json;version=%s", v->versions ? "2.1" : "2");
        jw_end_object(w);
        jw_end_array(w);
    }
    jw_end_object(w);
}

static int list_versions(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_array(w, "versions");
    write_version(rq, w, NULL, &v20, false);
    write_version(rq, w, NULL, &v21, false);
    jw_end_array(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_version(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    write_version(rq, w, "version", rq->legacy ? &v20 : &v21, true);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route compute_version_routes[] = {
    { HTTP_GET, "/", POLICY_OPEN, list_versions },     { HTTP_GET, "/v2", POLICY_OPEN, show_version },
    { HTTP_GET, "/v2/", POLICY_OPEN, show_version },   { HTTP_GET, "/v2.1", POLICY_OPEN, show_version },
    { HTTP_GET, "/v2.1/", POLICY_OPEN, show_version }, { 0 },
};
