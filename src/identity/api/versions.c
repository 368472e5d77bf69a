/* SPDX-License-Identifier: Apache-2.0 */
/* / and /v3: what is served here. */
#include "identity/api/json_home.h"
#include "identity/api/routes.h"
#include "identity/identity.h"

static void write_version(struct request *rq, struct jw *w, const char *name)
{
    jw_object(w, name);
    jw_str(w, "id", "v3.14");
    jw_str(w, "status", "stable");
    jw_str(w, "updated", "2020-04-07T00:00:00Z");
    jw_array(w, "links");
    jw_object(w, NULL);
    jw_str(w, "rel", "self");
    jw_printf(w, "href", "%s/v3/", rq_base_url(rq));
    jw_end_object(w);
    jw_end_array(w);
    jw_array(w, "media-types");
    jw_object(w, NULL);
    jw_str(w, "base", "application/json");
    jw_str(w, "type", "application/vnd.openstack.identity-v3+json");
    jw_end_object(w);
    jw_end_array(w);
    jw_end_object(w);
}

static int list_versions(struct request *rq, struct err *err)
{
    struct jw *w;

    if (json_home_wanted(rq))
        return json_home_reply(rq, "/v3");
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "versions");
    jw_array(w, "values");
    write_version(rq, w, NULL);
    jw_end_array(w);
    jw_end_object(w);
    jw_end_object(w);
    reply_header(rq, "Location", arena_printf(rq->arena, "%s/v3/", rq_base_url(rq)));
    return reply_end(rq, 300);
}

static int show_version(struct request *rq, struct err *err)
{
    struct jw *w;

    if (json_home_wanted(rq))
        return json_home_reply(rq, "");
    w = reply_begin(rq);
    jw_object(w, NULL);
    write_version(rq, w, "version");
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route version_routes[] = {
    { HTTP_GET, "/", POLICY_OPEN, list_versions },
    { HTTP_GET, "/v3", POLICY_OPEN, show_version },
    { 0 },
};
