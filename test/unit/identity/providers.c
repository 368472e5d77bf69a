/* SPDX-License-Identifier: Apache-2.0 */
/* Every token provider keeps the same contract: what is issued is read again,
 * nothing else is, and revocation holds. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/uuid.h"
#include "crypto/deflate.h"
#include "crypto/digest.h"
#include "identity/driver/token/keyring.h"
#include "identity/driver/token/payload.h"
#include "identity/driver/token/records.h"
#include "identity/model/check.h"
#include "io/proc.h"
#include "io/sock.h"
#include "kit.h"

static const char *const providers[] = { "fernet", "jws", "uuid", "pki", "pkiz" };

#define EACH_PROVIDER(name) for (size_t i_ = 0; i_ < ARRAY_SIZE(providers) && (name = providers[i_]); i_++)

static struct cloud *start(struct test *t, const char *provider)
{
    char *dir = test_path(t, provider);
    struct err err = { 0 };

    EXPECT_OK(dir_make(dir, 0755), &err);
    return cloud_start_in(t, dir, (const char *const[]){ "token_provider", provider, NULL });
}

static const char *issue(struct cloud *c, const struct issued_token *is)
{
    const struct token_provider *p = &((struct identity *) c->s->state)->tokens;
    struct err err = { 0 };
    const char *text;

    EXPECT_OK(p->driver->issue(p->self, c->a, is,
                               arena_printf(c->a, "{\"token\":{\"id\":\"%s\"}}", uuid_new(c->a)), &text,
                               &err),
              &err);
    return text;
}

static int read_back(struct cloud *c, const char *text, struct issued_token *ret)
{
    const struct token_provider *p = &((struct identity *) c->s->state)->tokens;

    return p->driver->read(p->self, c->a, text, ret, NULL);
}

#define USER   "0123456789abcdef0123456789abcdef"
#define WHERE  "fedcba9876543210fedcba9876543210"
#define OTHER  "00112233445566778899aabbccddeeff"
#define FIRST  "AAAAAAAAAAAAAAAAAAAAAA"
#define SECOND "BBBBBBBBBBBBBBBBBBBBBA"
#define TIMES  .issued_us = 1700000000000000, .expires_us = 4000000000000000 - 1000000
#define PROVEN METHOD_PASSWORD | METHOD_TOKEN

/* Each form that a token can have. */
static const struct issued_token forms[] = {
    { USER, PROVEN, SCOPE_NONE, NULL, TIMES, { FIRST, SECOND } },
    { USER, PROVEN, SCOPE_DOMAIN, "default", TIMES, { FIRST, SECOND } },
    { USER, PROVEN, SCOPE_PROJECT, WHERE, TIMES, { FIRST, SECOND } },
    { USER, PROVEN, SCOPE_SYSTEM, "all", TIMES, { FIRST, SECOND } },
    { USER, PROVEN, SCOPE_PROJECT, WHERE, TIMES, { FIRST, SECOND }, .trust_id = OTHER },
    { USER, PROVEN, SCOPE_PROJECT, WHERE, TIMES, { FIRST, SECOND }, .app_cred_id = OTHER },
};

TEST(every_form_of_a_token_is_read_as_it_was_issued)
{
    const char *name;

    EACH_PROVIDER(name)
    {
        struct cloud *c = start(t, name);

        for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
            const struct issued_token *want = &forms[i];
            struct issued_token got = { 0 };

            EXPECT_INT(read_back(c, issue(c, want), &got), 0);
            EXPECT_STR(got.user_id, want->user_id);
            EXPECT_INT(got.methods, want->methods);
            EXPECT_INT(got.scope, want->scope);
            EXPECT_STR(got.scope_id, want->scope_id);
            EXPECT_INT(got.issued_us, want->issued_us);
            EXPECT_INT(got.expires_us, want->expires_us);
            EXPECT_STR(got.audit_ids[0], want->audit_ids[0]);
            EXPECT_STR(got.audit_ids[1], want->audit_ids[1]);
            EXPECT_STR(got.trust_id, want->trust_id);
            EXPECT_STR(got.app_cred_id, want->app_cred_id);
        }
    }
}

/* Every character of the text matters; at the ends and in between. */
TEST(a_changed_token_is_none)
{
    const char *name;

    EACH_PROVIDER(name)
    {
        struct cloud *c = start(t, name);
        char *text = arena_strdup(c->a, issue(c, &forms[2]));
        struct issued_token got;
        size_t n = strlen(text);

        for (size_t i = 0; i < n; i++) {
            char was = text[i];

            text[i] = was == 'A' ? 'B' : 'A';
            EXPECT_INT(read_back(c, text, &got), -EBADMSG);
            text[i] = was;
        }
        EXPECT_INT(read_back(c, arena_printf(c->a, "%sA", text), &got), -EBADMSG);
        EXPECT_INT(read_back(c, arena_printf(c->a, "%s=", text), &got), -EBADMSG);
        EXPECT_INT(read_back(c, arena_strndup(c->a, text, n - 1), &got), -EBADMSG);
        EXPECT_INT(read_back(c, "", &got), -EBADMSG);
        EXPECT_INT(read_back(c, text, &got), 0);
    }
}

TEST(another_clouds_tokens_are_none)
{
    const char *name;

    EACH_PROVIDER(name)
    {
        struct cloud *c = start(t, name), *other;
        struct issued_token got;
        char *dir = test_path(t, arena_printf(c->a, "%s-other", name));
        struct err err = { 0 };

        EXPECT_OK(dir_make(dir, 0755), &err);
        other = cloud_start_in(t, dir, (const char *const[]){ "token_provider", name, NULL });
        EXPECT_INT(read_back(c, issue(other, &forms[0]), &got), -EBADMSG);
    }
}

TEST(tokens_are_issued_validated_and_revoked)
{
    const char *name;

    EACH_PROVIDER(name)
    {
        struct cloud *c = cloud_start_with(t, (const char *const[]){ "token_provider", name, NULL });
        const char *admin = log_in(c, "admin", "secret"), *demo = log_in(c, "demo", "demo");
        struct httpc_reply r = log_in_to(c, "demo", "demo", NULL), again;

        EXPECT_INT(call(c, HTTP_GET, "/v3/users", admin, NULL, NULL).status, 200);
        again = call(c, HTTP_GET, "/v3/auth/tokens", admin, httpc_header(&r, "X-Subject-Token"), NULL);
        EXPECT_INT(again.status, 200);
        EXPECT_STR(again.body, r.body); /* The token tells what the log-in told. */
        EXPECT_INT(call(c, HTTP_DELETE, "/v3/auth/tokens", demo, demo, NULL).status, 204);
        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 404);
        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/projects", demo, NULL, NULL).status, 401);
        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, "none", NULL).status, 404);
    }
}

/* Storing a token waits for the database's one writer; no server thread may. */
TEST(who_stores_tokens_is_never_quick)
{
    static const char *const quick[] = { "fernet", "jws", NULL };
    const char *name;

    EACH_PROVIDER(name)
    EXPECT_INT(identity_is_quick(start(t, name)->s), strv_contains(quick, name));
}

/* --- jws ----------------------------------------------------------------------------- */

static const char *part(struct cloud *c, const char *text, unsigned i)
{
    const char **parts = str_split(c->a, text, '.');
    uint8_t *data;
    size_t n;

    EXPECT_INT(strv_len(parts), 3);
    EXPECT_INT(base64url_decode(c->a, parts[i], strlen(parts[i]), &data, &n), 0);
    return arena_strndup(c->a, (char *) data, n);
}

TEST(a_jws_token_has_keystones_claims)
{
    struct cloud *c = start(t, "jws");

    EXPECT_STR(part(c, issue(c, &forms[2]), 0), "{\"alg\":\"ES256\",\"typ\":\"JWT\"}");
    EXPECT_STR(part(c, issue(c, &forms[2]), 1),
               "{\"sub\":\"" USER
               "\",\"iat\":1700000000,\"exp\":3999999999,\"openstack_methods\":[\"password\","
               "\"token\"],\"openstack_audit_ids\":[\"" FIRST "\",\"" SECOND
               "\"],\"openstack_project_id\":\"" WHERE "\"}");
    EXPECT_MATCH(part(c, issue(c, &forms[3]), 1), "\"openstack_system\":\"all\"");
    EXPECT_MATCH(part(c, issue(c, &forms[4]), 1), "\"openstack_trust_id\":\"" OTHER "\"");
    EXPECT_MATCH(part(c, issue(c, &forms[5]), 1), "\"openstack_app_cred_id\":\"" OTHER "\"");
}

/* "none" and every other algorithm than ours is refused, whatever the rest. */
TEST(a_jws_token_cannot_choose_its_algorithm)
{
    struct cloud *c = start(t, "jws");
    const char **parts = str_split(c->a, issue(c, &forms[2]), '.');
    static const char *const headers[] = { "{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}", "{}",
                                           "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}" };
    struct issued_token got;

    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        const char *h = base64url_encode(c->a, headers[i], strlen(headers[i]), false);

        EXPECT_INT(read_back(c, arena_printf(c->a, "%s.%s.%s", h, parts[1], parts[2]), &got), -EBADMSG);
        EXPECT_INT(read_back(c, arena_printf(c->a, "%s.%s.", h, parts[1]), &got), -EBADMSG);
    }
}

TEST(a_new_jws_key_pair_leaves_the_old_tokens_valid)
{
    struct cloud *c = start(t, "jws");
    struct identity *id = c->s->state;
    const char *old = issue(c, &forms[2]), *new;
    const void *keys = id->tokens.driver->keys(id->tokens.self);
    struct issued_token got;
    struct strbuf out;
    struct err err = { 0 };

    strbuf_init(&out, c->a);
    EXPECT_OK(id->tokens.driver->renew(id->tokens.self, &out, &err), &err);
    while (id->tokens.driver->keys(id->tokens.self) == keys) /* Looked at once a second. */
        usleep(20000);
    new = issue(c, &forms[2]);
    EXPECT_INT(read_back(c, old, &got), 0);
    EXPECT_INT(read_back(c, new, &got), 0);
}

/* --- new keys ----------------------------------------------------------------------------- */

/* Of two processes one has looked at the keys a moment ago, and the other
 * already issues with one that was made since. */
TEST(a_token_of_a_key_that_was_just_made_is_read)
{
    struct cloud *c = start(t, "fernet");
    struct identity *id = c->s->state;
    const char *dir = keyring_dir(id->keys), *text;
    struct fernet_keys *newest;
    struct issued_token got;
    struct err err = { 0 };

    EXPECT_INT(read_back(c, issue(c, &forms[2]), &got), 0);
    EXPECT_OK(fernet_rotate(dir, 6, &err), &err);
    EXPECT_OK(fernet_rotate(dir, 6, &err), &err);
    EXPECT_OK(fernet_load(dir, &newest, &err), &err);
    text = token_encode(c->a, newest, &forms[2]);
    fernet_free(newest);
    EXPECT_INT(read_back(c, text, &got), 0);
}

TEST(a_jws_token_of_a_pair_that_was_just_made_is_read)
{
    struct cloud *c = start(t, "jws");
    struct identity *id = c->s->state;
    struct token_provider other;
    const char *text;
    struct issued_token got;
    struct strbuf out;
    struct err err = { 0 };

    EXPECT_INT(read_back(c, issue(c, &forms[2]), &got), 0);
    strbuf_init(&out, c->a);
    EXPECT_OK(id->tokens.driver->renew(id->tokens.self, &out, &err), &err);
    EXPECT_OK(token_provider_open(c->s, "jws", &other, &err), &err);
    EXPECT_OK(other.driver->issue(other.self, c->a, &forms[2], "{}", &text, &err), &err);
    token_provider_close(&other);
    EXPECT_INT(read_back(c, text, &got), 0);
}

/* --- stored ones ----------------------------------------------------------------------- */

TEST(a_stored_tokens_text_is_not_in_the_database)
{
    struct cloud *c = start(t, "uuid");
    const char *text = issue(c, &forms[2]);
    auto_rollback struct txn *x = NULL;
    struct err err = { 0 };
    int64_t n;

    EXPECT_INT(strlen(text), 32);
    EXPECT_OK(txn_begin(c->s->db, false, &x, &err), &err);
    EXPECT_OK(sql_get_int(x, &n, &err, "SELECT COUNT(*) FROM tokens"), &err);
    EXPECT_INT(n, 1);
    EXPECT_OK(sql_get_int(x, &n, &err, "SELECT COUNT(*) FROM tokens WHERE id = ? OR claims LIKE ?",
                          val_text(text), val_text(arena_printf(c->a, "%%%s%%", text))),
              &err);
    EXPECT_INT(n, 0);
}

TEST(a_flush_removes_what_expired_and_nothing_else)
{
    struct cloud *c = start(t, "uuid");
    const struct token_provider *p = &((struct identity *) c->s->state)->tokens;
    struct issued_token early = forms[2], got;
    struct err err = { 0 };
    const char *gone, *kept = issue(c, &forms[2]);

    early.expires_us = early.issued_us + 1000000;
    gone = issue(c, &early);
    EXPECT_INT(read_back(c, gone, &got), 0);
    EXPECT_INT(p->driver->flush(p->self, early.expires_us + 1, &err), 1);
    EXPECT_INT(read_back(c, gone, &got), -EBADMSG);
    EXPECT_INT(read_back(c, kept, &got), 0);
}

/* --- signed ones ------------------------------------------------------------------------ */

TEST(a_signed_token_can_be_named_by_its_digest)
{
    static const struct {
        const char *provider, *algorithm;
        enum digest_kind kind;
    } cases[] = { { "pki", "md5", DIGEST_MD5 }, { "pkiz", "sha256", DIGEST_SHA256 } };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct cloud *c =
            cloud_start_with(t, (const char *const[]){ "token_provider", cases[i].provider,
                                                       "token_hash_algorithm", cases[i].algorithm, NULL });
        const char *admin = log_in(c, "admin", "secret"), *demo = log_in(c, "demo", "demo");
        const char *digest = digest_hex(c->a, cases[i].kind, demo, strlen(demo));

        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, digest, NULL).status, 200);
        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/projects", digest, NULL, NULL).status, 200);
        EXPECT_INT(call(c, HTTP_DELETE, "/v3/auth/tokens", digest, digest, NULL).status, 204);
        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 404);
        EXPECT_INT(call(c, HTTP_GET, "/v3/auth/projects", digest, NULL, NULL).status, 401);
    }
}

TEST(the_list_of_revoked_tokens_is_signed_and_names_them)
{
    struct cloud *c = cloud_start_with(t, (const char *const[]){ "token_provider", "pki", NULL });
    const char *admin = log_in(c, "admin", "secret"), *demo = log_in(c, "demo", "demo"),
               *other = log_in(c, "demo", "demo");
    const char *pem;
    struct httpc_reply r =
        call(c, HTTP_GET, "/v3/auth/tokens/OS-PKI/revoked?audit_id_only", admin, NULL, NULL);

    EXPECT_STR(r.body, "{\"revoked\":[]}");
    EXPECT_INT(call(c, HTTP_DELETE, "/v3/auth/tokens", demo, demo, NULL).status, 204);
    r = call(c, HTTP_GET, "/v3/auth/tokens/OS-PKI/revoked?audit_id_only", admin, NULL, NULL);
    EXPECT_MATCH(r.body, "\"audit_id\"");
    r = call(c, HTTP_GET, "/v3/auth/tokens/OS-PKI/revoked", admin, NULL, NULL);
    EXPECT_INT(r.status, 200);
    pem = text_at(c, &r, "signed");
    EXPECT_TRUE(str_has_prefix(pem, "-----BEGIN CMS-----\n"));
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens/OS-PKI/revoked", other, NULL, NULL).status, 403);
    /* What identity signs is no token for that. */
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", str_split(c->a, pem, '\n')[1], NULL, NULL).status, 401);
}

TEST(who_does_not_sign_has_no_certificates_to_show)
{
    struct cloud *c = cloud_start(t);
    const char *admin = log_in(c, "admin", "secret");

    EXPECT_INT(call(c, HTTP_GET, "/v3/OS-SIMPLE-CERT/ca", NULL, NULL, NULL).status, 410);
    EXPECT_INT(call(c, HTTP_GET, "/v3/OS-SIMPLE-CERT/certificates", NULL, NULL, NULL).status, 410);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens/OS-PKI/revoked", admin, NULL, NULL).status, 403);
}

/* A small text that becomes gigabytes is given up at the limit. */
TEST(a_compressed_token_cannot_grow_without_end)
{
    struct cloud *c = start(t, "pkiz");
    char *zeros = arena_alloc(c->a, 4 << 20);
    struct issued_token got;
    uint8_t *packed;
    size_t n;

    EXPECT_INT(deflate_data(c->a, zeros, 4 << 20, &packed, &n), 0);
    EXPECT_TRUE(n < 8192);
    EXPECT_INT(inflate_data(c->a, packed, n, 65536, &packed, &n), -EFBIG);
    EXPECT_INT(deflate_data(c->a, zeros, 4 << 20, &packed, &n), 0);
    EXPECT_INT(read_back(c, arena_printf(c->a, "PKIZ_%s", base64url_encode(c->a, packed, n, true)), &got),
               -EBADMSG);
}

/* A memcached of the test's own. */
struct store {
    char port[16];
    pid_t pid;
};

static void store_stop(void *arg)
{
    struct store *m = arg;

    if (m->pid > 0) {
        kill(m->pid, SIGKILL);
        waitpid(m->pid, NULL, 0);
    }
    m->pid = 0;
}

static bool store_answers(const struct store *m)
{
    int64_t port = 0;
    int fd;

    (void) str_to_i64(m->port, &port);
    fd = sock_connect_tcp("127.0.0.1", (uint16_t) port, 1000, NULL);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void store_start(struct store *m)
{
    m->pid = fork();
    if (m->pid == 0) {
        execlp("memcached", "memcached", "-l", "127.0.0.1", "-p", m->port, "-U", "0", "-u", "nobody", NULL);
        _exit(127);
    }
    while (!store_answers(m)) {
        EXPECT_INT(waitpid(m->pid, NULL, WNOHANG), 0);
        usleep(20000);
    }
}

static struct store *store_new(struct test *t)
{
    struct store *m = arena_new(test_arena(t), struct store);
    struct err err = { 0 };
    int fd = sock_listen_tcp("127.0.0.1", 0, 1, &err);

    EXPECT_OK(fd, &err);
    snprintf(m->port, sizeof(m->port), "%d", sock_port(fd));
    close(fd);
    test_cleanup(t, store_stop, m);
    store_start(m);
    return m;
}

/* Whoever asks while memcached is away is told to come again; what it forgot is
 * no token any more, also for a process that had seen it. */
TEST(tokens_in_memcached_are_gone_after_its_restart_and_new_ones_work)
{
    struct store *m = store_new(t);
    const char *servers = arena_printf(test_arena(t), "127.0.0.1:%s", m->port), *admin, *demo, *again;
    struct cloud *c =
        cloud_start_with(t, (const char *const[]){ "token_provider", "uuid", "token_store", "memcached",
                                                   "memcached_servers", servers, NULL });

    admin = log_in(c, "admin", "secret");
    demo = log_in(c, "demo", "demo");
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 200);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 200);
    EXPECT_INT(call(c, HTTP_DELETE, "/v3/auth/tokens", demo, demo, NULL).status, 204);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 404);

    store_stop(m);
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", admin, NULL, NULL).status, 503);
    EXPECT_INT(log_in_to(c, "admin", "secret", NULL).status, 503);

    store_start(m);
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", admin, NULL, NULL).status, 401);
    again = log_in(c, "admin", "secret");
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", again, NULL, NULL).status, 200);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", again, admin, NULL).status, 404);
}

/* What memcached has under a name; null: nothing. */
static char *store_read(struct test *t, const struct store *m, const char *key)
{
    const char *const argv[] = {
        "sh", "-c",
        arena_printf(
            test_arena(t),
            "printf 'get stackd-token-%s\\r\\nquit\\r\\n' | busybox nc 127.0.0.1 %s | sed -n '2s/\\r$//p'",
            key, m->port),
        NULL
    };
    struct proc_result result = { 0 };
    struct err err = { 0 };

    EXPECT_OK(proc_run(test_arena(t), argv, NULL, 10000, &result, &err), &err);
    return str_trim(test_arena(t), result.out);
}

static void store_write(struct test *t, const struct store *m, const char *key, const char *value)
{
    const char *path = test_path(t, "request");
    const char *text = arena_printf(test_arena(t), "set stackd-token-%s 0 600 %zu\r\n%s\r\nquit\r\n", key,
                                    strlen(value), value);
    const char *const argv[] = {
        "sh", "-c",
        arena_printf(test_arena(t), "busybox nc 127.0.0.1 %s < '%s' | grep -q STORED", m->port, path), NULL
    };
    struct err err = { 0 };

    EXPECT_INT(file_write_atomic(path, text, strlen(text), 0600), 0);
    EXPECT_OK(proc_run(test_arena(t), argv, NULL, 10000, NULL, &err), &err);
}

/* OSSA-2013-017: memcached asks nobody who he is. */
TEST(what_somebody_else_wrote_into_memcached_is_no_token)
{
    struct store *m = store_new(t);
    const char *servers = arena_printf(test_arena(t), "127.0.0.1:%s", m->port), *admin, *demo;
    struct cloud *c =
        cloud_start_with(t, (const char *const[]){ "token_provider", "uuid", "token_store", "memcached",
                                                   "memcached_servers", servers, NULL });
    const char mine[] = "0123456789abcdef0123456789abcdef";
    char *record, *other;

    admin = log_in(c, "admin", "secret");
    demo = log_in(c, "demo", "demo");
    record = store_read(t, m, token_record_key(c->a, admin));
    EXPECT_TRUE(strlen(record) > 100 && !strstr(record, "user") && !strstr(record, admin));
    /* A good record under a name of his choice, or under another token's. */
    store_write(t, m, token_record_key(c->a, mine), record);
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", mine, NULL, NULL).status, 401);
    store_write(t, m, token_record_key(c->a, demo), record);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 404);
    /* Words of his own, and one changed letter. */
    store_write(t, m, token_record_key(c->a, mine), "{\"sub\":\"admin\"}");
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", mine, NULL, NULL).status, 401);
    demo = log_in(c, "demo", "demo");
    other = store_read(t, m, token_record_key(c->a, demo));
    other[strlen(other) / 2] ^= 1;
    store_write(t, m, token_record_key(c->a, demo), other);
    EXPECT_INT(call(c, HTTP_GET, "/v3/auth/tokens", admin, demo, NULL).status, 404);
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", admin, NULL, NULL).status, 200);
}

/* --- the contract by a fake -------------------------------------------------------------- */

static int fake_read(void *self, struct arena *a, const char *text, struct issued_token *ret, struct err *err)
{
    unsigned *asked = self;

    ++*asked;
    return str_eq(text, "later") ? err_http(err, 503, NULL, "Not now.") : -EBADMSG;
}

static bool fake_forgets(void *self)
{
    return true;
}

TEST(what_a_provider_says_is_what_clients_hear)
{
    struct cloud *c = cloud_start_with(t, NULL);
    struct identity *id = c->s->state;
    static const struct token_driver fake = {
        .name = "fake", .unknown = "No.", .read = fake_read, .forgets = fake_forgets
    };
    struct token_provider real = id->tokens;
    unsigned asked = 0;

    id->tokens = (struct token_provider){ &fake, &asked };
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", "later", NULL, NULL).status, 503);
    EXPECT_INT(call(c, HTTP_GET, "/v3/users", "never", NULL, NULL).status, 401);
    EXPECT_INT(asked, 2);
    id->tokens = real;
}

TEST_MAIN()
