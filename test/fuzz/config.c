/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration is read or refused with words. */
#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct settings {
    const char *text;
    bool on;
    int64_t count;
    double ratio;
    const char **list;
    struct secret password;
};

static const struct option options[] = {
    { "text", FIELD_STRING, offsetof(struct settings, text), .choices = "a|b" },
    { "on", FIELD_BOOL, offsetof(struct settings, on), "false" },
    { "count", FIELD_INT, offsetof(struct settings, count), "1", .min = 1, .max = 9 },
    { "ratio", FIELD_DOUBLE, offsetof(struct settings, ratio) },
    { "list", FIELD_STRV, offsetof(struct settings, list) },
    { "password", FIELD_SECRET, offsetof(struct settings, password) },
    { 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char path[] = "/tmp/fuzz-config-XXXXXX";
    static int fd = -1;
    auto_arena struct arena a;
    struct settings s = { 0 };
    struct config *c = NULL;
    struct err err = { 0 };
    int r;

    if (fd < 0)
        fd = mkstemp(path);
    if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, n, 0) != (ssize_t) n)
        abort();
    arena_init(&a);
    r = config_load(&a, path, &c, &err);
    if (r >= 0)
        r = config_read(c, "x", options, &s, &err);
    if (r >= 0 && (s.count < 1 || s.count > 9))
        abort();
    if (r >= 0)
        r = config_check_unknown(c, &err);
    if (r < 0 && !err.msg[0])
        abort();
    return 0;
}
