/* SPDX-License-Identifier: Apache-2.0 */
/* Fernet payloads against those that Keystone (Zed) made of the same tokens. */
#include "identity/driver/token/payload.h"
#include "base/str.h"
#include "kit/test.h"

#define USER      "0123456789abcdef0123456789abcdef"
#define WHERE     "fedcba9876543210fedcba9876543210"
#define OTHER     "00112233445566778899aabbccddeeff"
#define EXPIRES   1700003600
#define ISSUED    1700000000

#define ID_HEX    "92c3c4100123456789abcdef0123456789abcdef"
#define USER_HEX  ID_HEX "06"
#define WHERE_HEX "92c3c410fedcba9876543210fedcba9876543210"
#define OTHER_BIN "c41000112233445566778899aabbccddeeff"
#define TAIL_HEX \
    "cb41d954ffc400000092c41000000000000000000000000000000000c41004104104104104104104104104104104"

#define METHODS                 METHOD_PASSWORD | METHOD_TOKEN
#define TOKEN(scope_, id_, ...) TOKEN_BY(METHODS, scope_, id_, __VA_ARGS__)
#define TOKEN_BY(methods_, scope_, id_, ...)                                             \
    {                                                                                    \
        .user_id = USER, .methods = methods_, .scope = scope_, .scope_id = id_,          \
        .issued_us = ISSUED * 1000000LL, .expires_us = EXPIRES * 1000000LL,              \
        .audit_ids = { "AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBA" }, __VA_ARGS__ \
    }

static const struct {
    struct issued_token token;
    const char *payload;
} made[] = {
    { TOKEN(SCOPE_NONE, NULL, ), "9500" USER_HEX TAIL_HEX },
    { TOKEN(SCOPE_DOMAIN, "default", ), "9601" USER_HEX "a764656661756c74" TAIL_HEX },
    { TOKEN(SCOPE_DOMAIN, WHERE, ), "9601" USER_HEX "c410fedcba9876543210fedcba9876543210" TAIL_HEX },
    { TOKEN(SCOPE_PROJECT, WHERE, ), "9602" USER_HEX WHERE_HEX TAIL_HEX },
    { TOKEN(SCOPE_PROJECT, "not-a-uuid", ), "9602" USER_HEX "92c2aa6e6f742d612d75756964" TAIL_HEX },
    { TOKEN(SCOPE_PROJECT, WHERE, .trust_id = OTHER), "9703" USER_HEX WHERE_HEX TAIL_HEX OTHER_BIN },
    { TOKEN(SCOPE_NONE, NULL, .trust_id = OTHER), "9703" USER_HEX "92c2c0" TAIL_HEX OTHER_BIN },
    { TOKEN(SCOPE_SYSTEM, "all", ), "9608" USER_HEX "a3616c6c" TAIL_HEX },
    { TOKEN(SCOPE_PROJECT, WHERE, .app_cred_id = OTHER),
      "9709" USER_HEX WHERE_HEX TAIL_HEX "92c3" OTHER_BIN },
    { TOKEN_BY(METHOD_EC2, SCOPE_PROJECT, WHERE, ), "9602" ID_HEX "cf0000000100000000" WHERE_HEX TAIL_HEX },
};

/* Of federation (4, 5, 6) and OAuth1 (7), which are not served; and another. */
#define GROUPS "9192c3" OTHER_BIN "92c2a3696470a573616d6c32"
static const char *const foreign[] = {
    "9804" USER_HEX GROUPS TAIL_HEX,
    "9905" USER_HEX WHERE_HEX GROUPS TAIL_HEX,
    "9906" USER_HEX WHERE_HEX GROUPS TAIL_HEX,
    "9707" USER_HEX WHERE_HEX "92c3" OTHER_BIN TAIL_HEX,
    "9703" USER_HEX WHERE_HEX TAIL_HEX "c403616263", /* No trust has such an id. */
};

static void drop_keys(void *arg)
{
    fernet_free(arg);
}

static struct fernet_keys *keys_of(struct test *t)
{
    struct fernet_keys *k;
    struct err err = { 0 };

    EXPECT_OK(fernet_setup(test_path(t, "keys"), &err), &err);
    EXPECT_OK(fernet_load(test_path(t, "keys"), &k, &err), &err);
    test_cleanup(t, drop_keys, k);
    return k;
}

TEST(payloads_are_keystones_byte_for_byte)
{
    struct fernet_keys *keys = keys_of(t);
    struct arena *a = test_arena(t);

    for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
        const char *text = token_encode(a, keys, &made[i].token);
        int64_t time_s;
        uint8_t *data;
        size_t n;

        EXPECT_INT(fernet_decrypt(a, keys, text, &data, &n, &time_s), 0);
        EXPECT_STR(hex_encode(a, data, n), made[i].payload);
        EXPECT_INT(time_s, ISSUED);
    }
}

static const char *seal(struct arena *a, const struct fernet_keys *keys, const char *hex)
{
    uint8_t *data;
    size_t n;

    EXPECT_INT(hex_decode(a, hex, &data, &n), 0);
    return fernet_encrypt(a, keys, ISSUED, data, n);
}

TEST(keystones_payloads_are_read)
{
    struct fernet_keys *keys = keys_of(t);
    struct arena *a = test_arena(t);

    for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
        const struct issued_token *want = &made[i].token;
        struct issued_token got;

        EXPECT_INT(token_decode(a, keys, seal(a, keys, made[i].payload), &got), 0);
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

/* A federated token must not become a plain one by the way it is read. */
TEST(payloads_of_what_is_not_served_are_refused)
{
    struct fernet_keys *keys = keys_of(t);
    struct arena *a = test_arena(t);
    struct issued_token got;

    for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
        EXPECT_INT(token_decode(a, keys, seal(a, keys, foreign[i]), &got), -EBADMSG);
}

/* Every shorter one, and one with something behind it. */
TEST(a_cut_payload_is_refused)
{
    struct fernet_keys *keys = keys_of(t);
    struct arena *a = test_arena(t);
    struct issued_token got;

    for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
        for (size_t n = 2; n < strlen(made[i].payload); n += 2)
            EXPECT_INT(token_decode(a, keys, seal(a, keys, arena_strndup(a, made[i].payload, n)), &got),
                       -EBADMSG);
        EXPECT_INT(token_decode(a, keys, seal(a, keys, arena_printf(a, "%s00", made[i].payload)), &got),
                   -EBADMSG);
    }
}

TEST_MAIN()
