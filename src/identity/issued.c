/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/issued.h"

#include "base/str.h"
#include "base/uuid.h"

#define AUDIT_BYTES 16

static const struct {
    enum token_method bit;
    const char *name;
} method_names[] = {
    { METHOD_EXTERNAL, "external" }, { METHOD_PASSWORD, "password" },
    { METHOD_TOKEN, "token" },       { METHOD_OAUTH1, "oauth1" },
    { METHOD_MAPPED, "mapped" },     { METHOD_APPLICATION_CREDENTIAL, "application_credential" },
    { METHOD_TOTP, "totp" },         { METHOD_EC2, "ec2credential" },
};

const char **methods_names(struct arena *a, unsigned methods)
{
    const char **v = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(method_names); i++)
        if (methods & method_names[i].bit)
            v = strv_add(a, v, method_names[i].name);
    return v;
}

unsigned method_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(method_names); i++)
        if (str_eq(method_names[i].name, name))
            return method_names[i].bit;
    return 0;
}

const char *audit_id_new(struct arena *a)
{
    uint8_t bytes[AUDIT_BYTES];

    random_bytes(bytes, sizeof(bytes));
    return base64url_encode(a, bytes, sizeof(bytes), false);
}
