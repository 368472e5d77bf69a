/* SPDX-License-Identifier: Apache-2.0 */
/* Every token provider there is. */
#include "base/str.h"
#include "identity/driver/token/driver.h"

static const struct token_driver *const drivers[] = {
    &fernet_token_driver, &jws_token_driver, &uuid_token_driver, &pki_token_driver, &pkiz_token_driver,
};

int token_provider_open(struct server *s, const char *name, struct token_provider *ret, struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
        void *self;
        int r;

        if (!str_eq(drivers[i]->name, name))
            continue;
        r = drivers[i]->open(s, &self, err);
        if (r < 0)
            return err_prefix(err, r, "[identity] token_provider = %s", name);
        *ret = (struct token_provider){ drivers[i], self };
        return 0;
    }
    return err_set(err, -EINVAL, "[identity] token_provider: there is no provider '%s'", name);
}

void token_provider_close(struct token_provider *p)
{
    if (p->driver)
        p->driver->close(p->self);
    p->driver = NULL;
}
