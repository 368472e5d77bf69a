/* SPDX-License-Identifier: Apache-2.0 */
/* `stackd status`: what runs, since when, how large, and whether it answers. */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "base/time.h"
#include "io/sock.h"
#include "main/commands.h"
#include "main/pidfile.h"
#include "main/roles.h"
#include "wire/httpc.h"
#include "wire/json.h"

#define ANSWER_MS 2000

struct row {
    struct running who;
    bool running;
    int64_t pss_kib; /* -1: not allowed to know. */
    int answer;      /* HTTP status of /healthcheck; 0: none, -1: has no API. */
};

/* Memory of the process, with its share of what several use. */
static int64_t read_pss(struct arena *a, pid_t pid)
{
    char *path = arena_printf(a, "/proc/%d/smaps_rollup", (int) pid), *text, *p;
    long long kib;

    if (file_read(a, path, 65536, &text, NULL) < 0)
        return -1;
    p = strstr(text, "\nPss:");
    return p && sscanf(p, "\nPss: %lld kB", &kib) == 1 ? kib : -1;
}

static int ask(struct httpc *http, struct arena *a, const char *url)
{
    struct httpc_request rq = { .method = HTTP_GET, .url = arena_printf(a, "%s/healthcheck", url) };
    struct httpc_reply reply;

    return httpc_call(http, a, &rq, &reply, NULL) < 0 ? 0 : reply.status;
}

static struct row look(struct setup *s, struct httpc *http, const char *name)
{
    struct row r = { .who = { .name = name }, .pss_kib = -1, .answer = -1 };

    r.running = running_find(s, name, &r.who) >= 0;
    if (!r.running)
        return r;
    r.pss_kib = read_pss(&s->arena, r.who.pid);
    if (r.who.url)
        r.answer = ask(http, &s->arena, r.who.url);
    return r;
}

static const char *uptime_text(struct arena *a, int64_t us)
{
    int64_t t = us / 1000000;

    if (t >= 86400)
        return arena_printf(a, "%" PRId64 "d%02" PRId64 "h", t / 86400, t / 3600 % 24);
    if (t >= 3600)
        return arena_printf(a, "%" PRId64 "h%02" PRId64 "m", t / 3600, t / 60 % 60);
    return arena_printf(a, "%" PRId64 "m%02" PRId64 "s", t / 60, t % 60);
}

static const char *api_text(const struct row *r)
{
    if (!r->running)
        return "not running";
    return r->answer < 0 ? "-" : r->answer == 200 ? "answers" : r->answer == 0 ? "no answer" : "not well";
}

static void print_table(struct setup *s, const struct row *rows, size_t n)
{
    int64_t sum = 0, control = 0;

    printf("%-12s %8s  %-8s %10s %8s  %-11s %s\n", "ROLE", "PID", "VERSION", "MEMORY", "UPTIME", "API",
           "URL");
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];

        if (!r->running) {
            printf("%-12s %8s  %-8s %10s %8s  %s\n", r->who.name, "-", "-", "-", "-", api_text(r));
            continue;
        }
        printf("%-12s %8d  %-8s %6.1f MiB %8s  %-11s %s\n", r->who.name, (int) r->who.pid, r->who.version,
               (double) (r->pss_kib < 0 ? 0 : r->pss_kib) / 1024,
               uptime_text(&s->arena, time_now_us() - r->who.started_us), api_text(r),
               r->who.url ? r->who.url : "");
        sum += r->pss_kib > 0 ? r->pss_kib : 0;
        if (r->pss_kib > 0 && !str_eq(r->who.name, "agent"))
            control += r->pss_kib;
    }
    printf("memory (PSS): %.1f MiB, without the agent %.1f MiB\n", (double) sum / 1024,
           (double) control / 1024);
}

static void print_json(const struct row *rows, size_t n)
{
    auto_strbuf struct strbuf b;
    struct jw w;

    strbuf_init(&b, NULL);
    jw_init(&w, &b);
    jw_array(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];

        jw_object(&w, NULL);
        jw_str(&w, "role", r->who.name);
        jw_bool(&w, "running", r->running);
        if (r->running) {
            jw_int(&w, "pid", r->who.pid);
            jw_str(&w, "version", r->who.version);
            jw_time(&w, "started_at", r->who.started_us, TIME_ISO_Z);
            if (r->pss_kib >= 0)
                jw_int(&w, "pss_kib", r->pss_kib);
            jw_str(&w, "url", r->who.url);
            if (r->answer >= 0)
                jw_bool(&w, "answers", r->answer == 200);
        }
        jw_end_object(&w);
    }
    jw_end_array(&w);
    puts(strbuf_str(&b));
}

/* 0: all well; 3, as init scripts have it: something does not run or answer. */
static int verdict(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!rows[i].running || (rows[i].answer >= 0 && rows[i].answer != 200))
            return 3;
    return 0;
}

int command_status(const struct cli *cli, struct err *err)
{
    auto_setup struct setup s = { 0 };
    struct httpc_config config = { .timeout_ms = ANSWER_MS, .connect_timeout_ms = ANSWER_MS };
    struct httpc *http;
    struct row rows[32];
    size_t n = 0;
    int r = setup_load_existing(&s, cli, err);

    if (r >= 0)
        r = httpc_new(&config, &http, err);
    if (r < 0)
        return r;
    rows[n++] = look(&s, http, "stackd");
    for (const struct stackd_role *const *role = roles; *role && n < ARRAY_SIZE(rows); role++)
        if (role_is_wanted(&s, *role))
            rows[n++] = look(&s, http, (*role)->name);
    httpc_free(http);
    if (cli->json)
        print_json(rows, n);
    else
        print_table(&s, rows, n);
    return verdict(rows, n);
}
