/* SPDX-License-Identifier: Apache-2.0 */
/* A server's wish as an agent hears it, whoever sent it: it is refused, or what
 * comes of it is safe as a path and a definition that is whole. */
#include "agent/compute/wish.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/compute/libvirt/lv.h"
#include "base/str.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define DEPTH_MAX 32

/* Every element that begins ends, in order, and no text has a character of markup. */
static void check_xml(const char *xml)
{
    const char *names[DEPTH_MAX];
    size_t lengths[DEPTH_MAX], depth = 0;

    for (const char *p = strchr(xml, '<'); p; p = strchr(p, '<')) {
        const char *end = strchr(p, '>'), *name = p + 1 + (p[1] == '/');
        size_t n = strcspn(name, " />");

        if (!end || n == 0 || memchr(p + 1, '<', (size_t) (end - p - 1)))
            abort();
        if (p[1] == '/') {
            if (depth == 0 || lengths[depth - 1] != n || strncmp(names[depth - 1], name, n) != 0)
                abort();
            depth--;
        } else if (end[-1] != '/') {
            if (depth == DEPTH_MAX)
                abort();
            names[depth] = name;
            lengths[depth++] = n;
        }
        p = end;
    }
    if (depth)
        abort();
}

static void check_path(const char *path)
{
    if (!path || path[0] == '/' || path[0] == '-')
        abort();
    for (const char *p = path; *p; p += strcspn(p, "/"), p += *p == '/')
        if (strcspn(p, "/") == 2 && p[0] == '.' && p[1] == '.')
            abort();
}

static void check(struct arena *a, const struct wish_server *w)
{
    const struct agent_config agent = { .prefix = "fuzz" };
    const struct agent_compute_options options = { .vnc_listen = "127.0.0.1" };
    const struct lv lv = { .config.agent = &agent,
                           .options = &options,
                           .host = "h",
                           .instances = "/nowhere",
                           .bases = "/nowhere/_base" };

    if (w->image)
        check_path(w->image->id);
    for (size_t i = 0; i < w->n_files; i++)
        check_path(w->files[i].path);
    for (size_t i = 0; i < w->n_nics; i++)
        if (!wish_is_name(w->nics[i].tap, 15))
            abort();
    check_xml(lv_domain_xml(a, &lv, w, w->kernel ? "/k" : NULL, w->ramdisk ? "/r" : NULL, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    auto_json json_t *j = NULL;
    auto_arena struct arena a;
    struct wish_server w;

    arena_init(&a);
    if (json_read((const char *) data, n, &j, NULL) >= 0 && wish_server_read(&a, j, &w, NULL) >= 0)
        check(&a, &w);
    return 0;
}
