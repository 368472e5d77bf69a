/* SPDX-License-Identifier: Apache-2.0 */
#include "client/service_call.h"

#include "wire/json.h"

int service_call(const struct client_as *as, const struct service_call *c, json_t **ret, struct err *err)
{
    struct client_request rq = {
        .service = c->service,
        .method = c->method,
        .path = c->path,
        .version = c->version,
        .token = as->token,
        .request_id = as->request_id,
        .content_type = c->content_type,
        .body = c->body ? json_text(as->arena, c->body) : NULL,
    };
    auto_client_reply struct client_reply reply = { 0 };
    int r = client_call(as->client, as->arena, &rq, &reply, err);

    if (r < 0)
        return r;
    if (ret && !reply.json)
        return err_set(err, -EIO, "the %s service answered without JSON", c->service);
    if (ret)
        *ret = json_incref(reply.json);
    return 0;
}
