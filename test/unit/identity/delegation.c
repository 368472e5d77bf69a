/* SPDX-License-Identifier: Apache-2.0 */
/* What was lent ends when it was to end, and gives no more than was lent. */
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "identity/model/credentials.h"
#include "identity/store/credentials.h"
#include "kit.h"

#define MINUTE_US 60000000LL

/* --- helpers ----------------------------------------------------------------------------- */

struct scene {
    struct cloud *c;
    const char *admin, *demo;      /* Tokens. */
    const char *demo_id, *project; /* Of demo. */
    const char *admin_id;
};

static const char *id_in(struct cloud *c, const char *admin, const char *plural, const char *name)
{
    struct httpc_reply r =
        call(c, HTTP_GET, arena_printf(c->a, "/v3/%s?name=%s", plural, name), admin, NULL, NULL);
    auto_json json_t *j = NULL;
    const char *id;

    EXPECT_OK(json_read(r.body, r.body_len, &j, NULL), NULL);
    id = json_str(json_array_get(json_arr(j, plural), 0), "id");
    EXPECT_TRUE(id != NULL);
    return arena_strdup(c->a, id);
}

static struct scene scene_with(struct test *t, const char *const *options)
{
    struct scene s = { .c = cloud_start_with(t, options) };

    s.c->s->clock.fixed_us = time_now_us();
    s.admin = log_in(s.c, "admin", "secret");
    s.demo = log_in(s.c, "demo", "demo");
    s.demo_id = id_in(s.c, s.admin, "users", "demo");
    s.admin_id = id_in(s.c, s.admin, "users", "admin");
    s.project = id_in(s.c, s.admin, "projects", "demo");
    return s;
}

static struct scene scene(struct test *t)
{
    return scene_with(t, NULL);
}

static void later(const struct scene *s, int64_t us)
{
    s->c->s->clock.fixed_us += us;
}

static const char *time_in(const struct scene *s, int64_t us)
{
    return time_text(s->c->a, s->c->s->clock.fixed_us + us, TIME_ISO_MICRO_Z);
}

static int status_of(const struct scene *s, const char *token)
{
    return call(s->c, HTTP_GET, "/v3/auth/tokens", s->admin, token, NULL).status;
}

/* The text at 'path' in the answer to what must have been made. */
static const char *made(const struct scene *s, const struct httpc_reply *r, const char *path)
{
    EXPECT_INT(r->status, 201);
    return text_at(s->c, r, path);
}

/* Also one that is in memory, and one that was revoked before it expired. */
TEST(an_expired_token_is_none)
{
    struct scene s = scene_with(t, (const char *const[]){ "token_expiration_s", "60", NULL });
    const char *token = s.demo, *again = log_in(s.c, "demo", "demo");

    EXPECT_INT(status_of(&s, token), 200);
    EXPECT_INT(status_of(&s, token), 200);
    EXPECT_INT(call(s.c, HTTP_DELETE, "/v3/auth/tokens", s.admin, again, NULL).status, 204);
    later(&s, 60 * 1000000LL);
    s.admin = log_in(s.c, "admin", "secret");
    EXPECT_INT(status_of(&s, token), 404);
    EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/projects", token, NULL, NULL).status, 401);
    EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/tokens?allow_expired=1", s.admin, token, NULL).status, 200);
    EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/tokens?allow_expired=1", s.admin, again, NULL).status, 404);
}

/* --- trusts -------------------------------------------------------------------------------- */

/* Demo trusts admin. */
static const char *trust(const struct scene *s, const char *more)
{
    struct httpc_reply r = call(
        s->c, HTTP_POST, "/v3/OS-TRUST/trusts", s->demo, NULL,
        arena_printf(
            s->c->a,
            "{\"trust\":{\"trustor_user_id\":\"%s\",\"trustee_user_id\":\"%s\",\"impersonation\":true%s}}",
            s->demo_id, s->admin_id, more));

    return made(s, &r, "trust.id");
}

static struct httpc_reply use_trust(const struct scene *s, const char *id)
{
    return log_in_to(s->c, "admin", "secret",
                     arena_printf(s->c->a, "{\"OS-TRUST:trust\":{\"id\":\"%s\"}}", id));
}

/* It is looked at twice: the second answer comes out of memory. */
TEST(a_trusts_token_ends_with_the_trust)
{
    struct scene s = scene(t);
    const char *id = trust(&s, arena_printf(s.c->a,
                                            ",\"project_id\":\"%s\",\"roles\":[{\"name\":\"member\"}],"
                                            "\"expires_at\":\"%s\"",
                                            s.project, time_in(&s, MINUTE_US)));
    struct httpc_reply r = use_trust(&s, id);
    const char *token;

    EXPECT_INT(r.status, 201);
    token = httpc_header(&r, "X-Subject-Token");
    EXPECT_INT(status_of(&s, token), 200);
    EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/projects", token, NULL, NULL).status, 200);
    later(&s, MINUTE_US - 1);
    EXPECT_INT(status_of(&s, token), 200);
    later(&s, 1);
    EXPECT_INT(status_of(&s, token), 404);
    EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/projects", token, NULL, NULL).status, 401);
    EXPECT_INT(use_trust(&s, id).status, 401);
}

/* A trust without a project gives no rights, and a credential without one is
 * the user's own: with a seed of his own the trustee would log in as the trustor. */
TEST(a_trust_without_a_project_is_no_way_to_the_trustors_credentials)
{
    struct scene s = scene(t);
    struct httpc_reply r =
        call(s.c, HTTP_POST, "/v3/credentials", s.demo, NULL,
             arena_printf(s.c->a, "{\"credential\":{\"type\":\"cert\",\"blob\":\"mine\",\"user_id\":\"%s\"}}",
                          s.demo_id));
    const char *own = made(&s, &r, "credential.id"), *one, *token;

    r = use_trust(&s, trust(&s, ""));
    EXPECT_INT(r.status, 201);
    token = httpc_header(&r, "X-Subject-Token");
    r = call(
        s.c, HTTP_POST, "/v3/credentials", token, NULL,
        arena_printf(s.c->a,
                     "{\"credential\":{\"type\":\"totp\",\"blob\":\"GEZDGNBVGY3TQOJQ\",\"user_id\":\"%s\"}}",
                     s.demo_id));
    EXPECT_INT(r.status, 403);
    one = arena_printf(s.c->a, "/v3/credentials/%s", own);
    EXPECT_INT(call(s.c, HTTP_GET, one, token, NULL, NULL).status, 403);
    EXPECT_INT(call(s.c, HTTP_PATCH, one, token, NULL, "{\"credential\":{\"blob\":\"theirs\"}}").status, 403);
    r = call(s.c, HTTP_GET, "/v3/credentials", token, NULL, NULL);
    EXPECT_TRUE(r.status == 403 || !strstr(r.body, own));
    EXPECT_INT(call(s.c, HTTP_DELETE, one, token, NULL, NULL).status, 403);
    EXPECT_INT(call(s.c, HTTP_GET, one, s.demo, NULL, NULL).status, 200);
}

/* --- application credentials ------------------------------------------------------------------ */

struct app_cred {
    const char *id, *token;
};

static struct app_cred app_cred(const struct scene *s, const char *more)
{
    struct httpc_reply r = call(
        s->c, HTTP_POST, arena_printf(s->c->a, "/v3/users/%s/application_credentials", s->demo_id), s->demo,
        NULL,
        arena_printf(s->c->a,
                     "{\"application_credential\":{\"name\":\"a\",\"secret\":\"s\",\"unrestricted\":true%s}}",
                     more));
    struct app_cred ac = { .id = made(s, &r, "application_credential.id") };

    r = call(s->c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
             arena_printf(s->c->a,
                          "{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],"
                          "\"application_credential\":{\"id\":\"%s\",\"secret\":\"s\"}}}}",
                          ac.id));
    EXPECT_INT(r.status, 201);
    ac.token = httpc_header(&r, "X-Subject-Token");
    return ac;
}

static int renew(const struct scene *s, const char *token, const char *scope)
{
    return call(
               s->c, HTTP_POST, "/v3/auth/tokens", NULL, NULL,
               arena_printf(s->c->a,
                            "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"%s\"}}%s}}",
                            token, scope))
        .status;
}

/* --- EC2 pairs ---------------------------------------------------------------------------------- */

struct pair {
    const char *access, *secret, *path;
};

/* Demo's own; or with words that bind it to something, as no request can make
 * it now, but as it may have come from a Keystone that let one. */
static struct pair pair_of(const struct scene *s, const char *bonds)
{
    const char *access = uuid_new_hex(s->c->a);
    const char *id = ec2_credential_id(s->c->a, access);
    struct credential c = {
        .id = id,
        .type = "ec2",
        .user_id = s->demo_id,
        .project_id = s->project,
        .blob = arena_printf(s->c->a, "{\"access\":\"%s\",\"secret\":\"s\"%s}", access, bonds),
    };
    auto_rollback struct txn *t = NULL;
    struct err err = { 0 };

    credential_seal(s->c->s->state, s->c->a, &c, server_now_us(s->c->s));
    EXPECT_OK(txn_begin(s->c->s->db, true, &t, &err), &err);
    EXPECT_OK(table_insert(t, s->c->a, &credential_table, &c, &err), &err);
    EXPECT_OK(txn_commit(&t, &err), &err);
    return (struct pair){ access, "s", arena_printf(s->c->a, "/v3/credentials/%s", id) };
}

/* Signed as version 0, with the time of now. */
static struct httpc_reply sign(const struct scene *s, const struct pair *p)
{
    const char *when = time_in(s, 0), *text = arena_printf(s->c->a, "Look%s", when);
    uint8_t mac[DIGEST_MAX];
    size_t n = hmac_of(DIGEST_SHA1, p->secret, strlen(p->secret), text, strlen(text), mac);

    return call(s->c, HTTP_POST, "/v3/ec2tokens", s->admin, NULL,
                arena_printf(s->c->a,
                             "{\"credentials\":{\"access\":\"%s\",\"signature\":\"%s\",\"params\":{"
                             "\"SignatureVersion\":\"0\",\"Action\":\"Look\",\"Timestamp\":\"%s\"}}}",
                             p->access, base64_encode(s->c->a, mac, n), when));
}

TEST(a_pair_made_with_an_application_credential_ends_with_it_and_so_do_its_tokens)
{
    struct scene s = scene(t);
    struct app_cred ac = app_cred(&s, arena_printf(s.c->a, ",\"expires_at\":\"%s\"", time_in(&s, MINUTE_US)));
    struct pair p = pair_of(&s, arena_printf(s.c->a, ",\"app_cred_id\":\"%s\"", ac.id));
    struct httpc_reply r = sign(&s, &p);
    const char *token;

    EXPECT_INT(r.status, 200);
    token = httpc_header(&r, "X-Subject-Token");
    EXPECT_INT(status_of(&s, token), 200);
    EXPECT_INT(sign(&s, &p).status, 200);
    later(&s, MINUTE_US);
    EXPECT_INT(sign(&s, &p).status, 401);
    EXPECT_INT(status_of(&s, token), 404);
}

/* What binds a pair to a delegation cannot be written away: neither at once,
 * nor by a detour over another kind. */
TEST(a_bound_pair_stays_bound)
{
    struct scene s = scene(t);
    struct app_cred ac = app_cred(&s, "");
    struct pair p = pair_of(&s, arena_printf(s.c->a, ",\"app_cred_id\":\"%s\",\"trust_id\":null", ac.id));
    const char *unbound = arena_printf(
        s.c->a, "{\"credential\":{\"blob\":\"{\\\"access\\\":\\\"%s\\\",\\\"secret\\\":\\\"s\\\"}\"}}",
        p.access);

    EXPECT_INT(call(s.c, HTTP_PATCH, p.path, s.demo, NULL, unbound).status, 400);
    EXPECT_INT(call(s.c, HTTP_PATCH, p.path, s.demo, NULL, "{\"credential\":{\"type\":\"cert\"}}").status,
               400);
    EXPECT_INT(call(s.c, HTTP_PATCH, p.path, s.demo, NULL, "{\"credential\":{\"type\":\"ec2\"}}").status,
               200);
    EXPECT_INT(sign(&s, &p).status, 200);
    p = pair_of(&s, ""); /* One that is bound to nothing is its owner's. */
    EXPECT_INT(call(s.c, HTTP_PATCH, p.path, s.demo, NULL, "{\"credential\":{\"type\":\"cert\"}}").status,
               200);
}

/* A pair that the API made says "trust_id": null; that is no bond. */
TEST(the_secret_of_a_pair_can_be_changed)
{
    struct scene s = scene(t);
    struct httpc_reply r =
        call(s.c, HTTP_POST, arena_printf(s.c->a, "/v3/users/%s/credentials/OS-EC2", s.demo_id), s.demo, NULL,
             arena_printf(s.c->a, "{\"tenant_id\":\"%s\"}", s.project));
    struct pair p = { .access = made(&s, &r, "credential.access"), .secret = "other" };
    const char *path = arena_printf(s.c->a, "/v3/credentials/%s", ec2_credential_id(s.c->a, p.access));

    EXPECT_INT(sign(&s, &p).status, 401);
    r = call(s.c, HTTP_PATCH, path, s.demo, NULL,
             arena_printf(
                 s.c->a,
                 "{\"credential\":{\"blob\":\"{\\\"access\\\":\\\"%s\\\",\\\"secret\\\":\\\"other\\\"}\"}}",
                 p.access));
    EXPECT_INT(r.status, 200);
    EXPECT_INT(sign(&s, &p).status, 200);
}

/* Not even those of its own project: a reader's token must not read the keys of
 * somebody who may do more (CVE-2026-90460). */
TEST(what_was_lent_shows_no_credentials)
{
    struct scene s = scene(t);
    struct pair p = pair_of(&s, "");
    const char *pairs = arena_printf(s.c->a, "/v3/users/%s/credentials/OS-EC2", s.demo_id);
    const char *one = arena_printf(s.c->a, "%s/%s", pairs, p.access);
    struct httpc_reply r = use_trust(
        &s, trust(&s, arena_printf(s.c->a, ",\"project_id\":\"%s\",\"roles\":[{\"name\":\"member\"}]",
                                   s.project)));
    const char *tokens[] = { app_cred(&s, "").token, httpc_header(&r, "X-Subject-Token") };

    for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
        EXPECT_INT(call(s.c, HTTP_GET, p.path, tokens[i], NULL, NULL).status, 403);
        EXPECT_INT(
            call(s.c, HTTP_PATCH, p.path, tokens[i], NULL, "{\"credential\":{\"type\":\"ec2\"}}").status,
            403);
        EXPECT_INT(call(s.c, HTTP_DELETE, p.path, tokens[i], NULL, NULL).status, 403);
        r = call(s.c, HTTP_GET, "/v3/credentials", tokens[i], NULL, NULL);
        EXPECT_INT(r.status, 200);
        EXPECT_MATCH(r.body, "\"credentials\":[]");
        r = call(s.c, HTTP_POST, "/v3/credentials", tokens[i], NULL,
                 arena_printf(
                     s.c->a,
                     "{\"credential\":{\"type\":\"totp\",\"blob\":\"GEZDGNBVGY3TQOJQ\",\"user_id\":\"%s\","
                     "\"project_id\":\"%s\"}}",
                     s.demo_id, s.project));
        EXPECT_INT(r.status, 403);
        EXPECT_INT(call(s.c, HTTP_GET, pairs, tokens[i], NULL, NULL).status, 403);
        EXPECT_INT(call(s.c, HTTP_GET, one, tokens[i], NULL, NULL).status, 403);
        EXPECT_INT(call(s.c, HTTP_DELETE, one, tokens[i], NULL, NULL).status, 403);
        r = call(s.c, HTTP_POST, pairs, tokens[i], NULL,
                 arena_printf(s.c->a, "{\"tenant_id\":\"%s\"}", s.project));
        EXPECT_INT(r.status, 403);
    }
    EXPECT_INT(sign(&s, &p).status, 200);
}

/* Its holder has shown a pair of keys for one project, and is no user who might
 * go elsewhere (CVE-2026-80182): neither in identity, nor by another token. */
static void a_pairs_token_is_for_other_services_alone(struct test *t, const char *provider)
{
    const char *const options[] = { "token_provider", provider, NULL };
    struct scene s = scene_with(t, options);
    struct pair p = pair_of(&s, "");
    struct httpc_reply r = sign(&s, &p);
    const char *token = httpc_header(&r, "X-Subject-Token");

    EXPECT_INT(r.status, 200);
    r = call(s.c, HTTP_GET, "/v3/auth/tokens", s.admin, token, NULL);
    EXPECT_INT(r.status, 200);
    EXPECT_MATCH(r.body, "\"methods\":[\"ec2credential\"]");
    for (int i = 0; i < 2; i++)
        EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/projects", token, NULL, NULL).status, 403);
    EXPECT_INT(call(s.c, HTTP_GET, "/v3/auth/tokens", token, token, NULL).status, 403);
    EXPECT_INT(renew(&s, token, ""), 403);
    EXPECT_INT(renew(&s, token, ",\"scope\":\"unscoped\""), 403);
    EXPECT_INT(renew(&s, token, arena_printf(s.c->a, ",\"scope\":{\"project\":{\"id\":\"%s\"}}", s.project)),
               403);
}

TEST(a_pairs_fernet_token_is_for_other_services_alone)
{
    a_pairs_token_is_for_other_services_alone(t, "fernet");
}

TEST(a_pairs_jws_token_is_for_other_services_alone)
{
    a_pairs_token_is_for_other_services_alone(t, "jws");
}

TEST(a_pairs_uuid_token_is_for_other_services_alone)
{
    a_pairs_token_is_for_other_services_alone(t, "uuid");
}

/* Unscoped, it would have led to the owner's other projects in the next step. */
TEST(an_application_credentials_token_makes_no_other)
{
    struct scene s = scene(t);
    const char *token = app_cred(&s, "").token;

    EXPECT_INT(renew(&s, token, ""), 403);
    EXPECT_INT(renew(&s, token, ",\"scope\":\"unscoped\""), 403);
    EXPECT_INT(renew(&s, s.demo, ""), 201);
}

#define DAY   "20260101"
#define SCOPE DAY "/RegionOne/ec2/aws4_request"

static const char *signature_4(struct arena *a, const char *secret, const char *text)
{
    static const char *const parts[] = { "RegionOne", "ec2", "aws4_request" };
    const char *first = arena_printf(a, "AWS4%s", secret);
    uint8_t key[DIGEST_MAX], mac[DIGEST_MAX];
    size_t n = hmac_of(DIGEST_SHA256, first, strlen(first), DAY, strlen(DAY), key);

    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        hmac_of(DIGEST_SHA256, key, n, parts[i], strlen(parts[i]), mac);
        memcpy(key, mac, n);
    }
    hmac_of(DIGEST_SHA256, key, n, text, strlen(text), mac);
    return hex_encode(a, mac, n);
}

/* A POST signed at noon, with what was not signed. */
static int sign_4(const struct scene *s, const struct pair *p, const char *params)
{
    struct arena *a = s->c->a;
    const char *hash = digest_hex(a, DIGEST_SHA256, "", 0);
    const char *request =
        arena_printf(a, "POST\n/\n\nhost:h\nx-amz-date:" DAY "T120000Z\n\nhost;x-amz-date\n%s", hash);
    const char *text = arena_printf(a, "AWS4-HMAC-SHA256\n" DAY "T120000Z\n" SCOPE "\n%s",
                                    digest_hex(a, DIGEST_SHA256, request, strlen(request)));

    return call(
               s->c, HTTP_POST, "/v3/ec2tokens", s->admin, NULL,
               arena_printf(
                   a,
                   "{\"credentials\":{\"access\":\"%s\",\"signature\":\"%s\",\"verb\":\"POST\",\"path\":\"/\","
                   "\"host\":\"h\",\"body_hash\":\"%s\",\"headers\":{\"host\":\"h\",\"X-Amz-Date\":\"" DAY
                   "T120000Z\",\"Authorization\":\"AWS4-HMAC-SHA256 Credential=%s/" SCOPE
                   ",SignedHeaders=host;x-amz-date,Signature=x\"},\"params\":{%s}}}",
                   p->access, signature_4(a, p->secret, text), hash, p->access, params))
        .status;
}

/* Signature version 4 of a POST covers the header with the time, not the
 * parameters: a time that came with those says nothing. */
TEST(an_old_signature_is_not_made_young_by_a_parameter_that_is_not_signed)
{
    struct scene s = scene(t);
    struct pair p = pair_of(&s, "");

    s.c->s->clock.fixed_us = 1767268800LL * 1000000; /* Noon of that day. */
    s.admin = log_in(s.c, "admin", "secret");
    EXPECT_INT(sign_4(&s, &p, ""), 200);
    later(&s, 16 * MINUTE_US);
    EXPECT_INT(sign_4(&s, &p, ""), 401);
    EXPECT_INT(sign_4(&s, &p,
                      "\"Timestamp\":\""
                      "2026-01-01T12:16:00Z\""),
               401);
}

TEST_MAIN()
