/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is read as a jws token or refused; whatever claims our own key
 * signed are read or refused, and what is read is the same after it was issued
 * again. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "identity/driver/token/claims.h"
#include "identity/identity.h"
#include "rest/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void *open_driver(void)
{
    static char dir[] = "/tmp/fuzz-jws-XXXXXX";
    static struct identity_options opt;
    static struct identity id = { .opt = &opt };
    static struct server s = { .state = &id, .state_dir = dir };
    void *self;

    if (!mkdtemp(dir) || jws_token_driver.open(&s, &self, NULL) < 0)
        abort();
    return self;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static void *self;
    struct issued_token t, again;
    auto_arena struct arena a;
    const char *text;

    if (!self)
        self = open_driver();
    arena_init(&a);
    (void) jws_token_driver.read(self, &a, arena_strndup(&a, (const char *) data, n), &t, NULL);
    if (token_claims_read(&a, (const char *) data, n, &t) < 0)
        return 0;
    if (!t.user_id || !t.audit_ids[0] || !t.methods || (t.scope != SCOPE_NONE && !t.scope_id))
        abort();
    if (jws_token_driver.issue(self, &a, &t, NULL, &text, NULL) < 0)
        abort();
    if (strlen(text) <= 4096 && jws_token_driver.read(self, &a, text, &again, NULL) < 0)
        abort();
    if (strlen(text) <= 4096 && (!str_eq(t.user_id, again.user_id) || !str_eq(t.scope_id, again.scope_id) ||
                                 t.scope != again.scope || t.expires_us != again.expires_us))
        abort();
    return 0;
}
