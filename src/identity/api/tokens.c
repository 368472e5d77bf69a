/* SPDX-License-Identifier: Apache-2.0 */
/* /v3/auth/tokens: issue, validate, revoke. */
#include "base/str.h"
#include "identity/api/routes.h"
#include "identity/model/auth.h"
#include "identity/model/revocations.h"

/* The same address, also when IPv6 writes it ("::ffff:10.0.0.1"). */
static bool is_address(const char *peer, const char *trusted)
{
    static const char mapped[] = "::ffff:";

    if (str_has_prefix(peer, mapped))
        peer += sizeof(mapped) - 1;
    return strcmp(peer, trusted) == 0;
}

/* Whom a proxy has let in; anybody else who says so is not believed. */
static void read_proxy(struct request *rq, struct auth_request *ret)
{
    const struct identity_options *opt = identity_of(rq)->opt;
    const char *user = rq_header(rq, opt->remote_user_header);

    if (!(identity_of(rq)->methods & METHOD_EXTERNAL) || str_empty(user))
        return;
    strv_foreach (address, opt->trusted_proxies)
        if (is_address(rq->http->peer, *address)) {
            ret->remote_user = user;
            ret->remote_domain = rq_header(rq, opt->remote_domain_header);
            ret->remote_type = rq_header(rq, opt->remote_type_header);
            return;
        }
}

/* What the body asks for, read once: is_quick is asked before the handler. */
static int read_auth(struct request *rq, struct auth_request **ret, struct err *err)
{
    struct auth_request *auth = rq->object;
    int r = 0;

    if (!auth) {
        auth = arena_new(rq->arena, struct auth_request);
        auth->receipt = rq_header(rq, "Openstack-Auth-Receipt");
        if (str_empty(auth->receipt))
            auth->receipt = NULL;
        read_proxy(rq, auth);
        r = auth_read(rq->arena, rq->json, auth, err);
    }
    if (r >= 0)
        *ret = rq->object = auth;
    return r;
}

static int issue(struct request *rq, struct err *err)
{
    struct auth_request *auth;
    struct auth_receipt receipt = { 0 };
    struct token_view view;
    const char *text;
    int r;

    r = read_auth(rq, &auth, err);
    if (r >= 0)
        r = auth_issue(rq->server, rq->arena, auth, &text, &view, &receipt, err);
    if (r < 0 && receipt.text) {
        reply_header(rq, "Openstack-Auth-Receipt", receipt.text);
        return reply_text(rq, 401, "application/json", receipt.body, strlen(receipt.body));
    }
    if (r < 0)
        return r;
    reply_header(rq, "X-Subject-Token", text);
    text = rq_query_has(rq, "nocatalog") ? view.body_brief : view.body;
    return reply_text(rq, 201, "application/json", text, strlen(text));
}

/* A token for a token, or for an application credential whose secret has a
 * quick digest: nothing is hashed slowly, nobody is waited for. */
static bool issues_quickly(struct request *rq)
{
    struct auth_request *auth;

    return identity_is_quick(rq->server) && read_auth(rq, &auth, NULL) >= 0 &&
           auth_is_quick(rq->server, rq->arena, auth);
}

/* The token that X-Subject-Token names; policy may look at whose it is. */
struct subject {
    const char *text, *user_id;
    struct token_view view;
};

static const struct field subject_fields[] = { FIELD_AS("user_id", FIELD_STRING, subject, user_id), { 0 } };

/* Whoever does not know of access rules must not take the token for one without. */
static bool hides_rules(struct request *rq, const struct token *t)
{
    const char *known = rq_header(rq, "OpenStack-Identity-Access-Rules");
    double version;

    return t->has_access_rules && (!known || str_to_double(known, &version) < 0 || version < 1.0) &&
           rq->http->method != HTTP_DELETE;
}

/* A service may go on with what a user's request began: "?allow_expired=1". */
static int64_t expired_window_us(struct request *rq)
{
    bool asks;

    if (rq->http->method == HTTP_DELETE || !rq_query(rq, "allow_expired"))
        return 0;
    return str_to_bool(rq_query(rq, "allow_expired"), &asks) >= 0 && asks
               ? identity_of(rq)->opt->allow_expired_window_s * 1000000
               : 0;
}

/* Who asks about the own token has just had it looked up. */
static bool is_own(struct request *rq, const char *text, struct token_view *ret)
{
    const struct token_view *own = rq->token ? rq->token->extra : NULL;

    if (!own || !own->body || !str_eq(text, rq->token->text))
        return false;
    *ret = *own;
    return true;
}

/* Without a token to look for, the rule is asked about nobody's, and the handler says so. */
static int load_subject(struct request *rq, struct err *err)
{
    struct subject *s = arena_new(rq->arena, struct subject);
    struct err why = { 0 };
    int r;

    rq->object = s;
    s->text = rq_header(rq, "X-Subject-Token");
    if (str_empty(s->text))
        return 0;
    r = is_own(rq, s->text, &s->view)
            ? 0
            : token_view_within(rq->server, rq->arena, s->text,
                                rq_query_has(rq, "nocatalog") ? VIEW_BRIEF : VIEW_FULL, expired_window_us(rq),
                                &s->view, &why);
    if (r >= 0 && hides_rules(rq, &s->view.token))
        r = err_set(&why, -EKEYREJECTED, "Failed to validate token");
    s->user_id = s->view.token.user_id;
    if (r < 0)
        *err = why;
    return r == -EKEYREJECTED ? err_http(err, 404, NULL, "%s", why.msg) : r;
}

static int need_subject(const struct subject *s, struct err *err)
{
    return str_empty(s->text) ? err_http(err, 404, NULL, "No token in the request") : 0;
}

static int validate(struct request *rq, struct err *err)
{
    const struct subject *s = rq->object;
    const char *body = rq_query_has(rq, "nocatalog") ? s->view.body_brief : s->view.body;
    int r = need_subject(s, err);

    if (r < 0)
        return r;
    reply_header(rq, "X-Subject-Token", s->text);
    return reply_text(rq, 200, "application/json", body, strlen(body));
}

static int revoke_subject(struct request *rq, struct err *err)
{
    const struct subject *s = rq->object;
    int r = need_subject(s, err);

    if (r >= 0)
        r = revoke_token(rq, s->text, &s->view.issued, err);
    return r < 0 ? r : reply_empty(rq, 204);
}

/* clang-format off */
const struct route token_routes[] = {
    { HTTP_POST,   "/v3/auth/tokens", POLICY_OPEN,               issue,
      .is_quick = issues_quickly },
    { HTTP_GET,    "/v3/auth/tokens", "identity:validate_token", validate,
      .load = load_subject, .target = subject_fields, .target_prefix = "target.token", .flags = ROUTE_FOUND_FIRST },
    { HTTP_HEAD,   "/v3/auth/tokens", "identity:check_token",    validate,
      .load = load_subject, .target = subject_fields, .target_prefix = "target.token", .flags = ROUTE_FOUND_FIRST },
    { HTTP_DELETE, "/v3/auth/tokens", "identity:revoke_token",   revoke_subject,
      .load = load_subject, .target = subject_fields, .target_prefix = "target.token", .flags = ROUTE_FOUND_FIRST },
    { 0 },
};
/* clang-format on */
