/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/OS-REVOKE/events: what was revoked, for those who check tokens themselves. */
#include "identity/store/revocations.h"
#include "base/str.h"
#include "identity/api/routes.h"

static const struct {
    const char *name;
    size_t offset;
} names[] = {
    { "user_id", offsetof(struct revocation, user_id) },
    { "role_id", offsetof(struct revocation, role_id) },
    { "domain_id", offsetof(struct revocation, domain_id) },
    { "project_id", offsetof(struct revocation, project_id) },
    { "audit_id", offsetof(struct revocation, audit_id) },
    { "audit_chain_id", offsetof(struct revocation, audit_chain_id) },
    { "OS-TRUST:trust_id", offsetof(struct revocation, trust_id) },
};

static void write_event(struct jw *w, const struct revocation *e)
{
    jw_object(w, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *v = *(const char *const *) ((const char *) e + names[i].offset);

        if (v)
            jw_str(w, names[i].name, v);
    }
    jw_time(w, "issued_before", e->issued_before_us, TIME_ISO_MICRO_Z);
    jw_time(w, "revoked_at", e->revoked_at_us, TIME_ISO_MICRO_Z);
    jw_end_object(w);
}

static int list_events(struct request *rq, struct err *err)
{
    const char *since = rq_query(rq, "since");
    int64_t since_us = 0;
    struct list events;
    struct txn *t;
    struct jw *w;
    int r;

    if (!str_empty(since) && time_parse(since, &since_us) < 0)
        return err_http(err, 400, NULL, "invalidate date format %.64s", since);
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = revocations_since(t, rq->arena, since_us, &events, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "events");
    for (size_t i = 0; i < events.count; i++)
        write_event(w, list_at(&events, i));
    jw_end_array(w);
    jw_object(w, "links");
    jw_null(w, "next");
    jw_printf(w, "self", "%s/v3/OS-REVOKE/events", rq_base_url(rq));
    jw_null(w, "previous");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

const struct route revocation_routes[] = {
    { HTTP_GET, "/v3/OS-REVOKE/events", "identity:list_revoke_events", list_events },
    { 0 },
};
