/* SPDX-License-Identifier: Apache-2.0 */
#include "client/compute.h"

#include "base/str.h"
#include "wire/json.h"

int compute_send_event(struct client *c, struct arena *a, const struct compute_event *e,
                       const char *request_id, struct err *err)
{
    auto_client_reply struct client_reply reply = { 0 };
    struct client_request rq = {
        .service = "compute",
        .method = HTTP_POST,
        .path = "/os-server-external-events",
        .version = "compute 2.1",
        .request_id = request_id,
    };
    struct strbuf b;
    struct jw w;

    strbuf_init(&b, a);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_array(&w, "events");
    jw_object(&w, NULL);
    jw_str(&w, "name", e->name);
    jw_str(&w, "server_uuid", e->server_id);
    jw_str(&w, "status", e->status);
    if (e->tag)
        jw_str(&w, "tag", e->tag);
    jw_end_object(&w);
    jw_end_array(&w);
    jw_end_object(&w);
    rq.body = strbuf_str(&b);
    return client_call(c, a, &rq, &reply, err);
}
