/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs below a server and is only rows: addresses, metadata, tags, actions. */
#include "base/str.h"
#include "compute/api/actions.h"
#include "compute/api/routes.h"
#include "compute/model/metadata.h"
#include "compute/model/quota.h"
#include "rest/dialect.h"

#define TAGS_MAX 50

/* --- addresses ------------------------------------------------------------------------------- */

static int list_addresses(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "addresses");
    write_addresses(rq, w, instance_in(rq), "");
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_addresses(struct request *rq, struct err *err)
{
    const char *label = rq_param(rq, "label");
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    write_addresses(rq, w, instance_in(rq), label);
    jw_end_object(w);
    if (rq->out.len <= 2)
        return err_http(err, 404, NULL, "Instance is not a member of specified network");
    return reply_end(rq, 200);
}

/* --- metadata ---------------------------------------------------------------------------------- */

static int reply_metadata(struct request *rq, const char *text)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    write_json(w, "metadata", text, "{}");
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_metadata(struct request *rq, struct err *err)
{
    return reply_metadata(rq, instance_in(rq)->metadata);
}

static int reply_meta(struct request *rq, const char *key, const char *value)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_object(w, "meta");
    jw_str(w, key, value);
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int show_meta(struct request *rq, struct err *err)
{
    auto_json json_t *m = json_of(instance_in(rq)->metadata);
    const char *key = rq_param(rq, "key"), *v = json_str(m, key);

    return v ? reply_meta(rq, key, v) : err_http(err, 404, NULL, "Metadata item was not found");
}

/* The server again, for a change of what a build does not touch. */
static int begin_change(struct request *rq, const char *what, struct instance **ret, struct txn **t,
                        struct err *err)
{
    int r = instance_again(rq, ret, t, err);

    if (r >= 0)
        r = require_unlocked(rq, *ret, err);
    if (r >= 0 && str_eq((*ret)->vm_state, "building"))
        return err_http(err, 409, NULL, "Cannot '%s' instance %s while it is in vm_state building", what,
                        (*ret)->id);
    return r;
}

static int save_metadata(struct request *rq, struct txn *t, struct instance *i, const json_t *m,
                         struct err *err)
{
    static const char *const only[] = { "metadata", NULL };
    int r = quota_check_metadata(rq, t, json_object_size(m), err);

    i->metadata = json_text(rq->arena, m);
    return r < 0 ? r : instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
}

/* 'over': what is there stays unless it is given. */
static int set_metadata(struct request *rq, bool over, struct err *err)
{
    auto_json json_t *m = NULL;
    const json_t *in = json_object_get(rq->json, "metadata");
    struct instance *i;
    struct txn *t;
    int r;

    if (!in || json_object_size(rq->json) != 1)
        return rq->server->service->dialect->missing_field(rq, err, "metadata");
    r = check_string_map(rq, "metadata", in, 255, 255, err);
    if (r >= 0)
        r = begin_change(rq, "update metadata", &i, &t, err);
    if (r < 0)
        return r;
    m = over ? json_of(i->metadata) : json_object();
    json_object_update(m, (json_t *) in);
    r = save_metadata(rq, t, i, m, err);
    return r < 0 ? r : reply_metadata(rq, i->metadata);
}

static int update_metadata(struct request *rq, struct err *err)
{
    return set_metadata(rq, true, err);
}

static int replace_metadata(struct request *rq, struct err *err)
{
    return set_metadata(rq, false, err);
}

static int update_meta(struct request *rq, struct err *err)
{
    const json_t *in = json_obj(rq->json, "meta");
    const char *key = rq_param(rq, "key");
    auto_json json_t *m = NULL;
    struct instance *i;
    struct txn *t;
    int r;

    if (!in)
        return rq->server->service->dialect->missing_field(rq, err, "meta");
    r = check_string_map(rq, "meta", in, 255, 255, err);
    if (r < 0)
        return r;
    if (json_object_size(in) != 1)
        return err_http(err, 400, NULL, "Request body contains too many items");
    if (!json_str(in, key))
        return err_http(err, 400, NULL, "Request body and URI mismatch");
    r = begin_change(rq, "update metadata", &i, &t, err);
    if (r < 0)
        return r;
    m = json_of(i->metadata);
    json_object_set(m, key, json_object_get(in, key));
    r = save_metadata(rq, t, i, m, err);
    return r < 0 ? r : reply_meta(rq, key, json_str(in, key));
}

static int delete_meta(struct request *rq, struct err *err)
{
    auto_json json_t *m = NULL;
    struct instance *i;
    struct txn *t;
    int r = begin_change(rq, "delete metadata", &i, &t, err);

    if (r < 0)
        return r;
    m = json_of(i->metadata);
    if (json_object_del(m, rq_param(rq, "key")) < 0)
        return err_http(err, 404, NULL, "Metadata item was not found");
    r = save_metadata(rq, t, i, m, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- tags ---------------------------------------------------------------------------------------- */

static int reply_tags(struct request *rq, const char *const *tags)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_strv(w, "tags", tags);
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int list_tags(struct request *rq, struct err *err)
{
    return reply_tags(rq, instance_in(rq)->tags);
}

static int has_tag(struct request *rq, struct err *err)
{
    const char *tag = rq_param(rq, "tag");

    if (!strv_contains(instance_in(rq)->tags, tag))
        return err_http(err, 404, NULL, "Server %s has no tag '%.255s'", instance_in(rq)->id, tag);
    return reply_empty(rq, 204);
}

static int save_tags(struct request *rq, struct txn *t, struct instance *i, const char **tags,
                     struct err *err)
{
    static const char *const only[] = { "tags", NULL };

    i->tags = tags;
    return instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
}

static int check_tag(struct request *rq, const char *tag, struct err *err)
{
    if (!*tag || str_utf8_len(tag) > 60)
        return err_http(err, 400, NULL, "Tag '%.255s' must have 1 to 60 characters", tag);
    if (strpbrk(tag, ",/"))
        return err_http(err, 400, NULL, "Tag '%.255s' has ',' or '/'", tag);
    return 0;
}

static int add_tag(struct request *rq, struct err *err)
{
    const char *tag = rq_param(rq, "tag");
    struct instance *i;
    struct txn *t;
    int r = check_tag(rq, tag, err);

    if (r >= 0)
        r = begin_change(rq, "update tags", &i, &t, err);
    if (r < 0)
        return r;
    if (strv_contains(i->tags, tag))
        return reply_empty(rq, 204);
    if (strv_len(i->tags) >= TAGS_MAX)
        return err_http(err, 400, NULL, "The number of tags exceeded the per-server limit %d", TAGS_MAX);
    r = save_tags(rq, t, i, strv_add(rq->arena, i->tags, tag), err);
    if (r < 0)
        return r;
    reply_header(rq, "Location", own_url(rq, arena_printf(rq->arena, "servers/%s/tags/%s", i->id, tag)));
    return reply_empty(rq, 201);
}

static int replace_tags(struct request *rq, struct err *err)
{
    const json_t *in = json_object_get(rq->json, "tags");
    const char **given = json_is_array(in) ? json_strv(rq->arena, in) : NULL, **tags = NULL;
    struct instance *i;
    struct txn *t;
    int r = 0;

    if (!in || json_object_size(rq->json) != 1)
        return rq->server->service->dialect->missing_field(rq, err, "tags");
    if (json_array_size(in) && !given)
        return rq->server->service->dialect->bad_field(rq, err, "tags", in, "is not a list of strings");
    if (!json_is_array(in))
        return rq->server->service->dialect->bad_field(rq, err, "tags", in, "is not of type 'array'");
    if (strv_len(given) > TAGS_MAX)
        return rq->server->service->dialect->bad_field(rq, err, "tags", in, "is too long");
    strv_foreach (tag, given) {
        if (r >= 0)
            r = check_tag(rq, *tag, err);
        if (r >= 0 && !strv_contains(tags, *tag))
            tags = strv_add(rq->arena, tags, *tag);
    }
    if (r >= 0)
        r = begin_change(rq, "update tags", &i, &t, err);
    if (r >= 0)
        r = save_tags(rq, t, i, tags, err);
    return r < 0 ? r : reply_tags(rq, tags);
}

static int delete_tag(struct request *rq, struct err *err)
{
    const char *tag = rq_param(rq, "tag"), **left = NULL;
    struct instance *i;
    struct txn *t;
    int r = begin_change(rq, "delete tag", &i, &t, err);

    if (r < 0)
        return r;
    if (!strv_contains(i->tags, tag))
        return err_http(err, 404, NULL, "Server %s has no tag '%.255s'", i->id, tag);
    strv_foreach (v, i->tags)
        if (!str_eq(*v, tag))
            left = strv_add(rq->arena, left, *v);
    r = save_tags(rq, t, i, left, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

static int delete_tags(struct request *rq, struct err *err)
{
    struct instance *i;
    struct txn *t;
    int r = begin_change(rq, "delete tags", &i, &t, err);

    if (r >= 0)
        r = save_tags(rq, t, i, NULL, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* --- os-instance-actions ---------------------------------------------------------------------- */

static void write_action(struct request *rq, struct jw *w, const struct instance_action *a)
{
    jw_str(w, "action", a->action);
    jw_str(w, "instance_uuid", a->instance_id);
    jw_str(w, "request_id", a->request_id);
    jw_str(w, "user_id", a->user_id);
    jw_str(w, "project_id", a->project_id);
    jw_time(w, "start_time", a->start_us, TIME_ISO_MICRO);
    jw_str(w, "message", a->message);
    if (rq->version >= 58)
        jw_time(w, "updated_at", a->updated_us, TIME_ISO_MICRO);
}

static int changes(struct request *rq, const char *param, enum cond_op op, struct query *q, struct err *err)
{
    const char *v = rq_query(rq, param);
    int64_t us;

    if (!v)
        return 0;
    if (time_parse(v, &us) < 0)
        return err_http(err, 400, NULL, "Invalid filter field: %s.", param);
    rq_cond(rq, q, (struct cond){ .column = "updated_us", .op = op, .value = val_int(us) });
    return 0;
}

/* The marker is a request id here. */
static int page_actions(struct request *rq, struct query *q, struct err *err)
{
    const char *marker = rq_query(rq, "marker"), *limit = rq_query(rq, "limit");
    struct instance_action a;
    struct txn *t;
    int64_t n;
    int r = changes(rq, "changes-since", COND_GE, q, err);

    if (r >= 0 && rq->version >= 66)
        r = changes(rq, "changes-before", COND_LE, q, err);
    if (r < 0)
        return r;
    q->limit = 1000;
    if (limit && (str_to_i64(limit, &n) < 0 || n < 0))
        return err_http(err, 400, NULL, "Invalid input for field/attribute limit. Value: '%.64s'.", limit);
    if (limit && n > 0 && n < 1000)
        q->limit = (size_t) n;
    if (!marker)
        return 0;
    r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = action_find(t, rq->arena, instance_in(rq)->id, marker, &a, err);
    if (r == -ENOENT)
        return err_http(err, 400, NULL, "marker [%.255s] not found", marker);
    q->marker = a.id;
    return r;
}

static const struct table by_request = { "instance_actions", "request_id", sizeof(struct instance_action),
                                         NULL };

static int list_actions(struct request *rq, struct err *err)
{
    static const struct sort_key newest = { "start_us", true };
    static const struct resource res = { .plural = "links", .table = &by_request };
    struct query q = { .sort = &newest, .n_sort = 1 };
    struct list l;
    struct txn *t;
    struct jw *w;
    int r = 0;

    rq_cond(rq, &q,
            (struct cond){ .column = "instance_id", .op = COND_EQ, .value = val_text(instance_in(rq)->id) });
    if (rq->version >= 58)
        r = page_actions(rq, &q, err);
    if (r >= 0)
        r = rq_txn(rq, &t, err);
    if (r >= 0)
        r = table_list(t, rq->arena, &instance_action_table, &q, &l, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_array(w, "instanceActions");
    for (size_t k = 0; k < l.count; k++) {
        jw_object(w, NULL);
        write_action(rq, w, list_at(&l, k));
        jw_end_object(w);
    }
    jw_end_array(w);
    if (l.more) {
        const struct instance_action *last = list_at(&l, l.count - 1);

        jw_array(w, res.plural);
        jw_object(w, NULL);
        jw_str(w, "rel", "next");
        jw_printf(w, "href", "%s/v2.1/servers/%s/os-instance-actions?limit=%zu&marker=%s", rq_base_url(rq),
                  instance_in(rq)->id, q.limit, last->request_id);
        jw_end_object(w);
        jw_end_array(w);
    }
    jw_end_object(w);
    return reply_end(rq, 200);
}

static void write_event(struct request *rq, struct jw *w, const struct instance *i,
                        const struct instance_event *e)
{
    bool all = rq_can(rq, "os_compute_api:os-instance-actions:events");

    jw_object(w, NULL);
    jw_str(w, "event", e->event);
    jw_time(w, "start_time", e->start_us, TIME_ISO_MICRO);
    jw_time(w, "finish_time", e->finish_us, TIME_ISO_MICRO);
    jw_str(w, "result", e->result);
    if (all)
        jw_null(w, "traceback");
    if (rq->version >= 62) {
        if (all)
            jw_str(w, "host", e->host);
        jw_str(w, "hostId", host_id(rq, i->project_id, e->host));
    }
    if (rq->version >= 84 && rq_can(rq, "os_compute_api:os-instance-actions:events:details"))
        jw_str(w, "details", e->details);
    jw_end_object(w);
}

static int show_action(struct request *rq, struct err *err)
{
    static const struct sort_key newest = { "number", true };
    const char *id = rq_param(rq, "request_id");
    struct instance_action a;
    struct query q = { .sort = &newest, .n_sort = 1 };
    struct list events;
    struct txn *t;
    struct jw *w;
    int r = rq_txn(rq, &t, err);

    if (r >= 0)
        r = action_find(t, rq->arena, instance_in(rq)->id, id, &a, err);
    if (r == -ENOENT)
        return err_http(err, 404, NULL, "Action for request_id %.255s on instance %s not found", id,
                        instance_in(rq)->id);
    if (r < 0)
        return r;
    rq_cond(rq, &q, (struct cond){ .column = "action_id", .op = COND_EQ, .value = val_text(a.id) });
    r = table_list(t, rq->arena, &instance_event_table, &q, &events, err);
    if (r < 0)
        return r;
    w = reply_begin(rq);
    jw_object(w, NULL);
    jw_object(w, "instanceAction");
    write_action(rq, w, &a);
    if (rq->version >= 51 || is_admin(rq)) {
        jw_array(w, "events");
        for (size_t k = 0; k < events.count; k++)
            write_event(rq, w, instance_in(rq), list_at(&events, k));
        jw_end_array(w);
    }
    jw_end_object(w);
    jw_end_object(w);
    return reply_end(rq, 200);
}

/* --- the guest's own password ---------------------------------------------------------------------- */

static int show_password(struct request *rq, struct err *err)
{
    struct jw *w = reply_begin(rq);

    jw_object(w, NULL);
    jw_str(w, "password", metadata_password(rq->arena, instance_in(rq)));
    jw_end_object(w);
    return reply_end(rq, 200);
}

static int clear_password(struct request *rq, struct err *err)
{
    static const char *const only[] = { "system_metadata", NULL };
    struct instance *i;
    struct txn *t;
    int r = instance_again(rq, &i, &t, err);

    if (r < 0)
        return r;
    metadata_set_password(rq->arena, i, NULL);
    r = instance_update(t, rq->arena, i, server_now_us(rq->server), only, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

#define ONE    "/v2.1/servers/{server_id}"
#define OF     .load = load_instance, .target = instance_target
#define OF_ALL .load = load_instance_or_deleted, .target = instance_target

/* clang-format off */
const struct route compute_server_part_routes[] = {
    { HTTP_GET,    ONE "/ips",         "os_compute_api:ips:index", list_addresses, OF },
    { HTTP_GET,    ONE "/ips/{label}", "os_compute_api:ips:show",  show_addresses, OF },
    { HTTP_GET,    ONE "/metadata",       "os_compute_api:server-metadata:index",      list_metadata,    OF },
    { HTTP_POST,   ONE "/metadata",       "os_compute_api:server-metadata:create",     update_metadata,  OF },
    { HTTP_PUT,    ONE "/metadata",       "os_compute_api:server-metadata:update_all", replace_metadata, OF },
    { HTTP_GET,    ONE "/metadata/{key}", "os_compute_api:server-metadata:show",       show_meta,        OF },
    { HTTP_PUT,    ONE "/metadata/{key}", "os_compute_api:server-metadata:update",     update_meta,      OF },
    { HTTP_DELETE, ONE "/metadata/{key}", "os_compute_api:server-metadata:delete",     delete_meta,      OF },
    { HTTP_GET,    ONE "/tags",       "os_compute_api:os-server-tags:index",      list_tags,    OF, .since = 26 },
    { HTTP_PUT,    ONE "/tags",       "os_compute_api:os-server-tags:update_all", replace_tags, OF, .since = 26 },
    { HTTP_DELETE, ONE "/tags",       "os_compute_api:os-server-tags:delete_all", delete_tags,  OF, .since = 26 },
    { HTTP_GET,    ONE "/tags/{tag}", "os_compute_api:os-server-tags:show",       has_tag,      OF, .since = 26 },
    { HTTP_PUT,    ONE "/tags/{tag}", "os_compute_api:os-server-tags:update",     add_tag,      OF, .since = 26 },
    { HTTP_DELETE, ONE "/tags/{tag}", "os_compute_api:os-server-tags:delete",     delete_tag,   OF, .since = 26 },
    { HTTP_GET,    ONE "/os-instance-actions",              "os_compute_api:os-instance-actions:list", list_actions, OF_ALL },
    { HTTP_GET,    ONE "/os-instance-actions/{request_id}", "os_compute_api:os-instance-actions:show", show_action,  OF_ALL },
    { HTTP_GET,    ONE "/os-server-password", "os_compute_api:os-server-password:show",  show_password,  OF },
    { HTTP_DELETE, ONE "/os-server-password", "os_compute_api:os-server-password:clear", clear_password, OF },
    { 0 },
};
/* clang-format on */
