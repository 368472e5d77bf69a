/* SPDX-License-Identifier: Apache-2.0 */
#include "main/pidfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "wire/json.h"

/* When the process began, in ticks since the machine did; 0: there is none. */
static uint64_t start_ticks(pid_t pid)
{
    char path[64], *text, *p;
    auto_arena struct arena a;
    uint64_t v = 0;

    arena_init(&a);
    snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
    if (file_read(&a, path, 4096, &text, NULL) < 0)
        return 0;
    /* The name in parentheses may hold anything. */
    p = strrchr(text, ')');
    if (!p || p[1] != ' ' || p[2] == 'Z')
        return 0;
    sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64, &v);
    return v;
}

static char *path_of(struct setup *s, const char *name)
{
    return arena_printf(&s->arena, "%s/run/%s.json", s->state_dir, name);
}

int running_write(struct setup *s, const char *name, const char *url, struct err *err)
{
    char *path = path_of(s, name);
    struct strbuf b;
    struct jw w;
    int r;

    strbuf_init(&b, &s->arena);
    jw_init(&w, &b);
    jw_object(&w, NULL);
    jw_int(&w, "pid", getpid());
    jw_uint(&w, "started", start_ticks(getpid()));
    jw_int(&w, "started_us", time_now_us());
    jw_str(&w, "version", STACKD_VERSION);
    jw_str(&w, "url", url);
    jw_end_object(&w);
    r = file_write_atomic(path, strbuf_str(&b), b.len, 0644);
    return r < 0 ? err_set(err, r, "cannot write '%s': %s", path, strerror(-r)) : 0;
}

void running_remove(struct setup *s, const char *name)
{
    unlink(path_of(s, name));
}

int running_find(struct setup *s, const char *name, struct running *ret)
{
    auto_json json_t *j = NULL;
    struct running r = { .name = name };
    char *text;
    size_t n;

    if (file_read(&s->arena, path_of(s, name), 4096, &text, &n) < 0 || json_read(text, n, &j, NULL) < 0)
        return -ENOENT;
    r.pid = (pid_t) json_int(j, "pid", 0);
    r.started = (uint64_t) json_int(j, "started", 0);
    r.started_us = json_int(j, "started_us", 0);
    r.version = arena_strdup(&s->arena, json_str(j, "version"));
    r.url = arena_strdup(&s->arena, json_str(j, "url"));
    if (r.pid <= 0 || !r.started || start_ticks(r.pid) != r.started)
        return -ENOENT;
    *ret = r;
    return 0;
}

int running_open(const struct running *r)
{
    int fd = (int) syscall(SYS_pidfd_open, r->pid, 0);

    if (fd < 0)
        return -errno;
    if (start_ticks(r->pid) != r->started) { /* It ended, and the number is somebody else's. */
        close(fd);
        return -ESRCH;
    }
    return fd;
}
