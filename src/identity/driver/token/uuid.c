/* SPDX-License-Identifier: Apache-2.0 */
/* UUID tokens: 32 random hex digits; what they mean is stored, in the database
 * or in memcached. */
#include <stdlib.h>

#include "base/str.h"
#include "base/uuid.h"
#include "identity/driver/token/records.h"
#include "identity/identity.h"

#define TEXT_LEN 32

struct uuid_tokens {
    const struct token_records *records;
    void *store;
};

static int open_uuid(struct server *s, void **ret, struct err *err)
{
    const struct identity_options *opt = ((struct identity *) s->state)->opt;
    struct uuid_tokens *u = arena_new(&s->arena, struct uuid_tokens);

    u->records = str_eq(opt->token_store, memcached_token_records.name) ? &memcached_token_records
                                                                        : &sql_token_records;
    *ret = u;
    return u->records->open(s, &u->store, err);
}

static void close_uuid(void *self)
{
    struct uuid_tokens *u = self;

    u->records->close(u->store);
}

/* All 128 bits are random; a UUID proper would have 122 of them. */
static char *random_text(struct arena *a)
{
    uint8_t bytes[TEXT_LEN / 2];

    random_bytes(bytes, sizeof(bytes));
    return hex_encode(a, bytes, sizeof(bytes));
}

static int issue(void *self, struct arena *a, const struct issued_token *is, const char *body,
                 const char **ret_text, struct err *err)
{
    const struct uuid_tokens *u = self;
    const char *text = random_text(a);
    int r = token_record_put(u->records, u->store, text, NULL, is, err);

    if (r >= 0)
        *ret_text = text;
    return r;
}

static int read_uuid(void *self, struct arena *a, const char *text, struct issued_token *ret, struct err *err)
{
    const struct uuid_tokens *u = self;

    if (strnlen(text, TEXT_LEN + 1) != TEXT_LEN)
        return -EBADMSG;
    return token_record_get(u->records, u->store, a, text, ret, err);
}

static bool forgets(void *self)
{
    return ((const struct uuid_tokens *) self)->records->forgetful;
}

static int forget(void *self, const char *text, struct err *err)
{
    const struct uuid_tokens *u = self;
    auto_arena struct arena a;

    arena_init(&a);
    return u->records->forget(u->store, token_record_key(&a, text), err);
}

static int64_t flush(void *self, int64_t before_us, struct err *err)
{
    const struct uuid_tokens *u = self;

    return u->records->flush ? u->records->flush(u->store, before_us, err) : 0;
}

const struct token_driver uuid_token_driver = {
    .name = "uuid",
    .unknown = "Could not find token.",
    .open = open_uuid,
    .close = close_uuid,
    .issue = issue,
    .read = read_uuid,
    .forgets = forgets,
    .forget = forget,
    .flush = flush,
};
