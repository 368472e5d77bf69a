/* SPDX-License-Identifier: Apache-2.0 */
/* "Add a resource in an hour" of CONTRIBUTING.md, all of it in one file: lamps,
 * from the table in the database to the answer. What a real one has in
 * <service>.h, store/, api/ and policies.c stands here in that order. */
#include "base/config.h"
#include "base/str.h"
#include "io/sock.h"
#include "kit/test.h"
#include "rest/dialect.h"
#include "rest/request.h"
#include "rest/resource.h"
#include "rest/server.h"
#include "wire/httpc.h"
#include "wire/json.h"

/* --- lamps.h ------------------------------------------------------------------ */

struct lamp {
    const char *id, *name, *project_id;
    int64_t watts;
    bool lit;
};

/* --- store/ ------------------------------------------------------------------- */

static const struct migration migrations[] = {
    { "lamps", "CREATE TABLE lamps (id {key} PRIMARY KEY, project_id {key} NOT NULL, name {name} NOT NULL,\n"
               "  watts BIGINT NOT NULL, lit {bool} NOT NULL, UNIQUE (project_id, name));\n" },
    { 0 },
};
static const struct schema schemas[] = { { "lamps", migrations }, { 0 } };

static const struct column columns[] = {
    COLUMN(FIELD_STRING, lamp, id), COLUMN(FIELD_STRING, lamp, project_id), COLUMN(FIELD_STRING, lamp, name),
    COLUMN(FIELD_INT, lamp, watts), COLUMN(FIELD_BOOL, lamp, lit),          { 0 },
};
static const struct table lamp_table = { "lamps", "id", sizeof(struct lamp), columns };

/* --- api/ --------------------------------------------------------------------- */

#define L(type, member, uses, ...) FIELD(type, lamp, member, .use = (uses), __VA_ARGS__)

static const struct field fields[] = {
    L(FIELD_STRING, id, ON_SHOW | ON_SORT),
    L(FIELD_STRING, project_id, ON_SHOW),
    L(FIELD_STRING, name, ON_IN | ON_SHOW | ON_FILTER | ON_SORT, .required = true, .min = 1, .max = 64),
    L(FIELD_INT, watts, ON_IN | ON_SHOW | ON_SORT, .min = 1, .max = 100, .value = "7"),
    L(FIELD_BOOL, lit, ON_IN | ON_SHOW | ON_FILTER, .value = "false"),
    { 0 },
};

/* What is not plain: nobody throws a lamp away while it is lit. */
static int before_delete(struct request *rq attr_unused, void *obj, struct err *err)
{
    const struct lamp *lamp = obj;

    return lamp->lit ? err_http(err, 409, NULL, "Lamp %s is lit.", lamp->id) : 0;
}

static const struct resource lamp_resource = {
    .singular = "lamp",
    .plural = "lamps",
    .table = &lamp_table,
    .fields = fields,
    .owner = "project_id",
    .default_sort = "name",
    .id_param = "lamp_id",
    .before_delete = before_delete,
};

static const struct route lamp_routes[] = {
    { HTTP_GET, "/v3/lamps", "lamps:list", resource_list, &lamp_resource },
    { HTTP_POST, "/v3/lamps", "lamps:create", resource_create, &lamp_resource },
    { HTTP_GET, "/v3/lamps/{lamp_id}", "lamps:get", resource_show, &lamp_resource },
    { HTTP_PATCH, "/v3/lamps/{lamp_id}", "lamps:update", resource_update, &lamp_resource },
    { HTTP_DELETE, "/v3/lamps/{lamp_id}", "lamps:delete", resource_delete, &lamp_resource },
    { 0 },
};

/* --- policies.c, service.c ------------------------------------------------------ */

static const struct policy_rule rules[] = {
    { "lamps:list", "role:reader", "project", "GET /v3/lamps" },
    { "lamps:create", "role:member", "project", "POST /v3/lamps" },
    { "lamps:get", "role:reader", "project", "GET /v3/lamps/{lamp_id}" },
    { "lamps:update", "role:member and project_id:%(project_id)s", "project", "PATCH /v3/lamps/{lamp_id}" },
    { "lamps:delete", "role:member and project_id:%(project_id)s", "project", "DELETE /v3/lamps/{lamp_id}" },
    { 0 },
};

static const struct service lamp_service = {
    .name = "lamps",
    .type = "lamps",
    .dialect = &keystone_dialect,
    .routes = (const struct route *const[]){ lamp_routes, NULL },
    .policies = (const struct policy_rule *const[]){ rules, NULL },
    .schemas = schemas,
};

/* --- the test -------------------------------------------------------------------- */

/* A token is "ROLE@PROJECT". */
static int token_check(void *self attr_unused, struct arena *a, const char *text, bool may_block attr_unused,
                       struct token *ret, struct err *err)
{
    const char *at = strchr(text, '@');
    struct role_ref *roles = arena_array(a, struct role_ref, 2);

    if (!at)
        return err_set(err, -EKEYREJECTED, "no token");
    roles[0].name = "reader";
    roles[1].name = arena_strndup(a, text, (size_t) (at - text));
    *ret = (struct token){ .text = text, .user_id = "u", .project_id = at + 1, .roles = roles, .n_roles = 2 };
    return 0;
}

struct house {
    struct server *s;
    struct httpc *http;
};

static void house_done(void *arg)
{
    struct house *h = arg;

    httpc_free(h->http);
    server_stop(h->s, 1000);
}

static struct house *house_start(struct test *t)
{
    struct house *h = arena_new(test_arena(t), struct house);
    const struct token_source tokens = { token_check, NULL };
    struct server_setup setup = { .state_dir = test_tmpdir(t), .tokens = &tokens };
    struct err err = { 0 };

    EXPECT_OK(config_load(test_arena(t), NULL, &setup.config, &err), &err);
    setup.listen_fd = sock_listen_tcp("127.0.0.1", 0, 16, &err);
    EXPECT_OK(server_start(&lamp_service, &setup, &h->s, &err), &err);
    EXPECT_OK(httpc_new(NULL, &h->http, &err), &err);
    test_cleanup(t, house_done, h);
    return h;
}

/* The answer's body; its status must be 'status'. */
static const char *ask(struct test *t, struct house *h, const char *token, enum http_method m,
                       const char *path, const char *body, int status)
{
    struct http_header headers[] = { { "X-Auth-Token", token },
                                     { "Content-Type", "application/json" },
                                     { 0 } };
    struct httpc_request rq = {
        .method = m, .headers = headers, .body = body, .body_len = body ? strlen(body) : 0
    };
    struct httpc_reply r = { 0 };
    struct err err = { 0 };

    rq.url = arena_printf(test_arena(t), "http://127.0.0.1:%u/v3/lamps%s", server_port(h->s), path);
    EXPECT_OK(httpc_call(h->http, test_arena(t), &rq, &r, &err), &err);
    EXPECT_INT(r.status, status);
    return r.body;
}

static const char *id_of(struct test *t, const char *body)
{
    auto_json json_t *j = NULL;
    struct err err = { 0 };

    EXPECT_OK(json_read(body, strlen(body), &j, &err), &err);
    return arena_printf(test_arena(t), "/%s", json_str(json_obj(j, "lamp"), "id"));
}

TEST(a_resource_of_tables_alone_is_made_shown_changed_listed_and_removed)
{
    struct house *h = house_start(t);
    const char *body =
        ask(t, h, "member@blue", HTTP_POST, "", "{\"lamp\":{\"name\":\"desk\",\"lit\":true}}", 201);
    const char *desk = id_of(t, body);

    EXPECT_MATCH(body, "\"watts\":7");
    EXPECT_MATCH(body, "\"project_id\":\"blue\"");
    ask(t, h, "member@blue", HTTP_POST, "", "{\"lamp\":{\"name\":\"desk\"}}", 409);
    ask(t, h, "member@blue", HTTP_POST, "", "{\"lamp\":{\"name\":\"hall\",\"watts\":101}}", 400);
    ask(t, h, "member@blue", HTTP_POST, "", "{\"lamp\":{\"name\":\"hall\"}}", 201);
    EXPECT_MATCH(ask(t, h, "reader@blue", HTTP_GET, "?lit=true", NULL, 200), "\"name\":\"desk\"");
    EXPECT_TRUE(!strstr(ask(t, h, "reader@blue", HTTP_GET, "?lit=true", NULL, 200), "hall"));
    ask(t, h, "member@blue", HTTP_DELETE, desk, NULL, 409);
    EXPECT_MATCH(ask(t, h, "member@blue", HTTP_PATCH, desk, "{\"lamp\":{\"lit\":false}}", 200),
                 "\"lit\":false");
    ask(t, h, "member@blue", HTTP_DELETE, desk, NULL, 204);
    ask(t, h, "member@blue", HTTP_GET, desk, NULL, 404);
}

TEST(another_projects_lamp_is_not_there_and_a_reader_makes_none)
{
    struct house *h = house_start(t);
    const char *desk =
        id_of(t, ask(t, h, "member@blue", HTTP_POST, "", "{\"lamp\":{\"name\":\"desk\"}}", 201));

    ask(t, h, "member@red", HTTP_GET, desk, NULL, 404);
    EXPECT_TRUE(!strstr(ask(t, h, "reader@red", HTTP_GET, "", NULL, 200), "desk"));
    ask(t, h, "reader@blue", HTTP_POST, "", "{\"lamp\":{\"name\":\"hall\"}}", 403);
    ask(t, h, "reader@blue", HTTP_DELETE, desk, NULL, 403);
    ask(t, h, "", HTTP_GET, "", NULL, 401);
}

TEST_MAIN()
